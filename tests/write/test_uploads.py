"""Files that are uploaded and attached to comments."""

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
from zendesk_orm.write import files


BYTES = bytes(range(256)) * 1024


class Pipe(io.RawIOBase):
    """A file that can be read once, and has neither a name nor a size."""

    def __init__(self, content=BYTES):
        self._rest = content

    def readable(self):
        """Return True."""
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


def _count_files(emulator):
    """Return the number of files that the emulator received."""
    return sum(request == "POST uploads" for request in emulator.requests)


# -- sources -----------------------------------------------------------------


def _open(path):
    return path.open("rb")


@pytest.mark.parametrize("source", [str, Path, _open, lambda path: ("name.pdf", path.read_bytes())])
def test_paths_bytes_and_files_are_uploaded(emulator, report, source):
    """One request has the content, named by the path or the argument."""
    file = source(report)
    name, file = file if isinstance(file, tuple) else (None, file)

    upload = Upload.objects.upload(file, name)

    assert emulator.requests == ["POST uploads"]
    assert (name or "report.pdf") == upload.attachment.file_name
    assert (
        upload.attachment.content_type,
        upload.attachment.size,
    ) == ("application/pdf", len(BYTES))
    assert upload.attachment.read() == BYTES
    if hasattr(file, "close"):
        assert not file.closed
        file.close()


def test_a_buffer_is_uploaded(emulator):
    """Buffers are uploaded like bytes."""
    for source in (bytearray(b"abc"), memoryview(b"abc")):
        assert Upload.objects.upload(source, "a.txt").attachment.read() == b"abc"


@pytest.mark.parametrize("start", [0, 100])
def test_a_file_is_read_from_its_position(emulator, start):
    """Bytes before the position are not sent."""
    file = io.BytesIO(BYTES)
    file.seek(start)

    assert Upload.objects.upload(file, "a.bin").attachment.read() == BYTES[start:]


def test_a_file_of_unknown_size_is_uploaded(emulator):
    """A pipe is uploaded completely."""
    assert Upload.objects.upload(Pipe(), "a.bin").attachment.read() == BYTES


@pytest.mark.parametrize("source", [b"", io.BytesIO(), Pipe(b"")])
def test_an_empty_file_is_uploaded(emulator, source):
    """An empty file has a name and no bytes."""
    attachment = Upload.objects.upload(source, "empty.txt").attachment

    assert (attachment.file_name, attachment.size, attachment.read()) == ("empty.txt", 0, b"")


def test_a_virtual_file_is_uploaded(emulator):
    """A file with the size 0 can have content, such as those of /proc."""
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
def test_the_content_type_is_guessed(emulator, name, kind):
    """The name determines it; a compressed file has the type of the compression."""
    attachment = Upload.objects.upload(b"x", name).attachment

    assert (attachment.file_name, attachment.content_type) == (name, kind)


def test_the_content_type_can_be_passed(emulator):
    """A given type is sent; an invalid one is rejected."""
    upload = Upload.objects.upload(b"x", "a.txt", content_type="text/csv; charset=utf-8")

    assert upload.attachment.content_type == "text/csv; charset=utf-8"
    for wrong in ("csv", "text/csv\r\nX-Own: yes", ""):
        with pytest.raises(InvalidValue, match="content_type"):
            Upload.objects.upload(b"x", "a.txt", content_type=wrong)
    assert _count_files(emulator) == 1


UNFIT = [
    (b"x", None, "name"),
    (b"x", "", "filename"),
    (io.BytesIO(b"x"), None, "name"),
    (Pipe(), None, "name"),
    (b"x", "../a.txt", "path"),
    (b"x", "C:\\a.txt", "path"),
    (b"x", "a\udcff.txt", "sent"),
    (io.StringIO("x"), "a.txt", "binary"),
    (7, "a.txt", "path"),
    (None, "a.txt", "path"),
]


@pytest.mark.parametrize(("file", "name", "why"), UNFIT)
def test_an_invalid_file_is_rejected(emulator, file, name, why):
    """The error is raised before anything is sent, and contains the remedy."""
    with pytest.raises(InvalidValue, match=why):
        Upload.objects.upload(file, name)
    with pytest.raises(InvalidValue, match=why):
        Upload.objects.upload_all([(name, file)])
    assert emulator.requests == []


