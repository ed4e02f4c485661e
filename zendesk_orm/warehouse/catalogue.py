"""The tables of a database, as it describes them: read once, when a model is first queried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import Template
from typing import Any

from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse.custom_columns import CustomColumns
from zendesk_orm.warehouse.descriptions import Description, StoredChild
from zendesk_orm.warehouse.executors import Executor
from zendesk_orm.warehouse.layouts import Layout
from zendesk_orm.warehouse.names import Schema, to_identifier, to_table
from zendesk_orm.warehouse.tables import StoredModel


#: Dialects that describe a table by another statement.
_DESCRIBING = frozenset({"spark", "databricks"})
#: Dialects that have a function for the schema in which tables without one are found.
_CURRENT_SCHEMA: Mapping[str, exp.Expr] = {
    **dict.fromkeys(("duckdb", "postgres", "redshift", "snowflake"), exp.CurrentSchema()),
    "trino": exp.column("current_schema"),
}

_MATERIALIZED_VIEW = """
SELECT n.nspname, c.relname, a.attname, FORMAT_TYPE(a.atttypid, NULL)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND a.attnum > 0 AND NOT a.attisdropped
    AND LOWER(c.relname) = $name AND LOWER(n.nspname) = LOWER($schema)
ORDER BY n.nspname, c.relname, a.attnum
"""
#: Returns the custom fields of a model, or None if they are unknown.
FindDefinitions = Callable[[Options], "Definitions | None"]


class Catalogue:
    """The tables of a database; see `query.sql_storage.Database`.

    Args:
        executor: runs SQL.
        layout: the names of tables and columns.
        known_definitions: returns the custom fields of a model, without a request.
        find_definitions: returns the custom fields of a model; it may send a request.
    """

    def __init__(
        self,
        executor: Executor,
        layout: Layout,
        known_definitions: FindDefinitions,
        find_definitions: FindDefinitions,
    ) -> None:
        self._executor, self.layout = executor, layout
        self._known_definitions = known_definitions
        self._find_definitions = find_definitions
        self._descriptions: dict[str, Description | None] = {}
        self._stored: dict[Any, tuple[Definitions | None, StoredModel]] = {}
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
        definitions = self._known_definitions(meta)
        previous, stored = self._stored.get(model, (None, None))
        if stored is None or previous is not definitions:
            stored = self.describe_storage(model, self.layout.table(meta) or "", definitions)
            self._stored[model] = definitions, stored
        return stored

    def describe_storage(
        self, model: Any, table: str, definitions: Definitions | None
    ) -> StoredModel:
        """Return how the rows of a model are stored in a table.

        Raises:
            NoEndpoint: the database has no such table.
        """
        meta: Options = model._meta
        description = self.describe(table) if table else None
        if description is None:
            # The table may be created later.
            self._descriptions.pop(table, None)
            tables = [name for name, item in self._descriptions.items() if item is not None]
            raise NoEndpoint(
                f"{meta.object_name} is not stored: the layout {self.layout.name} has no table "
                f"{display(self._full_name(table or meta.plural))} that the connection can read"
                f"{suggestion(table, tables)}; query the live account instead"
            )
        children = {
            wire: stored_child
            for wire, child in self.layout.children.get(_root_name(meta), {}).items()
            if (stored_child := StoredChild.of(child, self.describe(child.table))) is not None
        }
        custom = CustomColumns(
            self.layout,
            meta,
            description,
            definitions,
            lambda: self._find_definitions(meta) if meta.custom else None,
            self._custom_names(meta),
        )
        return StoredModel(self.layout, self.dialect, meta, description, children, custom)

    def _custom_names(self, meta: Options) -> dict[str, str]:
        """Return the names of the columns of custom fields that the database itself knows."""
        table = self.layout.custom_names
        if not table or not meta.custom or self.describe(table) is None:
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

    def describe(self, table: str) -> Description | None:
        """Return the description of a table; None if it does not exist."""
        if table not in self._descriptions:
            self._descriptions[table] = self._describe(table)
        return self._descriptions[table]

    def forget(self) -> None:
        """Describe tables again when they are next queried."""
        self._descriptions.clear()
        self._stored.clear()
        self._names.clear()

    def _describe(self, table: str) -> Description | None:
        if self.dialect in _DESCRIBING:
            return self._describe_by_statement(table)
        rows = [tuple(map(str, row)) for row in self._run(self._information(table))]
        if not rows and self.dialect == "postgres":
            rows = [tuple(map(str, row)) for row in self._run(self._select_view_columns(table))]
        # Tables whose names differ in case only: the one that the layout spells, or the first.
        names = {(row[0], row[1]) for row in rows}
        chosen = min(names, key=lambda name: (name[1] != table, name), default=None)
        if chosen is None:
            return None
        target = to_table(self.layout, chosen[1], self.dialect)
        target.set("this", exp.to_identifier(chosen[1], quoted=True))
        if target.db:
            target.set("db", exp.to_identifier(chosen[0], quoted=True))
        columns = [(row[2], row[3]) for row in rows if (row[0], row[1]) == chosen]
        return Description.of(target, columns, self._full_name(table), self.dialect)

    def _describe_by_statement(self, table: str) -> Description | None:
        target = to_table(self.layout, table, self.dialect)
        if target.db:
            # Spark raises an error for the tables of a schema that does not exist.
            catalog = f" IN {_spell(target.args['catalog'])}" if target.catalog else ""
            if not self._run(f"SHOW SCHEMAS{catalog} LIKE {_quote(target.db)}"):
                return None
        within = exp.Table(this=target.args.get("db"), db=target.args.get("catalog"))
        place = f" IN {_spell(within)}" if target.db else ""
        if not self._run(f"SHOW TABLES{place} LIKE {_quote(table)}"):
            return None
        rows = self._run(f"DESCRIBE {target.sql(self.dialect)}")
        # Spark lists the columns of partitions once more, behind a heading.
        columns = [(str(row[0]), str(row[1])) for row in rows]
        ends = [index for index, (name, _) in enumerate(columns) if name[:1] in ("#", "")]
        columns = columns[: ends[0]] if ends else columns
        return Description.of(target, columns, self._full_name(table), self.dialect)

    def _information(self, table: str) -> str:
        """Return the statement that reads the columns from the information schema."""
        schema = Schema.of(self.layout)
        statement = (
            exp.select("table_schema", "table_name", "column_name", "data_type")
            .from_(self._information_schema(schema))
            .where(_equals_name("table_name", exp.Literal.string(table.lower())))
            .order_by("table_schema", "table_name", "ordinal_position")
        )
        if schema.name is not None:
            name: exp.Expr = exp.Literal.string(schema.name.lower())
            statement = statement.where(_equals_name("table_schema", name))
        elif self.dialect in _CURRENT_SCHEMA:
            current = exp.func("LOWER", _CURRENT_SCHEMA[self.dialect].copy())
            statement = statement.where(_equals_name("table_schema", current))
        if self.dialect == "duckdb":
            # It lists the columns of all databases that are attached.
            catalog: exp.Expr = exp.func("CURRENT_DATABASE")
            if schema.catalog is not None:
                catalog = exp.Literal.string(schema.catalog)
            in_catalog = _equals_name("table_catalog", exp.func("LOWER", catalog))
            temporary = _equals_name("table_catalog", exp.Literal.string("temp"))
            is_any = schema.name is None
            statement = statement.where(exp.or_(in_catalog, temporary) if is_any else in_catalog)
        return statement.sql(self.dialect)

    def _select_view_columns(self, table: str) -> str:
        """Return the statement that reads the columns of a view that Postgres does not list."""
        name, schema = exp.Literal.string(table.lower()), Schema.of(self.layout).name
        within = (
            "CURRENT_SCHEMA()" if schema is None else exp.Literal.string(schema).sql("postgres")
        )
        return Template(_MATERIALIZED_VIEW).substitute(name=name.sql("postgres"), schema=within)

    def _information_schema(self, schema: Schema) -> exp.Table:
        """Return the table that lists columns, which is part of each schema in BigQuery."""
        if self.dialect == "bigquery":
            names = [name for name in (schema.catalog, schema.name) if name is not None]
            parts = [exp.to_identifier(name, quoted=True) for name in names]
            view = [exp.to_identifier(name) for name in ("INFORMATION_SCHEMA", "COLUMNS")]
            return exp.Table(this=exp.Dot.build([*parts, *view]))
        catalog_name = None
        if schema.catalog is not None and self.dialect != "duckdb":
            catalog_name = to_identifier(schema.catalog, self.dialect)
        return exp.Table(
            this=exp.to_identifier("columns"),
            db=exp.to_identifier("information_schema"),
            catalog=catalog_name,
        )

    def _run(self, sql: str) -> list[Sequence[Any]]:
        return [row for rows in self._executor.run(sql) for row in rows]

    def _full_name(self, table: str) -> str:
        schema = self.layout.schema
        return table if schema is None else f"{schema}.{table}"


def _quote(text: str) -> str:
    """Return a text as a literal of Spark."""
    return _spell(exp.Literal.string(text))


def _spell(expression: exp.Expr) -> str:
    return expression.sql("spark")


def _equals_name(column: str, name: exp.Expr) -> exp.Expr:
    """Return whether a column of the information schema contains a name, in any case."""
    return exp.EQ(this=exp.func("LOWER", exp.column(column)), expression=name)


def _root_name(meta: Options) -> str:
    """Return the name of the model that a proxy stands for."""
    return str(meta.concrete.__name__)
