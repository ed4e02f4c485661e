"""`send(Request) -> Response`: host, credentials, retries and limits, and nothing else."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from attrs import evolve

from zendesk_orm import signals
from zendesk_orm.errors import ApiError, ForeignHost, RateLimited, ZendeskError
from zendesk_orm.http.auth import Credentials
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.failures import decoded, failure
from zendesk_orm.http.quota import Quota
from zendesk_orm.http.request import Request, Response, shown
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.signals import announce


if TYPE_CHECKING:
    import requests

    from zendesk_orm.http.wire import Incoming, Wire

T = TypeVar("T")
B = TypeVar("B")

#: Redirects that are followed; those of calls only as long as they stay on the account's host.
_MOST_REDIRECTS = 5
#: Bytes that are read of a file's refusal.
_REFUSAL = 64 * 1024
_PORTS = {"https": 443, "http": 80}
_ONE_WAY = "it was not sent again, because the file that was read for it cannot be put back"


class Transport:
    """The way to one account's host.

    Args:
        base_url: `https://acme.zendesk.com`.
        credentials: who asks; None leaves it to `session`.
        alias: the account's name in signals.
        session: an own `requests.Session`; one is made when it is None.
        retry: which failures are tried again.
        timeout: seconds to wait for the connection, and for each read.
        clock: what `Retry-After` is waited on.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | None,
        *,
        alias: str = "default",
        session: requests.Session | None = None,
        retry: RetryPolicy | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        clock: Clock | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.alias = alias
        self.retry = RetryPolicy() if retry is None else retry
        self.clock = clock or Clock()
        self.quota = Quota()
        self.sent = 0
        #: Asked before each request; what it raises keeps the request from being sent.
        self.guard: Callable[[Request], None] | None = None
        self._session = session
        self._timeout = timeout
        self._wire: Wire | None = None
        self._lock = threading.Lock()

    def send(self, request: Request) -> Response:
        """Send the request, again where that is safe, and return the successful answer.

        Raises:
            ApiError: Zendesk refused; the subclass tells how.
            TransportError: no answer came.
            ForeignHost: a link or redirect left the account's host.
        """
        request = evolve(request, path=self.local(request.path))
        return self._again(request, self._follow)

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
        return self._again(request, lambda again: read(self._arrived(again)))

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
            timeout=self._timeout,
            clock=self.clock,
        )
        made.quota = self.quota
        return made

    @property
    def identity(self) -> Hashable:
        """The account's host in one spelling; a session may name the account instead.

        An emulator does, as all emulators have one host.
        """
        named = getattr(self._session, "account_identity", None)
        return _place(self.base_url) if named is None else named

    def at_home(self, link: str) -> bool:
        """Tell whether a link leads to the account's host."""
        return _place(link) == _place(self.base_url)

    def local(self, path: str) -> str:
        """Return the path and query of a link on the account's host.

        Raises:
            ForeignHost: the link leads elsewhere; it would take the credentials along.
        """
        if path.startswith("/") and not path.startswith("//"):
            return path
        link, base = urlsplit(path), urlsplit(self.base_url)
        if link.hostname != base.hostname or link.port != base.port:
            raise ForeignHost(
                f"{link.scheme}://{link.netloc} is not the account's host {base.netloc}: "
                "nothing was sent there"
            )
        return f"{link.path}?{link.query}" if link.query else link.path

    def close(self) -> None:
        """Close the connections; a later request opens them anew."""
        with self._lock:
            if self._wire is not None:
                self._wire.close()
                self._wire = None

    def _again(self, request: Request, send: Callable[[Request], T]) -> T:
        """Send a request, again where that is safe: the one loop of retries."""
        if self.guard is not None:
            self.guard(request)
        attempt = 1
        while True:
            try:
                return send(request)
            except ZendeskError as error:
                delay = self.retry.delay(request, error, attempt)
                if delay is None:
                    raise
                if request.body is not None and not request.body.rewind():
                    _add(error, _ONE_WAY)
                    raise
                self._announce(request, error, delay)
            self.clock.sleep(delay)
            attempt += 1

    def _follow(self, request: Request) -> Response:
        for _ in range(_MOST_REDIRECTS):
            response, target = self._attempt(request)
            if target is None:
                return response
            request = evolve(request, path=self.local(target), params=())
        raise ForeignHost(f"{shown(request.path)} redirects in a circle")

    def _attempt(self, request: Request) -> tuple[Response, str | None]:
        """Send once; return the answer, and the target when it is a redirect."""
        status, headers, body = self._told(request, self._wired().exchange)
        return self._read(request, status, headers, body)

    def _arrived(self, request: Request) -> Incoming:
        """Follow redirects to where a file is, and return the answer that holds it."""
        link, home = _target(self.base_url, request.path), True
        for _ in range(_MOST_REDIRECTS):
            # Who was sent away does not come back as somebody who has credentials.
            home = home and self.at_home(link)
            path = self.local(link) if home else _secure(link)
            answer = self._opened(evolve(request, path=path), home=home)
            if not 300 <= answer.status < 400:
                return answer
            answer.close()
            link = _target(link, answer.headers["location"])
        raise ForeignHost(f"{shown(request.path)} redirects in a circle")

    def _opened(self, request: Request, *, home: bool) -> Incoming:
        """Send once; return an answer that is a success or a redirect."""

        def opened(request: Request) -> tuple[int, Mapping[str, str], Incoming]:
            incoming = self._wired().open(request)
            return incoming.status, incoming.headers, incoming

        status, headers, answer = self._told(request, opened, home=home)
        if 200 <= status < 300 or (300 <= status < 400 and "location" in headers):
            return answer
        with answer:
            # A foreign host may repeat the address, which is signed.
            said = answer.read(_REFUSAL) if home else b""
        raise failure(evolve(request, path=shown(request.path)), status, headers, said)

    def _told(
        self,
        request: Request,
        exchange: Callable[[Request], tuple[int, Mapping[str, str], B]],
        *,
        home: bool = True,
    ) -> tuple[int, Mapping[str, str], B]:
        """Exchange, with the signals before and after."""
        started = self.clock.now()
        announce(signals.request_started, self.alias, request=request)
        status = 0
        try:
            self.sent += 1
            status, headers, body = exchange(request)
            if home:
                self.quota.read(headers)
            return status, headers, body
        finally:
            seconds = self.clock.now() - started
            announce(
                signals.request_finished,
                self.alias,
                request=request,
                status=status,
                seconds=seconds,
            )

    @staticmethod
    def _read(
        request: Request, status: int, headers: Mapping[str, str], body: bytes
    ) -> tuple[Response, str | None]:
        if 200 <= status < 300:
            return Response(status, headers, decoded(request, status, headers, body)), None
        if 300 <= status < 400 and request.method == "GET" and "location" in headers:
            return Response(status, headers, None), headers["location"]
        raise failure(request, status, headers, body)

    def _wired(self) -> Wire:
        with self._lock:
            if self._wire is None:
                # Seam: `requests` costs more to import than the rest of the library.
                module: Any = importlib.import_module("zendesk_orm.http.wire")
                wire: Wire = module.Wire(
                    self.base_url, self.credentials, self._session, self._timeout
                )
                self._wire = wire
            return self._wire

    def _announce(self, request: Request, error: ZendeskError, delay: float) -> None:
        if isinstance(error, RateLimited):
            announce(signals.rate_limited, self.alias, request=request, delay=delay)
        announce(signals.retrying, self.alias, request=request, delay=delay, reason=error)

    def __repr__(self) -> str:
        return f"<Transport to {self.base_url} as {self.credentials!r}>"


def _place(link: str) -> tuple[str, str | None, int | None] | None:
    """Return scheme, host and port of a link, or None when it is none."""
    try:
        parts = urlsplit(link)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def _target(link: str, location: str) -> str:
    """Return where a link leads to from another; what is none stays as it is."""
    try:
        return urljoin(link, location)
    except ValueError:
        return location


def _secure(link: str) -> str:
    """Return a link to another host, without what it says of a user.

    Raises:
        ForeignHost: it is not https.
    """
    place = _place(link)
    if place is None or place[0] != "https" or not place[1]:
        raise ForeignHost(
            f"the file is at {shown(link)}, which is not https: nothing was sent there"
        )
    parts = urlsplit(link)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _add(error: ZendeskError, sentence: str) -> None:
    """Let an error say one thing more."""
    if isinstance(error, ApiError):
        error.description = "; ".join(part for part in (error.description, sentence) if part)
        error.args = (error._sentence(),)
    else:
        error.args = (f"{error}; {sentence}",)
