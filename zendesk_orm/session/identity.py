"""One object per row, as long as somebody holds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar
from weakref import ref

from zendesk_orm import fork
from zendesk_orm.schema.record import Record, Source
from zendesk_orm.schema.row import Row


R = TypeVar("R", bound=Record)

#: The dead are swept out when there are twice as many entries as after the last sweep.
_FIRST_SWEEP = 1024


class IdentityMap:
    """Live records of one session, by model and key, held weakly.

    A dictionary of plain weak references, swept at page boundaries: filling a
    `WeakValueDictionary` takes four times as long.
    """

    def __init__(self) -> None:
        self._records: dict[type[Any], dict[Any, ref[Any]]] = {}
        self._sweep_at: dict[type[Any], int] = {}
        self._lock = fork.Lock()

    def materialize(self, model: type[R], rows: Iterable[Row], source: Source) -> list[R]:
        """Return a record for each row: the live one, brought up to date, or a new one."""
        if not model._meta.unique_ids:
            return [model.from_row(row, source) for row in rows]
        records: list[R] = []
        with self._lock:
            known, place, meta = self._of(model), model._meta.place, model._meta
            for row in rows:
                pk = row.get("id")
                key = meta.key(row) if place else pk
                entry = known.get(key)
                record = None if entry is None else entry()
                if record is None:
                    record = model.from_row(row, source)
                    if pk is not None:
                        known[key] = ref(record)
                else:
                    record.absorb(row)
                records.append(record)
            self._sweep(model, known)
        return records

    def get(self, model: type[R], key: Any) -> R | None:
        """Return the live record of that key, or None."""
        entry = self._of(model).get(key)
        found: R | None = None if entry is None else entry()
        return found

    def add(self, record: Record) -> None:
        """Make a record the one of its id; one that is live already learns its row instead."""
        if not record._meta.unique_ids:
            return
        with self._lock:
            live = self.get(type(record), record._key)
            if live is None:
                self._of(type(record))[record._key] = ref(record)
            elif live is not record:
                live.absorb(record._row)

    def forget(self, model: type[Any], key: Any) -> None:
        """Let go of the record of that key, which no longer exists."""
        with self._lock:
            self._of(model).pop(key, None)

    def _of(self, model: type[Any]) -> dict[Any, ref[Any]]:
        return self._records.setdefault(model, {})

    def _sweep(self, model: type[Any], known: dict[Any, ref[Any]]) -> None:
        if len(known) > self._sweep_at.get(model, _FIRST_SWEEP):
            for key in [key for key, entry in known.items() if entry() is None]:
                del known[key]
            self._sweep_at[model] = max(_FIRST_SWEEP, 2 * len(known))
