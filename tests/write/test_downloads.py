"""Files that are downloaded: to where, from which host, and all of it or nothing."""

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
from zendesk_orm.session.file_names import safe_name


BYTES = bytes(range(256)) * 1024
#: What a foreign host signs its addresses with.
SIGNED = "S1GNED"
ELSEWHERE = f"https://files.example.com/{SIGNED}/a.bin?token={SIGNED}"


class Host:
    """A host that answers what it is told to, and keeps what it was asked.

    Each answer is a status, headers and a function that gives the pieces of the body.
    """

    def __init__(self):
        self.seen = []
        self.answers = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805 - the names around it
                self.seen.append((handler.path, dict(handler.headers)))
                status, headers, pieces = self.answers.pop(0) if self.answers else _whole()
                handler.send_response(status)
                for name, value in headers.items():
                    handler.send_header(name, value)
                handler.end_headers()
                for piece in pieces():
                    handler.wfile.write(piece)

            def log_message(handler, *args):  # noqa: N805 - likewise
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        """Stop it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _whole(content=BYTES, **headers):
    length = {"Content-Length": str(len(content))}
    return 200, {**length, **headers}, lambda: [content]


def _cut(size, content=BYTES):
    """Return an answer that breaks off after so many bytes."""
    return 200, {"Content-Length": str(len(content))}, lambda: [content[:size]]


class There(HTTPAdapter):
    """The way to a host of this machine, whatever it is called."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    def send(self, request, *args, **kwargs):
        """Ask the host instead."""
        request.url = self._url + request.path_url
        return super().send(request, *args, **kwargs)


@pytest.fixture
def host():
    """Return another host, which has the file and knows nothing of the account."""
    host = Host()
    yield host
    host.stop()


@pytest.fixture
def attachment(emulator):
    """Return an attachment at the emulator, which has not been asked for it."""
    attachment = Upload.objects.upload(BYTES, "a.bin").attachment
    del emulator.requests[:]
    return attachment


@pytest.fixture
def elsewhere(emulator, host, attachment):
    """Return an attachment that is kept at another host: `elsewhere()` sends there once more."""
    session = emulator.session()
    session.mount("https://files.example.com", There(host.url))
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


def _files(folder):
    return sorted(path.name for path in folder.iterdir())


# -- to where ----------------------------------------------------------------


def test_a_file_is_read(emulator, attachment):
    """In one request: the address is the attachment's."""
    assert BYTES == attachment.read()
    assert 1 == len(emulator.requests)


def test_a_comment_gives_its_files(emulator):
    """What was attached comes back, through the comment's account."""
    upload = Upload.objects.upload(BYTES, "a.bin")
    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))

    (attachment,) = ticket.comments.get().attachments

    assert BYTES == attachment.read()


def test_an_attachment_of_known_id_is_fetched_first(emulator, attachment):
    """One request for its row, and one for the file."""
    assert BYTES == Attachment.objects.get(attachment.pk).read()
    assert f"GET attachments/{attachment.pk}" == emulator.requests[0]
    assert 2 == len(emulator.requests)


@pytest.mark.parametrize("given", [str, lambda path: path])
def test_a_path_is_written(attachment, tmp_path, given):
    """Under that name, and nothing is left beside it."""
    path = tmp_path / "own.name"

    assert path == attachment.download(given(path))
    assert BYTES == path.read_bytes()
    assert ["own.name"] == _files(tmp_path)


def test_a_directory_gets_the_attachments_name(attachment, tmp_path):
    """Also the present one, where nothing is said."""
    assert tmp_path / "a.bin" == attachment.download(tmp_path)
    assert BYTES == (tmp_path / "a.bin").read_bytes()


def test_the_present_directory_is_the_default(attachment, tmp_path, monkeypatch):
    """The path is given back."""
    monkeypatch.chdir(tmp_path)

    assert "a.bin" == str(attachment.download())
    assert BYTES == (tmp_path / "a.bin").read_bytes()


def test_a_directory_has_to_be_there(emulator, attachment, tmp_path):
    """A path that ends as a directory's is no file's."""
    with pytest.raises(FileNotFoundError):
        attachment.download(f"{tmp_path}/absent/")
    with pytest.raises(FileNotFoundError):
        attachment.download(tmp_path / "absent" / "a.bin")
    assert [] == _files(tmp_path)
    assert [] == emulator.requests