def test_standard_input_has_no_name(emulator):
    """`<stdin>` is not used as a file name."""
    file = io.BytesIO(b"x")
    file.name = "<stdin>"

    with pytest.raises(InvalidValue, match="name"):
        Upload.objects.upload(file)


def test_an_unreadable_path_raises_the_error_of_python(emulator, tmp_path):
    """A missing file or a directory raises `OSError`."""
    with pytest.raises(FileNotFoundError):
        Upload.objects.upload(tmp_path / "absent")
    with pytest.raises(IsADirectoryError):
        Upload.objects.upload(tmp_path)
    assert emulator.requests == []


@pytest.mark.parametrize("source", [lambda path: path, _open, lambda path: path.read_bytes()])
def test_a_file_that_is_too_large_is_not_sent(emulator, report, monkeypatch, source):
    """Zendesk's limit is checked before the request."""
    monkeypatch.setattr(files, "MAX_BYTES", len(BYTES) - 1)
    file = source(report)

    with pytest.raises(InvalidValue, match=str(len(BYTES))):
        Upload.objects.upload(file, "a.bin")
    assert emulator.requests == []
    getattr(file, "close", lambda: None)()


def test_a_lower_limit_of_zendesk_raises(emulator):
    """A 413 raises if Zendesk's limit is lower than the known one."""
    emulator.switches.max_file_size = 10

    with pytest.raises(ValidationError) as caught:
        Upload.objects.upload(BYTES, "a.bin")
    assert caught.value.status == 413


# -- tokens ------------------------------------------------------------------


def test_an_upload_is_attached_by_its_token(emulator, report):
    """The comment has the file, and the upload costs one request."""
    upload = Upload.objects.upload(report)

    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))

    assert emulator.requests == ["POST uploads", "POST tickets"]
    (attachment,) = ticket.comments.get().attachments
    assert attachment.read() == BYTES


def test_several_files_have_one_token(emulator, report):
    """Each file is one request; the upload contains all attachments, in order."""
    file = io.BytesIO(b"c")

    upload = Upload.objects.upload_all(
        [report, ("b.txt", b"b"), ("c.bin", file, "application/x-own")]
    )

    assert emulator.requests == ["POST uploads"] * 3
    reports = [(attachment.file_name, attachment.content_type) for attachment in upload.attachments]
    assert reports == [
        ("report.pdf", "application/pdf"),
        ("b.txt", "text/plain"),
        ("c.bin", "application/x-own"),
    ]
    ticket = Ticket.objects.create(comment=Comment(body="See", uploads=[upload.token]))
    assert len(ticket.comments.get().attachments) == 3


@pytest.mark.parametrize("by", [lambda upload: upload, lambda upload: upload.token])
def test_a_file_is_added_to_an_upload(emulator, by):
    """The upload can be given as an object or as a token."""
    first = Upload.objects.upload(b"a", "a.txt")

    second = Upload.objects.upload(b"b", "b.txt", token=by(first))
    third = Upload.objects.upload_all([("c.txt", b"c")], token=by(first))

    assert first.token == second.token == third.token
    assert [attachment.file_name for attachment in third.attachments] == ["a.txt", "b.txt", "c.txt"]


def test_all_files_are_checked_before_the_first_request(emulator, report, tmp_path):
    """If a file is missing, none is uploaded."""
    with pytest.raises(FileNotFoundError):
        Upload.objects.upload_all([report, tmp_path / "absent"])
    with pytest.raises(InvalidValue, match="least"):
        Upload.objects.upload_all([])
    with pytest.raises(InvalidValue, match="values"):
        Upload.objects.upload_all([("a", b"b", "c/d", "e")])
    assert emulator.requests == []


def test_an_unknown_token_is_rejected(emulator):
    """Zendesk's response raises an error."""
    with pytest.raises(NotFound):
        Upload.objects.upload(b"a", "a.txt", token="none")


def test_deleting_an_upload(emulator):
    """Its files are deleted, too."""
    upload = Upload.objects.upload(b"a", "a.txt")

    upload.delete()

    assert emulator.requests == ["POST uploads", f"DELETE uploads/{upload.token}"]
    with pytest.raises(NotFound):
        upload.attachment.read()


def test_an_upload_belongs_to_its_account(emulator):
    """Its requests are sent to the account that was used for it."""
    emulator.connect("other")

    upload = Upload.objects.using("other").upload(b"a", "a.txt")

    assert upload.using == "other"
    assert upload.attachment.using == "other"
    upload.delete()


