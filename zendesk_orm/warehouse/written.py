"""Rows that this program wrote, until the database contains them."""

from __future__ import annotations

from typing import Any

from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.schema.row import PartialRow, Row


#: Rows that are remembered.
_CAPACITY = 10_000


class WrittenRows:
    """The latest rows that were written through a database, by model and key."""

    def __init__(self) -> None:
        self._rows: LRUCache[Any, Row | None] = LRUCache(_CAPACITY)
        self._lock = fork.Lock()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def note(self, model: type[Any], key: Any, row: Row | None) -> None:
        """Remember a row that was written; None stands for a deleted one."""
        with self._lock:
            if row is not None and type(row) is PartialRow:
                self._rows.pop((model, key), None)
            else:
                self._rows[model, key] = row

    def apply(self, model: type[Any], rows: list[Row]) -> list[Row]:
        """Return rows as this program wrote them, unless the database has newer ones.

        Rows that it has deleted are left out.
        """
        if not self._rows:
            return rows
        key_of = model._meta.key
        latest = (self._latest(model, key_of(row), row) for row in rows)
        return [row for row in latest if row is not None]

    def _latest(self, model: type[Any], key: Any, row: Row) -> Row | None:
        with self._lock:
            if (model, key) not in self._rows:
                return row
            written = self._rows[model, key]
            if written is None:
                return None
            read, wrote = row.get("updated_at"), written.get("updated_at")
            if isinstance(read, str) and isinstance(wrote, str) and read >= wrote:
                del self._rows[model, key]
                return row
            return written
