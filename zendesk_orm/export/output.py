"""The files that rows of a journal are written to."""

from __future__ import annotations

import os
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from zendesk_orm.errors import InvalidValue
from zendesk_orm.export.formats import Format, Writer
from zendesk_orm.export.journal import Entry
from zendesk_orm.session.downloads import file_exists, move_into_place


#: The files of partitions that are open at the same time.
MAX_OPEN_FILES = 32
_PART = re.compile(r"part-\d+\.[a-z.]+")


def write_file(path: Path, chosen: Format, entries: Iterable[Entry]) -> None:
    """Write encoded rows to a file, and the file to the disk."""
    with path.open("wb") as file:
        writer = chosen.open(file)
        for entry in entries:
            writer.write(entry.payload)
        _finish(writer, file)


def _finish(writer: Writer, file: IO[bytes]) -> None:
    writer.close()
    file.flush()
    os.fsync(file.fileno())
    file.close()


@define(eq=False)
class _OpenFiles:
    """The files of partitions; a file that is closed is continued by another part.

    Attributes:
        root: the folder of the partitions.
        format: the format.
        suffix: the suffix of the files.
    """

    root: Path
    format: Format
    suffix: str
    _parts: Counter[str] = field(factory=Counter)
    _open: OrderedDict[str, tuple[Writer, IO[bytes]]] = field(factory=OrderedDict)

    def write(self, folder: str, payload: bytes) -> None:
        """Write encoded rows to the present part of a partition."""
        if folder not in self._open:
            if len(self._open) >= MAX_OPEN_FILES:
                _finish(*self._open.popitem(last=False)[1])
            self._open[folder] = self._create(folder)
        self._open.move_to_end(folder)
        self._open[folder][0].write(payload)

    def close(self) -> None:
        """Write the end of all files."""
        if not self._parts:
            # A reader finds the columns of an empty result here.
            self._open[""] = self._create("")
        while self._open:
            _finish(*self._open.popitem()[1])

    def abandon(self) -> None:
        """Close the files after an error."""
        with ExitStack() as stack:
            for _, file in self._open.values():
                stack.callback(file.close)

    def _create(self, folder: str) -> tuple[Writer, IO[bytes]]:
        parent = self.root / folder
        parent.mkdir(parents=True, exist_ok=True)
        path = parent / f"part-{self._parts[folder]}.{self.suffix}"
        try:
            file = path.open("xb")
        except FileExistsError:
            raise InvalidValue(
                f"{folder} and another partition have one folder, because this file system "
                "ignores the case of names; choose another partition_by="
            ) from None
        self._parts[folder] += 1
        return self.format.open(file), file


def write_partitions(root: Path, chosen: Format, suffix: str, entries: Iterable[Entry]) -> None:
    """Write encoded rows to files in folders, of which few are open at the same time.

    Args:
        root: the folder of the partitions, which is created.
        chosen: the format.
        suffix: the suffix of the files.
        entries: the encoded rows, each with its folder.
    """
    root.mkdir()
    files = _OpenFiles(root, chosen, suffix)
    try:
        for entry in entries:
            files.write(entry.folder, entry.payload)
        files.close()
    finally:
        files.abandon()


def require_free(target: Path, *, partitioned: bool, overwrite: bool) -> None:
    """Check that an export may be written to a path, before anything is read.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        FileExistsError: the path exists, and may not be replaced.
        IsADirectoryError: the path of a file is a folder.
        OSError: the path is a device or a pipe, which a complete file would replace.
    """
    parent = target.parent
    if not parent.is_dir():
        raise FileNotFoundError(2, "The folder does not exist; create it first", str(parent))
    if not os.path.lexists(target):
        return
    if target.is_dir() and not partitioned:
        raise IsADirectoryError(21, "The path is a folder; name a file in it", str(target))
    if target.exists() and not (target.is_file() or target.is_dir()):
        text = "The path is a device or a pipe, and not replaced; export to an open file instead"
        raise OSError(22, text, str(target))
    if not overwrite:
        raise file_exists(target)
    if partitioned:
        _require_partitions(target)


def _require_partitions(target: Path) -> None:
    """Check that a folder has nothing but the files of an earlier export.

    Raises:
        FileExistsError: it has other files, which would be deleted.
    """
    strangers: Any = [target] if not target.is_dir() else target.rglob("*")
    for path in strangers:
        is_part = path.is_dir() and "=" in path.name
        if path == target or not (is_part or _PART.fullmatch(path.name)):
            raise FileExistsError(
                17, "Not a folder of an earlier export, and not replaced; remove it", str(path)
            )


def move_output(output: Path, target: Path, replaced: Path, *, overwrite: bool) -> None:
    """Rename the complete file, or folder, to the path of the export.

    Args:
        output: the file or folder.
        target: the path.
        replaced: a path to which a folder that is replaced is moved.
        overwrite: whether an existing file or folder is replaced.

    Raises:
        FileExistsError: the path exists, and `overwrite` is False.
    """
    if not output.is_dir():
        move_into_place(output, target, overwrite=overwrite)
        return
    if os.path.lexists(target):
        if not overwrite:
            raise file_exists(target)
        target.rename(replaced)
    output.rename(target)


def list_files(target: Path) -> tuple[Path, ...]:
    """Return a file, or the files of partitions in order."""
    if not target.is_dir():
        return (target,)
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))
