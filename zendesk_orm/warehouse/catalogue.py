"""The tables of a database, as it describes them: read once, when a model is first queried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.layouts import ChildTable, Layout
from zendesk_orm.warehouse.tables import StoredModel, to_table


#: Dialects that describe a table by another statement.
_DESCRIBING = frozenset({"duckdb", "spark", "databricks"})
#: Dialects that have a function for the schema in which tables without one are found.
_CURRENT_SCHEMA = frozenset({"duckdb", "postgres", "redshift", "snowflake"})

#: Returns the custom fields of a model, or None if they are unknown.
FindDefinitions = Callable[[Options], "Definitions | None"]


class Catalogue:
    """The tables of a database; see `query.sql.Database`.

    Args:
        executor: runs SQL.
        layout: the names of tables and columns.
        definitions: returns the custom fields of a model.
    """

    def __init__(self, executor: Executor, layout: Layout, definitions: FindDefinitions) -> None:
        self._executor, self.layout = executor, layout
        self._definitions = definitions
        self._columns: dict[str, list[tuple[str, str]]] = {}
        self._stored: dict[Any, StoredModel] = {}
        self._names: dict[str, dict[str, str]] = {}

    @property
    def dialect(self) -> str:
        """Sqlglot's name of the dialect."""
        return self._executor.dialect

    def storage(self, model: Any) -> StoredModel:
        """Return how the rows of a model are stored.

        Raises:
            NoEndpoint: the database has no table for the model.
        """
        meta: Options = model._meta
        definitions = self._definitions(meta)
        stored = self._stored.get(model)
        if stored is not None and stored.definitions is definitions:
            return stored
        table = self.layout.table(meta)
        columns = self.describe(table) if table else []
        if not columns:
            # The table may be created later.
            self._columns.pop(table, None)
            raise NoEndpoint(
                f"{meta.object_name} is not stored: the layout {self.layout.name} has no table "
                f"{display(self._full_name(table or meta.plural))} that the connection can read"
                f"{suggestion(table, list(self._columns))}; query the live account instead"
            )
        children = {
            wire: stored_child
            for wire, child in self.layout.children.get(_root_name(meta), {}).items()
            if (stored_child := self._describe_child(child)) is not None
        }
        names = self._custom_names(meta)
        stored = StoredModel(self.layout, self.dialect, meta, columns, children, definitions, names)
        self._stored[model] = stored
        return stored

    def _describe_child(self, child: ChildTable) -> ChildTable | None:
        """Return a table of members with the names of its columns; None if it does not exist."""
        names = {name.lower(): name for name, _ in self.describe(child.table)}
        parent, value = names.get(child.parent.lower()), names.get(child.value.lower())
        if parent is None or value is None:
            return None
        return evolve(child, parent=parent, value=value)

    def _custom_names(self, meta: Options) -> dict[str, str]:
        """Return the names of the columns of custom fields that the database itself knows."""
        table = self.layout.custom_names
        if not table or not meta.custom or not self.describe(table):
            return {}
        key = _root_name(meta)
        if key not in self._names:
            statement = (
                exp.select("field", "name")
                .from_(to_table(self.layout, table, self.dialect))
                .where(exp.EQ(this=exp.column("model"), expression=exp.Literal.string(key)))
            )
            self._names[key] = {
                str(field): str(name) for field, name in self._run(statement.sql(self.dialect))
            }
        return self._names[key]

    def describe(self, table: str) -> list[tuple[str, str]]:
        """Return the names and types of the columns of a table; [] if it does not exist."""
        if table not in self._columns:
            self._columns[table] = self._read_columns(table)
        return self._columns[table]

    def forget(self) -> None:
        """Describe tables again when they are next queried."""
        self._columns.clear()
        self._stored.clear()
        self._names.clear()

    def _read_columns(self, table: str) -> list[tuple[str, str]]:
        if not self._exists(table):
            return []
        if self.dialect in _DESCRIBING:
            full_name = to_table(self.layout, table, self.dialect).sql(self.dialect)
            rows = self._run(f"DESCRIBE {full_name}")
            # Spark lists the columns of partitions once more, behind a heading.
            columns = [(str(row[0]), str(row[1])) for row in rows]
            ends = [index for index, (name, _) in enumerate(columns) if name[:1] in ("#", "")]
            return columns[: ends[0]] if ends else columns
        return [(str(row[0]), str(row[1])) for row in self._run(self._information(table))]

    def _exists(self, table: str) -> bool:
        if self.dialect in ("spark", "databricks"):
            schema = self.layout.schema
            # Spark raises an error for the tables of a schema that does not exist.
            if schema is not None and not self._run(f"SHOW SCHEMAS LIKE {_quote(schema)}"):
                return False
            place = "" if schema is None else f" IN `{schema}`"
            return bool(self._run(f"SHOW TABLES{place} LIKE {_quote(table)}"))
        return bool(self._run(self._information(table)))

    def _information(self, table: str) -> str:
        """Return the statement that reads the columns from the information schema."""
        statement = (
            exp.select("column_name", "data_type")
            .from_(self._information_schema())
            .where(
                exp.EQ(
                    this=exp.func("LOWER", exp.column("table_name")),
                    expression=exp.Literal.string(table.lower()),
                )
            )
            .order_by("ordinal_position")
        )
        schema: exp.Expr | None = None
        if self.layout.schema is not None:
            schema = exp.Literal.string(self.layout.schema.lower())
        elif self.dialect in _CURRENT_SCHEMA:
            schema = exp.func("LOWER", exp.CurrentSchema())
        if schema is not None:
            same = exp.EQ(this=exp.func("LOWER", exp.column("table_schema")), expression=schema)
            statement = statement.where(same)
        return statement.sql(self.dialect)

    def _information_schema(self) -> exp.Table:
        """Return the table that lists columns, which is part of each schema in BigQuery."""
        if self.dialect == "bigquery":
            # Its names are case-sensitive.
            return exp.table_("COLUMNS", db="INFORMATION_SCHEMA", catalog=self.layout.schema)
        return exp.table_("columns", db="information_schema")

    def _run(self, sql: str) -> list[Sequence[Any]]:
        return [row for rows in self._executor.run(sql) for row in rows]

    def _full_name(self, table: str) -> str:
        schema = self.layout.schema
        return table if schema is None else f"{schema}.{table}"


def _quote(text: str) -> str:
    """Return a text as a literal of Spark."""
    return exp.Literal.string(text).sql("spark")


def _root_name(meta: Options) -> str:
    """Return the name of the model that a proxy stands for."""
    return str(meta.concrete.__name__)