def test_a_file_is_as_readable_as_any_other(attachment, tmp_path):
    """Its permissions are those that the user's new files have."""
    (tmp_path / "other").touch()

    attachment.download(tmp_path)

    assert (tmp_path / "other").stat().st_mode == (tmp_path / "a.bin").stat().st_mode


def test_an_existing_file_is_left_alone(emulator, attachment, tmp_path):
    """Nothing is asked for; `overwrite=True` replaces it."""
    path = tmp_path / "a.bin"
    path.write_text("mine")
    for to in (path, tmp_path):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            attachment.download(to)
    assert ("mine", []) == (path.read_text(), emulator.requests)

    attachment.download(tmp_path, overwrite=True)
    assert BYTES == path.read_bytes()


def test_a_link_that_leads_nowhere_is_a_file(attachment, tmp_path):
    """What a link points to is not made; replaced is the link."""
    (tmp_path / "a.bin").symlink_to(tmp_path / "outside")

    with pytest.raises(FileExistsError):
        attachment.download(tmp_path)
    attachment.download(tmp_path, overwrite=True)

    assert ["a.bin"] == _files(tmp_path)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_left_alone(attachment, tmp_path, monkeypatch, links):
    """Nobody's file is replaced, on file systems without hard links either."""
    path = tmp_path / "a.bin"
    if not links:
        monkeypatch.setattr(os, "link", lambda *args, **kwargs: _raise(PermissionError("no links")))

    with pytest.raises(FileExistsError, match="overwrite=True"):
        attachment.download(tmp_path, progress=lambda done, size: path.write_text("theirs"))

    assert ("theirs", ["a.bin"]) == (path.read_text(), _files(tmp_path))
    path.unlink()
    attachment.download(tmp_path)
    assert BYTES == path.read_bytes()
    assert ["a.bin"] == _files(tmp_path)


def _raise(error):
    raise error


def test_an_open_file_is_written(attachment, tmp_path):
    """From its position on; it is given back, and stays open."""
    with (tmp_path / "own").open("wb") as file:
        file.write(b"before ")
        assert file is attachment.download(file)
        file.write(b" behind")

    assert b"before " + BYTES + b" behind" == (tmp_path / "own").read_bytes()


class Small(io.RawIOBase):
    """A file without a buffer, which takes a little at a time."""

    def __init__(self):
        self.taken = b""

    def writable(self):
        """Tell that it is for writing."""
        return True

    def write(self, piece):
        """Take the first thousand bytes."""
        self.taken += piece[:1000]
        return len(piece[:1000])


def test_a_file_that_takes_little_gets_all(attachment):
    """What was not taken is written again."""
    assert BYTES == attachment.download(Small()).taken


def test_a_file_for_text_is_refused(emulator, attachment):
    """Before anything is asked for."""
    with pytest.raises(InvalidValue, match="binary mode"):
        attachment.download(io.StringIO())
    assert [] == emulator.requests


def test_a_file_is_opened(emulator):
    """It can be read by whatever reads files."""
    attachment = Upload.objects.upload("id,name\n1,Größe\n".encode(), "a.csv").attachment

    with attachment.open() as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))

    assert [{"id": "1", "name": "Größe"}] == rows


def test_an_opened_file_is_read_in_parts(attachment):
    """As much as is asked for, to the end."""
    with attachment.open() as file:
        parts = [file.read(100_000) for _ in range(4)]

    assert [100_000, 100_000, 62_144, 0] == [len(part) for part in parts]
    assert BYTES == b"".join(parts)


def test_progress_is_told(attachment, tmp_path):
    """To the last byte, of those that the attachment has."""
    told = []

    attachment.download(tmp_path, progress=lambda *so_far: told.append(so_far))

    assert (len(BYTES), len(BYTES)) == told[-1]
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_tasks_download_too(attachment, tmp_path):
    """In a thread, in the session of the task."""

    async def work():
        return await attachment.adownload(tmp_path), await attachment.aread()

    assert (tmp_path / "a.bin", BYTES) == asyncio.run(work())


def test_a_cancelled_download_stops_between_two_pieces(attachment, tmp_path):
    """A file of any size does not arrive to its end for a task that was cancelled."""
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


def test_an_attachment_without_an_address_is_refused(emulator):
    """One that was made here is nowhere."""
    with pytest.raises(InvalidValue, match="no address"):
        Attachment().read()
    assert [] == emulator.requests


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
    """No part of it leads elsewhere, or means anything to any system."""
    folder = tmp_path / "files"
    folder.mkdir()
    named = Attachment.from_row({**attachment._row, "id": 7, "file_name": name})

    assert folder / safe == named.download(folder)
    assert ([safe], ["files"]) == (_files(folder), _files(tmp_path))


