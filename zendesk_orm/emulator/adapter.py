"""The emulator in place of the network: a `requests` adapter that calls a WSGI application."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from zendesk_orm.emulator.faults import Dropped


#: A WSGI application.
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class EmulatorAdapter(BaseAdapter):
    """Answers requests without a connection.

    ::

        session = requests.Session()
        session.mount("https://", EmulatorAdapter(emulator.wsgi))

    Args:
        application: what answers.
    """

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature of requests
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002 - likewise
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the answer of the application.

        Raises:
            requests.ConnectionError: the connection is to break, as from a server that
                went away after it had read the request.
        """
        status = ""
        headers = HTTPHeaderDict()

        def start_response(told: str, pairs: list[tuple[str, str]], exc: Any = None) -> None:
            nonlocal status
            status = told
            for name, value in pairs:
                headers.add(name, value)

        try:
            body = b"".join(self._application(_environ(request), start_response))
        except Dropped:
            broken = ProtocolError("Connection aborted.", ConnectionResetError())
            raise requests.ConnectionError(broken, request=request) from None
        return _response(request, status, headers, body)

    def close(self) -> None:
        """Do nothing: there is no connection, and the rows outlive the session."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI hands text on as bytes that look like Latin-1.
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc.rpartition("@")[2],
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    given: Mapping[str, Any] = request.headers
    for name, value in given.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return environ


def _response(
    request: requests.PreparedRequest, status: str, headers: HTTPHeaderDict, body: bytes
) -> requests.Response:
    code, _, reason = status.partition(" ")
    response = requests.Response()
    response.status_code = int(code)
    response.reason = reason
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = "utf-8"
    response.url = request.url or ""
    response.request = request
    response.raw = HTTPResponse(
        io.BytesIO(body),
        headers=headers,
        status=int(code),
        reason=reason,
        preload_content=False,
        # The answer to HEAD has the length of a body, and no body.
        request_method=request.method,
    )
    return response
