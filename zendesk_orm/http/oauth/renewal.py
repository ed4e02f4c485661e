"""When a token is renewed, and by whom: one thread of one process at a time."""

from __future__ import annotations

import copy
import logging
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeGuard, TypeVar

from attrs import frozen

from zendesk_orm.errors import (
    AuthenticationFailed,
    ConfigurationError,
    MalformedResponse,
    PermissionDenied,
    RateLimited,
    ServerError,
    SignInFailed,
    SignInRequired,
    TokenStoreError,
    TransportError,
    ZendeskError,
)
from zendesk_orm.http.auth import Credentials, bearer
from zendesk_orm.http.clock import RequestLock
from zendesk_orm.http.oauth.endpoint import TokenEndpoint, skew_hint
from zendesk_orm.http.oauth.grants import Grant
from zendesk_orm.http.oauth.stores import (
    MemoryTokenStore,
    TokenStore,
    call_store,
    describe_store,
    load_token,
)
from zendesk_orm.http.oauth.token import Token, digest
from zendesk_orm.http.secret import Secret
from zendesk_orm.messages import display


T = TypeVar("T")

logger = logging.getLogger("zendesk_orm.oauth")

#: Seconds before its end at which a token is renewed; a fifth of its life if that is less.
_MARGIN = 60.0
#: Seconds that a token of unknown life is used for: as long as Zendesk's default.
_UNKNOWN = 1_800.0
#: Seconds to wait after a renewal that failed while the old token still works.
_PAUSE = 15.0
#: Seconds for which a token is not renewed that was rejected right after it was granted.
_SUSPENSION = 60.0
#: Failures that pass: the old token may be used as long as it lives.
_PASSING = (TransportError, ServerError, RateLimited, MalformedResponse, TokenStoreError)


@frozen
class _Held:
    """A token in use; times are monotonic, so that setting the clock changes nothing.

    Attributes:
        due: when it is to be renewed.
        end: when it expires.
    """

    token: Token
    due: float
    end: float

    @property
    def header(self) -> Secret:
        return bearer(self.token.access_token)


