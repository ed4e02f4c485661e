"""Downloads: destinations, foreign hosts, and complete files or none."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import os
import pickle
import threading
import traceback
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.tokens import client_of
from zendesk_orm import (
    Attachment,
    Comment,
    ConnectionLost,
    ForeignHost,
    InvalidValue,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    RetryPolicy,
    ServerError,
    Ticket,
    TransportError,
    Upload,
    ZendeskError,
    connect,
    receiver,
    request_finished,
    request_started,
    retrying,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.session.downloads import safe_name


BYTES = bytes(range(256)) * 1024
#: The signature in the URLs of a foreign host.
SIGNED = "S1GNED"
ELSEWHERE = f"https://files.example.com/{SIGNED}/a.bin?token={SIGNED}"


class Host:
    """A host with prepared responses, which records its requests.

    Each response consists of a status, headers and a function that returns the parts of the body.
    """

    def __init__(self):
        self.seen = []
        self.answers = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805 - the names around it
                self.seen.append((handler.path, dict(handler.headers)))
                status, headers, pieces = (
                    self.answers.pop(0) if self.answers else _complete_response()
                )
                handler.send_response(status)
                for name, value in headers.items():
                    handler.send_header(name, value)
                handler.end_headers()
                for piece in pieces():
                    handler.wfile.write(piece)

            def log_message(handler, *args):  # noqa: N805 - a handler, too
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        """Stop the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _complete_response(content=BYTES, **headers):
    length = {"Content-Length": str(len(content))}
    return 200, {**length, **headers}, lambda: [content]


def _truncated_response(size, content=BYTES):
    """Return a response that ends after `size` bytes."""
    return 200, {"Content-Length": str(len(content))}, lambda: [content[:size]]


