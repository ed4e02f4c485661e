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

from attrs import asdict, define, fields_dict, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.export.locks import acquire_lock


_VERSION = 2
_LENGTH_BYTES = 8


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
        version: the version of the journal.
    """

    query: str
    layout: str
    token: str | None = None
    rows: int = 0
    size: int = 0
    is_complete: bool = False
    is_written: bool = False
    version: int = _VERSION


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
            file.write(part)


def read_entries(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the entries of a file from its beginning."""
    file.seek(0)
    while length := file.read(_LENGTH_BYTES):
        folder = file.read(int.from_bytes(length, "little")).decode()
        payload, rows, ids = (
            file.read(int.from_bytes(file.read(_LENGTH_BYTES), "little")) for _ in range(3)
        )
        yield Entry(folder, payload, int(rows), ids)


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
            InvalidValue: the position was written by another version of this library.
        """
        try:
            values = json.loads((self.folder / "position.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            values = {}
        if values.get("version") != _VERSION or values.keys() != fields_dict(Position).keys():
            raise InvalidValue(
                f"{self.folder} was written by another version of zendesk_orm and cannot be "
                "continued; export again without resume=True"
            )
        return Position(**values)

    def begin(self, position: Position) -> None:
        """Open the journal for rows after a position."""
        path = self.folder / "rows"
        self._file = path.open("r+b" if position.size else "w+b")
        if os.fstat(self._file.fileno()).st_size < position.size:
            raise InvalidValue(
                f"{path} is shorter than its position; export again without resume=True"
            )
        self._file.truncate(position.size)
        self._file.seek(position.size)
        if position.size == 0:
            self._unlink("position.json")

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
            json.dump(asdict(position), file)
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
