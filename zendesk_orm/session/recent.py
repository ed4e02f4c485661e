"""What this account wrote itself, as long as the search index may not know it yet."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.http.clock import Clock
from zendesk_orm.http.forks import reset_after_fork
from zendesk_orm.schema.row import Row


#: Seconds after which the index has caught up; Zendesk says minutes.
LAG = 300.0
#: Writes of one model that are remembered at most.
CAPACITY = 10_000


@frozen(eq=False)
class Write:
    """What became of one row.

    Attributes:
        at: when it was written.
        before: the rows that the index may still hold; None among them for one that is
            not known whole.
        after: the row as it is now, or None when it is deleted.
    """

    at: float
    before: tuple[Row | None, ...]
    after: Row | None


def later(row: Row, write: Write) -> bool:
    """Tell whether a row tells of a change that came after an own write."""
    mine = None if write.after is None else write.after.get("updated_at")
    theirs = row.get("updated_at")
    return mine is not None and theirs is not None and bool(theirs > mine)


class RecentWrites:
    """Writes by model and id, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writes: dict[type[Any], OrderedDict[Any, Write]] = {}
        self._numbers: Counter[str] = Counter()
        self._lock = threading.Lock()
        reset_after_fork(self)

    def reset_after_fork(self) -> None:
        """Replace the lock, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    def note(self, model: type[Any], pk: Any, before: Row | None, after: Row | None) -> None:
        """Remember a write.

        Args:
            model: the model.
            pk: the id.
            before: the row as it was known before; {} when there was none.
            after: the row now, or None when it is deleted.
        """
        concrete = model._meta.concrete
        with self._lock:
            self._numbers[concrete._meta.label] += 1
            writes = self._writes.setdefault(concrete, OrderedDict())
            earlier = writes.pop(pk, None)
            known = (*(earlier.before if earlier else ()), before)
            writes[pk] = Write(self._clock.now(), known, after)
            if len(writes) > CAPACITY:
                writes.popitem(last=False)

    def number(self, label: str) -> int:
        """Return how many writes there were of a model, by its label."""
        return self._numbers[label]

    def complete(self, model: type[Any], rows: Iterable[Row]) -> None:
        """Remember whole rows, just fetched by id, of writes of which less was known."""
        writes = self._writes.get(model._meta.concrete, OrderedDict())
        with self._lock:
            for row in rows:
                if row["id"] in writes:
                    writes[row["id"]] = evolve(writes[row["id"]], after=row)

    def learn(self, model: type[Any], rows: Iterable[Row]) -> None:
        """Forget writes after which somebody else's came: these rows say so."""
        writes = self._writes.get(model._meta.concrete)
        if not writes:
            return
        with self._lock:
            for row in rows:
                write = writes.get(row.get("id"))
                if write is not None and later(row, write):
                    del writes[row["id"]]

    def of(self, model: type[Any]) -> Mapping[Any, Write]:
        """Return the writes of a model that the index may not know, by id."""
        concrete = model._meta.concrete
        if concrete not in self._writes:
            return {}
        since = self._clock.now() - LAG
        with self._lock:
            writes = self._writes[concrete]
            for pk in [pk for pk, write in writes.items() if write.at < since]:
                del writes[pk]
            return dict(writes)
