"""The rows that a watcher has read before, by which it knows the old values of changed fields."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from cachetools import LRUCache

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.schema.row import Row
from zendesk_orm.session.connection import Connection
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.sync.changes import RemoteChange


#: Rows that are remembered.
CAPACITY = 20_000
#: Keys that change with every write.
_DERIVED = frozenset({"id", "url", "updated_at", "generated_timestamp"})


@frozen(eq=False)
class _Versions:
    """The present version of a row, and the one before it; None if that is unknown."""

    before: Row | None
    after: Row


class FormerRows:
    """The latest rows of exports, in bounded memory; of the others, those of own writes.

    Tickets are left out: their changes are exported.

    Args:
        account: the account.
    """

    def __init__(self, account: Connection) -> None:
        self._account = account
        self._rows: LRUCache[tuple[str, Any], _Versions] = LRUCache(CAPACITY)

    def compare(self, change: RemoteChange) -> RemoteChange:
        """Return a change of an exported row with the fields that differ from the former row."""
        meta = change.model._meta.concrete._meta
        if meta.concrete is Ticket:
            return change
        place, row = (meta.label, change.pk), dict(change.payload)
        versions = self._rows.get(place)
        if versions is None:
            versions = _Versions(self._find_written(change), row)
        elif versions.after.get("updated_at") != row.get("updated_at"):
            versions = _Versions(versions.after, row)
        self._rows[place] = versions
        if change.kind != "changed" or versions.before is None:
            return change
        return evolve(change, changes=compare_rows(meta, versions.before, row))

    def _find_written(self, change: RemoteChange) -> Row | None:
        """Return the row after the last own write, if it is older than the change.

        Cached rows are of no use: reading the export has replaced them.
        """
        key = change.model._meta.key(change.payload, change.pk)
        writes = self._account.main.own_changes.of_row(change.model, key)
        row = writes[-1].after if writes and writes[-1].is_complete else None
        updated_at = str(change.payload.get("updated_at"))
        return row if row is not None and str(row.get("updated_at")) < updated_at else None


def compare_rows(meta: Any, before: Row, after: Row) -> dict[str, tuple[Any, Any]]:
    """Return the changed fields of a row that both versions have, `{field: (old, new)}`."""
    changes = {}
    for name, field in meta.fields.items():
        wire = field.wire
        if not field.readable or wire in _DERIVED or wire not in before or wire not in after:
            continue
        if before[wire] != after[wire]:
            changes[name] = _read(field, before), _read(field, after)
    return changes


def _read(field: Any, row: Row) -> Any:
    """Return the value of a field as its attribute would show it."""
    try:
        return field.read(row)
    except UnexpectedValue:
        return row[field.wire]
