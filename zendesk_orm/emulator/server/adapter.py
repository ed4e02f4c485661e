"""An adapter for `requests` that calls a WSGI application instead of using the network."""

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

from zendesk_orm.emulator.server.faults import ConnectionDropped


#: A WSGI application.
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class EmulatorAdapter(BaseAdapter):
    """Sends requests to a WSGI application in the process.

    ::

        session = requests.Session()
        session.mount("https://", EmulatorAdapter(emulator.wsgi))

    Args:
        application: the WSGI application.
    """

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature of requests
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002 - the same
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the response of the application.

        Raises:
            requests.ConnectionError: the connection breaks, as if the server had stopped after
                reading the request.
        """
        status = ""
        headers = HTTPHeaderDict()

        def start_response(line: str, pairs: list[tuple[str, str]], exc: Any = None) -> None:
            nonlocal status
            status = line
            for name, value in pairs:
                headers.add(name, value)

        try:
            body = b"".join(self._application(_build_environ(request), start_response))
        except ConnectionDropped:
            error = ProtocolError("Connection aborted.", ConnectionResetError())
            raise requests.ConnectionError(error, request=request) from None
        return _build_response(request, status, headers, body)

    def close(self) -> None:
        """Do nothing, as the adapter opens no connection."""


def _build_environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI represents the bytes of the path as Latin-1 text.
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
    headers: Mapping[str, Any] = request.headers
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return environ


def _build_response(
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
        decode_content=True,
        # A truncated body is an error, as at a socket.
        enforce_content_length=True,
        # The response to HEAD has the length of a body, and no body.
        request_method=request.method,
    )
    return response
