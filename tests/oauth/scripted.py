"""A server on a socket whose token endpoint returns scripted responses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define, field


if TYPE_CHECKING:
    from typing_extensions import Self


@define
class Reply:
    """A response of the server.

    Attributes:
        data: the JSON of the body, or the bytes of an invalid body.
        status: its status.
        headers: its headers.
        lost: whether the connection is closed without a response.
    """

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(factory=dict)
    lost: bool = False

    @property
    def body(self) -> bytes:
        """The bytes of the body."""
        return self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()


def pair(number: int, **values: Any) -> dict[str, Any]:
    """Return the response to a successful token request; values of `...` are omitted."""
    answer = {
        "access_token": f"S3CRET-access-{number}",
        "refresh_token": f"S3CRET-refresh-{number}",
        "token_type": "bearer",
        "scope": "read write",
        "expires_in": 300,
        **values,
    }
    return {name: value for name, value in answer.items() if value is not ...}


class ScriptedServer:
    """A server with a scripted token endpoint, whose API accepts the living tokens.

    Attributes:
        answer: returns the reply to the body of a token request and its number, from 1 on.
        alive: the access tokens that calls are accepted with; None for all.
        calls: the calls of the API, as method, path and `Authorization` header.
        token_requests: the bodies of the token requests.
        headers: the headers of all requests.
        connections: the number of opened connections.
        current: returns the reply to `GET /api/v2/oauth/tokens/current`.
    """

    def __init__(self, answer: Callable[[dict[str, Any], int], Reply]) -> None:
        self.answer = answer
        self.alive: set[str] | None = None
        self.calls: list[tuple[str, str, str]] = []
        self.token_requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.current: Callable[[], Reply] = lambda: Reply({"token": {}})
        self.rows = Reply({"groups": [], "meta": {"has_more": False}, "count": 0})
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Bound", (_Handler,), {"to": self})
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        """Return the response to a request."""
        self.headers.append(dict(headers))
        if path.startswith("/oauth/tokens"):
            self.token_requests.append(json.loads(body or b"{}"))
            return self.answer(self.token_requests[-1], len(self.token_requests))
        sent = headers.get("Authorization", "")
        self.calls.append((method, path.partition("?")[0], sent))
        if self.alive is not None and sent.removeprefix("Bearer ") not in self.alive:
            return Reply({"error": "invalid_token"}, 401)
        return self.current() if path == "/api/v2/oauth/tokens/current" else self.rows


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    to: ClassVar[ScriptedServer]

    def setup(self) -> None:
        """Count the connection."""
        self.to.connections += 1
        super().setup()

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        reply = self.to.reply(self.command, self.path, self.headers, self.rfile.read(size))
        if reply.lost:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_DELETE = do_PUT = _serve  # noqa: N815 - the names of the base class

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
