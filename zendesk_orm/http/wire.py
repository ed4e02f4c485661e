"""The seam to `requests`: the one place that loads it, when the first request goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from zendesk_orm.errors import ConnectFailed, ConnectionLost, RequestTimeout, TransportError
from zendesk_orm.http.auth import Credentials
from zendesk_orm.http.bodies import Interrupted
from zendesk_orm.http.request import Request, shown


if TYPE_CHECKING:
    from typing_extensions import Self

#: What the libraries below raise.
_FAILURES = (requests.RequestException, HTTPError)


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
        credentials: Credentials | None,
        session: requests.Session | None,
        timeout: tuple[float, float],
    ) -> None:
        self._base = base_url
        self._auth = None if credentials is None else _Authorization(base_url, credentials)
        self._timeout = timeout
        self.session = session if session is not None else _plain_session()
        # Reading the environment costs as much as a small request, so it is done once.
        self._settings = self.session.merge_environment_settings(base_url, {}, True, None, None)

    def exchange(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        """Send the request and return status, headers by lower-case name, and body.

        Raises:
            ConnectFailed: no connection was made.
            RequestTimeout: the answer did not come in time.
            ConnectionLost: the connection broke under way.
        """
        prepared = self._prepared(request)
        try:
            response = self._sent(prepared)
            # One read of the whole body: `response.content` joins small pieces instead.
            body = response.raw.read(decode_content=True)
            response.raw.release_conn()
        except Interrupted as stop:
            raise stop.error from None
        except _FAILURES as error:
            raise _translated(request, error) from error
        return response.status_code, _lowered(response), body

    def open(self, request: Request) -> Incoming:
        """Send the request and return the answer, of which only the headers were read.

        A link to another host is asked by a stranger: nothing of the account goes along.

        Raises:
            ConnectFailed, RequestTimeout, ConnectionLost: as `exchange` does.
        """
        try:
            if request.path.startswith("/"):
                response = self._sent(self._prepared(request))
            else:
                response = self._sent_elsewhere(request)
        except (*_FAILURES, ValueError) as error:
            # `requests` looks at where a redirect leads, and stumbles where that is no address.
            failed = _translated(request, error)
        else:
            return Incoming(request, response)
        raise failed

    def _sent(self, prepared: requests.PreparedRequest) -> requests.Response:
        return self.session.send(
            prepared, timeout=self._timeout, allow_redirects=False, **self._settings
        )

    def _sent_elsewhere(self, request: Request) -> requests.Response:
        stranger = _stranger(self.session)
        outgoing = requests.Request(request.method, request.path, headers=dict(request.headers))
        prepared = stranger.prepare_request(outgoing)
        settings = stranger.merge_environment_settings(request.path, {}, True, None, None)
        return stranger.send(prepared, timeout=self._timeout, allow_redirects=False, **settings)

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        prepared = self.session.prepare_request(self._outgoing(request))
        if request.body is not None and request.body.size != 0:
            # Put there afterwards: `requests` takes a file apart, and takes none without a size.
            body: Any = request.body
            prepared.body = body
            if request.body.size is None:
                prepared.headers.pop("Content-Length", None)
            else:
                prepared.headers["Content-Length"] = str(request.body.size)
        return prepared

    def _outgoing(self, request: Request) -> requests.Request:
        headers = {"Accept": "application/json", **request.headers}
        data = None
        if request.json is not None:
            headers.setdefault("Content-Type", "application/json")
            data = json.dumps(request.json, separators=(",", ":")).encode()
        return requests.Request(
            request.method,
            self._base + request.path,
            params=request.params or None,
            headers=headers,
            data=data,
            auth=self._auth,
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


class _Authorization(AuthBase):
    """Puts the credentials on requests to the account's own host, and on no other."""

    def __init__(self, base_url: str, credentials: Credentials) -> None:
        self._host = urlsplit(base_url)[:2]
        self._credentials = credentials

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        header = self._credentials.header()
        if header is not None and urlsplit(prepared.url or "")[:2] == self._host:
            prepared.headers["Authorization"] = header
        return prepared


def _plain_session() -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_maxsize=32, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _stranger(own: requests.Session) -> requests.Session:
    """Return a session that finds its way to other hosts, and knows nothing of the account.

    Proxies, trusted authorities and adapters are those of the own session; its
    headers, cookies, credentials and client certificate are not.
    """
    session = requests.Session()
    session.trust_env, session.proxies, session.verify = own.trust_env, own.proxies, own.verify
    session.adapters = own.adapters
    # Somebody who is nobody: without, `requests` would look into the user's netrc.
    session.auth = _nobody
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _nobody(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _lowered(response: requests.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _translated(request: Request, error: Exception) -> TransportError:
    """Return the exception of ours that a failure below stands for."""
    if isinstance(error, requests.ConnectTimeout):
        return ConnectFailed(_said("no connection", request, error))
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return RequestTimeout(_said("no answer in time", request, error))
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        kind = ConnectionLost if _was_sent(error) else ConnectFailed
        return kind(_said("the connection failed", request, error))
    return ConnectionLost(_said("the exchange failed", request, error))


def _was_sent(error: Any) -> bool:
    """Tell whether the request had left when the connection failed."""
    if isinstance(error, HTTPError):
        return True
    return any(isinstance(argument, ProtocolError) for argument in error.args)


def _said(what: str, request: Request, error: Exception) -> str:
    # The library's own text can hold the query, so only its kind is told.
    return f"{request.method} {shown(request.path)}: {what} ({type(error).__name__})"