class RedirectingAdapter(HTTPAdapter):
    """Sends requests for any host to a host of this machine."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    def send(self, request, *args, **kwargs):
        """Send the request to the host."""
        request.url = self._url + request.path_url
        return super().send(request, *args, **kwargs)


@pytest.fixture
def host():
    """Return another host, which has the file and does not belong to the account."""
    host = Host()
    yield host
    host.stop()


@pytest.fixture
def attachment(emulator):
    """Return an attachment at the emulator, whose requests are cleared."""
    attachment = Upload.objects.upload(BYTES, "a.bin").attachment
    del emulator.requests[:]
    return attachment


@pytest.fixture
def elsewhere(emulator, host, attachment):
    """Return an attachment that is stored at another host: `elsewhere()` redirects there."""
    session = emulator.session()
    session.mount("https://files.example.com", RedirectingAdapter(host.url))
    session.headers["X-Own"] = "S3CR3T"
    session.cookies.set("session", "S3CR3T")
    session.auth = ("me", "S3CR3T")
    connect(
        base_url="https://emulator.zendesk.com",
        session=session,
        email="owner@example.com",
        token="S3CR3T",
        clock=emulator.clock,
    )

    def sent_there(link=ELSEWHERE, times=1):
        emulator.fail_next(302, times=times, headers={"Location": link}, path="~/attachments")
        return Attachment.from_row(attachment._row)

    return sent_there


def _list_files(folder):
    return sorted(path.name for path in folder.iterdir())


# -- destinations ------------------------------------------------------------


def test_read_returns_the_content(emulator, attachment):
    """One request, to the URL of the attachment."""
    assert attachment.read() == BYTES
    assert len(emulator.requests) == 1


def test_attachments_of_a_comment_can_be_read(emulator):
    """Attachments are requested through the account of the comment."""
    upload = Upload.objects.upload(BYTES, "a.bin")
    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))

    (attachment,) = ticket.comments.get().attachments

    assert attachment.read() == BYTES


def test_an_attachment_of_known_id_is_fetched_first(emulator, attachment):
    """An unloaded attachment needs one request for its row, and one for the file."""
    assert Attachment.objects.get(attachment.pk).read() == BYTES
    assert emulator.requests[0] == f"GET attachments/{attachment.pk}"
    assert len(emulator.requests) == 2


@pytest.mark.parametrize("destination", [str, lambda path: path])
def test_download_writes_to_a_path(attachment, tmp_path, destination):
    """The file has this name, and no temporary file is left."""
    path = tmp_path / "own.name"

    assert path == attachment.download(destination(path))
    assert path.read_bytes() == BYTES
    assert _list_files(tmp_path) == ["own.name"]


def test_download_to_a_directory_uses_the_name_of_the_attachment(attachment, tmp_path):
    """The directory can be a path or the default."""
    assert tmp_path / "a.bin" == attachment.download(tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == BYTES


def test_the_current_directory_is_the_default(attachment, tmp_path, monkeypatch):
    """`download()` returns the path."""
    monkeypatch.chdir(tmp_path)

    assert str(attachment.download()) == "a.bin"
    assert (tmp_path / "a.bin").read_bytes() == BYTES


def test_a_directory_must_exist(emulator, attachment, tmp_path):
    """A path with a trailing slash is not used as a file name."""
    with pytest.raises(FileNotFoundError):
        attachment.download(f"{tmp_path}/absent/")
    with pytest.raises(FileNotFoundError):
        attachment.download(tmp_path / "absent" / "a.bin")
    assert _list_files(tmp_path) == []
    assert emulator.requests == []


def test_a_file_has_default_permissions(attachment, tmp_path):
    """The permissions are those of other new files of the user."""
    (tmp_path / "other").touch()

    attachment.download(tmp_path)

    assert (tmp_path / "other").stat().st_mode == (tmp_path / "a.bin").stat().st_mode


def test_an_existing_file_is_not_overwritten(emulator, attachment, tmp_path):
    """Nothing is requested; `overwrite=True` replaces the file."""
    path = tmp_path / "a.bin"
    path.write_text("mine")
    for to in (path, tmp_path):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            attachment.download(to)
    assert (path.read_text(), emulator.requests) == ("mine", [])

    attachment.download(tmp_path, overwrite=True)
    assert path.read_bytes() == BYTES


def test_a_dangling_link_counts_as_a_file(attachment, tmp_path):
    """The link is replaced, and its target is not created."""
    (tmp_path / "a.bin").symlink_to(tmp_path / "outside")

    with pytest.raises(FileExistsError):
        attachment.download(tmp_path)
    attachment.download(tmp_path, overwrite=True)

    assert _list_files(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("links", [True, False])
def test_a_file_created_meanwhile_is_not_overwritten(attachment, tmp_path, monkeypatch, links):
    """This holds on file systems without hard links, too."""
    path = tmp_path / "a.bin"
    if not links:
        monkeypatch.setattr(os, "link", lambda *args, **kwargs: _raise(PermissionError("no links")))

    with pytest.raises(FileExistsError, match="overwrite=True"):
        attachment.download(tmp_path, progress=lambda done, size: path.write_text("theirs"))

    assert (path.read_text(), _list_files(tmp_path)) == ("theirs", ["a.bin"])
    path.unlink()
    attachment.download(tmp_path)
    assert path.read_bytes() == BYTES
    assert _list_files(tmp_path) == ["a.bin"]


def _raise(error):
    raise error


def test_download_writes_to_an_open_file(attachment, tmp_path):
    """The file is written from its position, returned, and stays open."""
    with (tmp_path / "own").open("wb") as file:
        file.write(b"before ")
        assert file is attachment.download(file)
        file.write(b" behind")

    assert (tmp_path / "own").read_bytes() == b"before " + BYTES + b" behind"


class Small(io.RawIOBase):
    """A file without a buffer, which accepts a thousand bytes at a time."""

    def __init__(self):
        self.taken = b""

    def writable(self):
        """Return True."""
        return True

    def write(self, piece):
        """Store the first thousand bytes."""
        self.taken += piece[:1000]
        return len(piece[:1000])


def test_short_writes_are_continued(attachment):
    """Bytes that a write did not accept are written again."""
    assert attachment.download(Small()).taken == BYTES


def test_a_text_file_is_rejected(emulator, attachment):
    """Nothing is requested."""
    with pytest.raises(InvalidValue, match="binary"):
        attachment.download(io.StringIO())
    assert emulator.requests == []


def test_open_returns_a_file(emulator):
    """The result can be passed to functions that read files."""
    attachment = Upload.objects.upload("id,name\n1,Größe\n".encode(), "a.csv").attachment

    with attachment.open() as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))

    assert rows == [{"id": "1", "name": "Größe"}]


def test_an_open_attachment_is_read_in_parts(attachment):
    """`read(size)` returns at most `size` bytes."""
    with attachment.open() as file:
        parts = [file.read(100_000) for _ in range(4)]

    assert [len(part) for part in parts] == [100_000, 100_000, 62_144, 0]
    assert b"".join(parts) == BYTES


def test_progress_is_reported(attachment, tmp_path):
    """The callback receives the number of bytes and the size of the attachment."""
    reports = []

    attachment.download(tmp_path, progress=lambda *so_far: reports.append(so_far))

    assert reports[-1] == (len(BYTES), len(BYTES))
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})


def test_async_downloads(attachment, tmp_path):
    """The download runs in a thread, in the session of the task."""

    async def work():
        return await attachment.adownload(tmp_path), await attachment.aread()

    assert asyncio.run(work()) == (tmp_path / "a.bin", BYTES)


def test_a_cancelled_download_stops(attachment, tmp_path):
    """The rest of the file is not read after the task is cancelled."""
    pieces = []

    async def work():
        loop, cancelled = asyncio.get_running_loop(), threading.Event()

        def cancel():
            task.cancel()
            loop.call_soon(loop.call_soon, cancelled.set)

        def progress(done, size):
            pieces.append(done)
            loop.call_soon_threadsafe(cancel)
            cancelled.wait(10)

        task = asyncio.ensure_future(attachment.adownload(tmp_path, progress=progress))
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())

    assert len(pieces) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_attachment_without_a_url_is_rejected(emulator):
    """An attachment that was created locally cannot be downloaded."""
    with pytest.raises(InvalidValue, match="address"):
        Attachment().read()
    assert emulator.requests == []


# -- names -------------------------------------------------------------------

NAMES = {
    "a.txt": "a.txt",
    "Größe 1.txt": "Größe 1.txt",
    ".env": ".env",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/etc/passwd": "passwd",
    "C:\\Users\\me\\a.txt": "a.txt",
    "C:a.txt": "C_a.txt",
    "a.txt:stream": "a.txt_stream",
    "a\x00.txt": "a_.txt",
    "a\nb\x1b[2J.txt": "a_b_[2J.txt",
    "photo\u202egpj.exe": "photo_gpj.exe",
    "a\ud800.txt": "a_.txt",
    "what?*<>|.txt": "what_____.txt",
    "  a.txt. . ": "a.txt",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "com1.tar.gz": "_com1.tar.gz",
    "AUX .txt": "_AUX .txt",
    "console.txt": "console.txt",
    "": "attachment-7",
    ".": "attachment-7",
    "..": "attachment-7",
    "...": "attachment-7",
    " ": "attachment-7",
    "a/": "attachment-7",
    "../..": "attachment-7",
    None: "attachment-7",
}


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=map(repr, NAMES))
def test_a_name_stays_in_its_directory(emulator, attachment, tmp_path, name, safe):
    """No part of the name leads to another directory, or is special on any system."""
    folder = tmp_path / "files"
    folder.mkdir()
    renamed = Attachment.from_row({**attachment._row, "id": 7, "file_name": name})

    assert folder / safe == renamed.download(folder)
    assert (_list_files(folder), _list_files(tmp_path)) == ([safe], ["files"])


@pytest.mark.parametrize(
    "name", ["x" * 500 + ".pdf", "ß" * 500 + ".pdf", "🖨" * 500, "." * 5 + "x" * 500]
)
def test_a_long_name_is_truncated(tmp_path, name):
    """The name fits any file system, and keeps its extension."""
    safe = safe_name(name, "otherwise")

    assert 190 < len(safe.encode()) <= 200
    assert safe.endswith(name[-4:])
    (tmp_path / safe).touch()


# -- from another host -------------------------------------------------------


def test_credentials_are_sent_only_to_the_account(elsewhere, host, emulator):
    """The other host receives no headers, cookies or credentials."""
    account_saw = []
    attachment = elsewhere()
    session = attachment._session().transport._session
    session.hooks["response"].append(lambda answer, **_: account_saw.append(answer.request))

    assert attachment.read() == BYTES

    assert attachment._session().account.requests_sent == 2
    assert "Basic" in account_saw[0].headers["Authorization"]
    ((path, headers),) = host.seen
    assert path == f"/{SIGNED}/a.bin?token={SIGNED}"
    assert {"authorization", "cookie", "x-own"}.isdisjoint(name.lower() for name in headers)
    assert "S3CR3T" not in repr(headers)
    assert headers["Accept-Encoding"] == "identity"


def test_netrc_is_not_used_for_other_hosts(elsewhere, host, monkeypatch, tmp_path):
    """Credentials of the user's netrc are not sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine files.example.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert elsewhere().read() == BYTES
    assert "Authorization" not in host.seen[0][1]


