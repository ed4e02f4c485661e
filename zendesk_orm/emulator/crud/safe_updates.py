"""Safe updates: rejected if the ticket was changed in the meantime.

Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.server.errors import missing_parameter, update_conflict


#: The two keys of a safe update.
KEYS = frozenset({"safe_update", "updated_stamp"})


def check_stamp(before: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Check that a safe update contains the current `updated_at` of the ticket.

    Zendesk ignores the value of `safe_update`: only without the key is an update unsafe.

    Raises:
        HTTPError: 409, if the ticket was changed in the meantime.
    """
    stamp = payload.get("updated_stamp")
    if "safe_update" in payload and stamp and stamp != before["updated_at"]:
        raise update_conflict()


def check_unchanged_since(before: Mapping[str, Any], timestamp: str | None) -> None:
    """Check that a ticket was not changed after its update was queued.

    Raises:
        HTTPError: 409, if it was.
    """
    if timestamp and before["updated_at"] > timestamp:
        raise update_conflict()


def check_keys(items: Iterable[Mapping[str, Any]]) -> None:
    """Check that each of several updates has both keys of a safe update, or neither.

    Raises:
        HTTPError: 400, if one of the keys is missing.
    """
    for item in items:
        keys = KEYS & item.keys()
        if len(keys) == 1:
            raise missing_parameter(", ".join(KEYS - keys))
