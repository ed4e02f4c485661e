"""Files that are uploaded, and attached to comments."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from zendesk_orm import (
    Comment,
    ConnectionLost,
    InvalidValue,
    NotFound,
    RateLimited,
    RetryPolicy,
    ServerError,
    Ticket,
    Upload,
    ValidationError,
)
from zendesk_orm.write import uploads


BYTES = bytes(range(256)) * 1024


class Pipe(io.RawIOBase):
    """A file that can be read once, and tells neither its name nor its size."""

    def __init__(self, content=BYTES):
        self._rest = content

    def readable(self):
        """Tell that it is for reading."""
        return True

    def read(self, size=-1):
        """Return the next bytes."""
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


@pytest.fixture
def report(tmp_path):
    """Return the path of a file."""
    path = tmp_path / "report.pdf"
    path.write_bytes(BYTES)
    return path


def _files(emulator):
    """Return how many files the emulator has been given."""
    return sum(each == "POST uploads" for each in emulator.requests)


# -- what can be uploaded ----------------------------------------------------


def _open(path):
    return path.open("rb")


@pytest.mark.parametrize("given", [str, Path, _open, lambda path: ("name.pdf", path.read_bytes())])
def test_paths_bytes_and_files_are_uploaded(emulator, report, given):
    """In one request, whole, by the last part of the path or the name given."""
    file = given(report)
    name, file = file if isinstance(file, tuple) else (None, file)

    upload = Upload.objects.upload(file, name)

    assert ["POST uploads"] == emulator.requests
    assert (name or "report.pdf") == upload.attachment.file_name
    assert ("application/pdf", len(BYTES)) == (
        upload.attachment.content_type,
        upload.attachment.size,
    )
    assert BYTES == upload.attachment.read()
    if hasattr(file, "close"):
        assert not file.closed
        file.close()


def test_a_buffer_is_uploaded(emulator):
    """As bytes are."""
    for given in (bytearray(b"abc"), memoryview(b"abc")):
        assert b"abc" == Upload.objects.upload(given, "a.txt").attachment.read()


@pytest.mark.parametrize("start", [0, 100])
def test_a_file_is_read_from_where_it_is(emulator, start):
    """What was read of it before is not sent."""
    file = io.BytesIO(BYTES)
    file.seek(start)

    assert BYTES[start:] == Upload.objects.upload(file, "a.bin").attachment.read()


def test_what_does_not_tell_its_size_is_uploaded(emulator):
    """A pipe arrives whole."""
    assert BYTES == Upload.objects.upload(Pipe(), "a.bin").attachment.read()


@pytest.mark.parametrize("given", [b"", io.BytesIO(), Pipe(b"")])
def test_an_empty_file_is_a_file(emulator, given):
    """It has no bytes, and a name."""
    attachment = Upload.objects.upload(given, "empty.txt").attachment

    assert ("empty.txt", 0, b"") == (attachment.file_name, attachment.size, attachment.read())


def test_a_file_that_the_system_makes_up_is_read(emulator):
    """A path need not be a plain file: what says that it has no bytes is read all the same."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")

    upload = Upload.objects.upload("/proc/self/status")

    assert b"Name:" in upload.attachment.read()


# -- names and types ---------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text/plain"),
        ("a.png", "image/png"),
        ("a.tar.gz", "application/gzip"),
        ("a.txt.bz2", "application/octet-stream"),
        ("a", "application/octet-stream"),
        ("Größe 1 & 2.txt", "text/plain"),
    ],
)
def test_the_type_is_guessed(emulator, name, kind):
    """From the name; what is packed is not called what it is when unpacked."""
    attachment = Upload.objects.upload(b"x", name).attachment

    assert (name, kind) == (attachment.file_name, attachment.content_type)


def test_the_type_can_be_said(emulator):
    """A type that is given is sent; what is none is refused."""
    upload = Upload.objects.upload(b"x", "a.txt", content_type="text/csv; charset=utf-8")

    assert "text/csv; charset=utf-8" == upload.attachment.content_type
    for wrong in ("csv", "text/csv\r\nX-Own: yes", ""):
        with pytest.raises(InvalidValue, match="content_type"):
            Upload.objects.upload(b"x", "a.txt", content_type=wrong)
    assert 1 == _files(emulator)


UNFIT = [
    (b"x", None, "no name"),
    (b"x", "", "no name"),
    (io.BytesIO(b"x"), None, "no name"),
    (Pipe(), None, "no name"),
    (b"x", "../a.txt", "not a path"),
    (b"x", "C:\\a.txt", "not a path"),
    (b"x", "a\udcff.txt", "cannot be sent"),
    (io.StringIO("x"), "a.txt", "binary mode"),
    (7, "a.txt", "wants a path"),
    (None, "a.txt", "wants a path"),
]


