"""`Transport.send(Request) -> Response`: host, credentials, retries and limits."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import evolve

from zendesk_orm import fork, signals
from zendesk_orm.errors import (
    AuthenticationFailed,
    ForeignHost,
    NotFound,
    RateLimited,
    ZendeskError,
)
from zendesk_orm.http.auth import Credentials, explain_rejection
from zendesk_orm.http.clock import CURRENT_OPERATION, Clock, check_cancelled, pause
from zendesk_orm.http.failures import check_redirect, decode, explain, explain_uncertainty, failure
from zendesk_orm.http.file_requests import MAX_REDIRECTS, ON_BEHALF_OF, open_file
from zendesk_orm.http.hosts import check_target, join, local_path, place, resolve, split
from zendesk_orm.http.limits import DEFAULT_LIMITS, Limits, Quota
from zendesk_orm.http.messaging import NO_MESSAGING, MessagingAccess
from zendesk_orm.http.page_size import reduce_page
from zendesk_orm.http.request import RedirectTarget, Request, Response, mark_repeated, redact_path
from zendesk_orm.http.retry import RetryPolicy, may_be_applied
from zendesk_orm.http.stats import Exchange, Stats
from zendesk_orm.http.throttle import QuotaSettings, Throttle
from zendesk_orm.http.timeouts import BLOCKS, with_timing
from zendesk_orm.signals import announce


if TYPE_CHECKING:
    import requests

    from zendesk_orm.http.wire import Authorization, StreamingResponse, Wire

T = TypeVar("T")

_NO_CONTENT = 204
#: The beginning of most paths.
_API = "/api/v2/"
#: Zendesk's code for an access token that is expired, revoked or malformed.
_INVALID_TOKEN = "invalid_token"  # noqa: S105 - a code, not a secret
_NOT_REWOUND = "it was not sent again, because its file cannot be read from the beginning again"


class Transport:
    """The connection to one account's host.

    Args:
        base_url: its address, `https://acme.zendesk.com`.
        credentials: the account's credentials; None to use those of `session`.
        alias: the account's name in signals.
        session: a `requests.Session`; one is created if it is None.
        retry: which failed requests are sent again.
        limits: of the time and the size of a response.
        clock: the clock that `Retry-After` is waited by.
        throttle: the rate limits of the account; None for those that Zendesk documents.

    Attributes:
        messaging: the app and the credentials of Sunshine Conversations.
        on_behalf_of: the e-mail address or id of the end user whom requests act as, or None.
        sent: requests sent so far, retries included.
        stats: the counters of the account.
        guard: called before each request but a GET; an exception from it prevents the request.
        on_change: called after each request but a GET.
        get_version: returns the state of the changes, before rows are requested.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None,
        *,
        alias: str = "default",
        session: requests.Session | None = None,
        retry: RetryPolicy | None = None,
        limits: Limits = DEFAULT_LIMITS,
        clock: Clock | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._base_path = split(self.base_url).path
        self.credentials, self.alias = credentials, alias
        self.messaging: MessagingAccess = NO_MESSAGING
        self.on_behalf_of: str | None = None
        # The transport of the account itself, if this one acts as an end user.
        self._main: Transport | None = None
        self.retry = RetryPolicy() if retry is None else retry
        self.clock = clock or Clock()
        self.throttle = throttle or Throttle(QuotaSettings(), self.clock, self.retry)
        self.quota: Quota = self.throttle.quota
        self.sent, self.stats = 0, Stats()
        self.guard: Callable[[Request], None] | None = None
        self.on_change: Callable[[], None] | None = None
        self.get_version: Callable[[], tuple[int, int | None]] = lambda: (0, None)
        self._session, self._limits = session, limits
        self._wire: Wire | None = None
        self._process, self._lock = os.getpid(), fork.Lock()

    def send(self, request: Request) -> Response:
        """Send a request, again if it fails and that is safe, and return the response.

        Raises:
            ApiError: Zendesk rejected the request; the subclass describes the reason.
            TransportError: there was no response.
            ForeignHost: a link or redirect leads to a host that is not the account's.
        """
        if self._base_path or not request.path.startswith(_API):
            request = evolve(request, path=self.to_path(request.path))
            request = self.messaging.localize(request, self.on_behalf_of)
        try:
            return self._repeat(request, self._send_following_redirects)
        except NotFound as error:
            if error.repeated and request.is_removal:
                # The first attempt removed the object, and only its response was lost.
                return Response(_NO_CONTENT, {}, None, repeated=True)
            raise

    def receive(self, request: Request, read: Callable[[StreamingResponse], T]) -> T:
        """Request a file, and return the result of a function that reads the response.

        Files are stored on other hosts: redirects to them are followed by https, without the
        account's credentials, headers and cookies.

        Args:
            request: a GET of a link.
            read: reads and closes the response; called again if the connection breaks.

        Raises:
            ApiError: Zendesk, or the host that stores the file, rejected the request.
            TransportError: there was no response.
            ForeignHost: a redirect leads to an address that is not https.
        """
        link = join(self.base_url, request.path)
        if self.is_own_host(link):
            request = evolve(request, path=self.to_path(link))
        return self._repeat(
            request, lambda again, authorization: read(open_file(self, again, authorization))
        )

    def for_host(self, base_url: str, alias: str) -> Transport:
        """Return a transport to another host of the account; `alias` is its name in signals."""
        other = Transport(
            base_url,
            self.credentials,
            alias=alias,
            session=self._session,
            retry=self.retry,
            limits=self._limits,
            clock=self.clock,
            throttle=self.throttle,
        )
        other.on_behalf_of, other.messaging = self.on_behalf_of, self.messaging
        return other

    def acting_as(self, user: str) -> Transport:
        """Return a transport whose requests act as an end user (an e-mail address or an id)."""
        other = self.for_host(self.base_url, self.alias)
        other.on_behalf_of = user
        other._main = self if self._main is None else self._main
        other.stats = Stats(other._main.stats)
        return other

    @property
    def identity(self) -> Hashable:
        """The account's host in one spelling; an emulator's session names its account instead."""
        name = getattr(self._session, "account_identity", None)
        return place(self.base_url) if name is None else name

    def is_own_host(self, link: str) -> bool:
        """Return whether a link leads to the account's host."""
        return place(link) == place(self.base_url)

    def to_path(self, link: str) -> str:
        """Return the path and query of a link to the account's host, or to Zendesk's.

        The path of `base_url`, which is added to each request, is left out.

        Raises:
            ForeignHost: the link leads to another host.
        """
        return local_path(link, self.base_url, self._base_path)

    def _credentials_for(self, request: Request) -> Credentials | None:
        """Return the credentials of the product that a request belongs to."""
        return self.messaging.credentials if self.messaging.owns(request) else self.credentials

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None
        if self.credentials is not None:
            self.credentials.close()

    def _repeat(self, request: Request, send: Callable[[Request, Authorization], T]) -> T:
        """Send a request, again if that is safe: the only loop of retries and renewals."""
        if self.guard is not None and request.method != "GET":
            self.guard(request)
        if self.on_behalf_of is not None:
            request = evolve(request, headers={ON_BEHALF_OF: self.on_behalf_of, **request.headers})
        is_limited = self.retry.deadline is not None or bool(BLOCKS.current.get())
        request = with_timing(request, self) if is_limited else request
        attempt, renewed, uncertain = 1, False, False
        while True:
            # For each attempt, because a token may expire during a wait.
            request, authorization = self._prepare(request, uncertain=uncertain)
            try:
                response = send(request, authorization)
            except AuthenticationFailed as error:
                error.repeated = uncertain
                # A 401 applied nothing, so that even a POST can be sent again.
                if not self._renew(request, error, authorization, renewed=renewed):
                    rejected = self._credentials_for(request)
                    explain_rejection(error, self.base_url, rejected, self.on_behalf_of)
                    raise
                renewed = True
                request = self._rewind(request, error)
            except ZendeskError as error:
                error.repeated = uncertain
                uncertain = request.changes and may_be_applied(error)
                delay = self._find_delay(request, error, attempt)
                if delay is None:
                    if uncertain:
                        explain_uncertainty(error, request)
                    raise
                request = self._wait_for_retry(self._rewind(request, error), error, delay)
                attempt += 1
            else:
                return mark_repeated(response) if uncertain else response

    def acquire(self, request: Request) -> Request:
        """Wait until the rate limits of the account allow a request, and return it.

        Raises:
            RateLimited: the wait would be too long.
        """
        if self.throttle.limited.match(f"{request.method} {request.path}"):
            return self.throttle.acquire(request, self.alias, self.stats)
        return request

    def _prepare(self, request: Request, *, uncertain: bool) -> tuple[Request, Authorization]:
        """Wait for the rate limits, and return the `Authorization` header of one attempt, too.

        Raises:
            OperationCancelled: the operation was cancelled.
        """
        if CURRENT_OPERATION.get() is not None:
            check_cancelled()
        try:
            request = self.acquire(request)
        except RateLimited as error:
            error.repeated = uncertain
            if uncertain:
                explain_uncertainty(error, request)
            raise
        is_api = request.path.startswith(_API)
        credentials = self.credentials if is_api else self._credentials_for(request)
        if credentials is None:
            return request, _wire_module().OWN
        return request, credentials.authorization()

    @staticmethod
    def _rewind(request: Request, error: ZendeskError) -> Request:
        """Return the request of the next attempt, from the beginning of its file, or raise."""
        if request.body is not None and not request.body.rewind():
            explain(error, _NOT_REWOUND)
            raise error
        return evolve(reduce_page(request, error), attempt=request.attempt + 1)

    def _renew(
        self, request: Request, error: AuthenticationFailed, sent: Authorization, *, renewed: bool
    ) -> bool:
        """Return whether there are other credentials after a 401 (unless a scope is missing)."""
        credentials = self._credentials_for(request)
        if credentials is None or error.code != _INVALID_TOKEN:
            return False
        header = sent if isinstance(sent, str) else None
        if renewed:
            return credentials.suspend(header)
        if self.on_behalf_of is not None and credentials.is_alive(header):
            # Zendesk rejects an unknown user with the same code as an expired token.
            return False
        return credentials.renew(header)

    def _find_delay(self, request: Request, error: ZendeskError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up."""
        if not isinstance(error, RateLimited):
            return self.retry.delay(request, error, attempt)
        if not error.status:
            # The target of a redirect was not requested.
            return None
        self.throttle.penalise(request, error)
        delay = self.retry.delay(request, error, attempt)
        may_wait = delay is not None and self.throttle.may_wait(request, delay)
        return delay if may_wait else None

    def _wait_for_retry(self, request: Request, error: ZendeskError, delay: float) -> Request:
        """Count a retry, send its signals, wait, and return the request."""
        self.stats.count_retry(delay)
        values = {"request": request.redact(), "delay": delay, "reason": error}
        if isinstance(error, RateLimited):
            announce(signals.rate_limited, self.alias, **values, endpoint=error.endpoint)
        announce(signals.retrying, self.alias, **values, attempt=request.attempt - 1)
        if isinstance(error, RateLimited):
            self.throttle.wait(delay)
            return evolve(request, waited=request.waited + delay)
        pause(self.clock, delay)
        return request

    def _send_following_redirects(self, request: Request, authorization: Authorization) -> Response:
        """Send a request once, and follow redirects of a GET on the account's host."""
        for _ in range(MAX_REDIRECTS):
            status, headers, body = self.exchange(request, authorization)
            if 200 <= status < 300:
                data = decode(request, status, headers, body)
                return Response(status, headers, data, request=request)
            if not (300 <= status < 400 and request.method == "GET" and "location" in headers):
                raise failure(request, status, headers, body, self.clock.now())
            location = check_redirect(request, status, headers)
            target = resolve(f"{self.base_url}{request.path}", location)
            check_target(target, self.base_url)
            path = RedirectTarget(self.to_path(target), request.path)
            request = evolve(request, path=path, params=(), attempt=request.attempt + 1)
            # The path may belong to another product, which has other credentials.
            request, authorization = self._prepare(request, uncertain=False)
        raise ForeignHost(f"{redact_path(request.path)} redirects in a circle")

    def exchange(
        self,
        request: Request,
        authorization: Authorization,
        *,
        opened: bool = False,
        own_host: bool = True,
    ) -> tuple[int, Mapping[str, str], Any]:
        """Send one request, with signals before and after it, and return the response.

        Returns:
            Status, headers by lower-case name, and the body, or the open response if `opened`.
            Rate limits are read from responses of the account's `own_host`.
        """
        exchange, status = Exchange(self, request), 0
        quota = self.throttle.quota
        # Responses of requests that were sent before requests are counted are of no use.
        is_counted = quota.is_watched
        try:
            self.sent += 1
            if self._main is not None:
                self._main.sent += 1
            wire = self._wire
            if wire is None or self._process != os.getpid():
                wire = self._connect()
            if opened:
                response = wire.open(request, authorization)
                result: Any = response
                status, headers = response.status, response.headers
            else:
                status, headers, result = wire.exchange(request, authorization)
            if own_host:
                reported = quota.update(headers, request.path)
                if reported is not None and (is_counted or not quota.is_watched):
                    self.throttle.observe(request, reported)
            return status, headers, result
        finally:
            if self.on_change is not None and request.method != "GET":
                self.on_change()
            exchange.finish(status)

    def _connect(self) -> Wire:
        """Return the connections to the host; those of the main transport, if there is one."""
        if self._main is not None:
            return self._main._connect()
        with self._lock:
            if self._process != os.getpid():
                # A forked child must not use inherited connections: responses would get mixed up.
                if self._wire is not None:
                    self._wire.abandon()
                self._wire, self._process = None, os.getpid()
            if self._wire is None:
                self._wire = _wire_module().Wire(self.base_url, self._session, self._limits)
            return cast("Wire", self._wire)

    def __repr__(self) -> str:
        return f"<Transport to {self.base_url} as {self.credentials!r}>"


def _wire_module() -> Any:
    """Import and return `http.wire`: `requests` takes longer to import than this package."""
    return importlib.import_module("zendesk_orm.http.wire")
