"""The HTTP/1.1 server of the emulator: connections stay open, and errors are JSON."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from zendesk_orm.emulator.storage.store import dump_json


if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: The size of a body in bytes beyond which a request is refused.
MAX_BODY = 200 * 1024 * 1024
#: Seconds after which an idle connection is closed.
IDLE_SECONDS = 60
#: Statuses without a body.
_WITHOUT_BODY = frozenset({204, 304})
_MAX_LINE = 65_536
#: Lengths of bodies and of chunks; `int()` would accept signs, blanks and underscores, too.
_DIGITS = re.compile(r"[0-9]{1,18}")
_HEX_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,15}")


class BadRequest(Exception):
    """A request that cannot be read."""


def _ignore_message(*_: object) -> None:
    """Log nothing."""


class RequestHandler(BaseHTTPRequestHandler):
    """Handles the requests of a connection with a WSGI application.

    It logs nothing; `emulator.log` has the requests.
    """

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    # Responses are written at once, so that waiting for more data only delays them.
    disable_nagle_algorithm = True
    wbufsize = -1
    application: WSGIApplication

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Return the function that handles a method, whatever it is."""
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def respond(self) -> None:
        """Handle a request; the status of one that cannot be read is 400."""
        try:
            environ = self._build_environ(self._read_body())
        except (BadRequest, ValueError):
            self.close_connection = True
            self.send_error(400)
            return
        status, headers = "", []

        def start_response(line: str, pairs: list[tuple[str, str]], exc: Any = None) -> Any:
            nonlocal status, headers
            status, headers = line, pairs

        chunks = self.application(environ, start_response)
        try:
            self._write(status, headers, chunks)
        except OSError:
            # The client, or a fault, has closed the connection.
            self.close_connection = True
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send an error as JSON; the base class would send a page."""
        phrase = message or self.responses.get(code, ("Error",))[0]
        body = dump_json({"error": phrase, "description": explain or phrase}).encode()
        headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ]
        if code >= 400:
            self.close_connection = True
            headers.append(("Connection", "close"))
        self._write(f"{code} {phrase}", headers, [body])

    #: Called with each request and error, which the application logs.
    log_message: Any = _ignore_message

    def _write(self, line: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        """Write a response. The first chunk is sent together with the head."""
        version = "HTTP/1.1" if self.request_version != "HTTP/0.9" else "HTTP/1.0"
        if int(line[:3]) not in _WITHOUT_BODY and not _has_length(headers):
            # The end of the connection is the end of the body.
            self.close_connection = True
        head = [f"{version} {line}", *(f"{name}: {value}" for name, value in headers)]
        if self.close_connection:
            head.append("Connection: close")
        text = "\r\n".join([*head, "", ""]).encode("latin-1")
        self.wfile.write(text)
        if getattr(self, "command", None) != "HEAD" and int(line[:3]) not in _WITHOUT_BODY:
            for chunk in chunks:
                self.wfile.write(chunk)
        self.wfile.flush()

    def _read_body(self) -> bytes:
        """Return the body of the request.

        A request whose headers disagree on the length is refused, since a proxy in between may
        read another one.

        Source: RFC 9112, sections 6 and 7.

        Raises:
            BadRequest: its length is invalid, or the connection ends before it.
        """
        encodings = [text.strip().lower() for text in self.headers.get_all("Transfer-Encoding", [])]
        lengths = {text.strip() for text in self.headers.get_all("Content-Length", [])}
        if encodings:
            if encodings != ["chunked"] or lengths:
                raise BadRequest
            return self._read_chunks()
        if len(lengths) > 1:
            raise BadRequest
        text = lengths.pop() if lengths else "0"
        if not _DIGITS.fullmatch(text) or int(text) > MAX_BODY:
            raise BadRequest
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise BadRequest
        return body

    def _read_chunks(self) -> bytes:
        """Return a body that is sent in chunks."""
        body = io.BytesIO()
        while True:
            line = self.rfile.readline(_MAX_LINE).partition(b";")[0].strip()
            if not _HEX_DIGITS.fullmatch(line):
                raise BadRequest
            size = int(line, 16)
            if body.tell() + size > MAX_BODY:
                raise BadRequest
            if not size:
                break
            chunk = self.rfile.read(size)
            if len(chunk) < size or self.rfile.readline(_MAX_LINE).strip():
                raise BadRequest
            body.write(chunk)
        while self.rfile.readline(_MAX_LINE).strip():
            pass  # Trailers.
        return body.getvalue()

    def _build_environ(self, body: bytes) -> dict[str, Any]:
        """Return the environment of WSGI.

        Raises:
            ValueError: the address is invalid.
        """
        url = urlsplit(self.path)
        address: Any = self.server.server_address
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            # WSGI represents the bytes of the path as Latin-1 text.
            "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
            "QUERY_STRING": url.query,
            "REQUEST_URI": self.path,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": str(address[0]),
            "SERVER_PORT": str(address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
                key = f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ


def _has_length(headers: Iterable[tuple[str, str]]) -> bool:
    """Return True if headers state the length of a body."""
    return any(name.lower() == "content-length" for name, _ in headers)
