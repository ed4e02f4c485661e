"""Files at Zendesk, read as they arrive: to a file here, or by whoever asks.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import errno
import io
import os
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue, MalformedResponse, TransportError
from zendesk_orm.http.bodies import CHUNK, Progress, position
from zendesk_orm.http.cancellation import check_cancelled
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.transport import Transport
from zendesk_orm.session.file_names import safe_name


if TYPE_CHECKING:
    from zendesk_orm.http.wire import Incoming

#: As it is: what is kept compressed has to come so, or its size could not be compared.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}


@frozen
class Remote:
    """A file at Zendesk.

    Attributes:
        links: its addresses; the account's own is asked, where there is one.
        name: what it is called, by whoever sent it.
        otherwise: what it is called where that is no name.
        size: how many bytes it has, or None when nobody says.
    """

    links: tuple[str, ...]
    name: str | None
    otherwise: str
    size: int | None

    def request(self, transport: Transport) -> Request:
        """Return the request for the file.

        Raises:
            InvalidValue: it has no address.
        """
        if not self.links:
            raise InvalidValue(f"{self.name or self.otherwise!r} has no address at Zendesk")
        # Credentials are for the account's host only, and a private file needs them.
        link = next(filter(transport.at_home, self.links), self.links[0])
        return Request("GET", link, headers=_HEADERS)

    def check(self, done: int) -> None:
        """Compare the size of what came with that of the file.

        Raises:
            MalformedResponse: they differ.
        """
        if self.size is not None and done != self.size:
            more = "more than " if done > self.size else ""
            raise MalformedResponse(
                "GET",
                shown(self.links[0]),
                200,
                description=f"{more}{min(done, self.size)} bytes came, not the {self.size} of "
                f"{self.name!r}; a page to sign in at comes where a file is private",
            )


class _Arriving(io.RawIOBase):
    """The bytes of a file as they arrive; at the end their number is checked."""

    def __init__(self, remote: Remote, incoming: Incoming) -> None:
        self._remote = remote
        self._incoming = incoming
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


def opened(transport: Transport, remote: Remote) -> io.BufferedReader:
    """Return a file that is read as it arrives, and closed by whoever asked.

    Reading raises `MalformedResponse` at an end that comes too early.

    Raises:
        InvalidValue: it has no address.
        ApiError, TransportError, ForeignHost: it could not be had.
    """
    request = remote.request(transport)
    raw = transport.receive(request, lambda incoming: _Arriving(remote, incoming))
    return io.BufferedReader(raw, CHUNK)


def poured(
    transport: Transport, remote: Remote, file: IO[bytes], progress: Progress | None = None
) -> None:
    """Write a file into one that is open, from its present position on.

    Where it fails, the open file is put back to that position, if it can be.

    Args:
        transport: the way to the account's host.
        remote: what to fetch.
        file: is open for writing bytes, and stays so.
        progress: what is told after each chunk.

    Raises:
        InvalidValue: it takes text, or there is no address.
        MalformedResponse: the size is not that of the file.
        ApiError, TransportError, ForeignHost: the file could not be had.
    """
    given: Any = file
    if isinstance(given, io.TextIOBase):
        raise InvalidValue("the file takes text; open it in binary mode: open(path, 'wb')")
    target = _Target(file)
    try:
        take = target.taking(remote.size, progress)
        remote.check(transport.receive(remote.request(transport), take))
    except BaseException:
        # What is being raised matters more than what the file says to this.
        with suppress(OSError, ValueError):
            target.reset()
        raise


def saved(
    transport: Transport,
    remote: Remote,
    to: str | os.PathLike[str] | None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a file to a path, or under its own name into a directory; all of it or nothing.

    Args:
        transport: the way to the account's host.
        remote: what to fetch.
        to: the path, or a directory; None for the present one.
        overwrite: whether a file that is there may be replaced.
        progress: what is told after each chunk.

    Returns:
        Where it is.

    Raises:
        FileExistsError: there is a file, and nothing was asked for.
        OSError: it cannot be written there.
        MalformedResponse: the size is not that of the file.
        ApiError, TransportError, ForeignHost: the file could not be had.
    """
    path = _path(remote, to)
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            poured(transport, remote, file, progress)
        _settle(part, path, overwrite=overwrite)
    finally:
        part.unlink(missing_ok=True)
    return path


class _Target:
    """An open file that what arrives is written to, and where that began."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = position(file)
        self._done = 0

    def taking(self, size: int | None, progress: Progress | None) -> Callable[[Incoming], int]:
        """Return what writes an answer and returns the number of bytes."""

        def take(incoming: Incoming) -> int:
            self.reset()
            with incoming:
                for piece in _pieces(incoming, size):
                    self._write(piece)
                    self._done += len(piece)
                    if progress is not None:
                        progress(self._done, size)
            return self._done

        return take if self._start is not None else self._once(take)

    def reset(self) -> None:
        """Put the file back to where it was."""
        if self._done and self._start is not None:
            self._file.seek(self._start)
            self._file.truncate()
        self._done = 0

    def _once(self, take: Callable[[Incoming], int]) -> Callable[[Incoming], int]:
        def take_once(incoming: Incoming) -> int:
            try:
                return take(incoming)
            except TransportError as error:
                if not self._done:
                    raise
                # Of a kind that is not tried again.
                raise TransportError(
                    f"{error}; the file was not asked for again, because the {self._done} bytes "
                    "that were written cannot be taken back"
                ) from None

        return take_once

    def _write(self, piece: bytes) -> None:
        written = self._file.write(piece)
        # Files without a buffer may take less than they are given.
        while isinstance(self._file, io.RawIOBase) and written and written < len(piece):
            piece = piece[written:]
            written = self._file.write(piece)


def _pieces(incoming: Incoming, size: int | None) -> Iterable[bytes]:
    """Yield what arrives, up to the first bytes that are too many."""
    done = 0
    while (size is None or done <= size) and (piece := incoming.read(CHUNK)):
        check_cancelled()
        done += len(piece)
        yield piece


def _path(remote: Remote, to: str | os.PathLike[str] | None) -> Path:
    name = safe_name(remote.name, remote.otherwise)
    if to is None:
        return Path(name)
    path = Path(to)
    # With a separator at its end it is meant to be a directory, which then has to be there.
    meant = os.fspath(to).endswith(("/", os.sep))
    return path / name if meant or path.is_dir() else path


def _settle(part: Path, path: Path, *, overwrite: bool) -> None:
    """Give what has arrived its name, which nobody may have taken in the meantime."""
    if overwrite:
        part.replace(path)
        return
    try:
        # Unlike renaming, this replaces nothing.
        path.hardlink_to(part)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:
        # A file system without such links.
        if os.path.lexists(path):
            raise _exists(path) from None
        part.rename(path)


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(
        errno.EEXIST, f"{os.strerror(errno.EEXIST)} (overwrite=True replaces it)", str(path)
    )
