"""Values of rows without objects: `values()` and `values_list()` of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from sqlglot import exp

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.query.projection import Projection
from zendesk_orm.query.query import Query
from zendesk_orm.schema.values import NOBODY, real_id
from zendesk_orm.warehouse.rows import Cell, RowReader
from zendesk_orm.warehouse.types import count_seconds


_UTC, _from_seconds = timezone.utc, datetime.fromtimestamp
#: Converts the values of a column.
Convert = Callable[[Sequence[Any]], Sequence[Any]]


class ValueReader:
    """Reads the values of a projection from the results of statements.

    Args:
        cells: the columns, one for each name of the projection.
        projection: the form of the values.
        pk: the column of the ids.
    """

    def __init__(self, cells: Sequence[Cell], projection: Projection, pk: Cell) -> None:
        self._selected = [*cells] if pk in cells else [*cells, pk]
        self._pk = self._selected.index(pk)
        names = zip(projection.names, projection.paths, strict=True)
        self._convert = [
            _converter(cell, is_relation=name != path[-1])
            for cell, (name, path) in zip(cells, names, strict=True)
        ]
        self._build = projection.builder()

    def columns(self, alias: str) -> list[exp.Expr]:
        """Return the columns that are selected; moments as seconds, which are read faster."""
        return [
            count_seconds(cell.column.at(alias)) if cell.is_written else cell.at(alias)
            for cell in self._selected
        ]

    def read(self, results: Sequence[Sequence[Any]]) -> tuple[list[Any], Sequence[Any]]:
        """Return the values of results in the form of the projection, and the ids of the rows."""
        columns = list(zip(*results, strict=True))
        pairs = zip(self._convert, columns[: len(self._convert)], strict=True)
        return self._build(convert(values) for convert, values in pairs), columns[self._pk]


def value_reader(query: Query, reader: RowReader) -> ValueReader | None:
    """Return the reader of a query for values of columns; None if they need objects."""
    projection = query.projection
    if projection is None or query.has_custom_names or query.origin is not None:
        return None
    if query.meta.parent_keys:
        return None
    cells = {cell.field.name: cell for cell in reader.cells}
    chosen = [cells.get(path[0]) if len(path) == 1 else None for path in projection.paths]
    plain = [cell for cell in chosen if cell is not None and cell.field.is_plain]
    pk = cells.get("id")
    if pk is None or len(plain) < len(chosen):
        return None
    return ValueReader(plain, projection, pk)


def _converter(cell: Cell, *, is_relation: bool) -> Convert:
    """Return the function that converts the values of a column, as `Field.read()` does."""
    if cell.is_written:
        return _read_seconds
    field, wire, convert, kind = cell.field, cell.wire, cell.convert, cell.field.kind
    plain = {str if kind.choices else kind.exact}
    if field.read({wire: None}) is None:
        plain.add(type(None))

    def read(value: Any) -> Any:
        return field.read({wire: value if convert is None or value is None else convert(value)})

    def read_values(values: Sequence[Any]) -> Sequence[Any]:
        if {*map(type, values)} <= plain and not (kind.choices and "" in values):
            return values
        return [read(value) for value in values]

    def read_moments(values: Sequence[Any]) -> Sequence[Any]:
        return [
            value.astimezone(_UTC).replace(microsecond=0)
            if type(value) is datetime and value.tzinfo
            else read(value)
            for value in values
        ]

    def read_ids(values: Sequence[Any]) -> Sequence[Any]:
        ids = read_values(values)
        return ids if NOBODY.isdisjoint(ids) else [*map(real_id, ids)]

    if is_relation:
        return read_ids
    return read_moments if kind.name == "datetime" else read_values


def _read_seconds(values: Sequence[Any]) -> Sequence[Any]:
    """Return the moments of seconds since 1970.

    Raises:
        UnexpectedValue: a moment is later than the year 9999.
    """
    try:
        return [None if value is None else _from_seconds(value, _UTC) for value in values]
    except (ValueError, OverflowError, OSError) as error:
        raise UnexpectedValue(f"the database has a moment that Python lacks: {error}") from None
