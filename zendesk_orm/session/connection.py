"""`Connection`: the transport, caches and sessions of an account."""

from __future__ import annotations

import os
from collections.abc import Generator, Hashable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

from attrs import field, frozen
from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.limits import Quota, require_duration
from zendesk_orm.http.timeouts import TimeoutBlocks
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.session.cache import ChangeLog, current_thread_or_task
from zendesk_orm.session.cache_policies import CachePolicies
from zendesk_orm.session.custom_fields import CustomFieldCache
from zendesk_orm.session.own_changes import OwnChanges
from zendesk_orm.session.own_writes import RecentWrites
from zendesk_orm.session.prefetcher import Prefetcher
from zendesk_orm.session.row_cache import RowCache
from zendesk_orm.session.sender import DIRECT, Sender, Senders
from zendesk_orm.session.session import Session
from zendesk_orm.session.shared import SharedState, join
from zendesk_orm.session.single_flight import SingleFlight


#: End users whose rows are cached at the same time.
_MAX_VIEWS = 64
#: Separates account and user in the alias of an account that acts as a user.
_ACTING_AS = " as "
#: Requests that are sent before the response of the one whose rows are read next.
READ_AHEAD = 4
#: Seconds to wait for a background job of Zendesk.
JOB_TIMEOUT = 3600.0


@frozen(eq=False)
class _ActingBlock:
    """A block of `acting_as()`; two blocks are never equal.

    Attributes:
        user: the end user, or None for the account itself.
        sessions: the sessions that were created in the block, which live until it ends.
    """

    user: str | None
    sessions: list[Session] = field(factory=list, init=False)


