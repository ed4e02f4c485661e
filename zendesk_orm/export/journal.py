"""The journal of an export: the rows that were read, and the position up to which they count.

Both are in a folder next to the path of the export, `tickets.parquet.partial`. The rows of a page
are appended to the journal, and afterwards the position is replaced, so that it never counts rows
that are missing. Rows after the position are removed when the export is continued.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from attrs import asdict, define, frozen

from zendesk_orm.durable_files import dump_with_digest, load_with_digest, read_file
from zendesk_orm.errors import InvalidValue
from zendesk_orm.export.locks import acquire_lock


_VERSION = 3
_LENGTH_BYTES, _CHECKSUM_BYTES = 8, 4
_REMEDY = "the export cannot be continued: export again without resume=True"


@frozen
class Position:
    """The position of an export.

    Attributes:
        query: the digest of the query and of the account.
        layout: the digest of columns, format and partitions.
        token: the token with which reading continues; None at the beginning.
        rows: the number of rows in the journal.
        size: the number of bytes of the journal.
        is_complete: whether all rows were read.
        is_written: whether the file is written, and only has to be renamed.
    """

    query: str
    layout: str
    token: str | None = None
    rows: int = 0
    size: int = 0
    is_complete: bool = False
    is_written: bool = False

    def to_text(self) -> str:
        """Return the position as text."""
        return dump_with_digest({"version": _VERSION, **asdict(self)})

    @classmethod
    def from_text(cls, text: bytes) -> Position | None:
        """Return the position of a text; None if it is damaged or of another version."""
        values = load_with_digest(text)
        if values is None or values.pop("version", None) != _VERSION:
            return None
        return cls(**values)


@frozen(eq=False)
class Entry:
    """Encoded rows of one page and one file.

    Attributes:
        folder: the folder of the file; "" for a single file.
        payload: the rows.
        rows: the number of rows.
        ids: the identities of the rows as JSON; empty if each row is kept.
    """

    folder: str
    payload: bytes
    rows: int
    ids: bytes = b""

    def load_ids(self) -> list[str]:
        """Return the identities of the rows."""
        ids: list[str] = json.loads(self.ids or b"[]")
        return ids

    def select(
        self, positions: Sequence[int], select: Callable[[bytes, Sequence[int]], bytes]
    ) -> Entry:
        """Return an entry with the rows at some positions, by a function that decodes them."""
        return Entry(self.folder, select(self.payload, positions), len(positions))

    def write_to(self, file: IO[bytes]) -> None:
        """Append the entry to a file."""
        for part in (self.folder.encode(), self.payload, b"%d" % self.rows, self.ids):
            file.write(len(part).to_bytes(_LENGTH_BYTES, "little"))
            file.write(crc32(part).to_bytes(_CHECKSUM_BYTES, "little"))
            file.write(part)


def read_entries(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the entries of a file from its beginning.

    Raises:
        ValueError: the file is damaged.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    while file.tell() < end:
        folder, payload, rows, ids = (_read_part(file, end) for _ in range(4))
        yield Entry(folder.decode(), payload, int(rows), ids)


def _read_part(file: IO[bytes], end: int) -> bytes:
    """Return one part of an entry of a file that ends at a position."""
    length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    checksum = int.from_bytes(file.read(_CHECKSUM_BYTES), "little")
    # Python would take the memory of a length that is damaged before it reads a byte.
    part = file.read(length) if length <= end - file.tell() else b""
    if len(part) != length or crc32(part) != checksum:
        raise ValueError("a part of an entry is damaged")
    return part


@define(eq=False)
class Journal:
    """The journal of the export to one path, locked until it is closed.

    Attributes:
        folder: the folder with its files.
    """

    folder: Path
    _lock: IO[bytes] | None = None
    _file: IO[bytes] | None = None
    _is_removed: bool = False

    @classmethod
    def acquire(cls, target: Path) -> Journal:
        """Return the journal of the export to a path, and lock it.

        Raises:
            BlockingIOError: another process exports to this path.
            OSError: the folder cannot be created.
        """
        folder = target.with_name(f"{target.name}.partial")
        lock = acquire_lock(folder / "lock")
        if lock is None:
            raise BlockingIOError(
                errno.EAGAIN,
                "another export to this path is running; wait for its end, or choose another path",
                str(target),
            )
        return cls(folder, lock)

    @property
    def output(self) -> Path:
        """The path of the complete file, or folder, before it is renamed."""
        return self.folder / "output"

    @property
    def replaced(self) -> Path:
        """The path of a folder that is being replaced."""
        return self.folder / "replaced"

    def read_position(self) -> Position | None:
        """Return the position of an interrupted export; None without one.

        Raises:
            InvalidValue: the position is damaged, or was written by another version of this
                library.
            OSError: it cannot be read.
        """
        path = self.folder / "position.json"
        try:
            position = Position.from_text(read_file(path))
        except FileNotFoundError:
            return None
        if position is None:
            raise InvalidValue(
                f"{path} is damaged, or was written by another version of zendesk_orm; {_REMEDY}"
            )
        return position

    def begin(self, position: Position) -> None:
        """Open the journal for rows after a position.

        Raises:
            InvalidValue: the rows before the position are missing or damaged.
        """
        path = self.folder / "rows"
        if position.size == 0:
            self._unlink("position.json")
            self._file = path.open("w+b")
            return
        try:
            self._file = path.open("r+b")
            size = os.fstat(self._file.fileno()).st_size
            self._file.truncate(min(size, position.size))
            # Reading checks each entry.
            is_intact = size >= position.size and all(True for _ in self.read())
        except (FileNotFoundError, ValueError):
            is_intact = False
        if not is_intact:
            raise InvalidValue(f"{path} is damaged; {_REMEDY}")

    def append(self, entry: Entry) -> None:
        """Append encoded rows of one file."""
        entry.write_to(self._open_file)

    def flush(self) -> int:
        """Write appended rows to the disk, and return the size of the journal."""
        self._open_file.flush()
        os.fsync(self._open_file.fileno())
        size: int = self._open_file.tell()
        return size

    def commit(self, position: Position) -> None:
        """Replace the position, up to which the rows are on the disk."""
        path = self.folder / "position.new"
        with path.open("w", encoding="utf-8") as file:
            file.write(position.to_text())
            file.flush()
            os.fsync(file.fileno())
        path.replace(self.folder / "position.json")

    def read(self) -> Iterator[Entry]:
        """Yield the entries of the journal as they were appended."""
        return read_entries(self._open_file)

    def clear_output(self) -> None:
        """Remove the file, or folder, that an interrupted export was building."""
        if self.output.is_dir():
            shutil.rmtree(self.output)
        else:
            self.output.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the journal; the export is complete, or nothing was read."""
        if self._is_removed:
            # The folder may belong to another export by now.
            return
        self._is_removed = True
        self._close_file()
        self.clear_output()
        for name in ("rows", "position.json", "position.new"):
            self._unlink(name)
        if self.replaced.exists():
            shutil.rmtree(self.replaced)
        self._remove_lock()

    def close(self) -> None:
        """Release the lock; the journal stays."""
        self._close_file()
        if self._lock is not None:
            self._lock.close()
        if sys.platform == "win32" and self._is_removed:
            # Windows removes no open file, and none that another export has opened since.
            self._remove_lock()

    @property
    def _open_file(self) -> Any:
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            # After an error, rows in the buffer may not fit on the disk.
            with suppress(OSError):
                self._file.close()

    def _remove_lock(self) -> None:
        # Another export may have begun; its files stay.
        with suppress(OSError):
            (self.folder / "lock").unlink()
            self.folder.rmdir()

    def _unlink(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
