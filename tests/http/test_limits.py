"""Limits of the size and the duration of responses."""

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


class EncodedServer(BaseAdapter):
    """A server that returns one body with one content encoding."""

    def __init__(self, encoding: str, content: bytes) -> None:
        super().__init__()
        self.encoding, self.content = encoding, content
        self.asked: list[Any] = []

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the response to a request."""
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
        """Do nothing, because no connection is open."""

    def connect(self, **settings: Any) -> Any:
        """Return an account whose requests are sent to this server."""
        session = requests.Session()
        session.mount("https://", self)
        return connect(subdomain="acme", oauth_token="x", session=session, **settings)


def _compress_body(encoding: str, megabytes: int) -> bytes:
    """Return the body of a ticket with a long description."""
    wbits = 31 if encoding == "gzip" else 15
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    pieces = [packer.compress(START)]
    pieces += [packer.compress(b"a" * MEGABYTE) for _ in range(megabytes)]
    return b"".join([*pieces, packer.compress(END), packer.flush()])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_the_limit_applies_to_the_decoded_body(encoding):
    """A compressed body is read up to the limit of its decoded size, in limited memory."""
    server = EncodedServer(encoding, _compress_body(encoding, 100))
    server.connect(max_response_bytes=4 * MEGABYTE)
    tracemalloc.start()

    with pytest.raises(ResponseTooLarge, match="max_response_bytes"):
        Ticket.objects.get(5)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * MEGABYTE
    # The request is not retried, because the response would be equally large.
    assert len(server.asked) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_encodings_that_were_not_requested_are_rejected(encoding):
    """A response with an encoding that was not requested raises `MalformedResponse`."""
    server = EncodedServer(encoding, gzip.compress(START + END))
    server.connect(retry=ONCE)

    with pytest.raises(MalformedResponse, match="was not requested"):
        Ticket.objects.get(5)
    assert server.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_cannot_be_decompressed_raises_malformed_response(encoding):
    """A body that cannot be decompressed raises `MalformedResponse` with its status."""
    server = EncodedServer(encoding, b"no compressed bytes")
    server.connect(retry=ONCE)

    with pytest.raises(MalformedResponse) as raised:
        Ticket.objects.get(5)

    assert raised.value.status == 200
    assert raised.value.__context__ is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_that_is_cut_off_is_no_success(encoding):
    """Wherever the body ends, a save raises, or takes over the values of a complete body."""
    content = _compress_body(encoding, 0)
    complete = 0
    for length in range(1, len(content)):
        EncodedServer(encoding, content[:length]).connect(retry=ONCE)
        ticket = Ticket(id=5, subject="Printer")
        try:
            ticket.save()
        except MalformedResponse:
            continue
        complete += 1
        assert ticket.description == ""
    # Only the checksum at the end may be missing.
    assert complete <= 9


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", ""])
def test_bodies_within_the_limit_are_read(encoding):
    """A body below the limit is read completely."""
    plain = START + b"a" * MEGABYTE + END
    content = _compress_body(encoding, 1) if encoding in ("gzip", "deflate") else plain
    EncodedServer(encoding, content).connect(max_response_bytes=2 * MEGABYTE)

    assert len(Ticket.objects.get(5).description) == MEGABYTE


class SlowHandler(BaseHTTPRequestHandler):
    """A handler that sends a body byte by byte without end."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()

    def do_GET(self) -> None:
        """Return the response to a request."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while not self.stop.wait(0.005):
                self.wfile.write(b" ")
        except OSError:
            # The client has closed the connection, as expected.
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Write nothing."""


@contextmanager
def _serve_slowly() -> Iterator[str]:
    SlowHandler.stop.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        SlowHandler.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_slow_body_ends_at_the_response_timeout():
    """`timeout` limits each read, and `response_timeout` limits the whole response."""
    with _serve_slowly() as address:
        account = connect(
            base_url=address, anonymous=True, retry=ONCE, timeout=(5, 5), response_timeout=0.1
        )

        with pytest.raises(RequestTimeout, match="response_timeout"):
            Ticket.objects.get(5)
        assert account.requests_sent == 1


def test_downloads_have_no_limit():
    """The limits of size and duration do not apply to downloads."""
    server = EncodedServer("identity", b"a" * MEGABYTE)
    account = server.connect(max_response_bytes=1000, response_timeout=1e-9)
    row = {"id": 1, "file_name": "a.txt", "content_url": "https://acme.zendesk.com/a"}

    assert len(Attachment.from_row(row, account.current()).read()) == MEGABYTE


@pytest.mark.parametrize(
    "settings",
    [
        {"response_timeout": 0},
        {"response_timeout": "10"},
        {"response_timeout": float("nan")},
        {"max_response_bytes": 0},
        {"max_response_bytes": 1.5},
    ],
)
def test_limits_must_be_numbers_above_zero(settings):
    """`connect()` rejects limits that are not numbers above 0."""
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        connect(subdomain="acme", oauth_token="x", **settings)
