"""`send(Request) -> Response`: host, credentials, retries and limits, and nothing else."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

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
from zendesk_orm.http.cancellation import check_cancelled, pause
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.failures import check_redirect, decoded, explain, explain_uncertainty, failure
from zendesk_orm.http.hosts import is_of_zendesk, place, resolve, without_user
from zendesk_orm.http.limits import DEFAULT_LIMITS, Limits
from zendesk_orm.http.quota import Quota
from zendesk_orm.http.request import Request, Response, shown
from zendesk_orm.http.retry import RetryPolicy, may_be_applied
from zendesk_orm.signals import announce


if TYPE_CHECKING:
    import requests

    from zendesk_orm.http.wire import Authorization, Incoming, Wire

T = TypeVar("T")
B = TypeVar("B")

_NO_CONTENT = 204
#: Redirects that are followed; those of calls only as long as they stay on the account's host.
_MOST_REDIRECTS = 5
#: Bytes that are read of a file's refusal.
_REFUSAL = 64 * 1024
#: The header that names the user whom a request acts as.
ON_BEHALF_OF = "X-On-Behalf-Of"
#: What Zendesk calls an access token that is expired, revoked or malformed.
_INVALID_TOKEN = "invalid_token"  # noqa: S105 - a code, not a secret
_ONE_WAY = "it was not sent again, because the file that was read for it cannot be put back"


class Transport:
    """The way to one account's host.

    Args:
        base_url: `https://acme.zendesk.com`.
        credentials: who asks; None leaves it to `session`.
        alias: the account's name in signals.
        session: an own `requests.Session`; one is made when it is None.
        retry: which failures are tried again.
        limits: of the time and the size of a response.
        clock: what `Retry-After` is waited on.
        on_behalf_of: the e-mail address or id of the end user whom requests act as.
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
        on_behalf_of: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.alias = alias
        self.on_behalf_of = on_behalf_of
        self._main: Transport | None = None
        self.retry = RetryPolicy() if retry is None else retry
        self.clock = clock or Clock()
        self.quota = Quota()
        self.sent = 0
        #: Asked before each request; what it raises keeps the request from being sent.
        self.guard: Callable[[Request], None] | None = None
        self._session = session
        self._limits = limits
        self._wire: Wire | None = None
        self._process = os.getpid()
        self._lock = fork.Lock()

    def send(self, request: Request) -> Response:
        """Send the request, again where that is safe, and return the successful answer.

        Raises:
            ApiError: Zendesk refused; the subclass tells how.
            TransportError: no answer came.
            ForeignHost: a link or redirect left the account's host.
        """
        request = evolve(request, path=self.local(request.path))
        try:
            return self._again(request, self._follow)
        except NotFound as error:
            if error.repeated and request.is_removal:
                # The first attempt removed it, and only its response was lost.
                return Response(_NO_CONTENT, {}, None, repeated=True)
            raise

    def receive(self, request: Request, read: Callable[[Incoming], T]) -> T:
        """Ask for a file, and return what a function makes of the answer as it arrives.

        Files are kept elsewhere: this alone follows redirects to other hosts, by https
        and with nothing of the account. Where the connection breaks under way, the
        function is called again, with an answer from the beginning.

        Args:
            request: a GET of a link.
            read: is handed the answer, and has to close it.

        Raises:
            ApiError: Zendesk refused, or the host that keeps the file.
            TransportError: no answer came.
            ForeignHost: a redirect led to an address that is not https.
        """
        return self._again(
            request, lambda again, authorization: read(self._arrived(again, authorization))
        )

    def to(self, base_url: str, alias: str) -> Transport:
        """Return the way to another host of the same account: same credentials, same limits.

        Args:
            base_url: the other host, which has to be the account's, too.
            alias: what it is called in signals.
        """
        made = Transport(
            base_url,
            self.credentials,
            alias=alias,
            session=self._session,
            retry=self.retry,
            limits=self._limits,
            clock=self.clock,
            on_behalf_of=self.on_behalf_of,
        )
        made.quota = self.quota
        return made

    def acting_as(self, user: str) -> Transport:
        """Return the way to the same host on which every request acts as an end user.

        Args:
            user: the e-mail address or the id of the user.
        """
        made = self.to(self.base_url, self.alias)
        made.on_behalf_of = user
        # The connections are the same, and so is the number of requests.
        made._main = self if self._main is None else self._main
        return made

    @property
    def identity(self) -> Hashable:
        """The account's host in one spelling; a session may name the account instead.

        An emulator does, as all emulators have one host.
        """
        named = getattr(self._session, "account_identity", None)
        return place(self.base_url) if named is None else named

    def at_home(self, link: str) -> bool:
        """Tell whether a link leads to the account's host."""
        return place(link) == place(self.base_url)

    def local(self, path: str) -> str:
        """Return the path and query of a link, to be requested from the account's own host.

        Behind a domain of the customer's own, links to further pages name Zendesk's host.

        Raises:
            ForeignHost: the link leads to a host that is neither the account's nor Zendesk's.
        """
        if path.startswith("/") and not path.startswith("//"):
            return path
        if not self.at_home(path) and not is_of_zendesk(path):
            raise self._foreign(path)
        link = urlsplit(path)
        return f"{link.path}?{link.query}" if link.query else link.path

    def _foreign(self, link: str) -> ForeignHost:
        found, own = place(link), urlsplit(self.base_url).netloc
        where = "an invalid address" if found is None else f"{found[0]}://{found[1]}"
        return ForeignHost(f"{where} is not the account's host {own}: nothing was sent there")

    def close(self) -> None:
        """Close the connections; a later request opens them anew."""
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None
        if self.credentials is not None:
            self.credentials.close()

    def _again(self, request: Request, send: Callable[[Request, Authorization], T]) -> T:
        """Send a request, again if that is safe: the one loop of retries and renewals."""
        if self.guard is not None:
            self.guard(request)
        if self.on_behalf_of is not None:
            request = evolve(request, headers={ON_BEHALF_OF: self.on_behalf_of, **request.headers})
        attempt, renewed, uncertain = 1, False, False
        while True:
            check_cancelled()
            # For each attempt, because a token may expire while the loop waits.
            authorization = self._authorization()
            try:
                answer = send(request, authorization)
            except AuthenticationFailed as error:
                error.repeated = uncertain
                # A 401 applied nothing, so that even a POST can be sent again.
                if not self._renew(error, authorization, renewed=renewed):
                    explain_rejection(error, self.base_url, self.credentials, self.on_behalf_of)
                    raise
                renewed = True
                self._rewind(request, error)
            except ZendeskError as error:
                error.repeated = uncertain
                uncertain = request.changes and may_be_applied(error)
                delay = self.retry.delay(request, error, attempt)
                if delay is None:
                    if uncertain:
                        explain_uncertainty(error, request)
                    raise
                self._rewind(request, error)
                self._announce(request, error, delay)
                attempt += 1
                pause(self.clock, delay)
            else:
                return _repeated(answer) if uncertain else answer

    @staticmethod
    def _rewind(request: Request, error: ZendeskError) -> None:
        """Put a file back to its beginning, or raise the error if that is impossible."""
        if request.body is not None and not request.body.rewind():
            explain(error, _ONE_WAY)
            raise error

    def _authorization(self) -> Authorization:
        if self.credentials is None:
            own: Authorization = self._wire_module().OWN
            return own
        return self.credentials.authorization()

    def _renew(self, error: AuthenticationFailed, sent: Authorization, *, renewed: bool) -> bool:
        """Return whether there are others to try after a 401, other than for a missing scope."""
        if self.credentials is None or error.code != _INVALID_TOKEN:
            return False
        header = sent if isinstance(sent, str) else None
        if renewed:
            return self.credentials.suspend(header)
        if self.on_behalf_of is not None and self.credentials.is_alive(header):
            # Zendesk rejects an unknown user with the same words as an expired token.
            return False
        return self.credentials.renew(header)

    def _follow(self, request: Request, authorization: Authorization) -> Response:
        for _ in range(_MOST_REDIRECTS):
            response, target = self._attempt(request, authorization)
            if target is None:
                return response
            target = resolve(f"{self.base_url}{request.path}", target)
            if not self.at_home(target):
                raise self._foreign(target)
            request = evolve(request, path=self.local(target), params=())
        raise ForeignHost(f"{shown(request.path)} redirects in a circle")

    def _attempt(
        self, request: Request, authorization: Authorization
    ) -> tuple[Response, str | None]:
        """Send once; return the answer, and the target when it is a redirect."""
        status, headers, body = self._told(
            request, lambda request: self._wired().exchange(request, authorization)
        )
        return self._read(request, status, headers, body)

    def _arrived(self, request: Request, authorization: Authorization) -> Incoming:
        """Follow redirects to where a file is, and return the answer that holds it."""
        link, home = resolve(self.base_url, request.path), True
        for _ in range(_MOST_REDIRECTS):
            # Who was sent away does not come back as somebody who has credentials.
            home = home and self.at_home(link)
            if home:
                hop = evolve(request, path=self.local(link))
            else:
                headers = {k: v for k, v in request.headers.items() if k != ON_BEHALF_OF}
                hop = evolve(request, path=without_user(link), headers=headers)
            answer = self._opened(hop, authorization, home=home)
            if not 300 <= answer.status < 400:
                return answer
            answer.close()
            link = resolve(link, check_redirect(hop, answer.status, answer.headers))
        raise ForeignHost(f"{shown(request.path)} redirects in a circle")

    def _opened(self, request: Request, authorization: Authorization, *, home: bool) -> Incoming:
        """Send once; return an answer that is a success or a redirect."""

        def opened(request: Request) -> tuple[int, Mapping[str, str], Incoming]:
            incoming = self._wired().open(request, authorization)
            return incoming.status, incoming.headers, incoming

        status, headers, answer = self._told(request, opened, home=home)
        if 200 <= status < 300 or (300 <= status < 400 and "location" in headers):
            return answer
        with answer:
            # A foreign host may repeat the address, which is signed.
            said = answer.read(_REFUSAL) if home else b""
        request = evolve(request, path=shown(request.path))
        raise failure(request, status, headers, said, self.clock.now())

    def _told(
        self,
        request: Request,
        exchange: Callable[[Request], tuple[int, Mapping[str, str], B]],
        *,
        home: bool = True,
    ) -> tuple[int, Mapping[str, str], B]:
        """Exchange, with the signals before and after."""
        started = self.clock.now()
        visible = request.redacted()
        announce(signals.request_started, self.alias, request=visible)
        status = 0
        try:
            self._count()
            status, headers, body = exchange(request)
            if home:
                self.quota.read(headers)
            return status, headers, body
        finally:
            seconds = self.clock.now() - started
            announce(
                signals.request_finished,
                self.alias,
                request=visible,
                status=status,
                seconds=seconds,
            )

    def _read(
        self, request: Request, status: int, headers: Mapping[str, str], body: bytes
    ) -> tuple[Response, str | None]:
        if 200 <= status < 300:
            return Response(status, headers, decoded(request, status, headers, body)), None
        if 300 <= status < 400 and request.method == "GET" and "location" in headers:
            return Response(status, headers, None), check_redirect(request, status, headers)
        raise failure(request, status, headers, body, self.clock.now())

    def _count(self) -> None:
        self.sent += 1
        if self._main is not None:
            self._main._count()

    def _wired(self) -> Wire:
        if self._main is not None:
            return self._main._wired()
        with self._lock:
            self._leave_parent()
            make = self._wire_module().Wire
            self._wire = self._wire or make(self.base_url, self._session, self._limits)
            return cast("Wire", self._wire)

    @staticmethod
    def _wire_module() -> Any:
        # Seam: `requests` costs more to import than the rest of the library.
        return importlib.import_module("zendesk_orm.http.wire")

    def _leave_parent(self) -> None:
        """Drop the connections that a forked child inherited: two readers would mix responses."""
        if self._process != os.getpid():
            if self._wire is not None:
                self._wire.abandon()
            self._wire, self._process = None, os.getpid()

    def _announce(self, request: Request, error: ZendeskError, delay: float) -> None:
        request = request.redacted()
        if isinstance(error, RateLimited):
            announce(signals.rate_limited, self.alias, request=request, delay=delay)
        announce(signals.retrying, self.alias, request=request, delay=delay, reason=error)

    def __repr__(self) -> str:
        return f"<Transport to {self.base_url} as {self.credentials!r}>"


def _repeated(answer: T) -> T:
    """Return a response that is marked as the response to a repeated request."""
    if isinstance(answer, Response):
        return cast("T", evolve(answer, repeated=True))
    return answer
