"""Rows that wait for a transaction of a mirror: lines of JSON in a temporary file.

A page is written to the file when it arrives, so that an update takes the memory of a page.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

from zendesk_orm.chunks import chunks
from zendesk_orm.export.packages import load_package
from zendesk_orm.export.text import replace_surrogates
from zendesk_orm.http.annotations import Self
from zendesk_orm.schema.row import Row
from zendesk_orm.warehouse.mirror_columns import MirrorColumns


_LOAD = Template("""
CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM read_json(
    $file, format = 'newline_delimited', columns = $columns, maximum_object_size = $longest
)
""")
#: Of equal versions, the one that was read last is kept.
_DROP_OLDER_VERSIONS = """
DELETE FROM staged WHERE id IN (SELECT id FROM staged GROUP BY id HAVING count(*) > 1)
AND rowid NOT IN (
    SELECT arg_max(rowid, (coalesce(_version, 0), rowid)) FROM staged GROUP BY id
)
"""
#: Lines that are written at once.
_LINES = 500
#: The megabytes in which DuckDB writes rows without the help of temporary files, and those that
#: it needs for each column: buffers of 256 KB in two tables, and while it compresses them.
_MEMORY, _MEMORY_OF_COLUMN = 64, 1
#: DuckDB reads a file in buffers of twice the length of a line that it must be able to read.
_MIN_BUFFER = 2**20
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StagedLines:
    """A temporary file of lines of JSON, which the end of a `with` block removes.

    Attributes:
        types: the types of the columns of the temporary table, by name.
        count: the number of lines.
        size: their length in bytes.
    """

    types: Mapping[str, str]
    count: int
    size: int
    _longest: int

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="zendesk-mirror-", ignore_cleanup_errors=True
        )
        self._path = Path(self._folder.name) / "rows.jsonl"
        self.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()

    def write(self, values: Iterable[Mapping[str, Any]]) -> None:
        """Add lines."""
        with self._path.open("ab") as file:
            for items in chunks(values, _LINES):
                lines = [*map(_encode, items)]
                text = replace_surrogates("\n".join([*lines, ""])).encode()
                file.write(text)
                self.count += len(lines)
                self.size += len(text)
                self._longest = max(self._longest, *map(len, lines))

    @property
    def memory(self) -> int:
        """The megabytes with which the lines can be loaded and written."""
        return _MEMORY + _MEMORY_OF_COLUMN * len(self.types)

    def add(self, rows: Iterable[Row]) -> None:
        """Add the lines of the rows of a page."""
        raise NotImplementedError

    def load(self, cursor: Any) -> None:
        """Load the lines into the temporary table `staged`, before a transaction begins."""
        raise NotImplementedError

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the values of the lines."""
        with self._path.open(encoding="utf-8", newline="\n") as file:
            yield from map(json.loads, file)

    def load_as(self, cursor: Any, types: Mapping[str, str]) -> None:
        """Load the lines into the temporary table `staged`, whose columns have types."""
        fields = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in types.items())
        # A character has at most four bytes.
        longest = str(max(_MIN_BUFFER, 4 * self._longest))
        file = literal(str(self._path))
        cursor.execute(_LOAD.substitute(file=file, columns=f"{{{fields}}}", longest=longest))

    def clear(self) -> None:
        """Remove the lines."""
        self._path.write_bytes(b"")
        self.count = self.size = self._longest = 0


class StagedRows(StagedLines):
    """The rows of pages, until a transaction writes them.

    Args:
        columns: the columns of the model.
        synced_at: returns when rows are read, as text.
    """

    def __init__(self, columns: MirrorColumns, synced_at: Callable[[], str]) -> None:
        super().__init__()
        self.columns, self.types = columns, columns.types
        self._synced_at = synced_at
        self._integers = [item.name for item in columns.fields if item.sql_type == "BIGINT"]

    def add(self, rows: Iterable[Row]) -> None:
        """Write the rows of a page to the file.

        Raises:
            UnexpectedValue: a value does not fit the type of its column.
        """
        synced_at = self._synced_at()
        self.write(self._to_values(row, synced_at) for row in rows)

    def _to_values(self, row: Row, synced_at: str) -> dict[str, Any]:
        values = self.columns.to_values(row, synced_at)
        # DuckDB would round floats to integers.
        if float in map(type, values.values()) and any(
            type(values.get(name)) is float for name in self._integers
        ):
            return self.columns.convert(values)
        return values

    def load(self, cursor: Any) -> None:
        """Load the rows into the temporary table `staged`, the newest version of each.

        It is called before a transaction, which would end with the first value that does not fit.

        Raises:
            UnexpectedValue: a value does not fit the type of its column.
        """
        duckdb = load_package("duckdb", "warehouse")
        try:
            self.load_as(cursor, self.types)
        except (duckdb.ConversionException, duckdb.InvalidInputException):
            load_values(cursor, self.types, map(self.columns.convert, self.read()))
        cursor.execute(_DROP_OLDER_VERSIONS)


def load_values(cursor: Any, types: Mapping[str, str], values: Iterable[dict[str, Any]]) -> None:
    """Load JSON values into the temporary table `staged`."""
    with StagedLines() as file:
        file.write(values)
        file.load_as(cursor, types)


def literal(text: str) -> str:
    """Return a text as SQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def quote(name: str) -> str:
    """Return a name as SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