class Connection(TimeoutBlocks):
    """The transport and caches of an account, and its current session in each thread or task.

    Attributes:
        alias: the name of the account: `Ticket.objects.using(alias)`. While it acts as a user,
            the alias is `"default as anna@example.com"`, which is valid after the block, too.
        transport: sends requests to the account's host.
        changes: the rows that own writes changed, shared with brands and end users.
        stats: counts requests, retries, waits, rows and cached rows.
        cache: the cached rows, and the policies by which they are cached.
        ahead: fetches pages in advance.
        flights: the requests by id that are being sent, which threads share.
        lookups: the lookups by id that tasks make at this moment, by event loop and query.
        recent: recent writes, which the search index may not contain yet.
        own_changes: the changes that this account made, by which their echoes are recognized.
            They are noted while remote signals have receivers.
        catalogue: the definitions of custom fields.
        main: the account itself; for a brand or an end user, the account that it belongs to.
    """

    def __init__(
        self,
        alias: str,
        transport: Transport,
        policies: CachePolicies | None = None,
        read_ahead: int = 0,
        main: Connection | None = None,
    ) -> None:
        self.alias, self.transport, self.stats = alias, transport, transport.stats
        self.changes: ChangeLog = ChangeLog() if main is None else main.changes
        self.cache = RowCache(alias, transport.clock, self.changes, policies, self.stats)
        transport.get_version = self.changes.version
        self.own_changes: OwnChanges = (
            OwnChanges(transport.clock) if main is None else main.own_changes
        )
        self.recent = RecentWrites(transport.clock, self.changes, self.own_changes)
        self.catalogue = CustomFieldCache(transport.clock, self.cache, self.changes)
        self.ahead = Prefetcher(read_ahead, transport.quota)
        self.flights = SingleFlight(self._get_version)
        self.lookups: dict[Hashable, Any] = {}
        self._current: ContextVar[tuple[object, Session] | None] = ContextVar(alias, default=None)
        self.main: Connection = self if main is None else main.main
        self._job_timeout: float = JOB_TIMEOUT if main is None else main.job_timeout
        self.identity = transport.identity if main is None else main.identity
        # The account at the same host, if this one acts as an end user.
        self._base: Any = self
        self._share(None if main is None else main.main._shared)
        # The blocks of `acting_as()` in this thread or task, the innermost last.
        self._acting: ContextVar[tuple[_ActingBlock, ...]] = (
            ContextVar(f"{alias} acting as", default=()) if main is None else main._acting
        )
        # The sessions of views in this thread or task, by alias, while an object, a query or a
        # block refers to them.
        self._view_sessions: ContextVar[tuple[object, WeakValueDictionary[str, Session]] | None] = (
            ContextVar(f"{alias} views", default=None) if main is None else main._view_sessions
        )
        # The most recently used views, and those that a block still uses.
        self._views: LRUCache[str, Self] = LRUCache(_MAX_VIEWS)
        self._views_lock = fork.Lock()
        self._live_views: WeakValueDictionary[str, Self] = WeakValueDictionary()

    @property
    def _is_view(self) -> bool:
        """Whether this is an account acting as an end user."""
        return bool(self._base is not self)

    @property
    def identity(self) -> Hashable:
        """The identity of the account, shared by its brands and its other aliases.

        Objects of accounts with the same identity are equal, and may be sent through either.
        """
        return self._identity

    @identity.setter
    def identity(self, identity: Hashable) -> None:
        self._identity = identity
        self._senders = Senders.of(identity)
        self.transport.guard = self._senders.guard
        self.transport.on_change = self._senders.note_change

    def _share(self, state: SharedState | None) -> None:
        """Share rate limits, and cached rows with processes that act as the same user."""
        self._shared: SharedState | None = state
        if state is not None:
            join(self, state)

    def _get_version(self) -> Hashable:
        """Return the state of the writes to the account, which changes with each write."""
        return self.changes.version(), self._senders.changes

    @property
    def job_timeout(self) -> float:
        """Seconds to wait for a background job, unless a call passes `timeout=`; an hour."""
        return self._job_timeout

    @job_timeout.setter
    def job_timeout(self, seconds: float) -> None:
        require_duration("job_timeout", seconds)
        self._job_timeout = seconds

    @property
    def quota(self) -> Quota:
        """The rate limits, from the latest responses."""
        return self.transport.quota

    def rate_limit(
        self, *, max_wait: float | None = None, budget: float | None = None
    ) -> AbstractContextManager[None]:
        """Limit how long the requests of a block wait for rate limits.

        ::

            with account.rate_limit(budget=60):
                for ticket in Ticket.objects.all():
                    ...

        It concerns the requests of this thread or asyncio task, and of threads that the library
        uses for them, and replaces the `max_wait` of the account. A block inside another one
        may have another `max_wait`, and spends the budgets of both.

        Args:
            max_wait: seconds that a request may wait; 0 raises at once.
            budget: seconds that all requests of the block may wait together; waits at the same
                time count once.

        Raises:
            RateLimited: in the block: a wait would be longer. `retry_after` has its seconds.
            ConfigurationError: both are missing, or they contradict each other.
        """
        return self.transport.throttle.limit_waits(max_wait, budget)

    @property
    def sender(self) -> Any:
        """The sender of this thread or task: direct, or a batch or dry run of this process."""
        sender = self._senders.current.get()
        return sender if sender.process in (None, os.getpid()) else DIRECT

    def replace_sender(self, sender: Sender) -> AbstractContextManager[None]:
        """Return a context in which this thread or task uses another sender."""
        return self._senders.replace(sender)

    @property
    def requests_sent(self) -> int:
        """The number of requests sent so far, including retries."""
        return self.transport.sent

    def current(self) -> Session:
        """Return the session of this thread or task, as the current user."""
        return self.for_current_user().own_session()

    def own_session(self) -> Session:
        """Return the session of this thread or task, ignoring `acting_as()` blocks."""
        owner = current_thread_or_task()
        current = self._current.get()
        if current is not None and (current[1].explicit or current[0] == owner):
            return current[1]
        if self._is_view:
            return self._get_view_session(owner)
        session = Session(self)
        self._current.set((owner, session))
        return session

    def _get_view_session(self, owner: object) -> Session:
        """Return the session of a view; it is discarded when nothing refers to it any more."""
        sessions = self._view_sessions.get()
        if sessions is None or sessions[0] != owner:
            sessions = owner, WeakValueDictionary()
            self._view_sessions.set(sessions)
        session = sessions[1].get(self.alias)
        if session is None or session.account is not self:
            session = sessions[1][self.alias] = Session(self)
            blocks = self._acting.get()
            if blocks and blocks[-1].user == self.transport.on_behalf_of:
                blocks[-1].sessions.append(session)
        return session

    @contextmanager
    def session(self) -> Generator[Session]:
        """Open a session: `with account.session():`. Objects are fetched by id only once in it."""
        account = self.for_current_user()
        session = Session(account, explicit=True)
        token = account._current.set((current_thread_or_task(), session))
        try:
            yield session
        finally:
            account._current.reset(token)

    @contextmanager
    def acting_as(self, user: Any) -> Generator[Self]:
        """Send the requests of a block as an end user: `with account.acting_as(email):`.

        ::

            with account.acting_as("customer@example.com"):
                Request.objects.create(subject="Broken", comment={"body": "It is broken."})

        It needs an OAuth token with scope `impersonate` (and `read`, `write`) granted by an
        administrator; the user must exist and be an end user.

        Queries evaluated in the block, new objects saved in it, and calls through the account
        use the identity of the user, in this thread or asyncio task. Cached rows of other
        identities are not used.

        An object belongs to the identity that fetched or first saved it: its later requests, its
        relations and its pickled copies use that identity, inside and outside blocks.
        `save(using=acting.alias)` sends an object of the account as the user.

        If a generator yields inside the block, its caller acts as the user, too: leave the
        block before `yield`.

        Args:
            user: the e-mail address, the id, or the `User`.

        Yields:
            The account, acting as the user.

        Raises:
            ConfigurationError: a batch is open, whose changes would be sent as another user.
            InvalidValue: the user is neither an e-mail address nor an id nor a `User`.
            AuthenticationFailed: the end user does not exist.
            MissingScope: the token lacks scope `impersonate`.

        Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/making-api-requests-on-behalf-of-end-users/
        """
        self.sender.check_user_change()
        with self._acting_user(_get_user_header(user)) as account:
            yield account

    def for_current_user(self) -> Self:
        """Return the account, acting as the user of the current `acting_as()` block.

        It has separate sessions, identity maps and row caches for each user, so that no user
        sees rows of another one. An account that acts as a user already returns itself.
        """
        blocks = self._acting.get()
        if not blocks or blocks[-1].user is None or self._is_view:
            return self
        return self._get_view(blocks[-1].user)

    def for_user(self, user: Any) -> Self:
        """Return the account acting as an end user, ignoring `acting_as()` blocks.

        Raises:
            InvalidValue: the user is neither an e-mail address nor an id nor a `User`.
        """
        base: Self = self._base
        return base._get_view(_get_user_header(user))

    def _get_view(self, user: str) -> Self:
        with self._views_lock:
            view: Self | None = self._live_views.get(user)
            if view is None:
                view = self._live_views[user] = self._create_view(user)
            self._views[user] = view
            return view

    def _create_view(self, user: str) -> Self:
        """Return the account acting as a user; it shares no caches."""
        alias, transport = f"{self.alias}{_ACTING_AS}{user}", self.transport.acting_as(user)
        view = type(self)(alias, transport, self.cache.policies, self.ahead.depth, main=self.main)
        view._base = self
        return view

    @contextmanager
    def _acting_user(self, user: str | None) -> Generator[Self]:
        block = _ActingBlock(user)
        self._acting.set((*self._acting.get(), block))
        # The reference keeps the view, and the caches of the user, until the block ends.
        base: Self = self._base
        account = base.for_current_user()
        try:
            yield account
        finally:
            # Not by a token: suspended generators may leave their blocks in any order.
            self._acting.set(tuple(other for other in self._acting.get() if other is not block))

    @contextmanager
    def lend_session(self, session: Session) -> Generator[None]:
        """Use a session of another thread, which waits, as the session of this thread."""
        token = self._current.set((current_thread_or_task(), session))
        try:
            yield
        finally:
            self._current.reset(token)

    def close(self) -> None:
        """Close the HTTP connections and clear the caches."""
        with self._views_lock:
            views = list(self._views.values())
            self._views.clear()
        for view in views:
            view.close()
        self.ahead.close()
        self.transport.close()
        self.cache.drop()
        self.catalogue.clear()
        current = self._current.get()
        if current is not None and not current[1].explicit:
            # A context keeps the values of its variables, and so the account, as long as it lives.
            self._current.set(None)

    def __repr__(self) -> str:
        user = self.transport.on_behalf_of
        acting = "" if user is None else f" acting as {user}"
        return f"<{type(self).__name__} {self.alias!r}: {self.transport.base_url}{acting}>"


def split_alias(alias: Any) -> tuple[str | None, str]:
    """Return the parts of an alias such as `"default as anna@..."`: account and user.

    Without a user, the account is None.
    """
    name, separator, user = alias.rpartition(_ACTING_AS) if isinstance(alias, str) else ("",) * 3
    return (name, user) if separator else (None, "")


def _get_user_header(user: Any) -> str:
    """Return the e-mail address or id of a user, as sent in a header.

    Raises:
        InvalidValue: the user is neither an e-mail address nor an id nor a saved `User`.
    """
    users = (registry.find("User", "support"), registry.find("EndUser", "support"))
    name = getattr(user, "pk", None) if isinstance(user, users) else user
    if isinstance(name, int) and not isinstance(name, bool) and 0 < name < 2**63:
        return str(name)
    if isinstance(name, str):
        text = str.__str__(name).strip().lower()
        if (text.isdigit() or "@" in text) and text.isascii() and text.isprintable():
            return text
    raise InvalidValue(
        f"acting_as() needs the e-mail or id of an end user, or a saved User, not {display(user)}"
    )
