"""The seam to `requests`: the one place that loads it, when the first request goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from zendesk_orm.errors import (
    ConnectFailed,
    ConnectionLost,
    MalformedResponse,
    RequestTimeout,
    ResponseTooLarge,
    TransportError,
    ZendeskError,
)
from zendesk_orm.http.bodies import Interrupted
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.limits import Limits
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.secret import Secret, SecretBytes
from zendesk_orm.http.values import encode


if TYPE_CHECKING:
    from typing_extensions import Self


class Own(Enum):
    """Stands for the credentials that a `requests.Session` has by itself."""

    OWN = "own"


OWN = Own.OWN
Authorization = Secret | None | Own

#: What the libraries below raise. `requests` parses the target of each redirect, even if it does
#: not follow it, and raises a plain `ValueError` for one that is invalid.
_FAILURES = (requests.RequestException, HTTPError, ValueError)
#: The encodings that are requested, and what urllib3 can decode in small pieces in all versions.
_ENCODINGS = "gzip, deflate"
_DECODED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
#: Bytes that are read at once: of an encoded body few, because each may stand for a thousand.
_PIECE, _ENCODED_PIECE = 256 * 1024, 16 * 1024


#: Bytes arrive in real time, whatever clock waits are done on.
_CLOCK = Clock()


class Incoming:
    """An answer whose body is read as it arrives. `with` lets go of the connection at the end.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
    """

    def __init__(self, request: Request, response: requests.Response) -> None:
        self.status = response.status_code
        self.headers = _lowered(response)
        self._request = request
        self._response = response

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many, or b"" at the end.

        Raises:
            ConnectionLost: the connection broke under way.
            RequestTimeout: no more came in time.
        """
        try:
            piece: bytes = self._response.raw.read(size, decode_content=True)
        except _FAILURES as error:
            failed = _translated(self._request, error)
        else:
            return piece
        # Out here the failure has no context, which would show the whole address.
        raise failed

    def close(self) -> None:
        """Let go of the connection; it breaks where something was left unread."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Wire:
    """One `requests.Session` and one host: bytes out, bytes in."""

    def __init__(
        self,
        base_url: str,
        session: requests.Session | None,
        limits: Limits,
    ) -> None:
        self._base = base_url
        self._limits = limits
        self.session = session if session is not None else _plain_session()
        # Reading the environment costs as much as a small request, so it is done once.
        self._settings = self.session.merge_environment_settings(base_url, {}, True, None, None)

    def exchange(
        self, request: Request, authorization: Authorization
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send the request and return status, headers by lower-case name, and body.

        Args:
            request: what to send.
            authorization: the `Authorization` header; None for none, and `OWN` for what the
                `requests.Session` sends by itself.

        Raises:
            ConnectFailed: no connection was made.
            RequestTimeout: the response did not come in time.
            ConnectionLost: the connection broke under way.
            ResponseTooLarge: the body is larger than allowed.
            MalformedResponse: the body has an encoding that was not requested.
        """
        prepared = self._prepared(request, authorization)
        try:
            started = _CLOCK.monotonic()
            body, response = self._read(request, self._sent(prepared), started)
        except Interrupted as stop:
            raise stop.error from None
        except ZendeskError:
            raise
        except _FAILURES as error:
            failed = _translated(request, error)
        else:
            if request.confidential:
                body = SecretBytes(body)
            return response.status_code, _lowered(response), body
        # Raised outside `except`: the frames of `__context__` hold the header and the body.
        raise failed

    def open(self, request: Request, authorization: Authorization) -> Incoming:
        """Send the request and return the answer, of which only the headers were read.

        A link to another host is asked by a stranger: nothing of the account goes along.

        Raises:
            ConnectFailed, RequestTimeout, ConnectionLost: as `exchange` does.
        """
        try:
            if request.path.startswith("/"):
                response = self._sent(self._prepared(request, authorization))
            else:
                response = self._sent_elsewhere(request)
        except _FAILURES as error:
            failed = _translated(request, error)
        else:
            return Incoming(request, response)
        raise failed

    def _read(
        self, request: Request, response: requests.Response, started: float
    ) -> tuple[bytes, requests.Response]:
        """Return the body and the response, within the limits of time and size.

        Args:
            request: what was sent.
            response: of which only the headers were read.
            started: when the request was sent.
        """
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        most, seconds = self._limits.max_response_bytes, self._limits.response_timeout
        pieces, size, complete = [], 0, False
        try:
            if encoding not in _DECODED:
                what = f"the body is encoded as {encoding!r}, which was not requested"
                raise MalformedResponse(
                    request.method, shown(request.path), response.status_code, description=what
                )
            read = _reader(response.raw)
            amount = _ENCODED_PIECE if encoding else _PIECE
            while piece := read(amount):
                pieces.append(piece)
                size += len(piece)
                if most is not None and size > most:
                    raise _too_large(request, response.status_code, most)
                if seconds is not None and _CLOCK.monotonic() - started > seconds:
                    raise RequestTimeout(
                        f"{request.method} {shown(request.path)}: the response was not complete "
                        f"after {seconds:g} seconds (response_timeout)"
                    )
            complete = True
        finally:
            if not complete:
                response.close()
        response.raw.release_conn()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), response

    def _sent(self, prepared: requests.PreparedRequest) -> requests.Response:
        return self.session.send(
            prepared, timeout=self._limits.timeout, allow_redirects=False, **self._settings
        )

    def _sent_elsewhere(self, request: Request) -> requests.Response:
        stranger = _stranger(self.session)
        outgoing = requests.Request(request.method, request.path, headers=dict(request.headers))
        prepared = stranger.prepare_request(outgoing)
        settings = stranger.merge_environment_settings(request.path, {}, True, None, None)
        timeout = self._limits.timeout
        return stranger.send(prepared, timeout=timeout, allow_redirects=False, **settings)

    def _prepared(self, request: Request, authorization: Authorization) -> requests.PreparedRequest:
        prepared = self.session.prepare_request(self._outgoing(request, authorization))
        if request.body is not None and request.body.size != 0:
            # Put there afterwards: `requests` takes a file apart, and takes none without a size.
            body: Any = request.body
            prepared.body = body
            if request.body.size is None:
                prepared.headers.pop("Content-Length", None)
            else:
                prepared.headers["Content-Length"] = str(request.body.size)
        return prepared

    def _outgoing(self, request: Request, authorization: Authorization) -> requests.Request:
        headers: dict[str, str | None] = {
            "Accept": "application/json",
            "Accept-Encoding": _ENCODINGS,
        }
        if authorization is not OWN:
            # None takes away what the session would send.
            headers["Authorization"] = authorization
        headers.update(request.headers)
        data = None
        if request.json is not None:
            headers.setdefault("Content-Type", "application/json")
            data = encode(request.json)
        return requests.Request(
            request.method,
            self._base + request.path,
            params=request.params or None,
            headers=headers,
            data=data,
            # Without any, `requests` would replace the header by what the user's netrc has.
            auth=self.session.auth if authorization is OWN and self.session.auth else _no_auth,
        )

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def abandon(self) -> None:
        """Let go of the connections without closing them, whose locks another process may hold."""
        for adapter in self.session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                # Unpickling makes its pools anew.
                unpickle: Any = getattr(adapter, "__setstate__")  # noqa: B009
                unpickle({name: getattr(adapter, name, None) for name in adapter.__attrs__})
        self.session.cookies = self.session.cookies.copy()


