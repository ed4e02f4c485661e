"""Bodies that are files: read as they go out, put back before they go out again."""

from __future__ import annotations

import io
import tempfile
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from zendesk_orm import ConnectionLost, InvalidValue, RateLimited, RetryPolicy, connect
from zendesk_orm.http.bodies import CHUNK, Body
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.request import Request, shown


BYTES = bytes(range(256)) * 1024


class Pipe(io.RawIOBase):
    """A file that can be read once, from the beginning to the end."""

    def __init__(self, content: bytes = BYTES) -> None:
        self._rest = content

    def readable(self) -> bool:
        """Tell that it is for reading."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


class Sink:
    """A server that takes bodies a piece at a time, keeps what `keep` says, and answers."""

    def __init__(self, answers=(), *, keep=True):
        self.seen = []
        waiting = [*answers]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):  # noqa: N805 - the names around it
                body, size = b"", 0
                for piece in _pieces(handler):
                    size += len(piece)
                    body += piece if keep else b""
                self.seen.append((dict(handler.headers), size, body))
                status, headers = waiting.pop(0) if waiting else (200, {})
                if status is None or handler.close_connection:
                    handler.close_connection = True
                    return
                handler.send_response(status)
                for name, value in {**headers, "Content-Length": "2"}.items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(b"{}")

            def log_message(handler, *args):  # noqa: N805 - likewise
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


def _pieces(handler):
    left = handler.headers.get("Content-Length")
    while left is None and (size := int(handler.rfile.readline(), 16)):
        yield handler.rfile.read(size)
        handler.rfile.readline()
    if left is None:
        handler.rfile.readline()
    left = int(left or 0)
    while left and (piece := handler.rfile.read(min(left, CHUNK))):
        left -= len(piece)
        yield piece
    # A body that was broken off gets no answer.
    handler.close_connection = bool(left)


def _sent(sink, body, **options):
    account = connect(
        base_url=sink.url,
        oauth_token="x",
        clock=VirtualClock(),
        retry=RetryPolicy(attempts=options.pop("attempts", 5)),
    )
    try:
        return account.transport.send(Request("POST", "/api/v2/uploads", body=body, **options))
    finally:
        account.close()


# -- what is sent ------------------------------------------------------------


@pytest.mark.parametrize("start", [0, 1000, len(BYTES)])
def test_a_file_is_sent_from_where_it_is(start):
    """From its present position on, with its length, and it stays open."""
    file = io.BytesIO(BYTES)
    file.seek(start)

    with Sink() as sink:
        _sent(sink, Body(file))

    ((headers, _, body),) = sink.seen
    assert BYTES[start:] == body
    assert str(len(BYTES) - start) == headers["Content-Length"]
    assert "Transfer-Encoding" not in headers
    assert not file.closed


def test_a_file_of_unknown_size_is_sent_in_chunks():
    """What cannot tell its size says so, and arrives whole."""
    with Sink() as sink:
        _sent(sink, Body(Pipe()))

    ((headers, _, body),) = sink.seen
    assert BYTES == body
    assert ("chunked", None) == (headers["Transfer-Encoding"], headers.get("Content-Length"))


def test_a_large_file_is_not_held_in_memory(tmp_path):
    """Thirty megabytes go out through a few chunks."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(30_000_000)

    with Sink(keep=False) as sink, path.open("rb") as file:
        _sent(sink, Body(io.BytesIO(b"warm")))
        tracemalloc.start()
        _sent(sink, Body(file))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert 30_000_000 == sink.seen[-1][1]
    assert peak < 3_000_000


def test_progress_is_told():
    """After each chunk the bytes done and those there are, to the last."""
    told = []

    with Sink() as sink:
        _sent(sink, Body(io.BytesIO(BYTES), progress=lambda *so_far: told.append(so_far)))

    steps = range(CHUNK, len(BYTES) + 1, CHUNK)
    assert [(done, len(BYTES)) for done in steps] == told


# -- again -------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_file_is_put_back_before_it_is_sent_again(status):
    """The second sending has the same bytes as the first, and not an empty rest."""
    file = io.BytesIO(BYTES)
    file.seek(10)

    with Sink([(status, {"Retry-After": "7"} if status else {})]) as sink:
        _sent(sink, Body(file), safe=True)

    assert [BYTES[10:]] * 2 == [body for _, _, body in sink.seen]


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_file_that_cannot_be_put_back_is_sent_once(status):
    """The failure is raised, and says why nothing was tried again."""
    once = pytest.raises(Exception, match="cannot be put back")
    with Sink([(status, {"Retry-After": "7"} if status else {})]) as sink, once as caught:
        _sent(sink, Body(Pipe()), safe=True)

    assert 1 == len(sink.seen)
    assert isinstance(caught.value, ConnectionLost if status is None else Exception)
    if status == 429:
        assert isinstance(caught.value, RateLimited)
        assert 7 == caught.value.retry_after


def test_a_post_that_may_have_been_applied_is_not_sent_again():
    """A file is no reason: what is not safe to repeat is not repeated."""
    with Sink([(None, {})]) as sink, pytest.raises(ConnectionLost):
        _sent(sink, Body(io.BytesIO(BYTES)))

    assert 1 == len(sink.seen)