@pytest.mark.parametrize(("file", "name", "why"), UNFIT)
def test_what_is_unfit_is_refused(emulator, file, name, why):
    """Before anything is sent, with what to do."""
    with pytest.raises(InvalidValue, match=why):
        Upload.objects.upload(file, name)
    with pytest.raises(InvalidValue, match=why):
        Upload.objects.upload_all([(name, file)])
    assert [] == emulator.requests


def test_standard_input_has_no_name(emulator):
    """`<stdin>` is none."""
    file = io.BytesIO(b"x")
    file.name = "<stdin>"

    with pytest.raises(InvalidValue, match="no name"):
        Upload.objects.upload(file)


def test_a_path_that_is_none_is_pythons_error(emulator, tmp_path):
    """There is no such file, or it is a directory."""
    with pytest.raises(FileNotFoundError):
        Upload.objects.upload(tmp_path / "absent")
    with pytest.raises(IsADirectoryError):
        Upload.objects.upload(tmp_path)
    assert [] == emulator.requests


@pytest.mark.parametrize("given", [lambda path: path, _open, lambda path: path.read_bytes()])
def test_a_file_that_is_too_large_is_not_sent(emulator, report, monkeypatch, given):
    """Zendesk's limit is known before it answers 413."""
    monkeypatch.setattr(uploads, "LARGEST", len(BYTES) - 1)
    file = given(report)

    with pytest.raises(InvalidValue, match=f"{len(BYTES)} bytes"):
        Upload.objects.upload(file, "a.bin")
    assert [] == emulator.requests
    getattr(file, "close", lambda: None)()


def test_zendesk_may_take_less(emulator):
    """A limit that is lower than the library knows is Zendesk's answer."""
    emulator.switches.largest_file = 10

    with pytest.raises(ValidationError) as caught:
        Upload.objects.upload(BYTES, "a.bin")
    assert 413 == caught.value.status


# -- tokens ------------------------------------------------------------------


def test_an_upload_is_attached_by_its_token(emulator, report):
    """The comment has the file, and the upload cost one request."""
    upload = Upload.objects.upload(report)

    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))

    assert ["POST uploads", "POST tickets"] == emulator.requests
    (attachment,) = ticket.comments.get().attachments
    assert BYTES == attachment.read()


def test_files_gather_under_one_token(emulator, report):
    """One request a file; the upload names all of them, in order."""
    file = io.BytesIO(b"c")

    upload = Upload.objects.upload_all(
        [report, ("b.txt", b"b"), ("c.bin", file, "application/x-own")]
    )

    assert ["POST uploads"] * 3 == emulator.requests
    told = [(each.file_name, each.content_type) for each in upload.attachments]
    assert [
        ("report.pdf", "application/pdf"),
        ("b.txt", "text/plain"),
        ("c.bin", "application/x-own"),
    ] == told
    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))
    assert 3 == len(ticket.comments.get().attachments)


@pytest.mark.parametrize("by", [lambda upload: upload, lambda upload: upload.token])
def test_a_file_joins_an_upload(emulator, by):
    """By the upload, or by its token."""
    first = Upload.objects.upload(b"a", "a.txt")

    second = Upload.objects.upload(b"b", "b.txt", token=by(first))
    third = Upload.objects.upload_all([("c.txt", b"c")], token=by(first))

    assert first.token == second.token == third.token
    assert ["a.txt", "b.txt", "c.txt"] == [each.file_name for each in third.attachments]


def test_all_files_are_looked_at_before_one_is_sent(emulator, report, tmp_path):
    """A missing one leaves none behind."""
    with pytest.raises(FileNotFoundError):
        Upload.objects.upload_all([report, tmp_path / "absent"])
    with pytest.raises(InvalidValue, match="no files"):
        Upload.objects.upload_all([])
    with pytest.raises(InvalidValue, match="4 values"):
        Upload.objects.upload_all([("a", b"b", "c/d", "e")])
    assert [] == emulator.requests


def test_a_token_that_is_none_is_refused(emulator):
    """Zendesk does not know it."""
    with pytest.raises(NotFound):
        Upload.objects.upload(b"a", "a.txt", token="none")


def test_an_upload_is_deleted(emulator):
    """And its files with it."""
    upload = Upload.objects.upload(b"a", "a.txt")

    upload.delete()

    assert ["POST uploads", f"DELETE uploads/{upload.token}"] == emulator.requests
    with pytest.raises(NotFound):
        upload.attachment.read()


