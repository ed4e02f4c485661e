"""Sessions that read from a database, and write to the live account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref

from attrs import evolve
from sqlglot import exp

from zendesk_orm.errors import InvalidValue, NoEndpoint
from zendesk_orm.query.counted import Counted
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.predicate import Condition, Subquery
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql import Compiler, Storage
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.source import BoundAlias
from zendesk_orm.session.combining import put_in_id_order, take_distinct, without_positions
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import PageSource, link
from zendesk_orm.support.tickets.history import past_ticket
from zendesk_orm.warehouse.planning import SqlPlanning
from zendesk_orm.warehouse.rows import RowReader, row_reader
from zendesk_orm.warehouse.tables import StoredModel
from zendesk_orm.warehouse.values import ValueReader, value_reader


if TYPE_CHECKING:
    from zendesk_orm.warehouse.connection import Warehouse


class WarehouseSession(Session):
    """One unit of work with a database: queries become SQL, and saves go to the live account.

    Args:
        warehouse: the database.
    """

    def __init__(self, warehouse: Warehouse, *, explicit: bool = False) -> None:
        super().__init__(warehouse.live, explicit=explicit)
        self.warehouse = warehouse
        self._planning = self.planning = SqlPlanning(warehouse)

    @property
    def alias(self) -> BoundAlias:
        """The name of the database, so that related objects are read from it, too."""
        return BoundAlias(self.warehouse.alias)

    # -- queries -------------------------------------------------------------

    def stream(self, query: Query) -> Iterator[RecordPage[Any]]:
        """Return an iterator over the pages of a query.

        Raises:
            NoEndpoint: a part of the query cannot be computed in SQL, or is not stored.
            InvalidValue: the query contains objects of another account, or a resume token.
        """
        self.require_owners(query)
        if query.resumed is not None:
            raise InvalidValue(
                "resume() continues reading from Zendesk; a database is read from the beginning"
            )
        return self._pages(self.resolve_custom_fields(query))

    def stream_values(self, query: Query) -> Iterator[RecordPage[Any]] | None:
        """Return an iterator over pages of values, which are read without objects; or None."""
        has_order = query.order or not (query.id_order or _has_listed_ids(query))
        if query.empty or query.distinct is not None or not has_order or self.warehouse.written:
            return None
        reader = value_reader(query, self._reader(query))
        return None if reader is None else self._pages_of_values(query, reader)

    def _pages_of_values(self, query: Query, reader: ValueReader) -> Iterator[RecordPage[Any]]:
        self.require_owners(query)

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return [exp.column(cell.column.name, alias, quoted=True) for cell in reader.cells]

        order = self._planning.default_order(query)
        statement = self._compiler(query).select(query, columns, order)
        for results in self.warehouse.executor.run(self.warehouse.to_sql(statement)):
            yield RecordPage(reader.read(results))

    def count(self, query: Query) -> Counted:
        """Return the number of rows; raises as `stream()`."""
        self.require_owners(query)
        query = self.resolve_custom_fields(query)
        if query.empty or query.distinct is not None:
            return Counted.of(sum(map(len, self.fetch(query))), None)
        statement = self._compiler(query).aggregate(
            evolve(query, order=query.order if query.windowed else ()),
            lambda *_: [exp.Count(this=exp.Star())],
        )
        return Counted.of(int(self._first(statement)[0]), None)

    def _compiler(self, query: Query) -> Compiler:
        return self.warehouse.compiler(query)

    def _first(self, statement: exp.Select) -> Any:
        """Return the first row of the result of a statement."""
        sql = self.warehouse.to_sql(statement)
        return next(row for rows in self.warehouse.executor.run(sql) for row in rows)

    def _pages(self, query: Query) -> Iterator[RecordPage[Any]]:
        if query.empty:
            return
        if query.distinct is not None:
            stream = take_distinct(self._pages(query.source), query, query.distinct)
            yield from without_positions(stream)
        elif query.id_order and not query.order:
            yield from without_positions(put_in_id_order(self._pages(query.source), query))
        elif not query.order and _has_listed_ids(query):
            # As from Zendesk, rows that are read by id are in the order of the ids.
            unbounded = evolve(query, start=0, stop=None)
            rows = [row for page in self._rows(unbounded, ()) for row in page]
            yield self._build(query, arrange(query, rows, lambda row: row))
        else:
            for rows in self._rows(query, self._planning.default_order(query)):
                yield self._build(query, rows)

    def _rows(self, query: Query, default_order: tuple[str, ...]) -> Iterator[list[Row]]:
        """Yield the rows of a query, many at once."""
        reader = self._reader(query)

        executor = self.warehouse.executor

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return [reader.columns_text(alias, executor.dialect)]

        statement = self._compiler(query).select(query, columns, default_order)
        for results in executor.run(self.warehouse.to_sql(statement)):
            yield reader.read(results, executor)

    def _reader(self, query: Query) -> RowReader:
        stored: StoredModel = self.warehouse.catalogue.storage(query.model)
        names = None
        if query.projection is not None and not query.has_custom_names:
            names = {path[0] for path in query.projection.paths}
            relations = query.meta.relations
            names |= {relations[name].id.name for name in {*names, *query.related} & {*relations}}
        return row_reader(stored, None if names is None else frozenset(names))

    def _build(self, query: Query, rows: list[Row]) -> RecordPage[Any]:
        """Return the records of rows, with the related objects that the query selects."""
        meta, source = query.meta, PageSource(self, query.strict)
        if query.as_of is None:
            rows = self.warehouse.written.apply(query.model, rows)
            built = self.identity.materialize(query.model, rows, source)
        else:
            built = [past_ticket(query.model, row, source, query.as_of) for row in rows]
        records: RecordPage[Any] = RecordPage(built)
        records.rows = rows
        source.records = [ref(record) for record in records]
        for name in query.related:
            relation = meta.relations[name]
            ids = [pk for pk in {*relation.ids(records)} if pk is not None]
            related = self.get_many(relation.model, ids) if ids else []
            link(records, relation, {record.pk: record for record in related})
        return records

    # -- records -------------------------------------------------------------

    def get_many(self, model: type[Any], ids: Any, like: Record | None = None) -> list[Any]:
        """Return the records of ids, those that exist, with one statement."""
        where = Condition("id", "in", tuple(ids))
        return [record for page in self._pages(Query(model, where)) for record in page]

    def get_cached(self, model: type[Any], key: Any) -> Any:
        """Return the live record of a key if it was read from the database, or None."""
        return self.identity.get(model, key)

    def has_row(self, model: type[Any], key: Any) -> bool:
        """Return whether `get_cached()` would return a record."""
        return self.identity.get(model, key) is not None

    def load(self, record: Record) -> None:
        """Load the row of a record: from the database, or from the live account.

        A record that was read from the database lacks only values that are not stored there.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
            ConfigurationError: there is no live account.
        """
        if record._is_bare and self._load_from_database(record):
            return
        super().load(record)

    def _load_from_database(self, record: Record) -> bool:
        try:
            self.warehouse.catalogue.storage(type(record))
        except NoEndpoint:
            return False
        where = Condition("id", "exact", record.pk)
        for rows in self._rows(Query(type(record), where), ()):
            for row in rows:
                record.update_from_row(row)
                return True
        return False

    # -- own writes ----------------------------------------------------------

    def store(self, record: Record, row: Row, *args: Any, **options: Any) -> None:
        """Update a record and every cache of its row after a write; see `Session.store()`."""
        super().store(record, row, *args, **options)
        self.warehouse.written.note(type(record), record._key, record._row)

    def remove(self, record: Record) -> None:
        """Remove a record from every cache after it was deleted."""
        super().remove(record)
        self.warehouse.written.note(type(record), record._key, None)

    # -- custom fields -------------------------------------------------------

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields of a model, as the live account defines them."""
        return self.account.current().definitions(meta, scope)

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the custom fields of a model if they are cached, or None."""
        return self.account.current().known_definitions(meta, scope)


def _has_listed_ids(query: Query) -> bool:
    """Return whether a query lists the ids of its rows, rather than selects them by a subquery."""
    return query.ids is not None and not any(isinstance(pk, Subquery) for pk in query.ids)
