"""Bytes that go out as they are: read from a file as they are sent, never whole in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import IO, Any

from zendesk_orm.errors import InvalidValue


#: What is told of a file under way: the bytes that are done, and those there are, if known.
Progress = Callable[[int, "int | None"], object]

#: Bytes that are read, sent and written at once.
CHUNK = 64 * 1024


class Interrupted(Exception):
    """An `OSError` of a file's, which the layers below would take for one of the connection's."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class Body:
    """The rest of a file, from its present position on, as the body of a request.

    It can be sent again where the file can be put back. The file stays open.

    Args:
        file: a file that was opened for reading bytes.
        most: bytes that it may have; None for any number.
        progress: what is called after each chunk; it begins anew when the body is sent again.

    Attributes:
        size: how many bytes there are, or None where only reading would tell.

    Raises:
        InvalidValue: it is no such file, or has more bytes.
    """

    def __init__(
        self, file: IO[bytes], *, most: int | None = None, progress: Progress | None = None
    ) -> None:
        self._file = file
        self._most = most
        self._progress = progress
        self._start = position(file)
        self._done = 0
        self.size = None if self._start is None else _rest(file, self._start)
        self._mind_the_limit(self.size or 0)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, a chunk at a time.

        Raises:
            InvalidValue: the file gives text, or more bytes or fewer than it may.
            Interrupted: the file cannot be read, or `progress` raised such an error.
        """
        try:
            yield from self._chunks()
        except OSError as error:
            raise Interrupted(error) from error

    def __bytes__(self) -> bytes:
        """Return all of it, for what answers in the process and has no use for chunks."""
        return b"".join(self)

    def rewind(self) -> bool:
        """Put the file back to where it was, and tell whether that could be done."""
        if self._done:
            if self._start is None:
                return False
            self._file.seek(self._start)
            self._done = 0
        return True

    def _chunks(self) -> Iterator[bytes]:
        left = self.size
        while left is None or left > 0:
            # A file that grows meanwhile is sent as long as it was.
            piece: Any = self._file.read(CHUNK if left is None else min(CHUNK, left))
            if not piece:
                break
            if not isinstance(piece, bytes):
                raise InvalidValue("the file gives text; open it in binary mode: open(path, 'rb')")
            self._done += len(piece)
            self._mind_the_limit(self._done)
            left = None if left is None else left - len(piece)
            yield piece
            if self._progress is not None:
                self._progress(self._done, self.size)
        if left:
            raise InvalidValue(f"the file became {left} bytes shorter while it was sent")

    def _mind_the_limit(self, size: int) -> None:
        if self._most is not None and size > self._most:
            raise InvalidValue(f"the file has {size} bytes or more, and {self._most} are allowed")

    def __repr__(self) -> str:
        return f"<Body of {'unknown size' if self.size is None else f'{self.size} bytes'}>"


def position(file: Any) -> int | None:
    """Return where a file is, or None when it cannot be put back there.

    Raises:
        ValueError: it is closed.
    """
    seekable = getattr(file, "seekable", None)
    # Temporary files that begin in memory do not say; they have had `seek` all along.
    able = hasattr(file, "seek") and hasattr(file, "tell") if seekable is None else seekable()
    return int(file.tell()) if able else None


def _rest(file: Any, start: int) -> int | None:
    """Return how many bytes lie behind a position, or None where the file does not tell."""
    try:
        end = file.seek(0, os.SEEK_END)
        # Not every `seek` returns where it went.
        end = int(file.tell() if end is None else end)
    except (OSError, ValueError):
        # What is made up or unpacked as it is read has no end to go to.
        return None
    finally:
        file.seek(start)
    if end > start:
        return end - start
    # Or it says that it is empty.
    more = file.read(1)
    file.seek(start)
    return None if more else 0