def test_credentials_in_a_url_are_not_sent(elsewhere, host):
    """User and password of a link are removed."""
    assert elsewhere(ELSEWHERE.replace("files", "me:secret@files")).read() == BYTES
    assert "Authorization" not in host.seen[0][1]


def test_cookies_of_another_host_are_discarded(elsewhere, host):
    """They are neither stored in the account's session nor sent with the next download."""
    host.answers = [_complete_response(**{"Set-Cookie": "a=b; Domain=example.com"})]
    attachment = elsewhere(times=2)

    attachment.read()
    attachment.read()

    assert [headers.get("Cookie") for _, headers in host.seen] == [None, None]
    assert list(attachment._session().transport._session.cookies.keys()) == ["session"]


def test_rate_limits_of_another_host_are_ignored(elsewhere, host):
    """Its headers do not change the quota of the account."""
    host.answers = [_complete_response(**{"RateLimit-Limit": "3", "RateLimit-Remaining": "0"})]
    attachment = elsewhere()

    attachment.read()

    window = attachment._session().account.quota.get()
    assert window is None or window.total != 3


def test_further_redirects_are_followed(elsewhere, host):
    """The other host can redirect a limited number of times."""
    host.answers = [(302, {"Location": "/further", "Content-Length": "0"}, list)]

    assert elsewhere().read() == BYTES
    assert [path for path, _ in host.seen[1:]] == ["/further"]


