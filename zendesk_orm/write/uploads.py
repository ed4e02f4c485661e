"""Files on their way to Zendesk.

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
from zendesk_orm.http.bodies import Body, Progress
from zendesk_orm.http.request import Request
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import object_in
from zendesk_orm.session.session import Session


#: Bytes that a file may have. Recalled and not confirmed ([M]): 50 MB, taken here for the
#: larger of its two meanings, so that nothing is refused which Zendesk may take.
LARGEST = 50 * 1024 * 1024

_UNKNOWN = "application/octet-stream"
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;[\x20-\x7e]*)?", re.ASCII)

#: What can be uploaded: a path, bytes, or a file that is open for reading bytes.
File = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]


@frozen
class Outgoing:
    """A file that was found fit to be sent, and has not been opened yet.

    Attributes:
        file: its path, its bytes, or a file of the caller's, which stays open.
        name: what it will be called at Zendesk.
        type: its MIME type.
        size: how many bytes there are, or None where only reading would tell.
    """

    file: Path | bytes | IO[bytes]
    name: str
    type: str
    size: int | None

    @contextmanager
    def body(self, progress: Progress | None) -> Generator[Body]:
        """Open the file, and close it again if it was opened here."""
        if isinstance(self.file, Path):
            with self.file.open("rb") as opened:
                yield Body(opened, most=LARGEST, progress=progress)
        else:
            given = io.BytesIO(self.file) if isinstance(self.file, bytes) else self.file
            yield Body(given, most=LARGEST, progress=progress)


def outgoing(file: Any, name: str | None = None, kind: str | None = None) -> Outgoing:
    """Look at a file before anything is sent.

    Args:
        file: a path, bytes, or a file that is open for reading bytes.
        name: what it will be called; by default the last part of its path.
        kind: its MIME type; by default what its name suggests.

    Raises:
        InvalidValue: it is none of these, has no name or one that cannot be sent, or is
            too large.
        OSError: there is no such file.
    """
    found: Path | bytes | IO[bytes]
    size: int | None
    if isinstance(file, (bytes, bytearray, memoryview)):
        found, size = bytes(file), len(bytes(file))
    elif isinstance(file, (str, os.PathLike)):
        found, size = _at(Path(file))
    elif hasattr(file, "read"):
        if isinstance(file, io.TextIOBase):
            raise InvalidValue("the file gives text; open it in binary mode: open(path, 'rb')")
        found, size = file, Body(file).size
    else:
        raise InvalidValue(
            f"wants a path, bytes, or a file that is open for reading, not {type(file).__name__}"
        )
    called = _name(found, name)
    if size and size > LARGEST:
        raise InvalidValue(f"{called!r} has {size} bytes; Zendesk takes {LARGEST} at most")
    return Outgoing(found, called, _type(called, kind), size)


def upload(
    session: Session,
    endpoint: Endpoint,
    file: Outgoing,
    token: str | None = None,
    progress: Progress | None = None,
) -> Row:
    """Send a file and return the row of its upload.

    Args:
        session: where to.
        endpoint: what uploads files.
        file: what to send.
        token: of an upload that the file is to join.
        progress: what is told after each chunk.

    Raises:
        InvalidValue: the file cannot be read as it was found.
        ValidationError (413) and the other `ApiError`s; `TransportError`.
    """
    if session.outbox is not None and session.outbox.silent:
        session.outbox.told(f"upload {file.name!r}")
        return {"token": token or "not sent", "attachment": None, "attachments": []}
    params = {"filename": file.name, "token": token}
    with file.body(progress) as body:
        request = Request(
            endpoint.method,
            endpoint.url,
            params=tuple((key, value) for key, value in params.items() if value is not None),
            headers={"Content-Type": file.type},
            body=body,
            # Sent twice, a file leaves a token that nobody learns and that expires within the
            # hour. Under a token that is known it would be there twice, and be attached twice.
            safe=token is None,
        )
        try:
            return object_in(request, session.account.transport.send(request), "upload")
        except BaseException:
            # As it was found, for whoever tries again.
            with suppress(OSError, ValueError):
                body.rewind()
            raise


def _at(path: Path) -> tuple[Path, int | None]:
    """Return a path and the size of its file.

    Raises:
        OSError: there is none.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    size = path.stat().st_size
    # Pipes and devices have none, and what the system makes up as it is read says 0.
    return path, size or None


def _name(file: Path | bytes | IO[bytes], given: str | None) -> str:
    """Return the name of a file: the one given, or the last part of its path.

    Raises:
        InvalidValue: there is none, or one that cannot be sent.
    """
    name = given
    if name is None and not isinstance(file, bytes):
        own: Any = getattr(file, "name", None)
        name = os.path.basename(own) if isinstance(own, str) else None  # noqa: PTH119 - no path yet
    # Standard input and its like are called `<stdin>`.
    if not name or (given is None and name.startswith("<")):
        raise InvalidValue("there is no name to be called by; give it one: filename='report.pdf'")
    if given is not None and re.search(r"[/\\]", given):
        raise InvalidValue(f"filename wants a name, not a path: {given!r}")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{name!r} cannot be sent; give a name: filename='report.pdf'") from None
    return name


def _type(name: str, given: str | None) -> str:
    """Return the MIME type: the one given, or what the name suggests.

    Raises:
        InvalidValue: it is none.
    """
    if given is not None:
        if not _TYPE.fullmatch(given):
            raise InvalidValue(f"content_type wants the form text/plain, not {given!r}")
        return given
    guessed, packed = mimetypes.guess_type(name)
    if packed:
        # `a.tar.gz` is suggested to be a tar file, and would not open as one.
        return f"application/{packed}" if packed == "gzip" else _UNKNOWN
    return guessed or _UNKNOWN