class RenewingCredentials(Credentials):
    """An access token that is renewed shortly before it expires, and after Zendesk rejected it.

    Threads and asyncio tasks share it: one renews, the others wait and take the result.
    Processes that share a store do the same.

    Args:
        grant: how the program signs in.
        endpoint: the token endpoint.

    Attributes:
        renewals: how many tokens were requested.
    """

    def __init__(self, grant: Grant, endpoint: TokenEndpoint) -> None:
        self.kind = grant.kind
        self.grant = grant
        self.endpoint = endpoint
        self.store: TokenStore = MemoryTokenStore() if grant.store is None else grant.store
        self.key = grant.key(endpoint.host)
        self.renewals = 0
        self._clock = endpoint.clock
        self._held: _Held | None = None
        # A new token that could not be stored yet, and the stored one that it is to replace; it
        # is not used until it is stored.
        self._unstored: tuple[Token, Token | None] | None = None
        # Refresh tokens that Zendesk rejected, by digest: they are never sent again.
        self._rejected: dict[str, SignInRequired] = {}
        # Whether the refresh token of the configuration was exchanged, or rejected.
        self._is_configured_spent = False
        self._failed: tuple[int, ZendeskError | None] = (0, None)
        # The token that was rejected although it was new, and until when it is not renewed.
        self._suspended: tuple[Secret | None, float] = (None, 0.0)
        self._lock = RequestLock()
        # The process and the thread that renew the token.
        self._renewing: tuple[int, int] | None = None

    @property
    def remedy(self) -> str:  # type: ignore[override] # computed, and still a string
        """The remedy if Zendesk rejects a token that was just granted."""
        hint = skew_hint(self.endpoint.skew)
        text = "a new token was requested and rejected, too: check the client in Admin Center"
        return f"{text}; {hint}" if hint else text

    @property
    def token(self) -> Token:
        """The current token; it is renewed if it is due.

        Raises:
            SignInFailed, TokenStoreError, TransportError and other errors of the endpoint.
        """
        entry = self._held
        now = self._clock.monotonic()
        if entry is not None and now < entry.due:
            return entry.token
        try:
            return self._replace(entry).token
        except _PASSING as error:
            living = self._postpone(entry)
            if living is None:
                raise
            logger.warning("the access token was not renewed yet: %s", error)
            return living.token

    def authorization(self) -> Secret | None:
        """Return the header of the current token; it is renewed first if it is due.

        Raises:
            SignInFailed, TokenStoreError, TransportError and other errors of the endpoint.
        """
        return bearer(self.token.access_token)

    def renew(self, rejected: Secret | None) -> bool:
        """Replace the token, unless another thread or process has done so since it was sent.

        Args:
            rejected: the header that was sent.

        Raises:
            SignInFailed, TokenStoreError, TransportError and other errors of the endpoint.
        """
        entry = self._held
        if entry is not None and entry.header != rejected:
            return True
        header, until = self._suspended
        if header == rejected and self._clock.monotonic() < until:
            stored = self._call(lambda: load_token(self.store, self.key))
            if not self._is_newer(stored, entry):
                return False
        return self._replace(entry).header != rejected

    def suspend(self, rejected: Secret | None) -> bool:
        """Renew no more for a while: a token that was just granted was rejected, too."""
        self._suspended = rejected, self._clock.monotonic() + _SUSPENSION
        return False

    def is_alive(self, rejected: Secret | None) -> bool:
        """Return whether Zendesk accepts the token that a request was rejected with, by asking it.

        Raises:
            ApiError, TransportError: the check failed.
        """
        entry = self._held
        if entry is None or entry.header != rejected:
            return False
        try:
            self.endpoint.current(entry.token.access_token)
        except AuthenticationFailed:
            return False
        except PermissionDenied:
            # The token lacks a scope, so that it was accepted.
            return True
        return True

    def close(self) -> None:
        """Close the connections to the token endpoint."""
        self.endpoint.close()

    def _postpone(self, stale: _Held | None) -> _Held | None:
        """Return a token to use although `stale` was not renewed, or None."""
        with self._lock:
            entry = self._held
            if entry is None or entry is not stale:
                # Another thread has renewed or postponed it meanwhile.
                return entry
            now = self._clock.monotonic()
            # A new pair that is not stored yet has made the old token invalid.
            if now >= entry.end or self._unstored is not None:
                return None
            self._held = _Held(entry.token, min(now + _PAUSE, entry.end), entry.end)
            return self._held

    def _replace(self, stale: _Held | None) -> _Held:
        """Return a newer token than `stale`: that of another thread or process, or a new one."""
        if self._renewing == (os.getpid(), threading.get_ident()):
            raise ConfigurationError(
                "a token store, or a receiver of a signal, made a request with the account whose "
                "token is being renewed: it must not use that account"
            )
        failures = self._failed[0]
        with self._lock:
            entry = self._held
            if entry is not None and self._is_replaced(entry, stale):
                return entry
            count, error = self._failed
            if count != failures and error is not None:
                # Another thread has just tried, while this one was waiting for it.
                raise copy.copy(error)
            self._renewing = (os.getpid(), threading.get_ident())
            try:
                # Outside the lock of the store: Zendesk may be asked how long the token lasts.
                self._held = self._hold(self._next(stale))
            except ZendeskError as failure:
                self._failed = (count + 1, failure)
                raise
            finally:
                self._renewing = None
            return self._held

    def _is_replaced(self, entry: _Held, stale: _Held | None) -> bool:
        """Return whether another thread holds another token than `stale` meanwhile."""
        same = stale is not None and entry.token is stale.token
        return not same and self._clock.monotonic() < entry.due

    def _next(self, stale: _Held | None) -> Token:
        """Return the stored token if it is newer than `stale`, or else a new one, stored."""
        with self._locked():
            stored = load_token(self.store, self.key)
            token = self._unstored_token(stored)
            if token is None:
                if self._is_newer(stored, stale):
                    return stored
                token = self._exchange(stored, stale)
                if token is stored:
                    return token
                self._unstored = token, stored
            self._call(lambda: self.store.save(self.key, token))
            self._unstored = None
            return token

    def _unstored_token(self, stored: Token | None) -> Token | None:
        """Return the token that could not be stored yet, or None.

        It is dropped if the store has changed since it was granted: a user has signed in or out,
        or this is a forked process whose parent has stored the token and later ones.
        """
        if self._unstored is not None and not _is_same(self._unstored[1], stored):
            self._unstored = None
        return None if self._unstored is None else self._unstored[0]

    def _is_newer(self, stored: Token | None, stale: _Held | None) -> TypeGuard[Token]:
        """Return whether another process has stored a token that can be used."""
        if stored is None or not (self._is_configured_spent or self.grant.accepts(stored)):
            return False
        if stale is not None and stored.access_token == stale.token.access_token:
            return False
        left = stored.seconds_left(self._clock.now())
        if left is None:
            # How long it lives is unknown: Zendesk will reject it when it has expired.
            return True
        return left > _margin(stored)

    def _exchange(self, stored: Token | None, stale: _Held | None) -> Token:
        """Return a token that was requested, or the stored one if it turns out to be newer.

        A refresh token that was rejected once is not sent again.
        """
        failure: SignInRequired | None = None
        configured = getattr(self.grant, "refresh_token", None)
        for body in self.grant.exchanges(stored):
            spent = body.get("refresh_token")
            if spent is not None and digest(spent) in self._rejected:
                failure = failure or self._rejected[digest(spent)]
                self._is_configured_spent |= spent == configured
                continue
            if failure is not None and self._is_newer(stored, stale):
                break
            self._call(lambda: self.store.check(self.key))
            try:
                self.renewals += 1
                token = self.endpoint.exchange(body, self.grant.origin(spent, stored))
            except SignInRequired as error:
                self._rejected[digest(spent or "")] = failure = error
                self._is_configured_spent |= spent == configured
                continue
            self._is_configured_spent |= spent is not None and spent == configured
            self._compare_scopes(token)
            logger.info("%s granted a token to the %s", self.endpoint.host, self.kind)
            return token
        if stored is not None and failure is not None and self._is_newer(stored, stale):
            return stored
        if failure is not None:
            raise copy.copy(failure)
        nobody = SignInRequired("POST", "/oauth/tokens", 0)
        nobody.explain(
            f"nobody is signed in to {self.endpoint.host} with OAuth client "
            f"{display(self.grant.client_id)}: run zendesk-orm login, or pass refresh_token=; a "
            f"server uses ClientCredentials (looked in {describe_store(self.store)})"
        )
        raise nobody

    def _compare_scopes(self, token: Token) -> None:
        """Refuse a token with less than was requested: Zendesk drops scopes without a word.

        Raises:
            SignInFailed: some scopes were not granted.
        """
        missing = missing_scopes(self.grant.requested_scope, token.scope)
        if missing:
            failure = SignInFailed("POST", "/oauth/tokens", 200, code="invalid_scope")
            failure.explain(
                f"{self.endpoint.host} granted {display(token.scope)} to the {self.kind}, without "
                f"{' '.join(missing)}: the scope does not exist, or the client may not have it"
            )
            raise failure

    def _hold(self, token: Token) -> _Held:
        left = token.seconds_left(self._clock.now())
        if left is None:
            left = self.endpoint.lifetime(token.access_token)
        now = self._clock.monotonic()
        if left is None:
            return _Held(token, now + _UNKNOWN - _MARGIN, now + _UNKNOWN)
        return _Held(token, now + left - _margin(token), now + left)

    def _call(self, action: Callable[[], T]) -> T:
        return call_store(self.store, self.key, action)

    @contextmanager
    def _locked(self) -> Generator[None, None, None]:
        lock = self._call(lambda: self.store.lock(self.key))
        self._call(lambda: lock.__enter__())  # noqa: PLW0108 - it may have none
        try:
            yield
        finally:
            self._call(lambda: lock.__exit__(None, None, None))


def missing_scopes(requested: str, granted: str) -> list[str]:
    """Return the requested scopes that were not granted; none if the answer names no scopes.

    A broad scope covers the narrow ones: `read` covers `tickets:read`.
    """
    names = set(granted.split())
    if not names:
        return []
    return [
        name
        for name in requested.split()
        if name not in names and name.rpartition(":")[2] not in names
    ]


def _is_same(one: Token | None, other: Token | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.access_token == other.access_token and one.refresh_token == other.refresh_token


def _margin(token: Token) -> float:
    return min(_MARGIN, (token.expires_in or _UNKNOWN) / 5)
