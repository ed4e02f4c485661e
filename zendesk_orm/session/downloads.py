"""Downloads: files at Zendesk, written to a local file or read by the caller as they arrive.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import errno
import io
import os
import re
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue, MalformedResponse, TransportError
from zendesk_orm.http.bodies import CHUNK, Progress, position
from zendesk_orm.http.clock import check_cancelled
from zendesk_orm.http.request import Request, redact_path
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from zendesk_orm.http.wire import StreamingResponse


#: Bytes of a name; file systems accept 255, and some programs append to names.
_MAX_BYTES = 200
#: Characters that are replaced: control characters, marks that reverse the direction of text
#: (`gpj.exe` displayed as `exe.jpg`), and characters with a meaning on Windows.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]')
#: Names of devices on Windows, with any text after the first dot.
_DEVICE = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)


def safe_name(name: str | None, fallback: str) -> str:
    """Return a name that stays in the directory in which it is created, on any system.

    Args:
        name: the name from Zendesk, chosen by another person.
        fallback: the name to use if no character remains.
    """
    # File systems do not accept a lone surrogate, which JSON can contain.
    text = (name or "").encode("utf-8", "replace").decode()
    text = re.split(r"[/\\]", text)[-1]
    # Windows removes blanks and dots at the end; `..` is removed, too.
    text = _FORBIDDEN.sub("_", text).lstrip().rstrip(". ")
    if _DEVICE.match(text):
        text = f"_{text}"
    return _short(text) or fallback


def _short(name: str) -> str:
    """Return a name that is short enough, with its extension."""
    encoded = name.encode()
    if len(encoded) <= _MAX_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}".encode()
    if not stem or len(tail) > 20:
        stem, tail = name, b""
    shortened = stem.encode()[: _MAX_BYTES - len(tail)]
    # A character that was cut in half is omitted.
    return (shortened.decode(errors="ignore").rstrip(". ") or "_") + tail.decode()


#: Without encoding: a file that is stored compressed must arrive so, to compare its size.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}


@frozen
class Remote:
    """A file at Zendesk.

    Attributes:
        links: its addresses; one on the account's host is preferred.
        name: its name, chosen by the sender.
        fallback: the name to use if `name` is not valid.
        size: its size in bytes, or None if it is unknown.
    """

    links: tuple[str, ...]
    name: str | None
    fallback: str
    size: int | None

    def request(self, transport: Transport) -> Request:
        """Return the request for the file.

        Raises:
            InvalidValue: the file has no address.
        """
        if not self.links:
            raise InvalidValue(f"{display(self.name or self.fallback)} has no address at Zendesk")
        # Credentials are for the account's host only, and a private file needs them.
        link = next(filter(transport.is_own_host, self.links), self.links[0])
        return Request("GET", link, headers=_HEADERS)

    def check(self, done: int) -> None:
        """Compare the number of bytes that arrived with the size of the file.

        Raises:
            MalformedResponse: the numbers differ.
        """
        if self.size is not None and done != self.size:
            prefix = "more than " if done > self.size else ""
            raise MalformedResponse(
                "GET",
                redact_path(self.links[0]),
                200,
                description=f"{prefix}{min(done, self.size)} bytes arrived, not the {self.size} of "
                f"{display(self.name)}; if the file is private, this may be a sign-in page",
            )


class _StreamedFile(io.RawIOBase):
    """The bytes of a file as they arrive; their number is checked at the end."""

    def __init__(self, remote: Remote, response: StreamingResponse) -> None:
        self._remote = remote
        self._incoming = response
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._incoming.read(len(buffer))
        buffer[: len(piece)] = piece
        self._done += len(piece)
        if not piece:
            self._remote.check(self._done)
        return len(piece)

    def close(self) -> None:
        self._incoming.close()
        super().close()


def open_file(transport: Transport, remote: Remote) -> io.BufferedReader:
    """Return a file that is read as it arrives; the caller closes it.

    Reading raises `MalformedResponse` if the file ends too early.

    Raises:
        InvalidValue: the file has no address.
        ApiError, TransportError, ForeignHost: the download failed.
    """
    request = remote.request(transport)
    raw = transport.receive(request, lambda response: _StreamedFile(remote, response))
    return io.BufferedReader(raw, CHUNK)


def write_to(
    transport: Transport, remote: Remote, file: IO[bytes], progress: Progress | None = None
) -> None:
    """Download a file into an open one, from its current position on.

    After an error, the open file is reset to that position, if possible.

    Args:
        transport: the connection to the account's host.
        remote: the file at Zendesk.
        file: a file opened for writing bytes; it stays open.
        progress: called after each chunk.

    Raises:
        InvalidValue: `file` was opened for text, or the file has no address.
        MalformedResponse: the size differs from that of the file.
        ApiError, TransportError, ForeignHost: the download failed.
    """
    target_file: Any = file
    if isinstance(target_file, io.TextIOBase):
        raise InvalidValue("the file takes text; open it in binary mode: open(path, 'wb')")
    target = _Target(file)
    try:
        take = target.writer(remote.size, progress)
        remote.check(transport.receive(remote.request(transport), take))
    except BaseException:
        # The first error is more important than one of the local file.
        with suppress(OSError, ValueError):
            target.reset()
        raise


def save_to(
    transport: Transport,
    remote: Remote,
    to: str | os.PathLike[str] | None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Download a file to a path, or under its name into a directory; never a part of it.

    Args:
        transport: the connection to the account's host.
        remote: the file at Zendesk.
        to: the path, or a directory; None for the current one.
        overwrite: whether an existing file may be replaced.
        progress: called after each chunk.

    Returns:
        The path of the file.

    Raises:
        FileExistsError: the file exists, and nothing was requested.
        OSError: the file cannot be written.
        MalformedResponse: the size differs from that of the file.
        ApiError, TransportError, ForeignHost: the download failed.
    """
    path = _path(remote, to)
    if not overwrite and os.path.lexists(path):
        raise file_exists(path)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            write_to(transport, remote, file, progress)
        move_into_place(part, path, overwrite=overwrite)
    finally:
        part.unlink(missing_ok=True)
    return path