@pytest.mark.parametrize(
    "name", ["x" * 500 + ".pdf", "ß" * 500 + ".pdf", "🖨" * 500, "." * 5 + "x" * 500]
)
def test_a_long_name_is_cut(tmp_path, name):
    """It fits any file system, and keeps its ending."""
    safe = safe_name(name, "otherwise")

    assert 190 < len(safe.encode()) <= 200
    assert safe.endswith(name[-4:])
    (tmp_path / safe).touch()


# -- from another host -------------------------------------------------------


def test_a_redirect_elsewhere_is_followed_by_nobody(elsewhere, host, emulator):
    """The account's host is shown who asks; the other gets no header, cookie or credentials."""
    account_saw = []
    attachment = elsewhere()
    session = attachment._session().transport._session
    session.hooks["response"].append(lambda answer, **_: account_saw.append(answer.request))

    assert BYTES == attachment.read()

    assert 2 == attachment._session().account.requests_sent
    assert "Basic" in account_saw[0].headers["Authorization"]
    ((path, headers),) = host.seen
    assert f"/{SIGNED}/a.bin?token={SIGNED}" == path
    assert {"authorization", "cookie", "x-own"}.isdisjoint(name.lower() for name in headers)
    assert "S3CR3T" not in repr(headers)
    assert "identity" == headers["Accept-Encoding"]


def test_netrc_is_not_used_elsewhere(elsewhere, host, monkeypatch, tmp_path):
    """What the user's netrc says of the other host stays there."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine files.example.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert BYTES == elsewhere().read()
    assert "Authorization" not in host.seen[0][1]


def test_an_address_does_not_bring_credentials(elsewhere, host):
    """What a link says of a user is not sent."""
    assert BYTES == elsewhere(ELSEWHERE.replace("files", "me:secret@files")).read()
    assert "Authorization" not in host.seen[0][1]


def test_cookies_of_another_host_are_not_kept(elsewhere, host):
    """Neither on the account's session, nor for the next file."""
    host.answers = [_whole(**{"Set-Cookie": "a=b; Domain=example.com"})]
    attachment = elsewhere(times=2)

    attachment.read()
    attachment.read()

    assert [None, None] == [headers.get("Cookie") for _, headers in host.seen]
    assert ["session"] == list(attachment._session().transport._session.cookies.keys())


def test_limits_of_another_host_are_not_the_accounts(elsewhere, host):
    """Its headers say nothing of the quota."""
    host.answers = [_whole(**{"RateLimit-Limit": "3", "RateLimit-Remaining": "0"})]
    attachment = elsewhere()

    attachment.read()

    window = attachment._session().account.quota.get()
    assert window is None or window.total != 3


def test_a_redirect_may_lead_further(elsewhere, host):
    """From the other host to a path of its own, and so on for some rounds."""
    host.answers = [(302, {"Location": "/further", "Content-Length": "0"}, list)]

    assert BYTES == elsewhere().read()
    assert ["/further"] == [path for path, _ in host.seen[1:]]


def test_who_was_sent_away_does_not_come_back(elsewhere, host, emulator):
    """The other host cannot make the account's be asked with its credentials."""
    account_saw = []
    back = "https://emulator.zendesk.com/api/v2/users/me.json"
    host.answers = [(302, {"Location": back, "Content-Length": "0"}, list)]
    attachment = elsewhere()
    session = attachment._session().transport._session
    session.hooks["response"].append(lambda answer, **_: account_saw.append(answer.request.url))

    with pytest.raises(MalformedResponse):
        attachment.read()

    # The first time by somebody; the second by nobody, whom no hook belongs to.
    assert 1 == len(account_saw)
    assert "GET users/me" == emulator.requests[-1]


def test_a_redirect_in_a_circle_ends(elsewhere, host):
    """After some rounds it is refused."""
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
def test_only_https_leads_elsewhere(elsewhere, host, emulator, link):
    """The bytes would go through the open; nothing is asked, also not the own host in the open."""
    with pytest.raises(ForeignHost, match="not https"):
        elsewhere(link).read()

    assert 1 == len(emulator.requests)
    assert [] == host.seen


