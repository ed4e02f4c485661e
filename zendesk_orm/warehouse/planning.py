"""Plans of queries over a database: one statement, and no request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from sqlglot import exp

from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.aggregates import Aggregate
from zendesk_orm.query.predicate import Subquery, conditions
from zendesk_orm.query.projection import Projection, relations_of
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql import Compiler
from zendesk_orm.query.sql_storage import Columns, Database, Storage
from zendesk_orm.schema import custom
from zendesk_orm.schema.fields import Attribute, column
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse.aggregates import (
    build_columns,
    filters_of,
    read_aggregate,
    read_value,
)
from zendesk_orm.warehouse.past import choose_database
from zendesk_orm.warehouse.rows import RowReader, row_reader
from zendesk_orm.warehouse.tables import StoredModel
from zendesk_orm.warehouse.values import ValueReader, value_reader


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session
    from zendesk_orm.warehouse.connection import Warehouse


#: Rows in which the driver reads moments faster than the database plans to write them.
_FEW = 20


@frozen
class SqlPlan:
    """The plan of a query over a database.

    Attributes:
        query: the query.
        sql: the statement that reads its rows.
        requests: the number of requests: 0.
        title: the name in messages.
    """

    query: Query
    sql: str
    requests: int = 0
    title: str = "SQL"


class SqlPlanning:
    """Plans queries over a database; see `session.planning.Planning`.

    Args:
        warehouse: the database.
    """

    reads_zendesk = False

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def plan(self, query: Query) -> SqlPlan:
        """Return the statement that reads the rows of a query.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        source = self.find_source(query)
        reader = self.find_value_reader(query) or self.choose_reader(source)

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return reader.columns(alias)

        order = () if _is_arranged(source) else self.default_order(source)
        statement = self.compiler(query).select(source, columns, order)
        return SqlPlan(query, self._warehouse.to_sql(statement, pretty=True))

    def explain(self, session: Session, query: Query) -> str:
        """Return the statement of a query, and how old the data are."""
        if query.empty:
            return f"{query}\nno statement: the result is empty"
        try:
            planned = self.plan(query)
        except NoEndpoint as error:
            return str(error)
        try:
            moment = self._warehouse.as_of(*models_of(query))
        except NoEndpoint as error:
            return str(error)
        age = "unknown" if moment is None else moment.isoformat()
        return f"{query}\n{planned.sql}\ncosts 0 requests\ndata as of {age}"

    def can_answer(self, query: Query) -> bool:
        """Return whether a query can be compiled."""
        try:
            self.plan(query)
        except NoEndpoint:
            return False
        return True

    def is_cheap(self, query: Query, *, complete: bool = False) -> bool:
        """Return True: the database reads no more rows than needed, without requests."""
        return True

    def default_order(self, query: Query) -> tuple[str, ...]:
        """Return the order in which Zendesk would return rows without an order.

        It is that of their ids if the values that it needs are not stored.
        """
        if query.order:
            return query.order
        try:
            chosen = plan(query)
        except NoEndpoint:
            return ("id",)
        stored = self._warehouse.catalogue.storage(query.model)
        fields = (column(query.meta.get_field(name.lstrip("-"))) for name in chosen.order)
        if all(stored.find_value(field, "t") is not None for field in fields):
            return tuple(chosen.order) or ("id",)
        return ("id",)

    def aggregate(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> dict[str, Any] | None:
        """Return aggregates over all rows, computed by the database; None if it cannot."""
        if query.empty or not aggregates:
            return {alias: item.of([]) for alias, item in aggregates.items()}
        is_cut = query.windowed and _is_arranged(query)
        if is_cut or not self.compares_in_sql(query.distinct, query.meta):
            return None
        compiler = self.compiler(query)
        columns = build_columns(session, compiler, query, aggregates)
        is_ordered = query.windowed or query.distinct is not None
        plain = query if is_ordered else evolve(query, order=())
        self._warehouse.require_recent(query, *filters_of(query, aggregates).values())
        sql = self._warehouse.to_sql(compiler.aggregate(plain, columns))
        (results,) = (row for rows in self._warehouse.executor.run(sql) for row in rows)
        stored = self._warehouse.catalogue.storage(query.model)
        return {
            alias: read_aggregate(item, query, stored, value)
            for (alias, item), value in zip(aggregates.items(), results, strict=True)
        }

    def group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> list[dict[str, Any]] | None:
        """Return the groups of rows with equal values, computed by the database.

        None if it cannot compare the values: lists and objects.
        """
        if not self._can_group(query):
            return None
        self._warehouse.require_recent(query, *filters_of(query, aggregates).values())
        values = query.projection
        names, paths = ((), ()) if values is None else (values.names, values.paths)
        readers = [self._key_reader(query.meta, path) for path in paths]
        stored = self._warehouse.catalogue.storage(query.model)
        sql = self._warehouse.to_sql(self._group(session, query, aggregates))
        groups = []
        for results in (row for rows in self._warehouse.executor.run(sql) for row in rows):
            keys, computed = results[: len(names)], results[len(names) :]
            group = {
                name: None if value is None else read(value)
                for name, read, value in zip(names, readers, keys, strict=True)
            }
            for (alias, item), value in zip(aggregates.items(), computed, strict=True):
                group[alias] = read_aggregate(item, query, stored, value)
            groups.append(group)
        return groups

    def explain_groups(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> str | None:
        """Return the statement that computes groups."""
        if not self._can_group(query):
            return None
        sql = self._warehouse.to_sql(self._group(session, query, aggregates), pretty=True)
        return f"{query}\n{sql}\ncosts 0 requests"

    def _group(
        self, session: Session, query: Query, aggregates: Mapping[str, Aggregate]
    ) -> exp.Select:
        compiler = self.compiler(query)
        columns = build_columns(session, compiler, query, aggregates)
        plain = query if query.distinct is not None else evolve(query, order=())
        return compiler.group(plain, query.projection, columns)

    def _can_group(self, query: Query) -> bool:
        parts = (query.projection, query.distinct)
        return all(self.compares_in_sql(values, query.meta) for values in parts)

    def compares_in_sql(self, values: Projection | None, meta: Options) -> bool:
        """Return whether the database can compare values: it cannot compare lists and objects."""
        return values is None or all(_is_scalar(meta, path) for path in values.paths)

    # -- the rows and columns that are read --------------------------------------

    def find_source(self, query: Query) -> Query:
        """Return the query whose rows SQL selects: another one if some are chosen client-side.

        Lists and objects are compared, and rows are put into the order of ids, client-side.
        """
        is_in_id_order = query.id_order and not query.order
        in_sql = self.compares_in_sql(query.distinct, query.meta) and not is_in_id_order
        source = query if in_sql else query.source
        # As from Zendesk, rows that are read by id are in the order of the ids.
        return evolve(source, start=0, stop=None) if _is_arranged(source) else source

    def find_value_reader(self, query: Query) -> ValueReader | None:
        """Return the reader of the values of a query if no objects are needed for them, or None."""
        is_ordered = query.order or not (query.id_order or _lists_ids(query))
        if query.distinct is not None or self._warehouse.written or not is_ordered:
            return None
        return value_reader(query, self.choose_reader(query))

    def choose_reader(self, query: Query) -> RowReader:
        """Return the reader of the columns that a query needs.

        Raises:
            NoEndpoint: a column is not stored, and no live account has its values.
        """
        stored: StoredModel = self._warehouse.catalogue.storage(query.model)
        names, meta, inner = _find_names(query), query.meta, set[str]()
        if names is not None:
            paths = () if query.projection is None else query.projection.paths
            inner = {"__".join(path) for path in paths if _is_inside_object(meta, path)}
            relations = meta.relations
            names |= {relations[name].id.name for name in {*names, *query.related} & {*relations}}
            is_named = query.projection is not None or query.columns.names
            if is_named and not self._warehouse.has_live:
                _require_columns(stored, names, inner)
            # A record that is alive may be newer.
            names |= {"updated_at"} & {*meta.fields}
            names |= {
                field.name for field in meta.fields.values() if field.wire in meta.parent_keys
            }
        is_short = _lists_ids(query) and len(query.ids or ()) <= _FEW
        chosen = None if names is None else frozenset(names)
        return row_reader(stored, chosen, frozenset(inner), is_short=is_short)

    def _key_reader(self, meta: Options, path: Sequence[str]) -> Callable[[Any], Any]:
        """Return the function that converts a value by which rows are grouped."""
        first, remainder = path[0], path[1:]
        relation = meta.relations.get(first)
        if relation is not None and remainder:
            return self._key_reader(relation.model._meta, remainder)
        field = meta.fields.get(first)
        if field is not None and field.kind.name == "datetime" and remainder:
            return (lambda value: value) if remainder[0] == "date" else int
        attribute: Attribute[Any] = column(meta.get_field("__".join(path)))
        if not isinstance(attribute, KeyTransform):
            return lambda value: read_value(attribute, value)
        model = meta.model
        return self._warehouse.catalogue.storage(model).key_reader(attribute)

    def select(
        self,
        query: Query,
        columns: Columns,
        form: Hashable,
        default_order: Sequence[str] | None = None,
        *,
        reads_deleted: bool = False,
    ) -> str:
        """Return the statement for the rows of a query, which is compiled once for each shape.

        Args:
            query: the query, with the account's ids of custom fields.
            columns: returns the selected expressions.
            form: a value that differs if the selected expressions do.
            default_order: the order of the rows if the query has none.
            reads_deleted: whether rows that are marked as deleted are read, too.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
        """
        order = self.default_order(query) if default_order is None else query.order or default_order
        warehouse = self._warehouse

        def compile_query(query: Query) -> str:
            compiler = self.compiler(query, reads_deleted=reads_deleted)
            return warehouse.to_sql(compiler.select(query, columns, order))

        key = (form, tuple(order), reads_deleted)
        return warehouse.statements.get_or_compile(query, warehouse.now(), key, compile_query)

    def compiler(self, query: Query, *, reads_deleted: bool = False) -> Compiler:
        """Return the compiler of the statement of a query.

        Args:
            query: the query.
            reads_deleted: whether rows that are marked as deleted are read, too.

        Raises:
            NoEndpoint, InvalidValue: the query is one of the past, which the database lacks.
        """
        warehouse = self._warehouse

        def choose(query: Query) -> Database:
            return choose_database(query, warehouse.catalogue, warehouse.executor)

        return Compiler(
            choose(query),
            warehouse.now(),
            self.default_order,
            choose,
            reads_deleted=reads_deleted,
        )


def _find_names(query: Query) -> set[str] | None:
    """Return the names of the fields and relations that a query needs; None for all of them."""
    if query.projection is None:
        # Later, only the present values of a deferred field could be read.
        return query.columns.find_names(query.meta) if query.as_of is None else None
    return None if query.has_custom_names else {path[0] for path in query.projection.paths}


def _is_arranged(query: Query) -> bool:
    """Return whether rows are put into the order of the ids that a query lists, client-side."""
    return not query.order and query.distinct is None and _lists_ids(query)


def _lists_ids(query: Query) -> bool:
    """Return whether a query lists the ids of its rows, rather than selects them by a subquery."""
    return query.ids is not None and not any(isinstance(pk, Subquery) for pk in query.ids)


def _is_inside_object(meta: Options, path: Sequence[str]) -> bool:
    field = meta.fields.get(path[0])
    return field is not None and field.kind.name == "dict" and len(path) > 1


def _require_columns(stored: StoredModel, names: Iterable[str], inner: Iterable[str]) -> None:
    """Raise `NoEndpoint` if a field of a model is not stored; other names are no fields.

    Args:
        stored: the table.
        names: the names of the fields.
        inner: the names of values inside them, which may have columns although the fields do not.
    """
    fields = stored.meta.fields
    holder = custom.holder(stored.meta) if stored.meta.custom else None
    for field in (fields[name] for name in sorted(names) if name in fields):
        if field.wire in stored.children or field is holder:
            continue
        inside = [name for name in sorted(inner) if name.startswith(f"{field.name}__")]
        for name in inside or [field.name]:
            stored.value(column(stored.meta.get_field(name)), "t")


def models_of(query: Query) -> list[Any]:
    """Return the models whose tables a query reads."""
    models = [query.model]
    for condition in conditions(query.where):
        if isinstance(condition.value, Subquery):
            subquery = condition.value
            models += models_of(subquery.query or Query(subquery.model, subquery.where))
    for values in (query.projection, query.distinct):
        names = () if values is None else relations_of(query.meta, values.names)
        models += [query.meta.relations[name].model for name in names]
    return list(dict.fromkeys(models))


def _is_scalar(meta: Options, path: Sequence[str]) -> bool:
    """Return whether the values at a path are neither lists nor objects."""
    first, remainder = path[0], path[1:]
    relation = meta.relations.get(first)
    if relation is not None and remainder:
        return _is_scalar(relation.model._meta, remainder)
    if first in meta.declared or remainder:
        return first not in meta.declared
    field = column(meta.get_field(first))
    return field.kind.absent is None and field.kind.name not in ("dict", "Any")
