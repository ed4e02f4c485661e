"""The only module that sends by `requests`; it is loaded for the first request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError, HTTPError

from zendesk_orm.errors import (
    MalformedResponse,
    RequestTimeout,
    ResponseTooLarge,
    ZendeskError,
)
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.bodies import LocalIOError
from zendesk_orm.http.connection_errors import find_error
from zendesk_orm.http.deadlines import CLOCK, DEADLINE, DeadlineAdapter
from zendesk_orm.http.file_requests import DECODED
from zendesk_orm.http.limits import Limits
from zendesk_orm.http.request import Request, redact_path
from zendesk_orm.http.secret import Secret, SecretBytes, reveal
from zendesk_orm.http.values import encode
from zendesk_orm.messages import display


class Own(Enum):
    """Stands for the credentials of the `requests.Session`."""

    OWN = "own"


OWN = Own.OWN
Authorization = Secret | None | Own

#: The exceptions of `requests` and urllib3. `requests` parses the target of each redirect, even if
#: it does not follow it, and raises a plain `ValueError` for an invalid one.
_FAILURES = (requests.RequestException, HTTPError, ValueError)
#: The encodings that are requested.
_ENCODINGS = "gzip, deflate"
#: The sizes in bytes of an empty body in an encoding.
_SMALLEST = {"gzip": 20, "x-gzip": 20, "deflate": 8}
_UNDECODABLE = "the body cannot be decompressed"
#: The lowest statuses of a response that is not followed by another one, and of failures.
_FIRST_FINAL, _FIRST_FAILURE = 200, 300
#: The least number of characters of credentials.
_SHORTEST = 8
_INTERIM = "it is not the final response"
#: Bytes that are read at once; few of an encoded body, because each may expand to a thousand.
_PIECE, _ENCODED_PIECE = 256 * 1024, 16 * 1024


class StreamingResponse:
    """A response whose body is read as it arrives. `with` closes it.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
    """

    def __init__(self, request: Request, response: requests.Response) -> None:
        self.status = response.status_code
        self.headers = _lowercase_headers(response)
        self._request = request
        self._response = response

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, or b"" at the end.

        Raises:
            ConnectionLost: the connection broke.
            RequestTimeout: no bytes arrived in time.
            MalformedResponse: the bytes cannot be decompressed.
        """
        try:
            piece: bytes = self._response.raw.read(size, decode_content=True)
        except DecodeError:
            failed: ZendeskError = _malformed(self._request, self.status, _UNDECODABLE)
        except _FAILURES as error:
            failed = find_error(self._request, error)
        else:
            return piece
        # Raised outside `except`: `__context__` would contain the full URL.
        raise failed

    def close(self) -> None:
        """Release the connection; it is closed if bytes were left unread."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Wire:
    """Sends requests to one host through a `requests.Session`."""

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
            request: the request.
            authorization: the `Authorization` header; None to send none, and `OWN` to send that
                of the `requests.Session`.

        Raises:
            ConnectFailed: no connection was made.
            RequestTimeout: the response was not complete in time.
            ConnectionLost: the connection broke.
            ResponseTooLarge: the body is larger than allowed.
            MalformedResponse: the body has an encoding that was not requested, or cannot be
                decompressed.
        """
        prepared = self._prepare(request, authorization)
        started, seconds = CLOCK.monotonic(), self._limits.response_timeout
        if request.timing is not None:
            seconds = request.timing.limit(seconds)
        token = DEADLINE.set(None if seconds is None else started + seconds)
        try:
            body, response = self._read(request, self._send(request, prepared), started, seconds)
        except LocalIOError as stop:
            raise stop.error from None
        except ZendeskError:
            raise
        except _FAILURES as error:
            failed = find_error(request, error)
            if isinstance(failed, RequestTimeout) and _is_over(started, seconds):
                failed = _too_late(request, seconds)
        else:
            status, headers = response.status_code, _lowercase_headers(response)
            if request.confidential:
                body = SecretBytes(body)
            elif status >= _FIRST_FAILURE or "json" not in headers.get("content-type", ""):
                body = _without_credentials(body, prepared)
            return status, headers, body
        finally:
            DEADLINE.reset(token)
        # Raised outside `except`: the frames of `__context__` hold the header and the body.
        raise failed

    def open(self, request: Request, authorization: Authorization) -> StreamingResponse:
        """Send the request and return the response, of which only the headers were read.

        A link to another host is requested without the account's credentials and cookies.

        Raises:
            ConnectFailed, RequestTimeout, ConnectionLost: as `exchange()`.
        """
        try:
            if request.path.startswith("/"):
                response = self._send(request, self._prepare(request, authorization))
            else:
                response = self._send_to_other_host(request)
        except _FAILURES as error:
            failed = find_error(request, error)
        else:
            if response.status_code >= _FIRST_FINAL:
                return StreamingResponse(request, response)
            response.close()
            failed = _malformed(request, response.status_code, _INTERIM)
        raise failed

    def _read(
        self, request: Request, response: requests.Response, started: float, seconds: float | None
    ) -> tuple[bytes, requests.Response]:
        """Return the body and the response, within the limits of time and size.

        Args:
            request: the request.
            response: its response, of which only the headers were read.
            started: when the request was sent.
            seconds: the time for the response, or None.
        """
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        max_bytes = self._limits.max_response_bytes
        pieces, size, complete, problem = [], 0, False, ""
        try:
            if response.status_code < _FIRST_FINAL:
                # The final response would be taken for that of the next request.
                raise _malformed(request, response.status_code, _INTERIM)
            if encoding not in DECODED:
                problem = f"the encoding {display(encoding)} was not requested"
                raise _malformed(request, response.status_code, problem)
            read = _reader(response.raw)
            amount = _ENCODED_PIECE if encoding else _PIECE
            while piece := read(amount):
                pieces.append(piece)
                size += len(piece)
                if max_bytes is not None and size > max_bytes:
                    raise _too_large(request, response.status_code, max_bytes)
                if _is_over(started, seconds):
                    raise _too_late(request, seconds)
            complete = True
            if not size and _is_cut_off(response.raw, encoding):
                problem = _UNDECODABLE
        except DecodeError:
            # Raised below: the frames of `__context__` hold the body.
            problem = _UNDECODABLE
        finally:
            if not complete:
                response.close()
        if problem:
            raise _malformed(request, response.status_code, problem)
        response.raw.release_conn()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), response

    def _send(self, request: Request, prepared: requests.PreparedRequest) -> requests.Response:
        timeout = self._limits.timeout
        if request.timing is not None:
            timeout = request.timing.shorten(timeout)
        return self.session.send(prepared, timeout=timeout, allow_redirects=False, **self._settings)

    def _send_to_other_host(self, request: Request) -> requests.Response:
        clean = _clean_session(self.session)
        outgoing = requests.Request(request.method, request.path, headers=dict(request.headers))
        prepared = clean.prepare_request(outgoing)
        settings = clean.merge_environment_settings(request.path, {}, True, None, None)
        timeout = self._limits.timeout
        if request.timing is not None:
            timeout = request.timing.shorten(timeout)
        return clean.send(prepared, timeout=timeout, allow_redirects=False, **settings)

    def _prepare(self, request: Request, authorization: Authorization) -> requests.PreparedRequest:
        prepared = self.session.prepare_request(self._build_request(request, authorization))
        if request.body is not None and request.body.size != 0:
            # Set afterwards: `requests` reads attributes of a file, and needs its size.
            body: Any = request.body
            prepared.body = body
            if request.body.size is None:
                prepared.headers.pop("Content-Length", None)
            else:
                prepared.headers["Content-Length"] = str(request.body.size)
        return prepared

    def _build_request(self, request: Request, authorization: Authorization) -> requests.Request:
        headers: dict[str, str | None] = {
            "Accept": "application/json",
            "Accept-Encoding": _ENCODINGS,
        }
        if authorization is not OWN:
            # None removes the header of the session.
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
            # Without `auth`, `requests` would send credentials from the netrc file instead.
            auth=self.session.auth if authorization is OWN and self.session.auth else _no_auth,
        )

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def abandon(self) -> None:
        """Drop the connections without closing them: another process may hold their locks."""
        for adapter in self.session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                # Unpickling an adapter creates new pools.
                unpickle: Any = getattr(adapter, "__setstate__")  # noqa: B009 - it has no type
                unpickle({name: getattr(adapter, name, None) for name in adapter.__attrs__})
        self.session.cookies = self.session.cookies.copy()


