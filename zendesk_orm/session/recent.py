"""What this account wrote itself, as long as the search index may not know it yet."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm import fork
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.values import shortened
from zendesk_orm.schema.row import Hollow, Row


#: Seconds after which the index has caught up; Zendesk says minutes.
LAG = 300.0
#: Seconds for which a row is trusted after it was written or read, if the index lacks it.
TRUSTED = 10.0
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
        known_at: when `after` was written, or read again.
        number: its place among all writes and readings of own writes.
    """

    at: float
    before: tuple[Row | None, ...]
    after: Row | None
    known_at: float
    number: int


def older(row: Row, write: Write) -> bool:
    """Return whether a row is older than an own write, so that the write is still needed.

    Of two states of the same second, the one that was read is taken for the later one, unless
    it is one that the write replaced.
    """
    if write.after is None:
        return True
    mine, theirs = write.after.get("updated_at"), row.get("updated_at")
    if mine is None or theirs is None:
        return type(write.after) is not Hollow
    if theirs == mine:
        before = (each for each in write.before if each and type(each) is not Hollow)
        return any(_alike(row, each) for each in before)
    return bool(theirs < mine)


def _alike(row: Row, other: Row) -> bool:
    """Return whether two rows say the same, as far as both of them are known."""
    return all(other[key] == value for key, value in row.items() if key in other)


class RecentWrites:
    """Writes by model and key of the row, the oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writes: dict[type[Any], OrderedDict[Any, Write]] = {}
        self._numbers: Counter[str] = Counter()
        self._latest = 0
        self._deleted = 0
        self._lock = fork.Lock()

    def __repr__(self) -> str:
        numbers = {model.__name__: len(writes) for model, writes in list(self._writes.items())}
        return f"<{type(self).__name__}: {shortened(str(numbers))}>"

    def note(self, model: type[Any], key: Any, before: Row | None, after: Row | None) -> None:
        """Remember a write.

        Args:
            model: the model.
            key: the key of the row: `record._key`.
            before: the row as it was known before; {} when there was none.
            after: the row now, or None when it is deleted.
        """
        concrete = model._meta.concrete
        with self._lock:
            self._numbers[concrete._meta.label] += 1
            writes = self._writes.setdefault(concrete, OrderedDict())
            earlier = writes.pop(key, None)
            known = (*(earlier.before if earlier else ()), before)
            now = self._clock.now()
            writes[key] = Write(now, known, after, now, self._next())
            if after is None:
                self._deleted = self._latest
            if len(writes) > CAPACITY:
                writes.popitem(last=False)

    def number(self, label: str) -> int:
        """Return how many writes there were of a model, by its label."""
        return self._numbers[label]

    def trusts(self, write: Write) -> bool:
        """Return whether a row that the index lacks can be given without reading it again.

        Others may have changed it meanwhile, and a deletion can change the rows that refer to
        what was deleted.
        """
        recent = self._clock.now() - write.known_at <= TRUSTED
        return recent and (write.after is None or write.number > self._deleted)

    def confirm(self, model: type[Any], rows: Mapping[Any, Row | None]) -> None:
        """Replace what is known of own writes by rows that were just read; None for no row."""
        writes = self._writes.get(model._meta.concrete, OrderedDict())
        with self._lock:
            for key, row in rows.items():
                if key in writes:
                    writes[key] = self._replaced(writes[key], row)

    def learn(self, model: type[Any], rows: Iterable[Row], *, fresh: bool) -> None:
        """Replace own writes by what was read after them.

        Args:
            model: the model.
            rows: whole rows, just read.
            fresh: whether they come from where no index lags. The index knows a write whose
                row it gives, so that the write is forgotten.
        """
        writes = self._writes.get(model._meta.concrete)
        if not writes:
            return
        with self._lock:
            for row in rows:
                key = model._meta.key(row)
                write = writes.get(key)
                if write is None or write.after is row or older(row, write):
                    continue
                if fresh:
                    writes[key] = self._replaced(write, row)
                else:
                    del writes[key]

    def of(self, model: type[Any]) -> Mapping[Any, Write]:
        """Return the writes of a model that the index may not know, by key."""
        concrete = model._meta.concrete
        if concrete not in self._writes:
            return {}
        since = self._clock.now() - LAG
        with self._lock:
            writes = self._writes[concrete]
            for key in [key for key, write in writes.items() if write.at < since]:
                del writes[key]
            return dict(writes)

    def _replaced(self, write: Write, row: Row | None) -> Write:
        before = write.before if write.after in (None, row) else (*write.before, write.after)
        now, number = self._clock.now(), self._next()
        return evolve(write, before=before, after=row, known_at=now, number=number)

    def _next(self) -> int:
        self._latest += 1
        return self._latest
