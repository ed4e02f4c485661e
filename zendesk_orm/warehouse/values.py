"""Values of rows without objects: `values()` and `values_list()` of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from zendesk_orm.query.projection import Projection
from zendesk_orm.query.query import Query
from zendesk_orm.schema.values import real_id
from zendesk_orm.warehouse.rows import Cell, RowReader


#: The zone of DuckDB's moments, whose conversion takes a third of the time.
_UTC = ZoneInfo("UTC")
#: Converts the values of a column.
Convert = Callable[[Sequence[Any]], Sequence[Any]]


class ValueReader:
    """Reads the values of a projection from the results of statements.

    Args:
        cells: the columns, one for each name of the projection.
        projection: the form of the values.
    """

    def __init__(self, cells: Sequence[Cell], projection: Projection) -> None:
        self.cells = cells
        names = zip(projection.names, projection.paths, strict=True)
        self._convert = [
            _converter(cell, is_relation=name != path[-1])
            for cell, (name, path) in zip(cells, names, strict=True)
        ]
        self._build = projection.builder()

    def read(self, results: Sequence[Sequence[Any]]) -> list[Any]:
        """Return the values of results in the form of the projection."""
        columns = zip(*results, strict=True)
        converted = (
            convert(values) for convert, values in zip(self._convert, columns, strict=True)
        )
        return self._build(converted)


def value_reader(query: Query, reader: RowReader) -> ValueReader | None:
    """Return the reader of a query for values of columns; None if they need objects."""
    projection = query.projection
    if projection is None or query.has_custom_names or query.origin is not None:
        return None
    cells = {cell.field.name: cell for cell in reader.cells}
    chosen = [cells.get(path[0]) if len(path) == 1 else None for path in projection.paths]
    plain = [cell for cell in chosen if cell is not None and cell.field.is_plain]
    return ValueReader(plain, projection) if len(plain) == len(chosen) else None


def _converter(cell: Cell, *, is_relation: bool) -> Convert:
    field, wire, convert, exact = cell.field, cell.wire, cell.convert, cell.field.kind.exact

    def read(value: Any) -> Any:
        return field.read({wire: value if convert is None or value is None else convert(value)})

    def read_values(values: Sequence[Any]) -> Sequence[Any]:
        return [value if type(value) is exact else read(value) for value in values]

    def read_moments(values: Sequence[Any]) -> Sequence[Any]:
        return [
            _to_utc(value) if type(value) is datetime and value.tzinfo else read(value)
            for value in values
        ]

    def read_ids(values: Sequence[Any]) -> Sequence[Any]:
        return [real_id(value) for value in read_values(values)]

    if is_relation:
        return read_ids
    return read_moments if field.kind.name == "datetime" else read_values


def _to_utc(value: datetime) -> datetime:
    """Return a moment as `Field[datetime]` returns it: in UTC, to the second."""
    if value.tzinfo is not _UTC:
        value = value.astimezone(timezone.utc)
    return value.replace(microsecond=0, tzinfo=timezone.utc)
