"""`LiveRows`: the objects of remote changes, and the cached rows that the changes outdate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from cachetools import LRUCache

from zendesk_orm import fork, signals
from zendesk_orm.errors import ObjectDoesNotExist
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.event_fields import known_values


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

#: Rows that are remembered for further events of the same save.
CAPACITY = 1_000
#: Changes of rows with the same remainder wait for each other.
_STRIPES = 32


@frozen(eq=False)
class _Loaded:
    """A row that was loaded for a change.

    Attributes:
        row: the row; None if it was not needed, or does not exist.
        is_missing: whether the row does not exist.
        sequence: the id that the events of one save share; None if they have none.
        moment: when the change was made for which the row was loaded.
    """

    row: Row | None
    is_missing: bool
    sequence: Any
    moment: datetime | None

    def includes(self, change: RemoteChange, sequence: Any) -> bool:
        """Return whether the row was loaded after a change was made."""
        if sequence is not None and sequence == self.sequence:
            return True
        # Two saves of the same second may have the same time.
        if change.moment is not None and self.moment is not None and change.moment < self.moment:
            return True
        updated_at, later = _updated_at(change.payload.get("detail")), _updated_at(self.row)
        return updated_at is not None and later is not None and updated_at < later


class LiveRows:
    """Loads the objects of changes, and makes their cached rows outdated.

    A row is requested only if a receiver is connected for its model, once for several events of
    one save. Cached rows are never replaced by values of an event: events arrive in any order.
    """

    def __init__(self) -> None:
        self._entries: LRUCache[Any, _Loaded] = LRUCache(CAPACITY)
        self._lock = fork.Lock()
        self._stripes = [fork.Lock() for _ in range(_STRIPES)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._entries)} rows>"

    def complete(self, session: Session, change: RemoteChange) -> RemoteChange:
        """Return a change with its object, if a receiver needs it.

        Args:
            session: the session of the object.
            change: the change. Of a deleted row, and of one that no longer exists, the object
                has its id and the values in the event.

        Raises:
            ApiError, TransportError: the row cannot be loaded.
        """
        needs_row = change.kind != "deleted" and has_receivers(change)
        key = (session.account.identity, session.alias, change.model, change.pk)
        with self._stripes[hash(key) % _STRIPES]:
            loaded = self._load(session, change, key, needs_row=needs_row)
        if not has_receivers(change):
            return change
        return evolve(change, instance=_build(session, change, loaded))

    def _load(
        self, session: Session, change: RemoteChange, key: Any, *, needs_row: bool
    ) -> _Loaded:
        """Return the row of a change, with a request unless it was loaded after the change."""
        sequence = _sequence_of(change.payload)
        with self._lock:
            loaded = self._entries.get(key)
        is_enough = loaded is not None and (
            loaded.row is not None or loaded.is_missing or not needs_row
        )
        is_deletion = change.kind == "deleted"
        if loaded and is_enough and not is_deletion and loaded.includes(change, sequence):
            return loaded
        account = session.account
        account.changes.note(change.model, {"id": change.pk}, deleted=is_deletion)
        row = _fetch(session, change) if needs_row else None
        is_missing = needs_row and row is None
        loaded = _Loaded(row, is_missing, sequence, change.moment)
        with self._lock:
            self._entries[key] = loaded
        return loaded


def has_receivers(change: RemoteChange) -> bool:
    """Return whether a receiver is connected for a change."""
    signal = {
        "created": signals.remote_created,
        "changed": signals.remote_changed,
        "deleted": signals.remote_deleted,
    }[change.kind]
    return signal.has_receivers_for(change.model)


def _fetch(session: Session, change: RemoteChange) -> Row | None:
    """Request the row of a change; None if it does not exist any more."""
    record = session.refer(change.model, change.pk)
    try:
        session.reload(record)
    except ObjectDoesNotExist:
        return None
    row: Row = record._row
    return row


def _build(session: Session, change: RemoteChange, loaded: _Loaded) -> Any:
    """Return the object of a change."""
    model = change.model
    if loaded.row is None:
        detail = change.payload.get("detail")
        values = known_values(model._meta, detail) if isinstance(detail, dict) else {}
        return session.refer(model, change.pk, values)
    # The cache may have a newer row than one that was loaded for an earlier event.
    record = session.identity.materialize(model, [loaded.row], session)[0]
    session.remember([record])
    return record


def _sequence_of(payload: Mapping[str, Any]) -> Any:
    """Return the id that the events of one save share, or None."""
    value: Any = payload
    for key in ("event", "meta", "sequence", "id"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _updated_at(row: Any) -> datetime | None:
    """Return the time at which a row was changed, or None if it is unknown."""
    text = row.get("updated_at") if isinstance(row, dict) else None
    return load_datetime(text) if isinstance(text, str) else None
