"""File bodies: they are streamed, and rewound before a retry."""

from __future__ import annotations

import io
import tempfile
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from zendesk_orm import ConnectionLost, InvalidValue, RateLimited, RetryPolicy, connect
from zendesk_orm.http.bodies import CHUNK, FileBody
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.request import Request, redact_path


BYTES = bytes(range(256)) * 1024


class Pipe(io.RawIOBase):
    """A file that can be read only once, because it cannot be rewound."""

    def __init__(self, content: bytes = BYTES) -> None:
        self._remaining = content

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece, self._remaining = self._remaining[:size], self._remaining[size:]
        return piece


class UploadServer:
    """A server that reads bodies piece by piece, and stores them if `store` is true."""

    def __init__(self, answers=(), *, store=True):
        self.requests = []
        responses = [*answers]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805 - `self` is the server
                body, size = b"", 0
                for piece in _read_pieces(handler):
                    size += len(piece)
                    body += piece if store else b""
                self.requests.append((dict(handler.headers), size, body))
                status, headers = responses.pop(0) if responses else (200, {})
                if status is None or handler.close_connection:
                    handler.close_connection = True
                    return
                handler.send_response(status)
                for name, value in {**headers, "Content-Length": "2"}.items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(b"{}")

            def log_message(handler, *args):  # noqa: N805 - `self` is the server
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _read_pieces(handler):
    length = handler.headers.get("Content-Length")
    while length is None and (size := int(handler.rfile.readline(), 16)):
        yield handler.rfile.read(size)
        handler.rfile.readline()
    if length is None:
        handler.rfile.readline()
    remaining = int(length or 0)
    while remaining and (piece := handler.rfile.read(min(remaining, CHUNK))):
        remaining -= len(piece)
        yield piece
    # An incomplete body gets no response.
    handler.close_connection = bool(remaining)


def _send(server, body, **options):
    account = connect(
        base_url=server.url,
        oauth_token="x",
        clock=VirtualClock(),
        retry=RetryPolicy(attempts=options.pop("attempts", 5)),
    )
    try:
        return account.transport.send(Request("POST", "/api/v2/uploads", body=body, **options))
    finally:
        account.close()


# Uploads


@pytest.mark.parametrize("start", [0, 1000, len(BYTES)])
def test_a_file_is_sent_from_its_position(start):
    """A file is sent from its position with its length, and stays open."""
    file = io.BytesIO(BYTES)
    file.seek(start)

    with UploadServer() as server:
        _send(server, FileBody(file))

    ((headers, _, body),) = server.requests
    assert body == BYTES[start:]
    assert headers["Content-Length"] == str(len(BYTES) - start)
    assert "Transfer-Encoding" not in headers
    assert not file.closed


def test_a_file_of_unknown_size_is_sent_in_chunks():
    """A file of unknown size is sent completely, with chunked encoding."""
    with UploadServer() as server:
        _send(server, FileBody(Pipe()))

    ((headers, _, body),) = server.requests
    assert body == BYTES
    assert (headers["Transfer-Encoding"], headers.get("Content-Length")) == ("chunked", None)