# -- failures ----------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, None])
@pytest.mark.parametrize("source", [lambda path: path, _open, lambda path: path.read_bytes()])
def test_an_upload_is_repeated_from_the_start(emulator, report, status, source):
    """The token of the first attempt, if any, is unused."""
    emulator.fail_next(status, after_applying=status is None)
    file = source(report)

    upload = Upload.objects.upload(file, "a.bin")

    assert emulator.requests == ["POST uploads"] * 2
    assert upload.attachment.read() == BYTES
    getattr(file, "close", lambda: None)()


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, ServerError), (None, ConnectionLost)]
)
def test_the_upload_of_a_pipe_is_not_repeated(emulator, status, error):
    """The bytes that were sent cannot be read again; the error contains this reason."""
    emulator.fail_next(status)

    with pytest.raises(error, match="again"):
        Upload.objects.upload(Pipe(), "a.bin")
    assert _count_files(emulator) == 1


def test_an_addition_to_an_upload_is_not_repeated(emulator):
    """A repeated file could be attached twice."""
    first = Upload.objects.upload(b"a", "a.txt")
    emulator.fail_next(None, after_applying=True)

    with pytest.raises(ConnectionLost):
        Upload.objects.upload(b"b", "b.txt", token=first)
    assert _count_files(emulator) == 2

    # 429 means that it was not applied.
    emulator.fail_next(429)
    Upload.objects.upload(b"c", "c.txt", token=first)
    assert _count_files(emulator) == 4


def test_a_file_is_rewound_after_a_failure(emulator):
    """A second call finds the file at its first position."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    file = io.BytesIO(BYTES)
    file.seek(10)
    emulator.fail_next(500)

    with pytest.raises(ServerError):
        Upload.objects.upload(file, "a.bin")

    assert file.tell() == 10
    assert Upload.objects.upload(file, "a.bin").attachment.read() == BYTES[10:]


# -- progress, tasks ---------------------------------------------------------


def test_progress_is_reported(emulator):
    """The callback counts bytes, for several files in total."""
    reports = []

    Upload.objects.upload(BYTES, "a.bin", progress=lambda *so_far: reports.append(so_far))
    assert reports[-1] == (len(BYTES), len(BYTES))
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})

    del reports[:]
    files = [("a", BYTES), ("e", b""), ("b", io.BytesIO(BYTES)), ("c", b"x")]
    Upload.objects.upload_all(files, progress=lambda *so_far: reports.append(so_far))
    total = 2 * len(BYTES) + 1
    assert reports[-1] == (total, total)
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})


def test_progress_of_a_pipe_has_no_total(emulator):
    """The total is None, also for files after the pipe."""
    reports = []

    files = [("a", Pipe()), ("b", b"x")]
    Upload.objects.upload_all(files, progress=lambda *so_far: reports.append(so_far))

    assert reports[-1] == (len(BYTES) + 1, None)


def test_async_uploads(emulator, report):
    """The upload runs in a thread, in the session of the task."""

    async def work():
        one = await Upload.objects.aupload(report)
        all_ = await Upload.objects.aupload_all([report, ("b.txt", b"b")], token=one)
        return [attachment.file_name for attachment in all_.attachments]

    assert asyncio.run(work()) == ["report.pdf", "report.pdf", "b.txt"]


# -- recordings --------------------------------------------------------------


def test_uploads_match_recordings(emulator, shared, sent):
    """Path, content and filename are those that Zendesk was recorded to accept."""
    recorded = sorted((shared / "recordings").glob("TestAttachmentUpload*.jsonl"))
    assert recorded

    Upload.objects.upload(b"# Read me", "README.md")

    assert sent[0].params == (("filename", "README.md"),)
    assert all('"path": "/api/v2/uploads.json"' in path.read_text() for path in recorded)


def test_a_comment_accepts_uploads_and_tokens(account):
    """Each is sent as a token, and the comment has the files afterwards."""
    one = Upload.objects.upload(b"one", filename="one.txt")
    two = Upload.objects.upload(b"two", filename="two.txt")
    ticket = Ticket.objects.create(
        subject="Files", comment=Comment(body="See these.", uploads=[one, two.token])
    )

    (comment,) = ticket.comments.all()
    assert {attachment.file_name for attachment in comment.attachments} == {"one.txt", "two.txt"}
    with pytest.raises(InvalidValue, match="uploads"):
        Comment(body="x", uploads=[5.5])
