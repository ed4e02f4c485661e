"""Reads rows from SQL as Zendesk would send them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from attrs import frozen
from sqlglot import exp

from zendesk_orm.garbage import pause_collections
from zendesk_orm.schema import custom
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.warehouse.descriptions import Column, StoredChild
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.tables import StoredModel
from zendesk_orm.warehouse.types import (
    converter,
    custom_converter,
    field_type,
    find_converter,
    text_converter,
    write_moment,
    writes_moments,
)


@frozen
class Cell:
    """A column that is read into a row.

    Attributes:
        wire: the key in the row.
        field: the field.
        column: the column.
        convert: the function that returns the JSON value; None if it is equal.
        type: the type of its values; see `types.field_type()`.
        is_written: whether the database itself writes moments as Zendesk does.
    """

    wire: str
    #: `Attribute` is a descriptor, whose type would change here.
    field: Any
    column: Column
    convert: Callable[[Any], Any] | None
    type: str = ""
    is_written: bool = False

    def at(self, alias: str) -> exp.Expr:
        """Return the value that is selected from a table with an alias."""
        value = self.column.at(alias)
        return write_moment(value, self.type) if self.is_written else value


@frozen(eq=False)
class RowReader:
    """Reads the rows of a model from the results of statements.

    Attributes:
        stored: the table.
        cells: the columns that are read.
        inner: the columns of values inside a list or object, each with the key of that, and with
            the id or key of the value: of custom fields, or of `via`.
        children: the lists in other tables.
        is_complete: whether rows have all keys that Zendesk sends.
        has_all_custom: whether each custom field has a column.
        copies: keys with the value of another one, whose column they share.
    """

    stored: StoredModel
    cells: tuple[Cell, ...]
    inner: tuple[tuple[str, Any, Cell], ...]
    children: tuple[tuple[str, StoredChild], ...]
    is_complete: bool
    has_all_custom: bool = True
    copies: tuple[tuple[str, str], ...] = ()

    @property
    def wires(self) -> set[str]:
        """The keys of the rows."""
        names = {cell.wire for cell in self.cells} | {wire for wire, _ in self.copies}
        names |= {wire for wire, _ in self.children}
        return names | ({outer for outer, _, _ in self.inner} if self.has_all_custom else set())

    def columns(self, alias: str) -> list[exp.Expr]:
        """Return the columns that are selected, in the order in which rows are read."""
        keys = [
            Column(self.stored.key_of(child), "text")
            for _, child in self.children
            if child.child.key != "id"
        ]
        cells = (*self.cells, *(cell for _, _, cell in self.inner))
        return [*(cell.at(alias) for cell in cells), *(key.at(alias) for key in keys)]

    def columns_text(self, alias: str, dialect: str) -> exp.Expr:
        """Return the same columns as text, which is written once for all statements."""
        return exp.Var(this=_write_columns(self, alias, dialect))

    def read(self, results: Sequence[Sequence[Any]], executor: Executor) -> list[Row]:
        """Return the rows of results, with the members of their lists."""
        with pause_collections():
            columns: list[Sequence[Any]] = list(zip(*results, strict=True))
            rows = self._read_cells(columns)
        place = len(self.cells) + len(self.inner)
        if self.inner:
            self._add_inner(rows, columns[len(self.cells) : place])
        for wire, child in self.children:
            if child.child.key == "id":
                keys = [row["id"] for row in rows]
            else:
                keys, place = list(columns[place]) if rows else [], place + 1
            self._add_members(rows, keys, wire, child, executor)
        return rows

    def _read_cells(self, columns: Sequence[Sequence[Any]]) -> list[Row]:
        """Return rows with the values of columns, and of nothing else."""
        make: Callable[[Any], Row] = dict if self.is_complete else PartialRow
        pairs = zip(self.cells, columns, strict=False)
        values = [_convert(cell.convert, column) for cell, column in pairs]
        wires = [cell.wire for cell in self.cells]
        values += [values[wires.index(source)] for _, source in self.copies] if values else []
        wires += [wire for wire, _ in self.copies]
        # Nothing but these calls is repeated for each row.
        return list(map(make, map(zip, repeat(wires), zip(*values, strict=True))))

    def _add_inner(self, rows: list[Row], columns: Sequence[Sequence[Any]]) -> None:
        """Add the values of custom fields and of objects that have columns."""
        meta = self.stored.meta
        holder = custom.holder(meta) if meta.custom else None
        cells = zip(self.inner, columns, strict=False)
        converted = [(*inner[:2], _convert(inner[2].convert, column)) for inner, column in cells]
        for outer in dict.fromkeys(outer for outer, _, _ in self.inner):
            keys, members = zip(*[item[1:] for item in converted if item[0] == outer], strict=True)
            is_complete = holder is not None and outer == holder.wire and self.has_all_custom
            by_key = holder is not None and holder.kind.name == "dict"
            for row, row_members in zip(rows, zip(*members, strict=True), strict=True):
                values = dict(zip(keys, row_members, strict=True))
                if is_complete:
                    row[outer] = values if by_key else _to_items(values)
                else:
                    # The list or object itself would lack values that Zendesk has.
                    partial: Any = row
                    partial.known_inner = {**getattr(row, "known_inner", {}), outer: values}

    def _add_members(
        self, rows: list[Row], keys: list[Any], wire: str, child: StoredChild, executor: Executor
    ) -> None:
        """Add the members of a list, with one statement for all rows."""
        names = child.child
        members: dict[Any, list[Any]] = {key: [] for key in keys if key is not None}
        selected = [names.parent, names.value, *([names.name] if names.name else [])]
        parent, *others = (exp.column(name, "m", quoted=True) for name in selected)
        order = exp.column(names.position or names.value, "m", quoted=True)
        statement = (
            exp.select(parent, *others)
            .from_(child.description.with_alias("m"))
            .where(exp.In(this=parent.copy(), expressions=[*map(exp.convert, members)]))
            .order_by(parent.copy(), order)
        )
        for mark in child.description.list_marks(self.stored.layout, "m"):
            statement = statement.where(mark)
        for results in executor.run(statement.sql(executor.dialect)) if members else ():
            for key, *member in results:
                members[key].append(member[0] if len(member) == 1 else tuple(member))
        for row, key in zip(rows, keys, strict=True):
            items = members.get(key, [])
            if not names.name:
                row[wire] = items
            else:
                by_key = self.stored.meta.fields[wire].kind.name == "dict"
                values = self._read_by_key(items)
                row[wire] = values if by_key else _to_items(values)

    def _read_by_key(self, members: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
        """Return the values of custom fields by id or key, from pairs of one value and its key."""
        values: dict[Any, list[Any]] = {}
        for value, key in members:
            values.setdefault(key, []).append(value)
        read = {}
        for key, several in values.items():
            definition = self.stored.custom.find(str(key))
            if len(several) > 1 or (definition is not None and definition.multiple):
                read[key] = several
            else:
                (read[key],) = _convert(text_converter(definition), several)
        return read


def _to_items(values: dict[Any, Any]) -> list[dict[str, Any]]:
    """Return the values of custom fields as Zendesk sends those of tickets."""
    return [{"id": wire, "value": value} for wire, value in values.items()]


def _convert(convert: Callable[[Any], Any] | None, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a column as JSON values; equal texts share one, as rows are not edited.

    Most columns of JSON have few texts, such as an empty list.
    """
    if convert is None:
        return values
    if {*map(type, values)} <= _TEXTS:
        converted = {text: convert(text) for text in {*values} - {None}}
        return [*map(converted.get, values)]
    return [None if value is None else convert(value) for value in values]