def test_an_upload_belongs_to_its_account(emulator):
    """It is sent to, and deleted from, the account that was asked."""
    emulator.connect("other")

    upload = Upload.objects.using("other").upload(b"a", "a.txt")

    assert "other" == upload.using == upload.attachment.using
    upload.delete()


# -- failures ----------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, None])
@pytest.mark.parametrize("given", [lambda path: path, _open, lambda path: path.read_bytes()])
def test_an_upload_is_sent_again(emulator, report, status, given):
    """All of it, from where it began: the first may have left a token that nobody knows."""
    emulator.fail_next(status, after_applying=status is None)
    file = given(report)

    upload = Upload.objects.upload(file, "a.bin")

    assert ["POST uploads"] * 2 == emulator.requests
    assert BYTES == upload.attachment.read()
    getattr(file, "close", lambda: None)()


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, ServerError), (None, ConnectionLost)]
)
def test_a_pipe_is_not_sent_again(emulator, status, error):
    """Its rest would go out as if it were the whole: the failure says so instead."""
    emulator.fail_next(status)

    with pytest.raises(error, match="cannot be put back"):
        Upload.objects.upload(Pipe(), "a.bin")
    assert 1 == _files(emulator)


def test_under_a_known_token_nothing_is_sent_twice(emulator):
    """A file whose fate is unknown could be there twice, and be attached twice."""
    first = Upload.objects.upload(b"a", "a.txt")
    emulator.fail_next(None, after_applying=True)

    with pytest.raises(ConnectionLost):
        Upload.objects.upload(b"b", "b.txt", token=first)
    assert 2 == _files(emulator)

    # 429 says that it was not applied.
    emulator.fail_next(429)
    Upload.objects.upload(b"c", "c.txt", token=first)
    assert 4 == _files(emulator)


def test_a_file_is_put_back_after_the_last_failure(emulator):
    """Whoever tries again finds it as it was."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    file = io.BytesIO(BYTES)
    file.seek(10)
    emulator.fail_next(500)

    with pytest.raises(ServerError):
        Upload.objects.upload(file, "a.bin")

    assert 10 == file.tell()
    assert BYTES[10:] == Upload.objects.upload(file, "a.bin").attachment.read()


# -- progress, tasks ---------------------------------------------------------


def test_progress_is_told(emulator):
    """To the last byte; of several files, of all together."""
    told = []

    Upload.objects.upload(BYTES, "a.bin", progress=lambda *so_far: told.append(so_far))
    assert (len(BYTES), len(BYTES)) == told[-1]
    assert [done for done, _ in told] == sorted({done for done, _ in told})

    del told[:]
    files = [("a", BYTES), ("e", b""), ("b", io.BytesIO(BYTES)), ("c", b"x")]
    Upload.objects.upload_all(files, progress=lambda *so_far: told.append(so_far))
    whole = 2 * len(BYTES) + 1
    assert (whole, whole) == told[-1]
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_progress_of_a_pipe_has_no_end(emulator):
    """How many bytes there are nobody knows, and those behind it count on."""
    told = []

    files = [("a", Pipe()), ("b", b"x")]
    Upload.objects.upload_all(files, progress=lambda *so_far: told.append(so_far))

    assert (len(BYTES) + 1, None) == told[-1]


def test_tasks_upload_too(emulator, report):
    """In a thread, in the session of the task."""

    async def work():
        one = await Upload.objects.aupload(report)
        all_ = await Upload.objects.aupload_all([report, ("b.txt", b"b")], token=one)
        return [each.file_name for each in all_.attachments]

    assert ["report.pdf", "report.pdf", "b.txt"] == asyncio.run(work())


# -- recorded ----------------------------------------------------------------


def test_recorded_uploads_are_sent_alike(emulator, shared, sent):
    """Path, file and filename go out as real Zendesk took them."""
    recorded = sorted((shared / "recordings").glob("TestAttachmentUpload*.jsonl"))
    assert recorded

    Upload.objects.upload(b"# Read me", "README.md")

    assert (("filename", "README.md"),) == sent[0].params
    assert all('"path": "/api/v2/uploads.json"' in path.read_text() for path in recorded)


def test_a_comment_takes_uploads_or_their_tokens(account):
    """Each is sent as its token, and its files are on the comment afterwards."""
    one = Upload.objects.upload(b"one", filename="one.txt")
    two = Upload.objects.upload(b"two", filename="two.txt")
    ticket = Ticket.objects.create(
        subject="Files", comment=Comment(body="See these.", uploads=[one, two.token])
    )

    (comment,) = ticket.comments.all()
    assert {"one.txt", "two.txt"} == {each.file_name for each in comment.attachments}
    with pytest.raises(InvalidValue, match="uploads"):
        Comment(body="x", uploads=[5.5])
