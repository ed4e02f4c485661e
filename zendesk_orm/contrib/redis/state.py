"""`RedisState`: the state that the processes of an application share in Redis."""

from __future__ import annotations

import json
from collections.abc import Hashable

from attrs import evolve

from zendesk_orm.contrib.redis.limiter import RedisLimiter
from zendesk_orm.contrib.redis.rows import RedisRows
from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.contrib.redis.tokens import RedisTokenStore
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.http.oauth.grants import ClientCredentials, Grant
from zendesk_orm.http.quota import Limiter
from zendesk_orm.http.secret import conceal_arguments, hide
from zendesk_orm.session.shared import SharedRows, SharedState


class RedisState(SharedState):
    """Tokens, rate limits and cached rows that processes share in Redis.

    ::

        connect(subdomain="acme", oauth=..., shared=RedisState("redis://localhost:6379/0"))

    `connect()` checks that the server can be reached. If it is lost later, each process continues
    on its own, with a warning, and uses the server again when it can be reached. An account of
    another host, and a user with other rights, share nothing but the rate limits.

    Needs the extra `redis`: `pip install "zendesk_orm[redis]"`.

    Args:
        url: the address: `redis://`, `rediss://` for TLS, or `unix://` for a path.
        prefix: the beginning of all keys; applications that must not share state use another one.
        tokens: whether to share the tokens of `oauth=`, unless it has a store.
        rows: whether to share cached rows.
        limits: whether to share the rate limits.
        timeout: seconds to wait for a connection, and for each response of Redis.
        pause: seconds between two attempts to reach a server that was lost.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    @conceal_arguments
    def __init__(
        self,
        url: str,
        *,
        prefix: str = "zendesk_orm",
        tokens: bool = True,
        rows: bool = True,
        limits: bool = True,
        timeout: float = 1.0,
        pause: float = 5.0,
    ) -> None:
        self._server = RedisServer(hide(url), prefix, timeout, pause)
        self._has_tokens, self._has_rows, self._has_limits = tokens, rows, limits

    def check(self) -> None:
        """Check that the server can be reached, and evicts no keys.

        Raises:
            ConfigurationError: it cannot be reached, or its settings would lose state.
        """
        self._server.check()

    def with_store(self, grant: Grant) -> Grant:
        """Return a grant whose tokens are shared, unless it has a store."""
        if not self._has_tokens or grant.store is not None:
            return grant
        # A program can sign in again at any time; a person's refresh token can be used once.
        is_required = not isinstance(grant, ClientCredentials)
        return evolve(grant, store=RedisTokenStore(self._server, is_required=is_required))

    def rows(self, identity: Hashable, viewer: Hashable | None) -> SharedRows | None:
        """Return the shared rows of an account; None if rows are not shared."""
        if not self._has_rows:
            return None
        return RedisRows(self._server, _text(identity), None if viewer is None else _text(viewer))

    def limiter(self, identity: Hashable, clock: Clock) -> Limiter | None:
        """Return the shared limiter of an account; None if rate limits are not shared."""
        # Other processes do not know the time of a virtual clock.
        if not self._has_limits or isinstance(clock, VirtualClock):
            return None
        return RedisLimiter(self._server, _text(identity), clock)

    def close(self) -> None:
        """Close the connections; accounts that use the state later open new ones."""
        self._server.close()

    def __repr__(self) -> str:
        return f"RedisState({self._server.name!r})"


def _text(value: Hashable) -> str:
    """Return a value of strings and numbers as text, the same in all processes."""
    if isinstance(value, tuple) and not any(isinstance(part, tuple) for part in value):
        return ":".join("" if part is None else str(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value)