_TEXTS = {str, type(None)}


@lru_cache(maxsize=256)
def _write_columns(reader: RowReader, alias: str, dialect: str) -> str:
    return ", ".join(column.sql(dialect) for column in reader.columns(alias))


@lru_cache(maxsize=256)
def row_reader(
    stored: StoredModel,
    names: frozenset[str] | None = None,
    inner: frozenset[str] = frozenset(),
    *,
    is_short: bool = False,
) -> RowReader:
    """Return the reader of the rows of a model.

    Args:
        stored: the table.
        names: the names of the fields that are needed; all by default.
        inner: the names of the values inside objects that are needed: `via__channel`.
        is_short: whether there are only a few rows, for which functions in SQL do not pay off.

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
    cells: list[Cell] = []
    copies: list[tuple[str, str]] = []
    children, missing = [], False
    inners: list[tuple[str, Any, Cell]] = []
    for field in fields:
        column = stored.column_of(field)
        child = stored.children.get(field.wire)
        if child is not None:
            stored.key_of(child)
            children.append((field.wire, child))
        elif column is not None:
            type_ = field_type(field, column.type)
            convert = find_converter(
                converter(field, type_), type_, column.declared, stored.dialect
            )
            is_written = not is_short and writes_moments(field, type_, stored.dialect)
            convert = None if is_written else convert
            cell = Cell(field.wire, field, column, convert, type_, is_written)
            source = next((other.wire for other in cells if _is_same(cell, other)), None)
            if source is None:
                cells.append(cell)
            else:
                copies.append((field.wire, source))
        elif field is holder and stored.custom.pairs:
            for definition, column in stored.custom.pairs:
                convert = custom_converter(definition, column.type)
                convert = find_converter(convert, column.type, column.declared, stored.dialect)
                cell = Cell(str(definition.wire), field, column, convert)
                inners.append((field.wire, definition.wire, cell))
            missing = missing or not stored.custom.is_complete
        else:
            missing = True
            inners += _inner_cells(stored, field, inner)
    is_complete = needed is None and not missing
    return RowReader(
        stored,
        tuple(cells),
        tuple(inners),
        tuple(children),
        is_complete,
        stored.custom.is_complete,
        tuple(copies),
    )


def _inner_cells(
    stored: StoredModel, field: Attribute[Any], names: Iterable[str]
) -> Iterator[tuple[str, Any, Cell]]:
    """Yield the columns of values inside an object that itself has none."""
    for name in sorted(names):
        value = stored.meta.get_field(name)
        if not isinstance(value, KeyTransform) or value.outer is not field:
            continue
        column = stored.inner_column(value)
        if column is not None:
            convert = converter(value, column.type)
            convert = find_converter(convert, column.type, column.declared, stored.dialect)
            yield field.wire, value.key_in_outer, Cell(name, field, column, convert)


def _is_same(cell: Cell, other: Cell) -> bool:
    """Return whether two cells read the same values."""
    return cell.column == other.column and cell.convert is other.convert
