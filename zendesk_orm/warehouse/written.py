"""Rows that this program wrote, until the database contains them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.row import PartialRow, Row


#: Rows that are remembered.
_CAPACITY = 10_000


class WrittenRows:
    """The latest rows that were written through a database, by model and key."""

    def __init__(self) -> None:
        self._rows: LRUCache[Any, tuple[Any, Row | None]] = LRUCache(_CAPACITY)
        self._lock = fork.Lock()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def note(self, model: type[Any], key: Any, row: Row | None, now: float) -> None:
        """Remember a row that was written.

        Args:
            model: the model.
            key: the key of the row.
            row: the row, or the values of it that are known; None for a deleted one.
            now: the present time, in seconds since the epoch.
        """
        with self._lock:
            if row is None or type(row) is not PartialRow:
                self._rows[model, key] = None if row is None else row.get("updated_at"), row
                return
            # Its time is that of the row before.
            values = PartialRow({wire: row[wire] for wire in row.keys() - {"updated_at"}})
            _, earlier = self._rows.get((model, key), (None, None))
            if earlier is not None:
                values = PartialRow(earlier).merge(values)
                values.pop("updated_at", None)
            moment = dump_datetime(datetime.fromtimestamp(now, timezone.utc))
            self._rows[model, key] = moment, values

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
            wrote, written = self._rows[model, key]
            if written is None:
                return None
            read = row.get("updated_at")
            if isinstance(read, str) and isinstance(wrote, str) and read >= wrote:
                del self._rows[model, key]
                return row
        if type(written) is not PartialRow:
            return written
        merged = (
            PartialRow(row).merge(written) if type(row) is not PartialRow else row.merge(written)
        )
        # It is later than that of the database.
        merged.pop("updated_at", None)
        return merged
