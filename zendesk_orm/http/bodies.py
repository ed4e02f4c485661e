"""Request bodies that are read from a file while they are sent, a chunk at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import IO, Any

from zendesk_orm.errors import InvalidValue


#: Called with the number of bytes that were transferred, and of all bytes if it is known.
Progress = Callable[[int, "int | None"], object]

#: Size of one chunk in bytes.
CHUNK = 64 * 1024


class LocalIOError(Exception):
    """Wraps an `OSError` of a file, which `requests` would mistake for one of the connection."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class FileBody:
    """A file, from its current position on, as the body of a request.

    It can be sent again if the file is seekable. The file stays open.

    Args:
        file: a file opened for reading bytes.
        most: bytes that it may have; None for any number.
        progress: called after each chunk; begins at 0 if the body is sent again.

    Attributes:
        size: the number of bytes, or None if it is only known after reading.

    Raises:
        InvalidValue: the file has too many bytes.
    """

    def __init__(
        self, file: IO[bytes], *, max_bytes: int | None = None, progress: Progress | None = None
    ) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._progress = progress
        self._start = position(file)
        self._done = 0
        self.size = None if self._start is None else _remaining_bytes(file, self._start)
        self._check_size(self.size or 0)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, a chunk at a time.

        Raises:
            InvalidValue: the file returns text, or more or fewer bytes than expected.
            LocalIOError: the file cannot be read, or `progress` raised an `OSError`.
        """
        try:
            yield from self._chunks()
        except OSError as error:
            raise LocalIOError(error) from error

    def __bytes__(self) -> bytes:
        """Return all bytes, for servers in this process that do not read chunks."""
        return b"".join(self)

    def rewind(self) -> bool:
        """Return to the first position; return False if that is impossible."""
        if self._done:
            if self._start is None:
                return False
            self._file.seek(self._start)
            self._done = 0
        return True

    def _chunks(self) -> Iterator[bytes]:
        left = self.size
        while left is None or left > 0:
            # If the file grows meanwhile, its first size is sent.
            piece: Any = self._file.read(CHUNK if left is None else min(CHUNK, left))
            if not piece:
                break
            if not isinstance(piece, bytes):
                raise InvalidValue(
                    "the file returns text; open it in binary mode: open(path, 'rb')"
                )
            self._done += len(piece)
            self._check_size(self._done)
            left = None if left is None else left - len(piece)
            yield piece
            if self._progress is not None:
                self._progress(self._done, self.size)
        if left:
            raise InvalidValue(f"the file became {left} bytes shorter while it was sent")

    def _check_size(self, size: int) -> None:
        if self._max_bytes is not None and size > self._max_bytes:
            raise InvalidValue(
                f"the file has {size} bytes or more, and {self._max_bytes} are allowed"
            )

    def __repr__(self) -> str:
        return f"<Body of {'unknown size' if self.size is None else f'{self.size} bytes'}>"


def position(file: Any) -> int | None:
    """Return the position of a file, or None if the file is not seekable.

    Raises:
        ValueError: the file is closed.
    """
    seekable = getattr(file, "seekable", None)
    # `SpooledTemporaryFile` has no `seekable()` before Python 3.11, but has `seek()`.
    able = hasattr(file, "seek") and hasattr(file, "tell") if seekable is None else seekable()
    return int(file.tell()) if able else None


def _remaining_bytes(file: Any, start: int) -> int | None:
    """Return the number of bytes after a position, or None if it is unknown."""
    try:
        end = file.seek(0, os.SEEK_END)
        # Not every `seek()` returns the new position.
        end = int(file.tell() if end is None else end)
    except (OSError, ValueError):
        # Generated or decompressed files have no known end.
        return None
    finally:
        file.seek(start)
    if end > start:
        return end - start
    # A file that reports 0 bytes may still have some.
    next_byte = file.read(1)
    file.seek(start)
    return None if next_byte else 0
