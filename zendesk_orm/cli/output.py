"""Output: results on stdout; notes, progress and logs on stderr."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from zendesk_orm.chunks import chunks
from zendesk_orm.cli.formatting import dump_json, escape_controls, escape_lines, format_cell
from zendesk_orm.http.annotations import Self


if TYPE_CHECKING:
    from zendesk_orm.progress import Progress as Step

LOGGER = "zendesk_orm"
#: Rows of a table whose columns have the same widths.
_BATCH = 100
#: The least width of a label.
_LABEL = 14
#: A terminal that has fewer characters for each column shows a row as lines.
_MIN_COLUMN = 9


class Output:
    """The output of a command.

    Attributes:
        quiet: whether progress and notes are left out.
    """

    def __init__(self) -> None:
        self.quiet = False
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)
        self._handler = _LogHandler()
        self._level = logging.NOTSET

    def __enter__(self) -> Self:
        logger = logging.getLogger(LOGGER)
        self._level = logger.level
        self._handler.setLevel(logging.WARNING)
        logger.addHandler(self._handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        logger = logging.getLogger(LOGGER)
        logger.removeHandler(self._handler)
        logger.setLevel(self._level)

    def be_quiet(self) -> None:
        """Leave out progress, notes and warnings."""
        self.quiet = True
        self._handler.setLevel(logging.ERROR)

    def be_verbose(self) -> None:
        """Log each request."""
        logging.getLogger(LOGGER).setLevel(logging.DEBUG)
        self._handler.setLevel(logging.DEBUG)

    @property
    def is_terminal(self) -> bool:
        """Whether results are read by a person."""
        return self._out.is_terminal

    def write(self, text: str, end: str = "\n") -> None:
        """Print a result."""
        if sys.stdout.isatty():
            text = escape_lines(text)
        sys.stdout.write(f"{text}{end}")

    def flush(self) -> None:
        """Show the results so far."""
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Print a line for people to stderr, unless the command is quiet."""
        if not self.quiet:
            print(escape_lines(text), file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Print a warning to stderr."""
        line = escape_controls(" ".join(text.split()))
        print(f"zendesk-orm: warning: {line}", file=sys.stderr, flush=True)

    def write_json(self, value: Any) -> None:
        """Print a value as JSON."""
        self.write(dump_json(value, indent=1))

    def write_table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print rows as a table for terminals, or as aligned text for other programs.

        Rows are printed as they come, in parts of a hundred. On a terminal, their number is
        printed to stderr.
        """
        if not self.is_terminal:
            self._write_columns(columns, rows)
            return
        is_narrow = self._out.width < _MIN_COLUMN * len(columns)
        number = 0
        for part in chunks(rows, _BATCH):
            number += len(part)
            if is_narrow:
                self._write_records(columns, part)
            else:
                self._out.print(_build_table(columns, part))
        self.note(f"{number:,} row{'s' * (number != 1)}")

    def _write_columns(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        widths: list[int] = []
        for part in chunks(chain([columns], rows), _BATCH):
            lines = [[format_cell(value) for value in row] for row in part]
            widths = widths or [max(map(len, cells)) for cells in zip(*lines, strict=True)]
            for cells in lines:
                padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
                self.write("  ".join(padded).rstrip())

    def _write_records(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            for name, value in zip(columns, row, strict=True):
                self._out.print(Text.assemble((f"{name}: ", "bold"), format_cell(value)))
            self._out.print()

    def write_fields(self, values: Mapping[str, Any]) -> None:
        """Print labels and values, a line each; None is left out."""
        width = max(_LABEL, *(len(label) + 1 for label in values))
        for label, value in values.items():
            if value is None:
                continue
            text = format_cell(value)
            if self.is_terminal:
                self._out.print(Text.assemble((f"{label:<{width}} ", "bold"), text), soft_wrap=True)
            else:
                self.write(f"{label:<{width}} {text}")

    @contextmanager
    def show_progress(self, title: str) -> Generator[Callable[[Step], None] | None]:
        """Show a progress bar on a terminal during the block.

        The value of the block is the function to call with each `Progress`, or None if nothing is
        shown: stderr is not a terminal, or the command is quiet.
        """
        if self.quiet or not self._err.is_terminal:
            yield None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._err) as bar:
            task = bar.add_task(title, total=None, count="")

            def update(step: Step) -> None:
                count = f"{step.done:,}" if not step.total else f"{step.done:,} of {step.total:,}"
                failed = f", {step.failed:,} failed" if step.failed else ""
                completed = step.done + step.failed
                bar.update(task, completed=completed, total=step.total, count=f"{count}{failed}")

            yield update


# Python 3.10 does not accept the type of the stream.
if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[Any]
else:
    _StreamHandler = logging.StreamHandler


class _LogHandler(_StreamHandler):
    """Writes log lines to stderr, whatever it is when the line is written."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without control characters."""
        return escape_lines(super().format(record))


def _console(*, stderr: bool) -> Console:
    """Return a console that prints texts as they are."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _build_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table; numbers and dates are never broken into lines."""
    lines = [list(row) for row in rows]
    table = Table(
        box=box.SIMPLE_HEAD,
        header_style="bold cyan",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for index, name in enumerate(columns):
        values = [line[index] for line in lines]
        is_number = any(isinstance(value, (int, float)) for value in values)
        is_short = all(value is None or isinstance(value, (int, float, date)) for value in values)
        table.add_column(
            Text(name),
            no_wrap=is_short,
            justify="right" if is_number and is_short else "left",
            overflow="fold",
        )
    for line in lines:
        table.add_row(*(Text(format_cell(value)) for value in line))
    return table
