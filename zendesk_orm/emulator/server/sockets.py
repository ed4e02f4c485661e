"""The emulator at a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import field, frozen
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

#: The highest port number.
_MAX_PORT = 65_535
#: Seconds for which a server that stops waits for its requests.
_STOP_SECONDS = 5.0


@frozen
class Server:
    """An emulator that is served on a port. It is a context manager that stops at its end."""

    _server: BaseWSGIServer
    _requests: _Requests = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    @classmethod
    def start(cls, host: str, port: int, application: WSGIApplication) -> Server:
        """Start to serve an application in a thread; port 0 chooses a free one.

        Raises:
            InvalidValue: the port is invalid.
        """
        if type(port) is not int or not 0 <= port <= _MAX_PORT:
            raise InvalidValue(f"port must be a number from 0 to {_MAX_PORT}, not {display(port)}")
        requests = _Requests(application)
        server = make_server(host, port, requests, True, 1, _QuietHandler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        return cls(server, requests, thread)

    @property
    def url(self) -> str:
        """The address: `http://127.0.0.1:8080`."""
        return f"http://{self._server.host}:{self._server.port}"

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._thread.join()

    def stop(self) -> None:
        """Stop the server after the requests that it has begun, and close its socket."""
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


class _QuietHandler(WSGIRequestHandler):
    """Handler without a log; `emulator.requests` lists the requests."""

    def run_wsgi(self) -> None:
        """Handle a request; the response to an invalid address has status 400."""
        try:
            urlsplit(self.path)
        except ValueError:
            self.send_error(400)
        else:
            super().run_wsgi()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""