def test_credentials_are_not_sent_after_a_redirect_to_another_host(elsewhere, host, emulator):
    """The other host cannot redirect back to the account with its credentials."""
    account_saw = []
    back = "https://emulator.zendesk.com/api/v2/users/me.json"
    host.answers = [(302, {"Location": back, "Content-Length": "0"}, list)]
    attachment = elsewhere()
    session = attachment._session().transport._session
    session.hooks["response"].append(lambda answer, **_: account_saw.append(answer.request.url))

    with pytest.raises(MalformedResponse):
        attachment.read()

    # The first request has credentials; the second one has none, and no hooks.
    assert len(account_saw) == 1
    assert emulator.requests[-1] == "GET users/me"


def test_a_redirect_loop_is_rejected(elsewhere, host):
    """The number of redirects is limited."""
    host.answers = [(302, {"Location": ELSEWHERE, "Content-Length": "0"}, list)] * 50

    with pytest.raises(ForeignHost, match="circle"):
        elsewhere().read()
    assert 10 > len(host.seen)


@pytest.mark.parametrize(
    "link",
    [
        ELSEWHERE.replace("https", "http"),
        "http://emulator.zendesk.com/attachments/x",
        "ftp://files.example.com/a",
        "file:///etc/passwd",
    ],
)
def test_other_hosts_must_use_https(elsewhere, host, emulator, link):
    """Plain HTTP would expose the file; nothing is requested, also not from the account."""
    with pytest.raises(ForeignHost, match="https"):
        elsewhere(link).read()

    assert len(emulator.requests) == 1
    assert host.seen == []


@pytest.mark.parametrize(
    "link", ["https://", "https://[files.example.com/a", "https://files.example.com:port/a"]
)
def test_an_invalid_url_raises_an_error_of_the_library(elsewhere, host, link):
    """Nothing is requested, whether a redirect or the attachment contains the URL."""
    attachment = elsewhere(link, times=9)
    for item in (attachment, Attachment.from_row({"id": 1, "content_url": link})):
        with pytest.raises((ForeignHost, MalformedResponse)):
            item.read()
    assert host.seen == []


def test_a_url_at_another_host_is_not_requested_from_the_account(elsewhere, host, emulator):
    """If the URL of the attachment is at another host, only that host is requested."""
    row = {**elsewhere()._row, "content_url": ELSEWHERE, "mapped_content_url": None}
    del emulator.requests[:]

    assert Attachment.from_row(row).read() == BYTES
    assert emulator.requests == []
    assert "Authorization" not in host.seen[0][1]


def test_mapped_content_url_is_preferred(elsewhere, host, attachment, emulator):
    """For a custom domain, `mapped_content_url` is the URL that accepts credentials."""
    row = {**attachment._row, "content_url": ELSEWHERE}
    connect(base_url="https://emulator.zendesk.com", session=emulator.session(), oauth_token="x")

    assert Attachment.from_row(row).read() == BYTES
    assert host.seen == []


