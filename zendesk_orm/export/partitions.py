"""Partitions: rows in folders by values of columns, in the style of Hive.

Source: https://arrow.apache.org/docs/python/dataset.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from attrs import frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.export.columns import Layout
from zendesk_orm.export.text import replace_surrogates
from zendesk_orm.export.types import format_moment
from zendesk_orm.messages import display, suggestion


#: The name of the folder of rows without a value.
NULL = "__HIVE_DEFAULT_PARTITION__"
#: Most file systems accept names of this length.
_MAX_BYTES = 255
_PERIODS: dict[str, Callable[[date], str]] = {
    "year": lambda moment: f"{moment.year:04}",
    "month": lambda moment: f"{moment.year:04}-{moment.month:02}",
    "day": lambda moment: f"{moment.year:04}-{moment.month:02}-{moment.day:02}",
}


@frozen(eq=False)
class PartitionKey:
    """A value by which rows are divided.

    Attributes:
        name: the name in the name of the folder.
        index: the position of the column.
        period: returns the period of a date; None for values as they are.
    """

    name: str
    index: int
    period: Callable[[date], str] | None

    def folder(self, row: Sequence[Any]) -> str:
        """Return the name of the folder of a row.

        Raises:
            InvalidValue: the name would be too long.
        """
        value = row[self.index]
        if value is None:
            return f"{self.name}={NULL}"
        text = _to_text(value) if self.period is None else self.period(value)
        name = f"{self.name}={_escape(text)}"
        if len(name) > _MAX_BYTES:
            raise InvalidValue(
                f"{display(text)} is too long for the name of a folder; choose another "
                f"partition_by= than {self.name}"
            )
        return name


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_moment(value) if isinstance(value, date) else str(value)


def _escape(text: str) -> str:
    """Return a text as part of a file name, on any system; the inverse is `urllib`'s `unquote`."""
    escaped = quote(replace_surrogates(text), safe=" ")
    # Windows removes dots and blanks at the end, and `.` and `..` have a meaning.
    last = escaped[-1:]
    return escaped[:-1] + {".": "%2E", " ": "%20"}.get(last, last)


class Partitioning:
    """Divides rows by values of columns.

    Args:
        layout: the columns of the query.
        names: columns, or periods of date columns: `created_at__month`.

    Raises:
        FieldError: the column does not exist.
        InvalidValue: the values of the column are lists or objects.
    """

    def __init__(self, layout: Layout, names: Iterable[str]) -> None:
        self._keys = [_find_key(layout, name) for name in names]
        # As with other programs, a value in the name of the folder is not repeated in the files.
        omitted = {key.index for key in self._keys if key.period is None}
        self._kept = [index for index in range(len(layout.columns)) if index not in omitted]
        self.layout = layout.without(layout.names[index] for index in omitted)
        if not self._kept:
            raise FieldError("partition_by= leaves no column for the files; select another one")

    def split(
        self, rows: Iterable[tuple[Any, ...]], records: Iterable[Any]
    ) -> dict[str, tuple[list[tuple[Any, ...]], list[Any]]]:
        """Return the rows of the files and their records, by the folder of each."""
        divided: dict[str, tuple[list[tuple[Any, ...]], list[Any]]] = {}
        for row, record in zip(rows, records, strict=True):
            folder = "/".join(key.folder(row) for key in self._keys)
            part, originals = divided.setdefault(folder, ([], []))
            part.append(tuple(row[index] for index in self._kept))
            originals.append(record)
        return divided


def _find_key(layout: Layout, name: str) -> PartitionKey:
    names = layout.names
    column, _, period = name.rpartition("__")
    if name not in names and column in names and period in _PERIODS:
        index = names.index(column)
        if layout.columns[index].type.name not in ("timestamp", "date"):
            raise InvalidValue(f"partition_by= has {display(name)}, but {column} is not a date")
        return PartitionKey(_escape(f"{column}_{period}"), index, _PERIODS[period])
    if name not in names:
        raise FieldError(
            f"partition_by= names {display(name)}, which is not a column; a date column can be "
            f"divided by __year, __month and __day{suggestion(str(name), names)}"
        )
    index = names.index(name)
    if layout.columns[index].type.name in ("json", "list<string>", "list<int64>"):
        raise InvalidValue(
            f"partition_by= names {name}, whose values are lists or objects; name another column"
        )
    return PartitionKey(_escape(name), index, None)
