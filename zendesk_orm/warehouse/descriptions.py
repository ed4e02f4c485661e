"""Tables as a database describes them: the names and types of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display
from zendesk_orm.query.sql_values import differs
from zendesk_orm.warehouse.layouts import ChildTable, Layout
from zendesk_orm.warehouse.types import column_type, find_cast


#: Texts that stand for no.
_NO = ("", "false", "f", "no", "n", "0")


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: its name, as the database spells it.
        type: its type; see `sql_values.Value`.
        declared: the name that the database gives to the type.
    """

    name: str
    type: str
    declared: str = ""

    def at(self, alias: str) -> exp.Expr:
        """Return the column of a table with an alias, as a value of its type."""
        value, cast = exp.column(self.name, alias, quoted=True), find_cast(self.declared)
        return exp.cast(value, cast) if cast else value


@frozen
class Description:
    """A table as the database describes it.

    Attributes:
        table: the table, as the database spells its name.
        columns: the columns by their names in lower case.
        name: the name of the table for messages, with its schema.
        dialect: sqlglot's name of the dialect.
    """

    table: exp.Table = field(eq=False)
    columns: Mapping[str, Column]
    name: str
    dialect: str

    @classmethod
    def of(
        cls, table: exp.Table, columns: Iterable[tuple[str, str]], name: str, dialect: str
    ) -> Description:
        """Return the description of a table with the names and types of its columns."""
        by_name = {
            column: Column(column, column_type(type_, dialect), type_) for column, type_ in columns
        }
        # Names that differ in case only are found as they are spelled in the layout, if they are.
        all_names = {**{key.lower(): by_name[key] for key in by_name}, **by_name}
        return cls(table, all_names, name, dialect)

    def with_alias(self, alias: str) -> exp.Expr:
        """Return the table, named by an alias."""
        return exp.alias_(self.table.copy(), alias, table=True, quoted=True)

    def find(self, name: str) -> Column | None:
        """Return the column with a name, in any case; or None."""
        return self.columns.get(name) or self.columns.get(name.lower())

    def list_marks(
        self, layout: Layout, alias: str, *, with_deleted: bool = False
    ) -> list[exp.Expr]:
        """Return the conditions that no column marks a row as outdated or deleted.

        Args:
            layout: the names of such columns.
            alias: the alias of the table.
            with_deleted: whether rows that are marked as deleted are included.

        Raises:
            NoEndpoint: the type of such a column is unknown.
        """
        names = layout.outdated if with_deleted else (*layout.outdated, *layout.deleted)
        current = filter(None, map(self.find, layout.current))
        return [
            *(self._lacks_mark(column, alias) for column in filter(None, map(self.find, names))),
            *(self.is_true(column, alias, missing=True) for column in current),
        ]

    def is_true(self, column: Column, alias: str, *, missing: bool) -> exp.Expr:
        """Return whether a column contains yes.

        Raises:
            NoEndpoint: the type of the column is unknown.
        """
        value = column.at(alias)
        default = exp.true() if missing else exp.false()
        if column.type == "boolean":
            return exp.Coalesce(this=value, expressions=[default])
        if column.type == "integer":
            is_set: exp.Expr = exp.NEQ(this=value, expression=exp.convert(0))
        elif column.type == "text":
            texts = [exp.Literal.string(text) for text in _NO]
            is_set = exp.not_(exp.In(this=exp.Lower(this=value), expressions=texts))
        else:
            raise NoEndpoint(
                f"table {self.name} cannot be read: the column {display(column.name)}, which marks "
                f"rows, has the type {column.type} ({column.declared}); load it as BOOLEAN or a "
                "time, or leave it out of Layout(deleted=...)"
            )
        return exp.Coalesce(this=exp.paren(is_set), expressions=[default])

    def _lacks_mark(self, column: Column, alias: str) -> exp.Expr:
        """Return the condition that a column does not mark a row."""
        if column.type in ("timestamp", "timestamptz", "date"):
            return exp.Is(this=column.at(alias), expression=exp.null())
        if column.type == "boolean" and self.dialect == "duckdb":
            return differs(column.at(alias), exp.true(), self.dialect)
        return exp.not_(self.is_true(column, alias, missing=False))


@frozen
class StoredChild:
    """A table of members that exists.

    Attributes:
        child: the table, with the names of its columns as the database spells them.
        description: its columns.
    """

    child: ChildTable
    description: Description

    @classmethod
    def of(cls, child: ChildTable, description: Description | None) -> StoredChild | None:
        """Return a table of members; None if it, or a column that it needs, does not exist."""
        if description is None:
            return None
        names = {}
        for attribute in ("parent", "value", "name", "position"):
            name: str = getattr(child, attribute)
            column = description.find(name) if name else None
            if name and column is None and attribute != "position":
                return None
            names[attribute] = "" if column is None else column.name
        return cls(evolve(child, **names), description)


def nested_type(column: Column) -> str:
    """Return the type of a column that contains other values: `nested` if it is not JSON."""
    is_nested = column.declared.lower().startswith(("struct", "map", "row(", "record"))
    return "nested" if is_nested else column.type
