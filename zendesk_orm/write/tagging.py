"""Tags that are added and removed, so that what else a ticket is tagged with stays.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tag-lists
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from zendesk_orm.errors import FieldError
from zendesk_orm.schema.options import Options


class Joined(Protocol):
    """What `F("tags") + ["a"] - ["b"]` is."""

    @property
    def name(self) -> str:
        """The field."""
        ...

    @property
    def added(self) -> Sequence[str]:
        """What is added to its values."""
        ...

    @property
    def removed(self) -> Sequence[str]:
        """What is removed from them."""
        ...


def parted(meta: Options, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return the values that are set, and what is sent for tags that are added or removed.

    Args:
        meta: of the model.
        values: the arguments of `update()`.

    Raises:
        FieldError: something else than the tags of tickets is added to.
    """
    joined = {name: value for name, value in values.items() if _is_joined(value)}
    payload: dict[str, list[str]] = {}
    for name, value in joined.items():
        change = cast("Joined", value)
        meta.get_field(name)
        if meta.singular != "ticket" or name != "tags" or change.name != name:
            raise FieldError(
                f"{name}=F({change.name!r}) + [...]: Zendesk adds to the tags of many tickets "
                "and to nothing else; read the rows, edit them and use bulk_update()"
            )
        if change.added:
            payload["additional_tags"] = list(change.added)
        if change.removed:
            payload["remove_tags"] = list(change.removed)
    return {name: value for name, value in values.items() if name not in joined}, payload


def _is_joined(value: Any) -> bool:
    return all(hasattr(value, part) for part in ("name", "added", "removed"))
