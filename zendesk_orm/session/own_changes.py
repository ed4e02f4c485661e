"""Changes that this account made itself, by which their echoes are recognized.

Exports and webhooks report the changes of every client, this one included. A save of a ticket
returns its audit, which identifies it exactly. Other writes are identified by the row and its time,
and jobs and actions, whose responses contain no row, by the row, a period, and the sent values.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from attrs import evolve, frozen

from zendesk_orm import fork, log
from zendesk_orm.http.clock import Clock
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import PartialRow, Row


_logger = log.child("session")

#: Changes that are remembered.
CAPACITY = 10_000
#: Seconds before its response within which a job or an action can have been applied.
JOB_SECONDS = 600.0
#: Seconds by which the clocks of Zendesk and of this machine may differ.
TOLERANCE = 5.0
#: Writes of one row that are remembered.
_PER_ROW = 50
#: Keys that Zendesk changes with every write.
_DERIVED = frozenset({"updated_at", "generated_timestamp", "url"})


@frozen(eq=False)
class OwnChange:
    """A write of one row by this account.

    Attributes:
        at: the time of the response.
        names: the keys that were sent; empty for an action, whose effects are unknown.
        before: the row before it; {} for a new row, None if it is unknown.
        after: the row after it, which a job returns only in part; None if it was deleted.
        is_complete: whether `after` is the row of the response.
    """

    at: float
    names: frozenset[str]
    before: Row | None
    after: Row | None
    is_complete: bool

    @property
    def updated_at(self) -> str | None:
        """The time of the row after the write, as Zendesk sent it."""
        if self.after is None or not self.is_complete:
            return None
        value = self.after.get("updated_at")
        return value if isinstance(value, str) else None

    def changes_only_sent_fields(self) -> bool:
        """Return whether the response shows no changes but those that were sent."""
        if self.before is None or self.after is None:
            return False
        if not self.before:
            return True
        changed = {
            key for key, value in self.after.items() if self.before.get(key) != value
        } - _DERIVED
        return changed <= self.names


@runtime_checkable
class OwnWriteStore(Protocol):
    """Keeps the writes of a program for the time after a restart, by model and row."""

    def add_audit(self, pk: str) -> None:
        """Remember the audit of a save."""

    def has_audit(self, pk: str) -> bool:
        """Return whether an audit is that of a save."""
        ...

    def add(self, model: str, row: str, change: OwnChange) -> None:
        """Remember a write of a row."""

    def of_row(self, model: str, row: str) -> Sequence[OwnChange]:
        """Return the writes of a row, the oldest first."""
        ...


class OwnChanges:
    """The latest changes that an account made, in bounded memory.

    Args:
        clock: the clock of the account.

    Attributes:
        user_id: the id of the account's user, once a response has shown it.
        store: keeps them for the time after a restart; None for memory alone.
        is_stored: whether an account of this process has a store.
    """

    is_stored: ClassVar[bool] = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._audits: OrderedDict[Any, None] = OrderedDict()
        self._rows: OrderedDict[tuple[str, str], deque[OwnChange]] = OrderedDict()
        self._lock = fork.Lock()
        self.user_id: Any = None
        self.store: OwnWriteStore | None = None

    def __len__(self) -> int:
        return len(self._audits) + len(self._rows)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._audits)} audits, {len(self._rows)} rows>"

    def note_audit(self, audit: Mapping[str, Any]) -> None:
        """Remember the audit in the response to the save of a ticket."""
        if audit.get("id") is None:
            return
        with self._lock:
            self._audits[str(audit["id"])] = None
            _limit(self._audits)
            self.user_id = audit.get("author_id") or self.user_id
        if self.store is not None:
            _store(self.store.add_audit, str(audit["id"]))

    def note(
        self, model: Any, key: Any, names: Iterable[str], before: Row | None, after: Row | None
    ) -> None:
        """Remember a write; see `OwnChange` for the arguments."""
        is_complete = after is not None and type(after) is not PartialRow
        fields = model._meta.fields
        wires = frozenset(fields[name].wire if name in fields else name for name in names)
        change = OwnChange(self._clock.now(), wires, before, after, is_complete)
        with self._lock:
            place = model._meta.concrete._meta.label, str(key)
            writes = self._rows.pop(place, None) or deque(maxlen=_PER_ROW)
            change = _after(writes, change)
            writes.append(change)
            self._rows[place] = writes
            _limit(self._rows)
        # Models with secrets have no exports.
        if self.store is not None and not model._meta.secret_fields:
            _store(self.store.add, *place, change)

    def has_audit(self, pk: Any) -> bool:
        """Return whether an audit is that of a save of this account."""
        if str(pk) in self._audits:
            return True
        return self.store is not None and self.store.has_audit(str(pk))

    def audits(self) -> list[str]:
        """Return the ids of the remembered audits, the oldest first."""
        with self._lock:
            return list(self._audits)

    def of_row(self, model: Any, key: Any) -> list[OwnChange]:
        """Return the remembered writes of a row, the oldest first."""
        place = model._meta.concrete._meta.label, str(key)
        if self.store is not None and not model._meta.secret_fields:
            return list(self.store.of_row(*place))
        with self._lock:
            return list(self._rows.get(place, ()))

    def use_store(self, store: OwnWriteStore) -> None:
        """Keep the writes in a store from now on, those in memory included."""
        with self._lock:
            audits, rows = list(self._audits), [(*at, list(w)) for at, w in self._rows.items()]
        for pk in audits:
            store.add_audit(pk)
        for model, row, writes in rows:
            for change in writes:
                store.add(model, row, change)
        self.store = store
        OwnChanges.is_stored = True

    def wrote_state(self, model: Any, key: Any, updated_at: str, since: float) -> bool:
        """Return whether a state of a row results from writes of this account alone.

        Args:
            model: the model.
            key: the id of the row.
            updated_at: the time of the state, as Zendesk sent it.
            since: the time, in seconds since the epoch, up to which changes were reported before:
                others may have changed the row between that time and the own write.
        """
        writes = {write.updated_at: write for write in self.of_row(model, key)}
        time: str | None = updated_at
        seen: set[str] = set()
        while time is not None and time not in seen:
            seen.add(time)
            write = writes.get(time)
            if write is None or not write.changes_only_sent_fields():
                return False
            if not write.before:
                return True
            time = write.before.get("updated_at")
            if time is not None and load_datetime(time).timestamp() < since:
                return True
        return False

    def is_own_deletion(self, model: Any, key: Any, at: float) -> bool:
        """Return whether this account deleted a row at about a time."""
        return self._deleted_within(model, key, at, TOLERANCE + JOB_SECONDS / 10)

    def is_state_of_own_deletion(self, model: Any, key: Any, at: float) -> bool:
        """Return whether this account deleted a row when it changed for the last time.

        Exports of organizations contain deleted rows like changed ones.
        """
        return self._deleted_within(model, key, at, TOLERANCE)

    def _deleted_within(self, model: Any, key: Any, at: float, seconds: float) -> bool:
        writes = self.of_row(model, key)
        return any(write.after is None and abs(write.at - at) <= seconds for write in writes)

    def sent_in_job(self, model: Any, key: Any, at: float, values: Mapping[str, Any]) -> bool:
        """Return whether a job or an action of this account made a change at about a time.

        Args:
            model: the model.
            key: the id of the row.
            at: the time of the change.
            values: the new values by their keys in the row; the names alone count for values that
                the account does not know.
        """
        for write in self.of_row(model, key):
            if write.is_complete or write.after is None:
                continue
            if not write.at - JOB_SECONDS <= at <= write.at + TOLERANCE:
                continue
            if not write.names:
                # An action, which is answered at once, or a job that was awaited.
                return True
            if all(_has_value(write, wire, value) for wire, value in values.items()):
                return True
        return False


def _store(add: Callable[..., None], *values: Any) -> None:
    """Add a write to a store; a failure is logged, because Zendesk has applied the write."""
    try:
        add(*values)
    except Exception:
        _logger.exception("an own write was not stored, and may be announced after a restart")


def _after(writes: Iterable[OwnChange], change: OwnChange) -> OwnChange:
    """Return a write whose row `before` is the one that the latest earlier write has left.

    The object that was saved may contain an older row, if a second object of the row was saved
    meanwhile, or none, if the row was written by another key.
    """
    updated_at = "" if change.before is None else change.before.get("updated_at")
    if not change.is_complete or not isinstance(updated_at, str):
        return change
    for write in writes:
        if write.updated_at is not None and write.updated_at > updated_at:
            updated_at, change = write.updated_at, evolve(change, before=write.after)
    return change


def _has_value(write: OwnChange, wire: str, value: Any) -> bool:
    """Return whether a write sent a field with a value, or a field whose value is unknown."""
    if wire not in write.names or write.after is None:
        return False
    if wire not in write.after:
        return True
    sent = write.after[wire]
    return bool(sent == value) or str(sent) == str(value)


def _limit(remembered: OrderedDict[Any, Any]) -> None:
    """Forget the oldest entry if there are too many."""
    if len(remembered) > CAPACITY:
        remembered.popitem(last=False)
