"""The emulator at a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from werkzeug.wsgi import ClosingIterator

from zendesk_orm.emulator.server.handler import RequestHandler
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The highest port number.
_MAX_PORT = 65_535
#: Seconds for which a server that stops waits for its requests.
_STOP_SECONDS = 5.0
#: The connections that may wait to be accepted.
_BACKLOG = 128


@frozen
class Server:
    """An emulator that is served on a port. It is a context manager that stops at its end."""

    _server: ApplicationServer
    _requests: _Requests = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    @classmethod
    def start(cls, host: str, port: int, application: WSGIApplication) -> Server:
        """Start to serve an application in a thread; port 0 chooses a free one.

        Raises:
            InvalidValue: the port is invalid.
            OSError: the address cannot be used.
        """
        if type(port) is not int or not 0 <= port <= _MAX_PORT:
            raise InvalidValue(f"port must be a number from 0 to {_MAX_PORT}, not {display(port)}")
        requests = _Requests(application)
        server = ApplicationServer(host, port, requests)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        return cls(server, requests, thread)

    @property
    def url(self) -> str:
        """The address: `http://127.0.0.1:8080`."""
        host, port = self._server.server_address[:2]
        text = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{text}:{port}"

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Stop the server after the requests that it has begun, and close all connections."""
        self._server.shutdown()
        self._thread.join()
        self._requests.wait(_STOP_SECONDS)
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


class _Requests:
    """An application that counts the requests whose responses are not sent yet."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._number = 0
        self._changed = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a WSGI request, and count it until its response is sent."""
        with self._changed:
            self._number += 1
        try:
            body = self._application(environ, start_response)
        except BaseException:
            self._finish()
            raise
        return ClosingIterator(body, [self._finish])

    def wait(self, seconds: float) -> None:
        """Wait until all responses are sent, but no longer than a number of seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._number, seconds)

    def _finish(self) -> None:
        with self._changed:
            self._number -= 1
            self._changed.notify_all()


class ApplicationServer(ThreadingHTTPServer):
    """Serves a WSGI application, with a thread for each connection.

    Args:
        host: the name or address to listen at.
        port: the port; 0 for a free one.
        application: the application.

    Raises:
        OSError: the address cannot be used.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = _BACKLOG

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._connections: set[Any] = set()
        handler = type("Handler", (RequestHandler,), {"application": staticmethod(application)})
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind the socket, without looking up the name of the host."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in a thread."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the socket, and the connections that clients keep open."""
        super().server_close()
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a connection that breaks: the client notices it."""
