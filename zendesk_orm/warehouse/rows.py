"""Reads rows from SQL as Zendesk would send them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import frozen
from sqlglot import exp

from zendesk_orm.schema import custom
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.layouts import ChildTable
from zendesk_orm.warehouse.tables import Column, StoredModel, to_table
from zendesk_orm.warehouse.types import converter, field_type


@frozen
class _Cell:
    """A column that is read into a row.

    Attributes:
        wire: the key in the row.
        column: the column.
        convert: the function that returns the JSON value; None if it is equal.
    """

    wire: str
    column: Column
    convert: Callable[[Any], Any] | None


@frozen
class RowReader:
    """Reads the rows of a model from the results of statements.

    Attributes:
        stored: the table.
        cells: the columns that are read.
        custom: the columns of custom fields, each with the id or key of the field.
        children: the lists in other tables.
        is_complete: whether rows have all keys that Zendesk sends.
    """

    stored: StoredModel
    cells: tuple[_Cell, ...]
    custom: tuple[tuple[Any, _Cell], ...]
    children: tuple[tuple[str, ChildTable], ...]
    is_complete: bool

    def columns(self, alias: str) -> list[exp.Expr]:
        """Return the columns that are selected, in the order in which rows are read."""
        keys = [
            Column(self.stored.key_of(child), "text")
            for _, child in self.children
            if child.key != "id"
        ]
        cells = (*self.cells, *(cell for _, cell in self.custom))
        columns = (*(cell.column for cell in cells), *keys)
        return [exp.column(column.name, alias, quoted=True) for column in columns]

    def read(self, results: Sequence[Sequence[Any]], executor: Executor) -> list[Row]:
        """Return the rows of results, with the members of their lists."""
        make: Callable[[dict[str, Any]], Row] = dict if self.is_complete else PartialRow
        plain = [(index, cell.wire, cell.convert) for index, cell in enumerate(self.cells)]
        rows = [
            make(
                {
                    wire: result[index] if convert is None else convert(result[index])
                    for index, wire, convert in plain
                }
            )
            for result in results
        ]
        if self.custom:
            self._add_custom(rows, results)
        place = len(self.cells) + len(self.custom)
        for wire, child in self.children:
            if child.key == "id":
                keys = [row["id"] for row in rows]
            else:
                keys, place = [result[place] for result in results], place + 1
            self._add_members(rows, keys, wire, child, executor)
        return rows

    def _add_custom(self, rows: list[Row], results: Sequence[Sequence[Any]]) -> None:
        """Add the values of custom fields that have columns."""
        holder = custom.holder(self.stored.meta)
        start, by_key = len(self.cells), holder.kind.name == "dict"
        for row, result in zip(rows, results, strict=True):
            values = {
                wire: result[start + place]
                if cell.convert is None
                else cell.convert(result[start + place])
                for place, (wire, cell) in enumerate(self.custom)
            }
            row[holder.wire] = (
                values
                if by_key
                else [{"id": wire, "value": value} for wire, value in values.items()]
            )

    def _add_members(
        self,
        rows: list[Row],
        keys: list[Any],
        wire: str,
        child: ChildTable,
        executor: Executor,
    ) -> None:
        """Add the members of a list, with one statement for all rows."""
        members: dict[Any, list[Any]] = {key: [] for key in keys}
        parent = exp.column(child.parent, quoted=True)
        value = exp.column(child.value, quoted=True)
        literals = [exp.convert(key) for key in members]
        statement = (
            exp.select(parent, value)
            .from_(to_table(self.stored.layout, child.table, executor.dialect))
            .where(exp.In(this=parent.copy(), expressions=literals))
            .order_by(parent.copy(), value.copy())
        )
        for results in executor.run(statement.sql(executor.dialect)) if members else ():
            for key, member in results:
                members[key].append(member)
        for row, key in zip(rows, keys, strict=True):
            row[wire] = members[key]


def row_reader(stored: StoredModel, names: Iterable[str] | None = None) -> RowReader:
    """Return the reader of the rows of a model.

    Args:
        stored: the table.
        names: the names of the fields that are needed; all by default.

    Raises:
        NoEndpoint: a column has a type that cannot hold the values of its field.
    """
    meta = stored.meta
    needed = None if names is None else {"id", *names}
    fields: list[Attribute[Any]] = [
        field
        for field in meta.fields.values()
        if field.readable and (needed is None or field.name in needed)
    ]
    holder = custom.holder(meta) if meta.custom else None
    cells, children, missing = [], [], False
    customs: tuple[tuple[Any, _Cell], ...] = ()
    for field in fields:
        column = stored.column_of(field)
        child = stored.children.get(field.wire)
        if child is not None:
            children.append((field.wire, child))
        elif column is not None:
            type_ = field_type(field, column.type)
            cells.append(_Cell(field.wire, column, converter(field, type_)))
        elif field is holder and stored.custom_columns:
            customs = tuple(
                (
                    definition.wire,
                    _Cell(str(definition.wire), column, converter(field, column.type)),
                )
                for definition, column in stored.custom_columns
            )
        else:
            missing = True
    is_complete = needed is None and not missing
    return RowReader(stored, tuple(cells), customs, tuple(children), is_complete)
