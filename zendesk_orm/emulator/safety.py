"""Safe updates: refused where the ticket has changed since.

Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.refusals import missing_parameter, outdated


#: The two keys that ask for one.
KEYS = frozenset({"safe_update", "updated_stamp"})


def check(before: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Refuse an update that asks to be safe, where the ticket has another stamp.

    `safe_update: false` is as good as true: only leaving it out makes an update unsafe.

    Raises:
        Refusal: it was changed since.
    """
    stamp = payload.get("updated_stamp")
    if "safe_update" in payload and stamp and stamp != before["updated_at"]:
        raise outdated()


def since(before: Mapping[str, Any], moment: str | None) -> None:
    """Refuse a queued update where the ticket was changed after it had been queued.

    Raises:
        Refusal: it was.
    """
    if moment and before["updated_at"] > moment:
        raise outdated()


def demand_both(items: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a batch of updates of which one gives one key without the other.

    Raises:
        Refusal: it does.
    """
    for item in items:
        given = KEYS & item.keys()
        if len(given) == 1:
            raise missing_parameter(", ".join(KEYS - given))