@pytest.mark.parametrize(
    "link", ["https://", "https://[files.example.com/a", "https://files.example.com:port/a"]
)
def test_an_address_that_is_none_is_an_error_of_ours(elsewhere, host, link):
    """Whether a redirect leads there or the attachment names it, nobody is asked."""
    attachment = elsewhere(link, times=9)
    for each in (attachment, Attachment.from_row({"id": 1, "content_url": link})):
        with pytest.raises((ForeignHost, TransportError)):
            each.read()
    assert [] == host.seen


def test_an_address_elsewhere_is_asked_by_nobody(elsewhere, host, emulator):
    """Where the attachment itself is at another host, the account's is not asked at all."""
    row = {**elsewhere()._row, "content_url": ELSEWHERE, "mapped_content_url": None}
    del emulator.requests[:]

    assert BYTES == Attachment.from_row(row).read()
    assert [] == emulator.requests
    assert "Authorization" not in host.seen[0][1]


def test_the_accounts_own_address_is_preferred(elsewhere, host, attachment, emulator):
    """With a domain of one's own, `mapped_content_url` is where credentials may go."""
    row = {**attachment._row, "content_url": ELSEWHERE}
    connect(base_url="https://emulator.zendesk.com", session=emulator.session(), oauth_token="x")

    assert BYTES == Attachment.from_row(row).read()
    assert [] == host.seen


def test_a_private_file_needs_credentials():
    """They are shown to the account's host."""
    with Emulator(token="secret", private_attachments=True) as emulator:
        emulator.connect()
        attachment = Upload.objects.upload(BYTES, "a.bin").attachment

        assert BYTES == attachment.read()
        assert 401 == requests_status(emulator, attachment.content_url)


def requests_status(emulator, url):
    """Return what somebody without credentials is answered."""
    return emulator.session().get(url).status_code


# -- all of it, or nothing ---------------------------------------------------


@pytest.mark.parametrize("size", [len(BYTES) - 1, len(BYTES) + 1, 0])
def test_a_file_of_another_size_is_an_error(elsewhere, host, tmp_path, size):
    """Bytes that arrive well and are not those of the attachment leave no file."""
    content = (BYTES + b"x")[:size]
    host.answers = [_whole(content)] * 3
    attachment = elsewhere(times=3)
    buffer = io.BytesIO(b"mine")
    buffer.seek(0, os.SEEK_END)

    for what in (lambda: attachment.download(tmp_path), lambda: attachment.download(buffer)):
        with pytest.raises(MalformedResponse, match=f"bytes came, not the {len(BYTES)}"):
            what()
    with attachment.open() as file, pytest.raises(MalformedResponse):
        file.read()

    assert 3 == len(host.seen)
    assert ([], b"mine") == (_files(tmp_path), buffer.getvalue())


def test_what_never_ends_is_broken_off(elsewhere, host, tmp_path):
    """No more is read than the file has."""
    host.answers = [(200, {}, lambda: (b"x" * 65536 for _ in range(100)))]
    told = []

    with pytest.raises(MalformedResponse, match="more than"):
        elsewhere().download(tmp_path, progress=lambda *so_far: told.append(so_far))
    assert told[-1][0] < len(BYTES) + 100_000


@pytest.mark.parametrize("to", ["path", "buffer"])
def test_a_file_that_breaks_off_is_asked_for_again(elsewhere, host, emulator, tmp_path, to):
    """From the account's host on, whose addresses do not last; nothing is there twice."""
    host.answers = [_cut(100_000), _cut(0)]
    attachment = elsewhere(times=3)
    target = tmp_path / "a.bin" if to == "path" else io.BytesIO()

    attachment.download(target)

    assert (3, 3) == (len(host.seen), len(emulator.requests))
    assert BYTES == (target.read_bytes() if to == "path" else target.getvalue())


def test_a_file_that_goes_on_breaking_off_leaves_nothing(elsewhere, host, tmp_path):
    """After the last attempt the failure is raised, and no half file is there."""
    host.answers = [_cut(100_000)] * 10

    with pytest.raises(ConnectionLost):
        elsewhere(times=10).download(tmp_path)
    assert 5 == len(host.seen)
    assert [] == _files(tmp_path)


def test_what_cannot_be_taken_back_is_asked_for_once(elsewhere, host):
    """Half a file, and then the whole, would be no file."""
    host.answers = [_cut(100_000)]
    small = Small()

    with pytest.raises(TransportError, match="cannot be taken back"):
        elsewhere().download(small)
    assert 1 == len(host.seen)


