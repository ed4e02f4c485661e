"""Responses are limited in size and time."""

from __future__ import annotations

import gzip
import io
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from zendesk_orm import (
    Attachment,
    ConfigurationError,
    MalformedResponse,
    RequestTimeout,
    ResponseTooLarge,
    RetryPolicy,
    Ticket,
    connect,
)


MEGABYTE = 1024 * 1024
ONCE = RetryPolicy(attempts=1)
START, END = b'{"ticket": {"id": 5, "description": "', b'"}}'


class Encoded(BaseAdapter):
    """Answers with one body, encoded in one way."""

    def __init__(self, encoding: str, content: bytes) -> None:
        super().__init__()
        self.encoding, self.content = encoding, content
        self.asked: list[Any] = []

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Answer a request."""
        self.asked.append(request)
        response = requests.Response()
        response.status_code = 200
        response.headers["Content-Encoding"] = self.encoding
        response.url, response.request = request.url, request
        headers = {"Content-Encoding": self.encoding}
        response.raw = HTTPResponse(
            io.BytesIO(self.content), headers=headers, preload_content=False
        )
        return response

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def connect(self, **settings: Any) -> Any:
        """Return an account whose requests come here."""
        session = requests.Session()
        session.mount("https://", self)
        return connect(subdomain="acme", oauth_token="x", session=session, **settings)


def _packed(encoding: str, megabytes: int) -> bytes:
    """Return the body of a ticket with a long description."""
    wbits = 31 if encoding == "gzip" else 15
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    pieces = [packer.compress(START)]
    pieces += [packer.compress(b"a" * MEGABYTE) for _ in range(megabytes)]
    return b"".join([*pieces, packer.compress(END), packer.flush()])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_small_body_that_inflates_is_not_read_to_its_end(encoding):
    """The limit holds for the decoded body, and the memory for it is limited, too."""
    server = Encoded(encoding, _packed(encoding, 100))
    server.connect(max_response_bytes=4 * MEGABYTE)
    tracemalloc.start()

    with pytest.raises(ResponseTooLarge, match="max_response_bytes"):
        Ticket.objects.get(5)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * MEGABYTE
    # The next response would be as large.
    assert 1 == len(server.asked)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_encodings_that_were_not_requested_are_rejected(encoding):
    """They cannot be decoded within a limit in all versions of the libraries below."""
    server = Encoded(encoding, gzip.compress(START + END))
    server.connect(retry=ONCE)

    with pytest.raises(MalformedResponse, match="encoded as"):
        Ticket.objects.get(5)
    assert server.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", ""])
def test_bodies_within_the_limit_are_read(encoding):
    """A body of several pieces is complete."""
    plain = START + b"a" * MEGABYTE + END
    content = _packed(encoding, 1) if encoding in ("gzip", "deflate") else plain
    Encoded(encoding, content).connect(max_response_bytes=2 * MEGABYTE)

    assert len(Ticket.objects.get(5).description) == MEGABYTE


class Slow(BaseHTTPRequestHandler):
    """Sends a body byte by byte, and never ends."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()

    def do_GET(self) -> None:
        """Answer a request."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while not self.stop.wait(0.005):
                self.wfile.write(b" ")
        except OSError:
            # The client has gone away, as it is to do.
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Write nothing."""


@contextmanager
def _slow() -> Iterator[str]:
    Slow.stop.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        Slow.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_body_that_comes_byte_by_byte_ends_at_the_deadline():
    """`timeout` holds for each read, `response_timeout` for all of them."""
    with _slow() as address:
        account = connect(
            base_url=address, anonymous=True, retry=ONCE, timeout=(5, 5), response_timeout=0.1
        )

        with pytest.raises(RequestTimeout, match="response_timeout"):
            Ticket.objects.get(5)
        assert 1 == account.requests_sent


def test_downloads_have_no_limit():
    """A file may be larger, and take longer, than a response."""
    server = Encoded("identity", b"a" * MEGABYTE)
    account = server.connect(max_response_bytes=1000, response_timeout=1e-9)
    row = {"id": 1, "file_name": "a.txt", "content_url": "https://acme.zendesk.com/a"}

    assert len(Attachment.from_row(row, account.current()).read()) == MEGABYTE


@pytest.mark.parametrize(
    "given",
    [
        {"response_timeout": 0},
        {"response_timeout": "10"},
        {"response_timeout": float("nan")},
        {"max_response_bytes": 0},
        {"max_response_bytes": 1.5},
    ],
)
def test_limits_must_be_numbers_above_zero(given):
    """Anything else is refused when the account is made known."""
    with pytest.raises(ConfigurationError, match=next(iter(given))):
        connect(subdomain="acme", oauth_token="x", **given)
