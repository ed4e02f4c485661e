"""`SharedState`: state that the processes of an application share, kept by a server beside them.

Processes share the tokens of a sign-in, the rate limits of an account, and cached rows. What a
server offers is described here; `zendesk_orm.contrib.redis` implements it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.auth import Credentials, FixedCredentials
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.oauth.grants import Grant
from zendesk_orm.http.oauth.renewal import RenewingCredentials
from zendesk_orm.http.oauth.token import digest
from zendesk_orm.http.quota import Limiter
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.schema.row import Row


if TYPE_CHECKING:
    from zendesk_orm.session.connection import Connection

#: A row, by product, singular and id; models of the same rows (`User`, `EndUser`) share it.
Target = tuple[str, str, str]
#: The target that stands for all rows of all models.
EVERY_ROW: Target = ("", "", "")
#: The number of the latest change of this process, and that of all processes if it is known.
Version = tuple[int, int | None]


def check_shared(shared: object) -> None:
    """Check the argument `shared` of `connect()`, and whether its server can be reached.

    Raises:
        ConfigurationError: it is not a shared state, or the server cannot be reached.
    """
    if isinstance(shared, SharedState):
        shared.check()
    elif shared is not None:
        raise ConfigurationError(
            f"shared must be a shared state, such as RedisState(...), not {display(shared)}"
        )


def join(account: Connection, state: SharedState) -> None:
    """Let an account, one of its brands, or one of its end users use a shared state."""
    transport, identity = account.transport, account.identity
    account.cache.shared = state.rows(identity, _find_viewer(transport))
    if account.main is account:
        account.changes.shared = account.cache.shared
        transport.throttle.share(state.limiter(identity, transport.clock))


def _find_viewer(transport: Transport) -> Hashable | None:
    """Return a value that transports to the same host, as the same user, share; no secrets.

    Returns:
        None if the user is unknown: with a session of the application, a function that returns
        tokens, or a sign-in whose tokens are not shared.
    """
    rights = _rights_of(transport.credentials)
    return None if rights is None else (transport.base_url, rights, transport.on_behalf_of)


def _rights_of(credentials: Credentials | None) -> Hashable | None:
    """Return a value that credentials of the same user and scopes share; None if it is unknown."""
    if isinstance(credentials, RenewingCredentials):
        return credentials.grant.rights
    if isinstance(credentials, FixedCredentials):
        header = credentials.authorization()
        return credentials.kind, credentials.user or digest(header or "")
    return credentials.kind if type(credentials) is Credentials else None


class SharedRows(Protocol):
    """The rows of one account that processes share, as one user sees them.

    Its methods do not raise. If the server cannot be reached, no row is found or stored, and
    changes are published when it can be reached again.

    Attributes:
        epoch: a number that changes if the server cannot be reached, and again if it can.
    """

    @property
    def is_available(self) -> bool:
        """Whether the server can be reached; one that was lost is tried again now and then."""
        ...

    @property
    def epoch(self) -> int:
        """A number that grows when the server is lost, and when it is found again."""
        ...

    def number(self) -> int | None:
        """Return the number of the latest change by any process; None if it is unknown."""
        ...

    def publish(self, *, changed: Iterable[Target], deleted: Iterable[Target] = ()) -> None:
        """Make rows outdated in all processes.

        Args:
            changed: the rows that were written; rows that depend on them are outdated.
            deleted: the rows that were deleted; rows that refer to them are outdated.
        """
        ...

    def get(self, model: type[Any], key: Any) -> tuple[float, Row] | None:
        """Return the time at which a row was stored, and the row, unless it is outdated."""
        ...

    def put(
        self, model: type[Any], rows: Iterable[tuple[Any, float, Row]], now: float, since: int
    ) -> bool:
        """Store rows, and return whether they were stored.

        Args:
            model: their model.
            rows: the key of each row, the seconds for which it is stored, and the row.
            now: the time at which they are stored, in seconds since the epoch.
            since: the number of the latest change before they were requested.
        """
        ...

    def forget(self, model: type[Any], key: Any) -> None:
        """Discard a row."""
        ...


class SharedState(ABC):
    """The state that the accounts of several processes share: `connect(shared=...)`."""

    @abstractmethod
    def check(self) -> None:
        """Check that the server can be reached.

        Raises:
            ConfigurationError: it cannot, or its settings would lose state.
        """

    @abstractmethod
    def with_store(self, grant: Grant) -> Grant:
        """Return a grant whose tokens are shared, unless it has a store."""

    @abstractmethod
    def limiter(self, identity: Hashable, clock: Clock) -> Limiter | None:
        """Return the limiter of an account; None if rate limits are not shared.

        Args:
            identity: identifies the account.
            clock: measures the time of this process.
        """

    @abstractmethod
    def rows(self, identity: Hashable, viewer: Hashable | None) -> SharedRows | None:
        """Return the shared rows of an account; None if rows are not shared.

        Args:
            identity: identifies the account.
            viewer: identifies the host, and the user whose rights the requests have; None if
                they are unknown. Then changes are published, and no rows are shared.
        """
