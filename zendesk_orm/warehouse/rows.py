"""Reads rows from SQL as Zendesk would send them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from attrs import frozen
from sqlglot import exp

from zendesk_orm.schema import custom
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.layouts import ChildTable
from zendesk_orm.warehouse.tables import Column, StoredModel, to_table
from zendesk_orm.warehouse.types import converter, field_type, find_converter


@frozen
class Cell:
    """A column that is read into a row.

    Attributes:
        wire: the key in the row.
        field: the field.
        column: the column.
        convert: the function that returns the JSON value; None if it is equal.
    """

    wire: str
    #: `Attribute` is a descriptor, whose type would change here.
    field: Any
    column: Column
    convert: Callable[[Any], Any] | None


@frozen(eq=False)
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
    cells: tuple[Cell, ...]
    custom: tuple[tuple[Any, Cell], ...]
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

    def columns_text(self, alias: str, dialect: str) -> exp.Expr:
        """Return the same columns as text, which is written once for all statements."""
        return exp.Var(this=_write_columns(self, alias, dialect))

    def read(self, results: Sequence[Sequence[Any]], executor: Executor) -> list[Row]:
        """Return the rows of results, with the members of their lists."""
        make: Callable[[dict[str, Any]], Row] = _keep if self.is_complete else PartialRow
        wires = [cell.wire for cell in self.cells]
        converted = [(cell.wire, cell.convert) for cell in self.cells if cell.convert is not None]
        rows: list[Row] = []
        # The loop runs once for each value of all results.
        for result in results:
            # Columns of custom fields and keys follow.
            row = dict(zip(wires, result, strict=False))
            for wire, convert in converted:
                if row[wire] is not None:
                    row[wire] = convert(row[wire])
            rows.append(make(row))
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


def _keep(row: dict[str, Any]) -> Row:
    return row


@lru_cache(maxsize=256)
def _write_columns(reader: RowReader, alias: str, dialect: str) -> str:
    return ", ".join(column.sql(dialect) for column in reader.columns(alias))


@lru_cache(maxsize=256)
def row_reader(stored: StoredModel, names: frozenset[str] | None = None) -> RowReader:
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
    customs: tuple[tuple[Any, Cell], ...] = ()
    for field in fields:
        column = stored.column_of(field)
        child = stored.children.get(field.wire)
        if child is not None:
            children.append((field.wire, child))
        elif column is not None:
            type_ = field_type(field, column.type)
            cells.append(
                Cell(field.wire, field, column, find_converter(field, type_, stored.dialect))
            )
        elif field is holder and stored.custom_columns:
            customs = tuple(
                (
                    definition.wire,
                    Cell(str(definition.wire), field, column, converter(field, column.type)),
                )
                for definition, column in stored.custom_columns
            )
        else:
            missing = True
    is_complete = needed is None and not missing
    return RowReader(stored, tuple(cells), customs, tuple(children), is_complete)
