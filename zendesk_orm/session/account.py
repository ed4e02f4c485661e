"""`Sessions`: a transport, the rows that are kept for a while, and the current session."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Hashable
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakValueDictionary

from attrs import field, frozen
from cachetools import LRUCache

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError, DryRunError, InvalidValue
from zendesk_orm.http.quota import Quota
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.transport import Transport
from zendesk_orm.schema import registry
from zendesk_orm.session.ahead import Ahead
from zendesk_orm.session.catalogue import Catalogue
from zendesk_orm.session.recent import RecentWrites
from zendesk_orm.session.rows import KeptRows
from zendesk_orm.session.session import Session


if TYPE_CHECKING:
    from typing_extensions import Self

#: End users whose rows an account keeps at once.
_MOST_VIEWS = 64
#: Between the alias of an account and a user, in the alias of the account acting as the user.
_ACTING_AS = " as "


class Outboxes:
    """Where the changes of one account wait: what its brands and its aliases share."""

    _known: ClassVar[WeakValueDictionary[Hashable, Outboxes]] = WeakValueDictionary()
    _lock = fork.Lock()

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


@frozen(eq=False)
class _Acting:
    """A block of `acting_as()`; blocks are equal only to themselves.

    Attributes:
        user: the end user, or None for the account as itself.
        sessions: those that began in the block, which live until it ends.
    """

    user: str | None
    sessions: list[Session] = field(factory=list, init=False)


class Sessions:
    """What the sessions of an account share.

    Attributes:
        alias: its name: `Ticket.objects.using(alias)`. Acting as a user, it is
            `"default as anna@example.com"`, and can be used after the block, too.
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
        main: Sessions | None = None,
    ) -> None:
        self.alias = alias
        self.transport = transport
        self.rows = KeptRows(alias, transport.clock, keep)
        self.recent = RecentWrites(transport.clock)
        self.catalogue = Catalogue(transport.clock, self.rows, self.recent)
        self.ahead = Ahead(read_ahead, transport.quota)
        self._current: ContextVar[tuple[object, Session] | None] = ContextVar(alias, default=None)
        #: The account that this one is a view of: the same at a brand's host, or as another user.
        self.main: Sessions = self if main is None else main.main
        self.job_timeout: float = JOB_TIMEOUT if main is None else main.job_timeout
        self.identity = transport.identity if main is None else main.identity
        # The account at the same host as itself, if this one acts as somebody else.
        self._base: Any = self
        # The blocks of `acting_as()` that this thread or task is in, the innermost last.
        self._acting: ContextVar[tuple[_Acting, ...]] = (
            ContextVar(f"{alias} acting as", default=()) if main is None else main._acting
        )
        # The sessions of views in this thread or task, by alias, as long as an object, a query or
        # a block uses them.
        self._view_sessions: ContextVar[tuple[object, WeakValueDictionary[str, Session]] | None] = (
            ContextVar(f"{alias} views", default=None) if main is None else main._view_sessions
        )
        # The views that were used last, and those that a block still uses.
        self._views: LRUCache[str, Self] = LRUCache(_MOST_VIEWS)
        self._views_lock = fork.Lock()
        self._living: WeakValueDictionary[str, Self] = WeakValueDictionary()

    @property
    def _is_view(self) -> bool:
        """Whether it is another one, acting as an end user."""
        return bool(self._base is not self)

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
        return self.effective().own_session()

    def own_session(self) -> Session:
        """Return the session of this thread or task, as itself whatever `acting_as()` is open."""
        owner = _here()
        held = self._current.get()
        if held is not None and (held[1].explicit or held[0] == owner):
            return held[1]
        if self._is_view:
            return self._view_session(owner)
        made = Session(self)
        self._current.set((owner, made))
        return made

    def _view_session(self, owner: object) -> Session:
        """Return the session of a view: users are many, so it lives as long as it is used."""
        held = self._view_sessions.get()
        if held is None or held[0] != owner:
            held = owner, WeakValueDictionary()
            self._view_sessions.set(held)
        session = held[1].get(self.alias)
        if session is None or session.account is not self:
            session = held[1][self.alias] = Session(self)
            blocks = self._acting.get()
            if blocks and blocks[-1].user == self.transport.on_behalf_of:
                blocks[-1].sessions.append(session)
        return session

    @contextmanager
    def session(self) -> Generator[Session]:
        """Open a unit of work: `with account.session():`. What it reads by id, it reads once."""
        account = self.effective()
        session = Session(account, explicit=True)
        token = account._current.set((_here(), session))
        try:
            yield session
        finally:
            account._current.reset(token)

    @contextmanager
    def acting_as(self, user: Any) -> Generator[Self]:
        """Make every request of the block as an end user: `with account.acting_as(email):`.

        ::

            with account.acting_as("customer@example.com"):
                Request.objects.create(subject="Broken", comment={"body": "It is broken."})

        It needs an OAuth token with scope `impersonate` (and `read`, `write`) that an
        administrator granted; the user must exist and be an end user.

        Queries that are evaluated in the block, new objects that are saved in it, and calls
        through the account act as the user, in this thread or asyncio task. Rows that were read
        as somebody else are not used.

        An object belongs to the identity with which it was read or first saved: what it loads
        and sends later, its relations and its pickled copies act as that identity, inside and
        outside blocks. `save(using=acting.alias)` sends an object of the account as the user.

        A `yield` in the block lets the caller of the generator act as the user, too: leave the
        block before it.

        Args:
            user: the e-mail address, the id, or the `User`.

        Yields:
            The account, acting as the user.

        Raises:
            ConfigurationError: a batch is open, whose changes would be sent as somebody else.
            InvalidValue: it is none of these.
            AuthenticationFailed: there is no such end user.
            MissingScope: the token lacks scope `impersonate`.

        Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/making-api-requests-on-behalf-of-end-users/
        """
        if self.outbox is not None and not self.outbox.silent:
            raise ConfigurationError(
                "acting_as() cannot begin inside batch(), whose changes are sent after it has "
                "ended: open the batch inside acting_as()"
            )
        with self._acting_user(_user_name(user)) as account:
            yield account

    def effective(self) -> Self:
        """Return the account as this thread or task uses it: as itself, or as an end user.

        Inside `acting_as()` that is a view with a session, an identity map and a row cache of
        its own, so that nobody is shown rows that were read as somebody else. A view is what it
        is for, inside the blocks of other users, too.
        """
        blocks = self._acting.get()
        if self._is_view or not blocks or blocks[-1].user is None:
            return self
        return self._view_of(blocks[-1].user)

    def for_user(self, user: Any) -> Self:
        """Return the account acting as an end user, whatever `acting_as()` is open.

        Raises:
            InvalidValue: it is neither an e-mail address nor an id nor a `User`.
        """
        base: Self = self._base
        return base._view_of(_user_name(user))

    def _view_of(self, user: str) -> Self:
        with self._views_lock:
            view: Self | None = self._living.get(user)
            if view is None:
                view = self._living[user] = self._view(user)
            self._views[user] = view
            return view

    def _view(self, user: str) -> Self:
        """Return the same account acting as a user; nothing that was read is shared."""
        alias, transport = f"{self.alias}{_ACTING_AS}{user}", self.transport.acting_as(user)
        view = type(self)(alias, transport, self.rows.policy, self.ahead.depth, main=self.main)
        view._base = self
        return view

    @contextmanager
    def _acting_user(self, user: str | None) -> Generator[Self]:
        block = _Acting(user)
        self._acting.set((*self._acting.get(), block))
        # Held until the block ends, with what the user has read and written.
        base: Self = self._base
        account = base.effective()
        try:
            yield account
        finally:
            # Not by a token: generators that are suspended in blocks may end them in any order.
            self._acting.set(tuple(each for each in self._acting.get() if each is not block))

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
        with self._views_lock:
            views = list(self._views.values())
            self._views.clear()
        for view in views:
            view.close()
        self.ahead.close()
        self.transport.close()
        self.rows.clear()
        self.catalogue.clear()

    def __repr__(self) -> str:
        user = self.transport.on_behalf_of
        acting = "" if user is None else f" acting as {user}"
        return f"<{type(self).__name__} {self.alias!r}: {self.transport.base_url}{acting}>"


def split_alias(alias: Any) -> tuple[str | None, str]:
    """Return the alias of an account, and the user that `"default as anna@..."` names besides.

    Without a user, the alias is None.
    """
    name, separator, user = alias.rpartition(_ACTING_AS) if isinstance(alias, str) else ("",) * 3
    return (name, user) if separator else (None, "")


def _user_name(user: Any) -> str:
    """Return how a user is named in a header: by e-mail address or id."""
    users = (registry.find("User", "support"), registry.find("EndUser", "support"))
    name = getattr(user, "pk", None) if isinstance(user, users) else user
    if isinstance(name, int) and not isinstance(name, bool) and name > 0:
        return str(name)
    if isinstance(name, str):
        text = str.__str__(name).strip().lower()
        if (text.isdigit() or "@" in text) and text.isascii() and text.isprintable():
            return text
    raise InvalidValue(
        f"acting_as() needs the e-mail address or the id of an end user, or a saved User, "
        f"not {user!r}"
    )


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