def test_a_file_that_nothing_was_read_of_needs_no_putting_back():
    """Where no connection was made, a pipe can be sent as well."""
    pipe = Body(Pipe())
    assert pipe.rewind()

    assert BYTES == bytes(pipe)
    assert not pipe.rewind()


# -- files that go wrong -----------------------------------------------------


class Shrinking(io.BytesIO):
    """A file that somebody cuts short after its size was looked at."""

    def read(self, size=-1):
        """Return the next bytes of the first two chunks."""
        return super().read(size) if self.tell() < 2 * CHUNK else b""


class Unreadable(io.BytesIO):
    """A file on a disk that breaks."""

    def read(self, size=-1):
        """Break, after the first chunk."""
        if self.tell():
            raise OSError("the disk broke")
        return super().read(size)


def test_a_file_that_became_shorter_is_an_error():
    """It is no short upload that looks like a success."""
    with Sink() as sink, pytest.raises(InvalidValue, match="shorter"):
        _sent(sink, Body(Shrinking(BYTES)), safe=True)


def test_a_file_that_grows_is_sent_as_long_as_it_was(tmp_path):
    """What was written to it meanwhile is left out, as its length has been told."""
    path = tmp_path / "log"
    path.write_bytes(BYTES)

    with Sink() as sink, path.open("rb") as file:
        body = Body(file)
        with path.open("ab") as more:
            more.write(b"more")
        _sent(sink, body)

    assert BYTES == sink.seen[0][2]


def test_an_error_of_the_files_is_its_own():
    """A disk that breaks is no connection that does, and nothing is sent again."""
    with Sink() as sink, pytest.raises(OSError, match="the disk broke") as caught:
        _sent(sink, Body(Unreadable(BYTES)), safe=True)

    assert OSError is type(caught.value)


def test_progress_can_stop_it():
    """What it raises comes out as it is, even where it looks like the connection's."""

    def stop(done, total):
        raise BrokenPipeError("enough")

    with Sink() as sink, pytest.raises(BrokenPipeError, match="enough") as caught:
        _sent(sink, Body(io.BytesIO(BYTES), progress=stop), safe=True)

    assert BrokenPipeError is type(caught.value)


def test_text_is_no_body():
    """A file that was opened for text says how it should be."""
    with pytest.raises(InvalidValue, match="binary mode"):
        bytes(Body(io.StringIO("text")))


def test_a_limit_is_minded_before_and_under_way():
    """What is known to be too large is not begun; what turns out so is broken off."""
    with pytest.raises(InvalidValue, match=r"262144 bytes or more, and 100 are allowed"):
        Body(io.BytesIO(BYTES), most=100)
    with pytest.raises(InvalidValue, match="100 are allowed"):
        bytes(Body(Pipe(), most=100))
    assert BYTES == bytes(Body(Pipe(), most=len(BYTES)))


def test_files_that_say_nothing_of_seeking_are_tried():
    """Temporary files that begin in memory can be put back, in every version of Python."""
    with tempfile.SpooledTemporaryFile(max_size=10) as file:
        file.write(BYTES)
        file.seek(5)
        body = Body(file)

        assert (len(BYTES) - 5, BYTES[5:]) == (body.size, bytes(body))
        assert body.rewind()
        assert 5 == file.tell()


class MadeUp(io.BytesIO):
    """A file of the system's, which is made up as it is read and says that it is empty."""

    def seek(self, offset, whence=0):
        """Go there, or nowhere when it is the end that is wanted."""
        return super().seek(0 if whence else offset, 0)


def test_a_file_that_says_it_is_empty_and_is_not_is_sent():
    """A file as in /proc has no size, and all its bytes go out."""
    body = Body(MadeUp(BYTES))

    assert (None, BYTES) == (body.size, bytes(body))


def test_a_closed_file_is_refused():
    """Python's own error tells."""
    file = io.BytesIO(BYTES)
    file.close()

    with pytest.raises(ValueError, match="closed"):
        Body(file)


# -- what is shown -----------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/api/v2/tickets/1", "/api/v2/tickets/1"),
        ("/api/v2/search?query=ann%40example.com", "/api/v2/search"),
        ("/attachments/token/S3CR3T/?name=a.txt", "/attachments/token/.../"),
        ("https://files.example.com/a/S3CR3T?token=S3CR3T", "https://files.example.com/..."),
        ("https://me:S3CR3T@files.example.com?S3CR3T", "https://files.example.com/..."),
    ],
)
def test_addresses_are_shown_without_what_opens_them(path, seen):
    """Neither the query nor the word that gives a file away is in a repr."""
    assert seen == shown(path)
    assert f"path='{seen}'" in repr(Request("GET", path))
    assert "S3CR3T" not in repr(Request("GET", path))


def test_a_body_is_not_shown():
    """Its size is all that it tells."""
    request = Request("POST", "/api/v2/uploads", body=Body(io.BytesIO(b"S3CR3T")))

    assert "<Body of 6 bytes>" in repr(request)
    assert "S3CR3T" not in repr(request)
    assert "unknown size" in repr(Body(Pipe()))