def _reader(raw: Any) -> Callable[[int], bytes]:
    """Return the function that reads up to a number of decoded bytes; b"" at the end.

    `read1()` returns the bytes that have arrived, so that a deadline is kept even if a body
    arrives byte by byte. Old versions of urllib3, and other responses, do not have it.
    """
    at_once = type(raw) is HTTPResponse and hasattr(raw, "read1")
    if at_once and hasattr(getattr(raw, "_fp", None), "read1"):
        return lambda size: raw.read1(size, decode_content=True) or b""
    return lambda size: raw.read(size, decode_content=True) or b""


def _is_cut_off(raw: Any, encoding: str) -> bool:
    """Return whether an encoded body without content is shorter than the encoding of nothing."""
    received = raw.tell() if hasattr(raw, "tell") else 0
    return 0 < received < _SMALLEST.get(encoding, 0)


def _is_over(started: float, seconds: float | None) -> bool:
    """Return True if the time for a response is over."""
    return seconds is not None and CLOCK.monotonic() - started >= seconds


def _too_late(request: Request, seconds: float | None) -> RequestTimeout:
    is_limited = request.timing is not None and request.timing.moment is not None
    limit = "the deadline of the request" if is_limited else "response_timeout"
    return RequestTimeout(
        f"{request.method} {redact_path(request.path)}: the response was not complete after "
        f"{seconds:g} seconds ({limit})"
    )


