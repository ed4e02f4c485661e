"""Files to be uploaded.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#upload-files
"""

from __future__ import annotations

import errno
import io
import mimetypes
import os
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.bodies import FileBody, Progress
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.row import Row
from zendesk_orm.session.responses import object_in
from zendesk_orm.session.session import Session


#: The size of the largest file in bytes. Recalled and not confirmed ([M]): 50 MB, taken as the
#: larger of its two meanings, so that no file is rejected that Zendesk may accept.
MAX_BYTES = 50 * 1024 * 1024
#: The id of an uploaded file in a dry run, with which further changes can be shown.
NOT_SENT = "not sent"

_UNKNOWN_TYPE = "application/octet-stream"
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;[\x20-\x7e]*)?", re.ASCII)

#: A file to upload: a path, bytes, or a file that is open for reading bytes.
File = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]


@frozen
class Outgoing:
    """A file that was checked, and has not been opened yet.

    Attributes:
        file: its path, its bytes, or an open file of the caller, which stays open.
        name: its name at Zendesk.
        type: its MIME type.
        size: its size in bytes, or None if it is unknown before the file has been read.
    """

    file: Path | bytes | IO[bytes]
    name: str
    type: str
    size: int | None

    @contextmanager
    def open(self) -> Generator[IO[bytes]]:
        """Open the file, and close it at the end unless the caller opened it."""
        if isinstance(self.file, Path):
            with self.file.open("rb") as opened:
                yield opened
        else:
            yield io.BytesIO(self.file) if isinstance(self.file, bytes) else self.file

    @contextmanager
    def body(self, progress: Progress | None) -> Generator[FileBody]:
        """Open the file as the body of a request."""
        with self.open() as content:
            yield FileBody(content, max_bytes=MAX_BYTES, progress=progress)


def outgoing(file: Any, name: str | None = None, content_type: str | None = None) -> Outgoing:
    """Check a file before anything is sent.

    Args:
        file: a path, bytes, or a file that is open for reading bytes.
        name: its name at Zendesk; by default the last part of its path.
        content_type: its MIME type; by default that of its extension.

    Raises:
        InvalidValue: the file is invalid or too large, or has no valid name.
        OSError: the file does not exist.
    """
    content: Path | bytes | IO[bytes]
    size: int | None
    if isinstance(file, (str, os.PathLike)):
        content, size = _stat(Path(file))
    elif isinstance(file, (bytes, bytearray, memoryview)):
        content = bytes(file)
        size = len(content)
    elif isinstance(file, io.TextIOBase):
        raise InvalidValue("the file must be open in binary mode: open(path, 'rb')")
    elif hasattr(file, "read"):
        content, size = file, FileBody(file).size
    else:
        raise InvalidValue(
            "the file must be a path, bytes, or a file that is open for reading bytes, not "
            f"{type(file).__name__}"
        )
    file_name = _name_of(content, name)
    if size and size > MAX_BYTES:
        raise InvalidValue(
            f"{display(file_name)} is too large: it has {size} bytes, and Zendesk accepts "
            f"{MAX_BYTES}"
        )
    return Outgoing(content, file_name, _type_of(file_name, content_type), size)


@frozen(eq=False)
class _Upload:
    """An upload of a file, ready to be sent."""

    session: Session
    endpoint: Endpoint
    file: Outgoing
    token: str | None
    progress: Progress | None

    def send(self) -> Row:
        """Send the file and return the row of its upload."""
        params = {"filename": self.file.name, "token": self.token}
        with self.file.body(self.progress) as body:
            request = Request(
                self.endpoint.method,
                self.endpoint.url,
                params=tuple((key, value) for key, value in params.items() if value is not None),
                headers={"Content-Type": self.file.type},
                body=body,
                # Sent twice, a file without a token leaves an unused upload, which expires within
                # the hour. Under a token it would be attached twice.
                safe=self.token is None,
            )
            try:
                response = self.session.account.transport.send(request)
                return object_in(request, response, "upload")
            except BaseException:
                # The file can be sent again from the same position.
                with suppress(OSError, ValueError):
                    body.rewind()
                raise

    def defer(self, unit: Any) -> Row:
        """Send the file at once in a batch; in a dry run, return a row with a placeholder token."""
        row: Row | None = unit.upload(self, self.file.name)
        return row or {"token": self.token or NOT_SENT, "attachment": None, "attachments": []}


def upload(
    session: Session,
    endpoint: Endpoint,
    file: Outgoing,
    token: str | None = None,
    progress: Progress | None = None,
) -> Row:
    """Send a file and return the row of its upload.

    Args:
        session: the session to send with.
        endpoint: the endpoint for uploads.
        file: the file.
        token: the token of an upload that the file is added to.
        progress: a function that is called with the bytes that were sent, and with all bytes.

    Raises:
        InvalidValue: the file cannot be read any more.
        ValidationError (413) and the other `ApiError`s; `TransportError`.
    """
    row: Row = session.sender.submit(_Upload(session, endpoint, file, token, progress))
    return row


# -- names and types ---------------------------------------------------------


def _stat(path: Path) -> tuple[Path, int | None]:
    """Return a path and the size of its file.

    Raises:
        OSError: the file does not exist.
        InvalidValue: no file can have this path.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    try:
        size = path.stat().st_size
    except ValueError as error:
        raise InvalidValue(f"{display(str(path))} is no path of a file: {error}") from None
    # Pipes and devices report a size of 0, and so do files that the system generates.
    return path, size or None


def _name_of(file: Path | bytes | IO[bytes], name: str | None) -> str:
    """Return the name of a file: the one that was passed, or the last part of its path.

    Raises:
        InvalidValue: the name is missing or invalid.
    """
    file_name = None if name is None else require_text("filename", name)
    if file_name is None and not isinstance(file, bytes):
        path: Any = getattr(file, "name", None)
        file_name = os.path.basename(path) if isinstance(path, str) else None  # noqa: PTH119 - no path yet
    # Standard input has the name `<stdin>`.
    if not file_name or (name is None and file_name.startswith("<")):
        raise InvalidValue("the file must have a name: filename='report.pdf'")
    if name is not None and re.search(r"[/\\]", name):
        raise InvalidValue(f"filename must be a name, not a path: {display(name)}")
    try:
        file_name.encode()
    except UnicodeEncodeError:
        raise InvalidValue(
            f"{display(file_name)} cannot be sent; pass another name: filename='report.pdf'"
        ) from None
    return file_name


def _type_of(name: str, content_type: str | None) -> str:
    """Return the MIME type of a file: the one that was passed, or that of its extension.

    Raises:
        InvalidValue: it is invalid.
    """
    if content_type is not None:
        if not _TYPE.fullmatch(require_text("content_type", content_type)):
            raise InvalidValue(
                f"content_type must have the form text/plain, not {display(content_type)}"
            )
        return content_type
    guessed, encoding = mimetypes.guess_type(name)
    if encoding:
        # `a.tar.gz` is guessed to be a tar file, and could not be opened as one.
        return f"application/{encoding}" if encoding == "gzip" else _UNKNOWN_TYPE
    return guessed or _UNKNOWN_TYPE