def test_a_private_file_needs_credentials():
    """Credentials are sent to the account's host."""
    with Emulator(token="secret", private_attachments=True) as emulator:
        emulator.connect()
        attachment = Upload.objects.upload(BYTES, "a.bin").attachment

        assert attachment.read() == BYTES
        assert requests_status(emulator, attachment.content_url) == 401


def requests_status(emulator, url):
    """Return the status of a request without credentials."""
    return emulator.session().get(url).status_code


# -- complete or not at all --------------------------------------------------


@pytest.mark.parametrize("size", [len(BYTES) - 1, len(BYTES) + 1, 0])
def test_a_file_of_another_size_is_an_error(elsewhere, host, tmp_path, size):
    """A file with another size than the attachment is deleted."""
    content = (BYTES + b"x")[:size]
    host.answers = [_complete_response(content)] * 3
    attachment = elsewhere(times=3)
    buffer = io.BytesIO(b"mine")
    buffer.seek(0, os.SEEK_END)

    for what in (lambda: attachment.download(tmp_path), lambda: attachment.download(buffer)):
        with pytest.raises(MalformedResponse, match=str(len(BYTES))):
            what()
    with attachment.open() as file, pytest.raises(MalformedResponse):
        file.read()

    assert len(host.seen) == 3
    assert (_list_files(tmp_path), buffer.getvalue()) == ([], b"mine")


@pytest.mark.parametrize(
    ("status", "headers"), [(204, {}), (206, {}), (200, {"Content-Encoding": "br"})]
)
def test_a_part_of_a_file_is_an_error(elsewhere, host, tmp_path, status, headers):
    """A partial or empty response, or one in an unknown encoding, is no file of unknown size."""
    _, length, content = _complete_response(b"" if status == 204 else BYTES)
    host.answers = [(status, {**length, **headers}, content)] * 20
    attachment = Attachment.from_row({**elsewhere(times=20)._row, "size": None})

    for what in (attachment.read, lambda: attachment.download(tmp_path)):
        with pytest.raises(MalformedResponse, match="part of the file"):
            what()
    assert _list_files(tmp_path) == []


def test_an_encoding_that_is_no_compression_is_ignored(elsewhere, host):
    """Hosts of files store any header of the upload, such as the name of a character set."""
    host.answers = [_complete_response(**{"Content-Encoding": "UTF-8"})]

    assert elsewhere().read() == BYTES


def test_an_endless_download_is_stopped(elsewhere, host, tmp_path):
    """No more bytes are read than the attachment has."""
    host.answers = [(200, {}, lambda: (b"x" * 65536 for _ in range(100)))]
    reports = []

    with pytest.raises(MalformedResponse, match="more"):
        elsewhere().download(tmp_path, progress=lambda *so_far: reports.append(so_far))
    assert reports[-1][0] < len(BYTES) + 100_000


@pytest.mark.parametrize("to", ["path", "buffer"])
def test_an_interrupted_download_is_repeated(elsewhere, host, emulator, tmp_path, to):
    """The URL is requested from the account again, and no part of the file is written twice."""
    host.answers = [_truncated_response(100_000), _truncated_response(0)]
    attachment = elsewhere(times=3)
    target = tmp_path / "a.bin" if to == "path" else io.BytesIO()

    attachment.download(target)

    assert (len(host.seen), len(emulator.requests)) == (3, 3)
    assert (target.read_bytes() if to == "path" else target.getvalue()) == BYTES


def test_a_repeatedly_interrupted_download_leaves_no_file(elsewhere, host, tmp_path):
    """The error is raised after the last attempt."""
    host.answers = [_truncated_response(100_000)] * 10

    with pytest.raises(ConnectionLost):
        elsewhere(times=10).download(tmp_path)
    assert len(host.seen) == 5
    assert _list_files(tmp_path) == []


def test_a_download_into_a_pipe_is_requested_once(elsewhere, host):
    """A pipe cannot be rewound, so that a repetition would corrupt the content."""
    host.answers = [_truncated_response(100_000)]
    small = Small()

    with pytest.raises(TransportError, match="removed"):
        elsewhere().download(small)
    assert len(host.seen) == 1


def test_a_download_without_written_bytes_is_repeated(elsewhere, host):
    """A failure before the first byte is repeated for a pipe, too."""
    host.answers = [_truncated_response(0)]

    assert elsewhere(times=2).download(Small()).taken == BYTES