def test_what_has_taken_nothing_is_asked_for_again(elsewhere, host):
    """Also for a file that cannot be put back."""
    host.answers = [_cut(0)]

    assert BYTES == elsewhere(times=2).download(Small()).taken


def test_an_opened_file_that_breaks_off_is_an_error(elsewhere, host):
    """What was read was given away, so that it cannot begin anew."""
    host.answers = [_cut(100_000)]

    with elsewhere().open() as file, pytest.raises(ConnectionLost):
        file.read()


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_a_file_that_is_refused_for_now_is_asked_for_again(emulator, attachment, status):
    """As any other reading is."""
    emulator.fail_next(status)

    assert BYTES == attachment.read()
    assert 2 == len(emulator.requests)


@pytest.mark.parametrize(
    ("status", "error"), [(403, PermissionDenied), (404, NotFound), (500, ServerError)]
)
def test_a_refusal_is_raised(elsewhere, host, tmp_path, status, error):
    """By either host; an error page is no file."""
    host.answers = [(status, {}, lambda: [BYTES])] * 9

    with pytest.raises(error):
        elsewhere(times=9).download(tmp_path)
    assert [] == _files(tmp_path)


def test_a_failing_disk_leaves_nothing(attachment, tmp_path):
    """What the progress raises, or the disk, comes out as it is."""

    def stop(done, size):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        attachment.download(tmp_path, progress=stop)
    assert [] == _files(tmp_path)


def test_a_large_file_is_not_held_in_memory(host, tmp_path):
    """Thirty megabytes come in through a few chunks."""
    piece = b"x" * 100_000
    host.answers = [(200, {"Content-Length": "30000000"}, lambda: (piece for _ in range(300)))] * 2
    connect(base_url=host.url, oauth_token="x", clock=VirtualClock())
    row = {"id": 1, "content_url": f"{host.url}/a", "file_name": "a", "size": 30_000_000}
    Attachment.from_row(row).download(tmp_path / "warm")

    tracemalloc.start()
    path = Attachment.from_row(row).download(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 30_000_000 == path.stat().st_size
    assert peak < 3_000_000


def test_a_socket_gives_files():
    """An account at a socket gets them from there, with its credentials."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, oauth=client_of(emulator))

        upload = Upload.objects.upload(io.BytesIO(BYTES), "a.bin")

        assert BYTES == upload.attachment.read()
        assert 2 == account.requests_sent
        account.close()


def test_connections_are_used_again(host):
    """A file that was read to its end, or was closed before, keeps no connection."""
    account = connect(base_url=host.url, oauth_token="x", clock=VirtualClock())
    row = {"id": 1, "content_url": f"{host.url}/a", "file_name": "a", "size": len(BYTES)}

    for _ in range(40):
        with Attachment.from_row(row).open() as file:
            file.read(10)

    assert 40 == account.requests_sent


# -- what is shown -----------------------------------------------------------


@pytest.mark.parametrize("answer", [(403, {}, lambda: [SIGNED.encode()]), _cut(10), _whole(b"x")])
def test_no_signed_address_is_shown(elsewhere, host, caplog, answer):
    """Not in an exception, its causes or its pickle, and not in what is announced."""
    caplog.set_level(logging.DEBUG, "zendesk_orm")
    told = []

    @receiver([request_started, request_finished, retrying])
    def hear(sender, **arguments):
        told.append(repr(arguments))

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
        assert secret not in "".join(told)
        assert secret.encode() not in pickle.dumps(caught.value)


@pytest.mark.parametrize("status", [401, 500, None])
def test_no_key_of_a_file_is_shown(emulator, attachment, status):
    """Who knows the address has the file, so that no error tells it."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    key = attachment.content_url.split("/token/")[1].partition("/")[0]
    emulator.fail_next(status, times=5)

    with pytest.raises(ZendeskError) as caught:
        Attachment.from_row(attachment._row).read()

    assert "/attachments/token/..." in str(caught.value)
    assert key not in "".join(traceback.format_exception(caught.value))


def test_an_own_session_is_left_as_it_was(elsewhere, host):
    """Its headers, cookies and credentials are the user's."""
    attachment = elsewhere()
    session = attachment._session().transport._session
    before = dict(session.headers), dict(session.cookies), session.auth, len(session.adapters)

    attachment.read()

    after = dict(session.headers), dict(session.cookies), session.auth, len(session.adapters)
    assert before == after
    assert isinstance(session, requests.Session)