def test_a_large_file_is_not_held_in_memory(tmp_path):
    """Sending a file of thirty megabytes needs less than three megabytes of memory."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(30_000_000)

    with UploadServer(store=False) as server, path.open("rb") as file:
        _send(server, FileBody(io.BytesIO(b"warm")))
        tracemalloc.start()
        _send(server, FileBody(file))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert server.requests[-1][1] == 30_000_000
    assert peak < 3_000_000


def test_progress_is_called_after_each_chunk():
    """`progress` is called with sent and total bytes after each chunk."""
    calls = []

    with UploadServer() as server:
        _send(server, FileBody(io.BytesIO(BYTES), progress=lambda *counts: calls.append(counts)))

    steps = range(CHUNK, len(BYTES) + 1, CHUNK)
    assert calls == [(done, len(BYTES)) for done in steps]


# Retries


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_file_is_rewound_before_a_retry(status):
    """A retry sends the same bytes as the first attempt."""
    file = io.BytesIO(BYTES)
    file.seek(10)

    with UploadServer([(status, {"Retry-After": "7"} if status else {})]) as server:
        _send(server, FileBody(file), safe=True)

    assert [body for _, _, body in server.requests] == [BYTES[10:]] * 2


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_file_that_cannot_be_rewound_is_sent_once(status):
    """A file that cannot be rewound is sent once, and the error contains the reason."""
    not_repeated = pytest.raises(Exception, match="was not sent again")
    with (
        UploadServer([(status, {"Retry-After": "7"} if status else {})]) as server,
        not_repeated as caught,
    ):
        _send(server, FileBody(Pipe()), safe=True)

    assert len(server.requests) == 1
    assert isinstance(caught.value, ConnectionLost if status is None else Exception)
    if status == 429:
        assert isinstance(caught.value, RateLimited)
        assert caught.value.retry_after == 7


def test_an_unsafe_post_of_a_file_is_not_repeated():
    """A POST of a file that may have been applied is not repeated."""
    with UploadServer([(None, {})]) as server, pytest.raises(ConnectionLost):
        _send(server, FileBody(io.BytesIO(BYTES)))

    assert len(server.requests) == 1


def test_an_unread_pipe_can_be_rewound():
    """A pipe can be rewound until it is read."""
    pipe = FileBody(Pipe())
    assert pipe.rewind()

    assert bytes(pipe) == BYTES
    assert not pipe.rewind()


# Files that fail


class ShrinkingFile(io.BytesIO):
    """A file that is truncated after its size was determined."""

    def read(self, size=-1):
        """Return the next bytes of the first two chunks."""
        return super().read(size) if self.tell() < 2 * CHUNK else b""


class UnreadableFile(io.BytesIO):
    """A file that raises an error after the first chunk."""

    def read(self, size=-1):
        """Return the first chunk; raise after it."""
        if self.tell():
            raise OSError("the disk broke")
        return super().read(size)


def test_a_file_that_became_shorter_raises():
    """A file that becomes shorter during the upload raises `InvalidValue`."""
    with UploadServer() as server, pytest.raises(InvalidValue, match="shorter"):
        _send(server, FileBody(ShrinkingFile(BYTES)), safe=True)


def test_a_growing_file_is_sent_with_its_first_length(tmp_path):
    """Bytes that are appended to a file after its size was determined are not sent."""
    path = tmp_path / "log"
    path.write_bytes(BYTES)

    with UploadServer() as server, path.open("rb") as file:
        body = FileBody(file)
        with path.open("ab") as appended:
            appended.write(b"more")
        _send(server, body)

    assert server.requests[0][2] == BYTES


def test_an_error_of_the_file_is_raised_unchanged():
    """An error of the file is raised unchanged, and the request is not repeated."""
    with UploadServer() as server, pytest.raises(OSError, match="the disk broke") as caught:
        _send(server, FileBody(UnreadableFile(BYTES)), safe=True)

    assert type(caught.value) is OSError


def test_an_error_of_progress_stops_the_upload():
    """An exception from `progress` is raised unchanged, even if it looks like a lost connection."""

    def stop(done, total):
        raise BrokenPipeError("enough")

    with UploadServer() as server, pytest.raises(BrokenPipeError, match="enough") as caught:
        _send(server, FileBody(io.BytesIO(BYTES), progress=stop), safe=True)

    assert type(caught.value) is BrokenPipeError


def test_a_text_file_is_rejected():
    """A file in text mode raises `InvalidValue` with the remedy."""
    with pytest.raises(InvalidValue, match="binary mode"):
        bytes(FileBody(io.StringIO("text")))


def test_a_body_above_the_limit_is_rejected():
    """A body above `max_bytes` raises, before reading if its size is known."""
    with pytest.raises(InvalidValue, match=r"262144 bytes or more, and 100 are allowed"):
        FileBody(io.BytesIO(BYTES), max_bytes=100)
    with pytest.raises(InvalidValue, match="100 are allowed"):
        bytes(FileBody(Pipe(), max_bytes=100))
    assert bytes(FileBody(Pipe(), max_bytes=len(BYTES))) == BYTES


def test_a_spooled_temporary_file_can_be_rewound():
    """Spooled temporary files can be rewound, also before Python 3.11."""
    with tempfile.SpooledTemporaryFile(max_size=10) as file:
        file.write(BYTES)
        file.seek(5)
        body = FileBody(file)

        assert (len(BYTES) - 5, BYTES[5:]) == (body.size, bytes(body))
        assert body.rewind()
        assert file.tell() == 5


class VirtualFile(io.BytesIO):
    """A file like those in /proc, which report the size 0 although they have content."""

    def seek(self, offset, whence=0):
        """Change the position; the end of the file is reported as position 0."""
        return super().seek(0 if whence else offset, 0)


def test_a_file_with_a_wrong_size_of_zero_is_sent():
    """A file that reports the size 0 is sent completely, as a file of unknown size."""
    body = FileBody(VirtualFile(BYTES))

    assert (body.size, bytes(body)) == (None, BYTES)


def test_a_closed_file_is_rejected():
    """A closed file raises the `ValueError` of Python."""
    file = io.BytesIO(BYTES)
    file.close()

    with pytest.raises(ValueError, match="closed"):
        FileBody(file)


# Representations


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v2/tickets/1", "/api/v2/tickets/1"),
        ("/api/v2/search?query=ann%40example.com", "/api/v2/search"),
        ("/attachments/token/S3CR3T/?name=a.txt", "/attachments/token/.../"),
        ("/api/v2/uploads/S3CR3T.json", "/api/v2/uploads/..."),
        ("https://files.example.com/a/S3CR3T?token=S3CR3T", "https://files.example.com/..."),
        ("https://me:S3CR3T@files.example.com?S3CR3T", "https://files.example.com/..."),
    ],
)
def test_paths_are_displayed_without_secrets(path, expected):
    """The repr of a request contains neither the query nor the token of an attachment."""
    assert redact_path(path) == expected
    assert f"path='{expected}'" in repr(Request("GET", path))
    assert "S3CR3T" not in repr(Request("GET", path))


def test_the_repr_of_a_body_contains_its_size_only():
    """The repr of a body contains its size and none of its bytes."""
    request = Request("POST", "/api/v2/uploads", body=FileBody(io.BytesIO(b"S3CR3T")))

    assert "<Body of 6 bytes>" in repr(request)
    assert "S3CR3T" not in repr(request)
    assert "unknown size" in repr(FileBody(Pipe()))
