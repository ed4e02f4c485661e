"""The seam to `requests`: the one place that loads it, when the first request goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from zendesk_orm.errors import ConnectFailed, ConnectionLost, RequestTimeout
from zendesk_orm.http.auth import Credentials
from zendesk_orm.http.request import Request


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
        prepared = self.session.prepare_request(self._outgoing(request))
        try:
            response = self.session.send(
                prepared, timeout=self._timeout, allow_redirects=False, **self._settings
            )
            # One read of the whole body: `response.content` joins small pieces instead.
            body = response.raw.read(decode_content=True)
            response.raw.release_conn()
        except requests.ConnectTimeout as error:
            raise ConnectFailed(_said("no connection", request, error)) from error
        except (requests.Timeout, ReadTimeoutError) as error:
            raise RequestTimeout(_said("no answer in time", request, error)) from error
        except (requests.ConnectionError, HTTPError) as error:
            kind = ConnectionLost if _was_sent(error) else ConnectFailed
            raise kind(_said("the connection failed", request, error)) from error
        except requests.RequestException as error:
            raise ConnectionLost(_said("the exchange failed", request, error)) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status_code, headers, body

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


def _was_sent(error: Any) -> bool:
    """Tell whether the request had left when the connection failed."""
    if isinstance(error, HTTPError):
        return True
    return any(isinstance(argument, ProtocolError) for argument in error.args)


def _said(what: str, request: Request, error: Exception) -> str:
    # The library's own text can hold the query, so only its kind is told.
    return f"{request.method} {request.path.partition('?')[0]}: {what} ({type(error).__name__})"
