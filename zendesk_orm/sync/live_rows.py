"""`LiveRows`: the objects of remote changes, and the cached rows that the changes outdate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import frozen
from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.errors import NoEndpoint, ObjectDoesNotExist
from zendesk_orm.http.clock import RequestLock
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.webhooks.messaging_events import read_event_row


if TYPE_CHECKING:
    from zendesk_orm.session.connection import Connection
    from zendesk_orm.session.session import Session

#: Rows that are remembered for further events of the same save.
CAPACITY = 1_000
#: Seconds after which a row is loaded again, even if it contains the change.
MAX_AGE = 30.0
#: Changes of rows with the same remainder wait for each other.
_STRIPES = 32


@frozen(eq=False)
class _Loaded:
    """A row that was loaded for a change.

    Attributes:
        row: the row; None if it does not exist.
        sequence: the id that the events of one save share; None if they have none.
        moment: when the change was made for which the row was loaded.
        at: when the row was loaded.
        number: the number of the account's change log at that time.
    """

    row: Row | None
    sequence: Any
    moment: datetime | None
    at: float
    number: int

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
    """The rows of changes that an account has loaded, and the cached rows that changes outdate.

    A row is requested once for several events of one save. Cached rows are never replaced by
    values of an event: events arrive in any order.
    """

    def __init__(self) -> None:
        self._entries: LRUCache[Any, _Loaded] = LRUCache(CAPACITY)
        self._lock = fork.Lock()
        self._stripes = [RequestLock() for _ in range(_STRIPES)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._entries)} rows>"

    def outdate(self, account: Connection, change: RemoteChange) -> None:
        """Make the cached row of a change outdated, unless it was loaded after the change."""
        is_deletion = change.kind == "deleted"
        if is_deletion or self._find(account, change) is None:
            row = read_event_row(change) or {"id": change.pk}
            account.changes.note(change.model, row, deleted=is_deletion)

    def load(self, session: Session, change: RemoteChange) -> Any:
        """Return the object after a change; None if it does not exist any more.

        Raises:
            ApiError, TransportError: the row cannot be loaded.
        """
        key = _key_of(session.alias, change)
        with self._stripes[hash(key) % _STRIPES]:
            loaded = self._find(session.account, change)
            if loaded is None:
                account = session.account
                now, number = account.transport.clock.now(), account.changes.latest
                row = _fetch(session, change)
                loaded = _Loaded(row, _sequence_of(change.payload), change.moment, now, number)
                with self._lock:
                    self._entries[key] = loaded
        if loaded.row is None:
            return None
        # The cache may have a newer row than one that was loaded for an earlier event.
        record = session.identity.materialize(change.model, [loaded.row], session)[0]
        session.remember([record])
        return record

    def _find(self, account: Connection, change: RemoteChange) -> _Loaded | None:
        """Return the row that was loaded after a change, recently, and not written since."""
        with self._lock:
            loaded = self._entries.get(_key_of(account.alias, change))
        if loaded is None or account.transport.clock.now() - loaded.at > MAX_AGE:
            return None
        row = loaded.row or {"id": change.pk}
        if account.changes.is_outdated(change.model, row, loaded.number):
            return None
        return loaded if loaded.includes(change, _sequence_of(change.payload)) else None


_live_rows: WeakKeyDictionary[Connection, LiveRows] = WeakKeyDictionary()
_live_rows_lock = fork.Lock()


def live_rows_of(account: Connection) -> LiveRows:
    """Return the rows of an account, which its brands and end users share."""
    with _live_rows_lock:
        rows = _live_rows.get(account.main)
        if rows is None:
            rows = _live_rows[account.main] = LiveRows()
        return rows


def _key_of(alias: str, change: RemoteChange) -> Any:
    return alias, change.model, change.pk


def _fetch(session: Session, change: RemoteChange) -> Row | None:
    """Request the row of a change; None if it does not exist any more."""
    record = session.refer(change.model, change.pk)
    try:
        session.reload(record)
    except (ObjectDoesNotExist, NoEndpoint):
        return None
    row: Row = record._row
    return row


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