class _Target:
    """The open file that a download is written to, and its first position."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = position(file)
        self._done = 0

    def writer(
        self, size: int | None, progress: Progress | None
    ) -> Callable[[StreamingResponse], int]:
        """Return a function that writes a response and returns the number of bytes."""

        def take(response: StreamingResponse) -> int:
            self.reset()
            with response:
                for piece in _pieces(response, size):
                    self._write(piece)
                    self._done += len(piece)
                    if progress is not None:
                        progress(self._done, size)
            return self._done

        return take if self._start is not None else self._write_once(take)

    def reset(self) -> None:
        """Return the file to its first position."""
        if self._done and self._start is not None:
            self._file.seek(self._start)
            self._file.truncate()
        self._done = 0

    def _write_once(
        self, take: Callable[[StreamingResponse], int]
    ) -> Callable[[StreamingResponse], int]:
        def take_once(response: StreamingResponse) -> int:
            try:
                return take(response)
            except TransportError as error:
                if not self._done:
                    raise
                # Raised as a class that is not retried.
                raise TransportError(
                    f"{error}; the file was not requested again, because the {self._done} bytes "
                    "that were written cannot be removed"
                ) from None

        return take_once

    def _write(self, piece: bytes) -> None:
        written = self._file.write(piece)
        # Files without a buffer may write only a part of the bytes.
        while isinstance(self._file, io.RawIOBase) and written and written < len(piece):
            piece = piece[written:]
            written = self._file.write(piece)


def _pieces(response: StreamingResponse, size: int | None) -> Iterable[bytes]:
    """Yield the bytes as they arrive, up to the first that exceed the size."""
    done = 0
    while (size is None or done <= size) and (piece := response.read(CHUNK)):
        check_cancelled()
        done += len(piece)
        yield piece


def _path(remote: Remote, to: str | os.PathLike[str] | None) -> Path:
    """Return the path of the new file.

    Raises:
        InvalidValue: `to` is not a path.
    """
    name = safe_name(remote.name, remote.fallback)
    if to is None:
        return Path(name)
    try:
        path = Path(os.fsdecode(os.fspath(to)))
        with suppress(OSError):
            path.lstat()
    except (TypeError, ValueError):
        raise InvalidValue(
            f"to must be a path, a folder or an open binary file, not {display(to)}"
        ) from None
    # A separator at the end denotes a directory, which must exist.
    is_directory = os.fsdecode(to).endswith(("/", os.sep))
    return path / name if is_directory or path.is_dir() else path


def move_into_place(part: Path, path: Path, *, overwrite: bool) -> None:
    """Rename a complete file, unless a file of that name was created meanwhile.

    Raises:
        FileExistsError: the file exists, and `overwrite` is False.
    """
    if overwrite:
        part.replace(path)
        return
    try:
        # Unlike renaming, a link does not replace a file.
        path.hardlink_to(part)
    except FileExistsError:
        raise file_exists(path) from None
    except OSError:
        # The file system does not support links.
        if os.path.lexists(path):
            raise file_exists(path) from None
        part.rename(path)


def file_exists(path: Path) -> FileExistsError:
    """Return the error for a file that would be replaced."""
    return FileExistsError(
        errno.EEXIST, f"{os.strerror(errno.EEXIST)} (overwrite=True replaces it)", str(path)
    )
