"""Exports rows to a file, to folders of files, or to an open file.

Rows are appended to a journal, page by page, and written in their format at the end: a Parquet file
cannot be continued. The complete file is then renamed to its path. See `export/journal.py`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from attrs import evolve, field, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.export.columns import Layout
from zendesk_orm.export.formats import Format, build_format, choose_format
from zendesk_orm.export.journal import Entry, Journal, Position, read_entries
from zendesk_orm.export.output import (
    list_files,
    move_output,
    require_free,
    write_file,
    write_partitions,
)
from zendesk_orm.export.partitions import Partitioning
from zendesk_orm.export.versions import Identify, dump_ids, keep_newest
from zendesk_orm.http.values import require_bool
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.arguments import require_name


class RowSource(Protocol):
    """The records of a query, a page at a time."""

    @property
    def resume_token(self) -> str | None:
        """The text with which another process continues after the last page, or None."""

    def read_page(self) -> Sequence[Any]:
        """Return the records of the next page; an empty one ends the rows."""
        ...

    def close(self) -> None:
        """End the iteration."""


@frozen(eq=False)
class ExportSource:
    """The rows of an export.

    Attributes:
        identity: a text that identifies the query and the account.
        build_layout: returns the columns; may send a request for custom fields.
        open: returns the records after a token, and after a number of rows.
        count_requests: returns the number of requests that the account has sent.
        identify: returns a text that identifies the row of a record, if later versions replace
            earlier ones; None if no row is returned again.
    """

    identity: str
    build_layout: Callable[[], Layout]
    open: Callable[[str | None, int], RowSource]
    count_requests: Callable[[], int]
    identify: Identify | None = None


def _to_names(names: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    return tuple(require_name(name) for name in require_many(names, "partition_by="))


def _to_flag(value: Any) -> bool:
    return require_bool("each of resume=, overwrite=, escape_formulas= and all_versions=", value)


@frozen
class ExportOptions:
    """The options of an export.

    Attributes:
        format: the name of the format; None for that of the suffix.
        partition_by: columns by which the rows are divided.
        resume: whether an interrupted export is continued.
        overwrite: whether an existing file is replaced.
        escape_formulas: see `Csv`.
        all_versions: whether a row that changed meanwhile is kept in each version.
    """

    format: str | None = None
    partition_by: tuple[str, ...] = field(default=(), converter=_to_names)
    resume: bool = field(default=False, converter=_to_flag)
    overwrite: bool = field(default=False, converter=_to_flag)
    escape_formulas: bool = field(default=False, converter=_to_flag)
    all_versions: bool = field(default=False, converter=_to_flag)


@frozen
class ExportResult:
    """The result of an export.

    Attributes:
        paths: the files; none for an open file.
        rows: the number of rows, those before an interruption included.
        bytes: the size of the files.
        requests: the requests that the account sent during the call.
    """

    paths: tuple[Path, ...]
    rows: int
    bytes: int
    requests: int

    @property
    def path(self) -> Path:
        """The only file.

        Raises:
            InvalidValue: there are several files, or none.
        """
        if len(self.paths) != 1:
            raise InvalidValue(f"the export has {len(self.paths)} files; use paths")
        return self.paths[0]


def export(
    target: str | os.PathLike[str] | IO[bytes], source: ExportSource, options: ExportOptions
) -> ExportResult:
    """Export rows, and return the files.

    Args:
        target: a path, or a file that is open for writing bytes.
        source: the rows.
        options: the options.

    Raises:
        FileExistsError: the path exists, and `overwrite` is False.
        BlockingIOError: another process exports to this path.
        OSError: the file cannot be written.
        InvalidValue: the format is unknown, or the interrupted export cannot be continued.
        ModuleNotFoundError: the format needs an extra that is not installed.
        UnexpectedValue: a value does not fit the type of its column.
        ApiError, TransportError: a request failed; `resume=True` continues the export.
    """
    before = source.count_requests()
    if not isinstance(target, (str, os.PathLike)):
        rows, size = _export_to_open_file(target, source, options)
        return ExportResult((), rows, size, source.count_requests() - before)
    path, name = _to_path(target), choose_format(options.format, target)
    # Links are followed, so that the file that they lead to is replaced.
    path = path.resolve() if path.is_symlink() else path
    rows = _export_to_path(path, name, source, options)
    paths = list_files(path)
    size = sum(part.stat().st_size for part in paths)
    return ExportResult(paths, rows, size, source.count_requests() - before)


def _to_path(target: str | os.PathLike[str]) -> Path:
    path = Path(os.fspath(target))
    if not path.name:
        raise InvalidValue(f"export() needs the path of a file, not {display(target)}")
    return path


def _export_to_path(path: Path, name: str, source: ExportSource, options: ExportOptions) -> int:
    """Export rows to a path, and return their number."""
    partitioned = bool(options.partition_by)
    if not path.parent.is_dir():
        require_free(path, partitioned=partitioned, overwrite=options.overwrite)
    journal = Journal.acquire(path)
    run: _Run | None = None
    try:
        position = journal.read_position() if options.resume else None
        if position is not None and _is_in_place(journal, position, path):
            journal.remove()
            return position.rows
        require_free(path, partitioned=partitioned, overwrite=options.overwrite)
        run = started = _Run(journal, name, source, options, position)
        started.read()
        started.write(path)
    finally:
        if run is None or run.position.rows == 0:
            _remove_unless_interrupted(journal)
        journal.close()
    return started.position.rows


def _remove_unless_interrupted(journal: Journal) -> None:
    """Remove a journal without rows; that of an earlier, interrupted export stays."""
    if not (journal.folder / "position.json").exists():
        journal.remove()


def _is_in_place(journal: Journal, position: Position, path: Path) -> bool:
    """Return whether an export was interrupted after its file was renamed."""
    if not position.is_written or not path.exists():
        return False
    return not journal.output.exists() or journal.output.samefile(path)


class _Run:
    """An export to a path, in one process.

    Args:
        journal: the journal.
        name: the name of the format.
        source: the rows.
        options: the options.
        position: the position of the interrupted export that is continued, or None.
    """

    def __init__(
        self,
        journal: Journal,
        name: str,
        source: ExportSource,
        options: ExportOptions,
        position: Position | None,
    ) -> None:
        self._journal, self._source, self._options = journal, source, options
        self._name = name
        self._layout = source.build_layout()
        self._partitioning = _divide(self._layout, options)
        layout = self._layout if self._partitioning is None else self._partitioning.layout
        self._format = build_format(
            name,
            layout,
            escape_formulas=options.escape_formulas,
            partitioned=self._partitioning is not None,
        )
        kind = (name, *options.partition_by, options.escape_formulas)
        beginning = Position(source.identity, f"{self._layout.signature} {kind}")
        if position is not None:
            _require_same(journal, position, beginning)
        self.position = position or beginning

    def read(self) -> None:
        """Read the remaining rows, and append them to the journal."""
        journal = self._journal
        journal.begin(self.position)
        if self.position.is_complete:
            return
        rows, total = self._source.open(self.position.token, self.position.rows), self.position.rows
        try:
            while page := rows.read_page():
                for entry in self._encode(page):
                    journal.append(entry)
                total += len(page)
                token = rows.resume_token
                # Without a token, a later export continues with an earlier page.
                if token is not None:
                    self._commit(token, total)
        finally:
            rows.close()
        self._commit(None, total, is_complete=True)

    def write(self, path: Path) -> None:
        """Write the rows of the journal in their format, and rename the file to its path."""
        journal = self._journal
        if not (self.position.is_written and journal.output.exists()):
            journal.clear_output()
            written: list[int] = []
            entries = _count(self._read_journal(), written)
            if self._partitioning is None:
                write_file(journal.output, self._format, entries)
            else:
                write_partitions(journal.output, self._format, self._name, entries)
            self.position = evolve(self.position, is_written=True, rows=sum(written))
            journal.commit(self.position)
        move_output(journal.output, path, journal.replaced, overwrite=self._options.overwrite)
        journal.remove()

    def _commit(self, token: str | None, rows: int, *, is_complete: bool = False) -> None:
        size = self._journal.flush()
        self.position = evolve(
            self.position, token=token, rows=rows, size=size, is_complete=is_complete
        )
        self._journal.commit(self.position)

    def _read_journal(self) -> Iterator[Entry]:
        """Return the rows to write."""
        if self._source.identify is None or self._options.all_versions:
            return self._journal.read()
        return keep_newest(self._journal.read, self._format.select)

    def _encode(self, page: Sequence[Any]) -> Iterator[Entry]:
        """Yield the rows of a page, encoded, with the folder of their partition."""
        rows = [self._layout.to_row(record) for record in page]
        if self._partitioning is None:
            parts = {"": (rows, list(page))}
        else:
            parts = self._partitioning.split(rows, page)
        for folder, (part, records) in parts.items():
            ids = dump_ids(self._source.identify, records)
            yield Entry(folder, self._format.encode(part), len(part), ids)


def _count(entries: Iterable[Entry], written: list[int]) -> Iterator[Entry]:
    """Yield entries, and add their numbers of rows to a list."""
    for entry in entries:
        written.append(entry.rows)
        yield entry


def _divide(layout: Layout, options: ExportOptions) -> Partitioning | None:
    return Partitioning(layout, options.partition_by) if options.partition_by else None


def _require_same(journal: Journal, position: Position, expected: Position) -> None:
    """Check that an interrupted export is continued in the same way.

    Raises:
        InvalidValue: the query, the account, the columns or the format differ.
    """
    differing = [
        text
        for text, differs in (
            ("another query, account or user", position.query != expected.query),
            ("other columns, or another format", position.layout != expected.layout),
        )
        if differs
    ]
    if differing:
        raise InvalidValue(
            f"the interrupted export in {journal.folder} has {' and '.join(differing)}; continue "
            "that one, or begin again without resume=True"
        )


class _CountingFile(io.RawIOBase):
    """A file that counts the bytes written to another one.

    Args:
        file: the other file, which stays open.
    """

    def __init__(self, file: Any) -> None:
        self._target = file
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = len(memoryview(data).cast("B"))
        self._target.write(data)
        self.size += size
        return size

    def tell(self) -> int:
        return self.size


def _export_to_open_file(
    file: Any, source: ExportSource, options: ExportOptions
) -> tuple[int, int]:
    """Export rows to an open file, and return the numbers of rows and bytes."""
    if isinstance(file, io.TextIOBase):
        raise InvalidValue("the file takes text; open it in binary mode: open(path, 'wb')")
    if not hasattr(file, "write"):
        raise InvalidValue(f"export() needs a path or an open file, not {display(file)}")
    if options.partition_by or options.resume:
        raise InvalidValue("partition_by= and resume= need a path instead of an open file")
    name = choose_format(options.format, None)
    layout = source.build_layout()
    chosen: Format = build_format(name, layout, escape_formulas=options.escape_formulas)
    counting: Any = _CountingFile(file)
    writer = chosen.open(counting)
    written: list[int] = []
    identify = None if options.all_versions else source.identify
    with TemporaryFile() if identify is not None else nullcontext() as journal:
        entries = _encode_pages(source.open(None, 0), layout, chosen, identify)
        if journal is not None:
            for entry in entries:
                entry.write_to(journal)
            entries = keep_newest(lambda: read_entries(journal), chosen.select)
        for entry in _count(entries, written):
            writer.write(entry.payload)
    writer.close()
    return sum(written), counting.size


def _encode_pages(
    rows: RowSource, layout: Layout, chosen: Format, identify: Identify | None
) -> Iterator[Entry]:
    """Yield the encoded rows of each page."""
    try:
        while page := rows.read_page():
            payload = chosen.encode([layout.to_row(record) for record in page])
            yield Entry("", payload, len(page), dump_ids(identify, page))
    finally:
        rows.close()