def _reader(raw: Any) -> Callable[[int], bytes]:
    """Return the function that reads at most so many decoded bytes; b"" at the end.

    `read1()` returns what has arrived, so that a deadline holds for a body that comes byte by byte.
    Others than urllib3's own responses, and old versions of urllib3, may not have it.
    """
    at_once = type(raw) is HTTPResponse and hasattr(raw, "read1")
    if at_once and hasattr(getattr(raw, "_fp", None), "read1"):
        return lambda size: raw.read1(size, decode_content=True) or b""
    return lambda size: raw.read(size, decode_content=True) or b""


def _too_large(request: Request, status: int, most: int) -> ResponseTooLarge:
    what = (
        f"the body has more than {most:,} bytes, and the rest was not read; request fewer rows, or "
        "allow more with connect(max_response_bytes=)"
    )
    return ResponseTooLarge(request.method, shown(request.path), status, description=what)


def _plain_session() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_maxsize=32, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    _refuse_cookies(session)
    return session


def _refuse_cookies(session: requests.Session) -> None:
    """Let a session keep no cookies: one that was set for one user would be sent for another."""
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


def _stranger(own: requests.Session) -> requests.Session:
    """Return a session that finds its way to other hosts, and knows nothing of the account.

    Proxies, trusted authorities and adapters are those of the own session; its
    headers, cookies, credentials and client certificate are not.
    """
    session = requests.Session()
    session.trust_env, session.proxies, session.verify = own.trust_env, own.proxies, own.verify
    session.adapters = own.adapters
    # Without any, `requests` would send what the user's netrc has for the host.
    session.auth = _no_auth
    _refuse_cookies(session)
    return session


def _no_auth(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _lowered(response: requests.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _translated(request: Request, error: Exception) -> TransportError:
    """Return the exception of ours that a failure below stands for."""
    if isinstance(error, requests.ConnectTimeout):
        return ConnectFailed(_said(f"{_host(error)} did not accept a connection", request, error))
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return RequestTimeout(_said(f"{_host(error)} did not answer in time", request, error))
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        if _was_sent(error):
            return ConnectionLost(_said("the connection broke", request, error))
        what = f"cannot connect to {_host(error)}, check the address and the network"
        return ConnectFailed(_said(what, request, error))
    return ConnectionLost(_said("the exchange failed", request, error))


def _was_sent(error: Any) -> bool:
    """Tell whether the request had left when the connection failed."""
    if isinstance(error, HTTPError):
        return True
    return any(isinstance(argument, ProtocolError) for argument in error.args)


def _said(what: str, request: Request, error: Exception) -> str:
    return f"{request.method} {shown(request.path)}: {what} ({_reason(error)})"


def _host(error: Any) -> str:
    """Return the host, and the port, of the request that failed."""
    sent = getattr(error, "request", None)
    return urlsplit(getattr(sent, "url", None) or "").netloc.rpartition("@")[2] or "the host"


def _reason(error: BaseException) -> str:
    """Return why a connection failed in the words of the operating system, or else the class.

    The libraries' own texts can hold the query.
    """
    found: Any = error
    while isinstance(found, BaseException):
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
        nested = (getattr(found, "reason", None), *found.args, found.__cause__)
        found = next((each for each in nested if isinstance(each, BaseException)), None)
    return type(error).__name__