def _malformed(request: Request, status: int, problem: str) -> MalformedResponse:
    path = redact_path(request.path)
    return MalformedResponse(request.method, path, status, description=problem)


def _too_large(request: Request, status: int, max_bytes: int) -> ResponseTooLarge:
    problem = (
        f"the body has more than {max_bytes:,} bytes, and the remainder was not read; request "
        "fewer rows, or allow more with connect(max_response_bytes=)"
    )
    return ResponseTooLarge(request.method, redact_path(request.path), status, description=problem)


class _Session(requests.Session):
    """A session that leaves redirects to the transport; others raise for invalid targets."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: no redirect is followed."""
        return None


def _plain_session() -> requests.Session:
    session = _Session()
    adapter = DeadlineAdapter(pool_maxsize=32, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    _refuse_cookies(session)
    return session


def _refuse_cookies(session: requests.Session) -> None:
    """Make a session ignore cookies: one that was set for one user would be sent for another."""
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


def _clean_session(original: requests.Session) -> requests.Session:
    """Return a session for other hosts, without anything that identifies the account.

    It has the proxies, trusted authorities and adapters of the account's session, but not its
    headers, cookies, credentials and client certificate.
    """
    session = requests.Session()
    session.trust_env, session.proxies, session.verify = (
        original.trust_env,
        original.proxies,
        original.verify,
    )
    session.adapters = original.adapters
    # Without `auth`, `requests` would send credentials from the netrc file.
    session.auth = _no_auth
    _refuse_cookies(session)
    return session


def _no_auth(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _without_credentials(body: bytes, prepared: requests.PreparedRequest) -> bytes:
    """Return a body without the credentials of its request, which pages of proxies repeat."""
    header: Any = prepared.headers.get("Authorization") or b""
    value: bytes = header if isinstance(header, bytes) else reveal(header).encode()
    credentials = value.partition(b" ")[2]
    # Shorter ones are those of tests, and parts of words.
    return body.replace(credentials, b"...") if len(credentials) >= _SHORTEST else body


def _lowercase_headers(response: requests.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