def test_an_interrupted_open_file_raises(elsewhere, host):
    """The caller has already received the first bytes, so it cannot start again."""
    host.answers = [_truncated_response(100_000)]

    with elsewhere().open() as file, pytest.raises(ConnectionLost):
        file.read()


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_rate_limited_download_is_repeated(emulator, attachment, status):
    """A 429 is repeated, as for other GET requests."""
    emulator.fail_next(status)

    assert attachment.read() == BYTES
    assert len(emulator.requests) == 2


@pytest.mark.parametrize(
    ("status", "error"), [(403, PermissionDenied), (404, NotFound), (500, ServerError)]
)
def test_an_error_response_is_raised(elsewhere, host, tmp_path, status, error):
    """An error page of either host is not written as the file."""
    host.answers = [(status, {}, lambda: [BYTES])] * 9

    with pytest.raises(error):
        elsewhere(times=9).download(tmp_path)
    assert _list_files(tmp_path) == []


def test_an_error_while_writing_leaves_no_file(attachment, tmp_path):
    """Errors of the disk or of the progress callback are raised unchanged."""

    def stop(done, size):
        raise OSError("no space left")

    with pytest.raises(OSError, match="space"):
        attachment.download(tmp_path, progress=stop)
    assert _list_files(tmp_path) == []


def test_a_large_file_is_streamed(host, tmp_path):
    """Thirty megabytes are downloaded in small parts."""
    piece = b"x" * 100_000
    host.answers = [(200, {"Content-Length": "30000000"}, lambda: (piece for _ in range(300)))] * 2
    connect(base_url=host.url, oauth_token="x", clock=VirtualClock())
    row = {"id": 1, "content_url": f"{host.url}/a", "file_name": "a", "size": 30_000_000}
    Attachment.from_row(row).download(tmp_path / "warm")

    tracemalloc.start()
    path = Attachment.from_row(row).download(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size == 30_000_000
    assert peak < 3_000_000


def test_downloads_from_a_server():
    """An account at a socket downloads with its credentials."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, oauth=client_of(emulator))

        upload = Upload.objects.upload(io.BytesIO(BYTES), "a.bin")

        assert upload.attachment.read() == BYTES
        assert account.requests_sent == 2
        account.close()


def test_connections_are_reused(host):
    """A download that was read to its end, or was closed, releases its connection."""
    account = connect(base_url=host.url, oauth_token="x", clock=VirtualClock())
    row = {"id": 1, "content_url": f"{host.url}/a", "file_name": "a", "size": len(BYTES)}

    for _ in range(40):
        with Attachment.from_row(row).open() as file:
            file.read(10)

    assert account.requests_sent == 40


# -- secrets -----------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [(403, {}, lambda: [SIGNED.encode()]), _truncated_response(10), _complete_response(b"x")],
)
def test_signed_urls_are_never_shown(elsewhere, host, caplog, answer):
    """They are neither part of an exception, its causes or its pickle, nor of signals."""
    caplog.set_level(logging.DEBUG, "zendesk_orm")
    reports = []

    @receiver([request_started, request_finished, retrying])
    def hear(sender, **arguments):
        reports.append(repr(arguments))

    host.answers = [answer] * 9
    with pytest.raises(ZendeskError) as caught:
        elsewhere(times=9).read()

    text = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    error = caught.value
    while error is not None:
        text += repr(error) + repr(error.args)
        error = error.__cause__ or error.__context__
    for secret in (SIGNED, "S3CR3T"):
        assert secret not in text
        assert secret not in "".join(reports)
        assert secret.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize("status", [401, 500, None])
def test_tokens_of_files_are_never_shown(emulator, attachment, status):
    """The URL of a file gives access to it, so that no error contains it."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    key = attachment.content_url.split("/token/")[1].partition("/")[0]
    emulator.fail_next(status, times=5)

    with pytest.raises(ZendeskError) as caught:
        Attachment.from_row(attachment._row).read()

    assert "/attachments/token/..." in str(caught.value)
    assert key not in "".join(traceback.format_exception(caught.value))


def test_a_custom_session_is_not_modified(elsewhere, host):
    """Its headers, cookies and credentials belong to the user."""
    attachment = elsewhere()
    session = attachment._session().transport._session
    before = dict(session.headers), dict(session.cookies), session.auth, len(session.adapters)

    attachment.read()

    after = dict(session.headers), dict(session.cookies), session.auth, len(session.adapters)
    assert before == after
    assert isinstance(session, requests.Session)
