"""Sessions that read from a database, and write to the live account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from weakref import ref

from attrs import evolve
from sqlglot import exp

from zendesk_orm.errors import ConfigurationError, InvalidValue, NoEndpoint
from zendesk_orm.garbage import pause_collections
from zendesk_orm.messages import display, shorten
from zendesk_orm.query.counted import Counted
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.predicate import Condition
from zendesk_orm.query.query import Query
from zendesk_orm.query.sql_storage import Storage
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row, lacks
from zendesk_orm.schema.source import BoundAlias
from zendesk_orm.session.combining import put_in_id_order, take_distinct, without_positions
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import PageSource, link
from zendesk_orm.support.tickets.history import past_ticket
from zendesk_orm.warehouse.planning import SqlPlanning
from zendesk_orm.warehouse.rows import row_reader
from zendesk_orm.warehouse.values import ValueReader


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

    def lend(self) -> AbstractContextManager[None]:
        """Return a context in which this thread uses the session of another thread, which waits."""
        return self.warehouse.lend_session(self)

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
        if query.empty or query.resumed is not None:
            return None
        reader = self._planning.find_value_reader(query)
        return None if reader is None else self._pages_of_values(query, reader)

    def _pages_of_values(self, query: Query, reader: ValueReader) -> Iterator[RecordPage[Any]]:
        self.require_owners(query)
        self.warehouse.require_recent(query)

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return reader.columns(alias)

        sql = self._planning.select(query, columns, query.projection)
        for results in self.warehouse.executor.run(sql):
            values, pks = reader.read(results)
            if query.as_of is None and (live := self.identity.find_live(query.model, pks)):
                newer = self._read_values(query, live)
                values = [newer.get(pk, value) for pk, value in zip(pks, values, strict=True)]
            yield RecordPage(values)

    def _read_values(self, query: Query, pks: Sequence[Any]) -> dict[Any, Any]:
        """Return the values of rows by id from their records, which may be newer."""
        selected = Query(
            query.model, Condition("id", "in", tuple(pks)), projection=query.projection
        )
        rows = [row for page in self._rows(selected, ()) for row in page]
        records, projection = self._build(selected, rows), query.projection
        to_values: Any = None if projection is None else projection.function()
        return {record.pk: to_values(record) for record in records}

    def count(self, query: Query) -> Counted:
        """Return the number of rows; raises as `stream()`."""
        self.require_owners(query)
        query = self.resolve_custom_fields(query)
        if query.empty or not self._planning.compares_in_sql(query.distinct, query.meta):
            return Counted.of(sum(map(len, self.fetch(query))), None)
        self.warehouse.require_recent(query)
        statement = self._planning.compiler(query).aggregate(
            evolve(query, order=query.order if query.windowed else ()),
            lambda *_: [exp.Count(this=exp.Star())],
        )
        return Counted.of(int(self._first(statement)[0]), None)

    def _first(self, statement: exp.Select) -> Any:
        """Return the first row of the result of a statement."""
        sql = self.warehouse.to_sql(statement)
        return next(row for rows in self.warehouse.executor.run(sql) for row in rows)

    def _pages(self, query: Query) -> Iterator[RecordPage[Any]]:
        if query.empty:
            return
        for name in query.related:
            self._can_relate(query.meta.relations[name].model)
        source = self._planning.find_source(query)
        if source is query:
            for rows in self._rows(query):
                yield self._build(query, rows)
        elif query.distinct is not None:
            stream = take_distinct(self._pages(query.source), query, query.distinct)
            yield from without_positions(stream)
        elif query.id_order and not query.order:
            yield from without_positions(put_in_id_order(self._pages(query.source), query))
        else:
            rows = [row for page in self._rows(source, ()) for row in page]
            yield self._build(query, arrange(query, rows, lambda row: row))

    def _rows(
        self,
        query: Query,
        default_order: tuple[str, ...] | None = None,
        *,
        reads_deleted: bool = False,
    ) -> Iterator[list[Row]]:
        """Yield the rows of a query, many at once."""
        self.warehouse.require_recent(query)
        reader, executor = self._planning.choose_reader(query), self.warehouse.executor

        def columns(storage: Storage, alias: str) -> list[exp.Expr]:
            return [reader.columns_text(alias, executor.dialect)]

        sql = self._planning.select(
            query, columns, reader, default_order, reads_deleted=reads_deleted
        )
        for results in executor.run(sql):
            yield reader.read(results, executor)

    def _build(self, query: Query, rows: list[Row]) -> RecordPage[Any]:
        """Return the records of rows, with the related objects that the query selects."""
        meta, source = query.meta, PageSource(self, query.strict)
        if query.as_of is None:
            rows = self.warehouse.written.apply(query.model, rows)
            rows = self._merge_known(query.model, rows)
            with pause_collections():
                built = self.identity.materialize(query.model, rows, source)
        else:
            built = [past_ticket(query.model, row, source, query.as_of) for row in rows]
        records: RecordPage[Any] = RecordPage(built)
        records.rows = rows
        source.records = [ref(record) for record in records]
        for name in query.related:
            relation = meta.relations[name]
            ids = [pk for pk in {*relation.ids(records)} if pk is not None]
            if not ids or not self._can_relate(relation.model):
                continue
            # Zendesk returns users that were deleted as the people of their tickets.
            where = Condition("id", "in", tuple(ids))
            pages = self._rows(Query(relation.model, where), (), reads_deleted=True)
            related_rows = [row for page in pages for row in page]
            related = self._build(Query(relation.model, where), related_rows)
            link(records, relation, {record.pk: record for record in related})
        return records

    def _can_relate(self, model: type[Any]) -> bool:
        """Return whether related objects are stored; those that are not are loaded when read.

        Raises:
            NoEndpoint: they are not stored, and a live account is missing.
        """
        try:
            row_reader(self.warehouse.catalogue.storage(model))
        except NoEndpoint:
            if not self.warehouse.has_live:
                raise
            return False
        return True

    def _merge_known(self, model: type[Any], rows: list[Row]) -> list[Row]:
        """Return rows with what the records that are alive know beyond them, and do better.

        A record may have been loaded from the live account, and be newer than the database.
        """
        meta = model._meta
        if not meta.unique_ids:
            return rows
        keys = [meta.key(row) for row in rows] if meta.parent_keys else [row["id"] for row in rows]
        live = {key: self.identity.get(model, key) for key in self.identity.find_live(model, keys)}
        if not live:
            return rows
        return [
            row if (record := live.get(key)) is None else _merge_row(row, record._row)
            for key, row in zip(keys, rows, strict=True)
        ]

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

    def load_together(self, records: Sequence[Record], wire: str) -> None:
        """Load the rows of records that lack the value of a key, from where it is stored."""
        if self._stores(type(records[0]), wire):
            super().load_together(records, wire)
        elif self.warehouse.has_live:
            self.account.current().load_together(records, wire)

    def load(self, record: Record, wire: str) -> None:
        """Load the row of a record: from the database, or if it lacks a value, from Zendesk.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
            ConfigurationError: there is no live account.
        """
        is_unread = record._row.keys() <= {"id"} and not hasattr(record._row, "known_inner")
        if (is_unread or self._stores(type(record), wire)) and self._load_from_database(record):
            is_unread = False
            if not lacks(record, wire):
                return
        if not self.warehouse.has_live:
            raise ConfigurationError(self._explain_missing(record, is_unread=is_unread))
        super().load(record, wire)

    def _stores(self, model: type[Any], wire: str) -> bool:
        """Return whether the database stores the values of a key."""
        try:
            reader = row_reader(self.warehouse.catalogue.storage(model))
        except NoEndpoint:
            return False
        return wire in reader.wires

    def _explain_missing(self, record: Record, *, is_unread: bool) -> str:
        """Return why a value of a record cannot be read."""
        meta, layout = record._meta, self.warehouse.layout.name
        fields = [field for field in meta.fields.values() if field.readable]
        lacking = ", ".join(field.name for field in fields if field.wire not in record._row)
        problem = f"has no row of {display(record)}" if is_unread else f"lacks {shorten(lacking)}"
        return (
            f"{meta.object_name} {record.pk} cannot be read: the layout {layout} {problem}, and "
            f"{display(self.warehouse.alias)} has no live account; pass live= to "
            "connect_warehouse(), or read only fields that are stored"
        )

    def _load_from_database(self, record: Record) -> bool:
        try:
            self.warehouse.catalogue.storage(type(record))
        except NoEndpoint:
            return False
        where = Condition("id", "exact", record.pk)
        for rows in self._rows(Query(type(record), where), (), reads_deleted=True):
            for row in rows:
                record.update_from_row(row)
                return True
        return False

    # -- own writes ----------------------------------------------------------

    def store(self, record: Record, row: Row, *args: Any, **options: Any) -> None:
        """Update a record and every cache of its row after a write; see `Session.store()`."""
        super().store(record, row, *args, **options)
        self._note(record, record._row)

    def remove(self, record: Record) -> None:
        """Remove a record from every cache after it was deleted."""
        super().remove(record)
        self._note(record, None)

    def _note(self, record: Record, row: Row | None) -> None:
        self.warehouse.written.note(type(record), record._key, row, self.warehouse.now())

    # -- custom fields -------------------------------------------------------

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields of a model: those of the live account, or of the database.

        Raises:
            NoEndpoint: without a live account, the database does not define custom fields.
        """
        if self.warehouse.has_live:
            return self.account.current().definitions(meta, scope)
        return self.warehouse.stored_definitions(meta)

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the custom fields of a model if they are known without a request, or None."""
        return self.warehouse.known_definitions(meta)


def _merge_row(row: Row, latest: Row) -> Row:
    """Return a row with the keys of the row of a live record that it lacks, or the newer one."""
    read, before = row.get("updated_at"), latest.get("updated_at")
    if isinstance(read, str) and isinstance(before, str) and read != before:
        return latest if before > read else row
    if type(row) is not PartialRow:
        return row
    merged: Row = {**latest, **row} if type(latest) is not PartialRow else latest.merge(row)
    return merged
