"""`Sessions`: a transport, the rows that are kept for a while, and the current session."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Hashable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from zendesk_orm.errors import DryRunError
from zendesk_orm.http.quota import Quota
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.transport import Transport
from zendesk_orm.session.ahead import Ahead
from zendesk_orm.session.catalogue import Catalogue
from zendesk_orm.session.recent import RecentWrites
from zendesk_orm.session.rows import KeptRows
from zendesk_orm.session.session import Session


class Outboxes:
    """Where the changes of one account wait: what its brands and its aliases share."""

    _known: ClassVar[WeakValueDictionary[Hashable, Outboxes]] = WeakValueDictionary()
    _lock = threading.Lock()

    def __init__(self) -> None:
        #: The batch or dry run of this thread or task.
        self.current: ContextVar[Any] = ContextVar("outbox", default=None)
        self._dry_runs: list[Any] = []

    @classmethod
    def of(cls, identity: Hashable) -> Outboxes:
        """Return the one of an account."""
        with cls._lock:
            found = cls._known.get(identity)
            if found is None:
                found = cls._known[identity] = cls()
            return found

    @contextmanager
    def collect(self, outbox: Any) -> Generator[None]:
        """Let changes of this thread or task wait in an outbox; a dry run stops all others."""
        token = self.current.set(outbox)
        silent = outbox is not None and outbox.silent
        if silent:
            self._dry_runs.append(outbox)
        try:
            yield
        finally:
            if silent:
                self._dry_runs.remove(outbox)
            self.current.reset(token)

    def guard(self, request: Request) -> None:
        """Refuse a request that changes something while a dry run is open.

        Raises:
            DryRunError: one is; nothing was sent.
        """
        if not self._dry_runs or not request.changes:
            return
        text = f"{request.method} {shown(request.path)}"
        for each in self._dry_runs:
            each.refuse(text)
        raise DryRunError(
            f"{text} was not sent, because a dry run of this account is open; save in the thread "
            "that opened it, or after it has ended"
        )


#: Seconds for which a background job of Zendesk is waited for.
JOB_TIMEOUT = 3600.0


class Sessions:
    """What the sessions of an account share.

    Attributes:
        alias: its name: `Ticket.objects.using(alias)`.
        transport: the way to its host.
        rows: the rows that are kept for a while.
        ahead: fetches pages ahead of their reader.
        recent: what was written through it and the search index may not know yet.
        catalogue: what its custom fields are.
        job_timeout: seconds for which one background job is waited for, unless a call says
            `timeout=`; an hour. What becomes of its objects is unknown then.
    """

    def __init__(
        self,
        alias: str,
        transport: Transport,
        keep: dict[type[Any], float] | None = None,
        read_ahead: int = 0,
    ) -> None:
        self.alias = alias
        self.transport = transport
        self.rows = KeptRows(alias, transport.clock, keep)
        self.recent = RecentWrites(transport.clock)
        self.catalogue = Catalogue(transport.clock, self.rows, self.recent)
        self.ahead = Ahead(read_ahead, transport.quota)
        self._current: ContextVar[tuple[object, Session] | None] = ContextVar(alias, default=None)
        self.job_timeout = JOB_TIMEOUT
        self.identity = transport.identity

    @property
    def identity(self) -> Hashable:
        """What it has in common with its brands and with other aliases of its host.

        Objects of accounts of the same identity are the same, and may be sent to either.
        """
        return self._identity

    @identity.setter
    def identity(self, identity: Hashable) -> None:
        self._identity = identity
        self._outboxes = Outboxes.of(identity)
        self.transport.guard = self._outboxes.guard

    @property
    def quota(self) -> Quota:
        """What the last answers said of the rate limits."""
        return self.transport.quota

    @property
    def outbox(self) -> Any:
        """Where changes of this thread or task wait, in a batch or a dry run; else None."""
        return self._outboxes.current.get()

    def collected(self, outbox: Any) -> AbstractContextManager[None]:
        """Let the changes of this thread or task wait somewhere, instead of being sent."""
        return self._outboxes.collect(outbox)

    @property
    def requests_sent(self) -> int:
        """How many requests have gone out so far, retries included."""
        return self.transport.sent

    def current(self) -> Session:
        """Return the session of this thread or task: the one opened, or one of its own."""
        owner = _here()
        held = self._current.get()
        if held is None or (not held[1].explicit and held[0] != owner):
            held = (owner, Session(self))
            self._current.set(held)
        return held[1]

    @contextmanager
    def session(self) -> Generator[Session]:
        """Open a unit of work: `with account.session():`. What it reads by id, it reads once."""
        session = Session(self, explicit=True)
        token = self._current.set((_here(), session))
        try:
            yield session
        finally:
            self._current.reset(token)

    @contextmanager
    def lent(self, session: Session) -> Generator[None]:
        """Make a session of another thread, which waits meanwhile, that of this one."""
        token = self._current.set((_here(), session))
        try:
            yield
        finally:
            self._current.reset(token)

    def close(self) -> None:
        """Close the connections and let go of the kept rows."""
        self.ahead.close()
        self.transport.close()
        self.rows.clear()
        self.catalogue.clear()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.alias!r}: {self.transport.base_url}>"


def _here() -> object:
    """Return what tells this thread or asyncio task from others."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is not None:
            return task
    return threading.get_ident()
