"""`Session`: the live objects of one unit of work, and how they are fetched and stored."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import ref

from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.counted import Counted
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_id, require_many, require_own
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.schema.source import BoundAlias, Source
from zendesk_orm.session.cache import IdentityMap
from zendesk_orm.session.lists.interruptions import RecordPage, raise_failures
from zendesk_orm.session.lists.pages import pages
from zendesk_orm.session.loading import fetch_row, load_together
from zendesk_orm.session.n_plus_one import NPlusOneDetector, has_id_among
from zendesk_orm.session.own_writes import loaded_row
from zendesk_orm.session.planning import ZENDESK, Planning
from zendesk_orm.session.reading import count, fetch
from zendesk_orm.session.responses import UNKNOWN, accept_row, check_rows
from zendesk_orm.session.resuming import resume
from zendesk_orm.session.shared import Version
from zendesk_orm.session.sources import PageSource


if TYPE_CHECKING:
    from zendesk_orm.session.connection import Connection

R = TypeVar("R", bound=Record)

#: Default of `before=`: the row that the record holds.
_CURRENT: Row = {}


class Session:
    """One unit of work with an account.

    Args:
        account: the account.
        explicit: True if it was opened with `with`: rows that it read by id are then not read
            again.

    Attributes:
        identity: its live objects.
        n_plus_one: detects loops that request related rows one by one.
    """

    is_connected = True
    planning: Planning = ZENDESK

    def __init__(self, account: Connection, *, explicit: bool = False) -> None:
        self.account = account
        self.explicit = explicit
        self.identity = IdentityMap()
        self.n_plus_one = NPlusOneDetector()
        # Whether an object may have come from a query that is strict.
        self._strict = False
        # The records that an explicit session has read by id, with numbers of the change log.
        self._read: dict[tuple[type[Any], Any], tuple[int, Any]] = {}

    @property
    def session(self) -> Session:
        """The session itself."""
        return self

    @property
    def alias(self) -> BoundAlias:
        """The account's name, bound to the user whom its requests act as."""
        return BoundAlias(self.account.alias)

    def lend(self) -> AbstractContextManager[None]:
        """Return a context in which this thread uses the session of another thread, which waits."""
        return self.account.lend_session(self)

    @property
    def account_identity(self) -> Hashable:
        """The value that the account shares with its brands and with other aliases of its host."""
        return self.account.identity

    @property
    def on_behalf_of(self) -> str | None:
        """The end user whom its requests act as, or None for the account itself."""
        return self.account.transport.on_behalf_of

    @property
    def transport(self) -> Transport:
        """The connection to the account's host."""
        return self.account.transport

    @property
    def sender(self) -> Any:
        """The sender of changes: direct, a batch or a dry run."""
        return self.account.sender

    def send(self, request: Request) -> Any:
        """Send a request and return the decoded body."""
        return self.account.transport.send(request).data

    # -- queries -------------------------------------------------------------

    def fetch(self, query: Query) -> Iterator[list[Any]]:
        """Return an iterator over the records of a query, a page at a time.

        Raises:
            InvalidValue: the query contains objects, or a query, of another account.
            NoEndpoint, ResultLimitExceeded, ApiError, TransportError.
        """
        return raise_failures(self.stream(query))

    def stream(self, query: Query) -> Iterator[RecordPage[Any]]:
        """Return an iterator over the pages of a query, in which failures are pages with an error.

        A failed page is requested again when the next one is wanted.

        Raises:
            InvalidValue: the query contains objects, or a query, of another account; or a resume
                token of another query.
            NoEndpoint, ResultLimitExceeded.
        """
        self.require_owners(query)
        return fetch(self, query) if query.resumed is None else resume(self, query)

    def stream_values(self, query: Query) -> Iterator[RecordPage[Any]] | None:
        """Return an iterator over pages of values if they can be read without objects, or None."""
        return None

    def count(self, query: Query) -> Counted:
        """Return the number of rows, with as few requests as possible; raises as `fetch()`."""
        self.require_owners(query)
        if query.resumed is not None:
            return Counted.of(sum(map(len, self.fetch(query))), None)
        return count(self, query)

    def require_owners(self, query: Query) -> None:
        """Raise `InvalidValue` if a query contains objects, or a query, of another account."""
        for owner in query.owners:
            require_own("filter", query, owner, self)

    def resolve_custom_fields(self, query: Query) -> Query:
        """Return a query with the account's names: custom fields by id, options by tag."""
        return query.resolve_custom_fields(self.definitions)

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields of a model, with a request if they are not cached."""
        return self.account.catalogue.get(self, meta, scope)

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the custom fields of a model if they are cached, or None."""
        return self.account.catalogue.get_cached(meta, scope)

    def get_many(self, model: type[R], ids: Iterable[Any], like: Record | None = None) -> list[R]:
        """Return the records of ids, those that exist, with as few requests as possible.

        Args:
            model: their model.
            ids: their ids.
            like: a record with the same parent, if the path contains more than an id.
        """
        query = Query(model, has_id_among(ids, like), together=like is not None)
        return [record for page in self.fetch(query) for record in page]

    def fetch_rows(
        self, model: type[Any], ids: Iterable[Any], like: Record | None = None
    ) -> list[Row]:
        """Fetch the current rows of ids, without updating objects; arguments as `get_many()`."""
        selected = plan(Query(model, has_id_among(ids, like), fresh=True))
        plans = selected.plans if isinstance(selected, UnionPlan) else (selected,)
        return [
            row for chosen in plans for page in pages(self.transport, chosen) for row in page.rows
        ]

    def id_of(self, model: type[Any] | str, value: Any, method: str) -> Any:
        """Return the id of an object of a model in this account, or a plain id unchanged.

        Objects of proxies are accepted; the message names the `method` that got the value.

        Raises:
            InvalidValue: the value is something else, was never saved, or is of another account.
        """
        required = registry.find(model) if isinstance(model, str) else model
        return require_id(required, value, self, method)

    def ids_of(self, model: type[Any] | str, values: Iterable[Any], method: str) -> list[Any]:
        """Return the ids of several objects, or plain ids; raises as `id_of()`."""
        return [self.id_of(model, value, method) for value in require_many(values, method)]

    # -- records -------------------------------------------------------------

    def refer(
        self, model: type[R], pk: Any, values: Row | None = None, source: Source | None = None
    ) -> R:
        """Return the record of an id without a request; other fields load when they are read.

        Args:
            model: its model.
            pk: its id.
            values: other values of its row, which the path contains.
            source: loads its row; this session by default.
        """
        row = PartialRow({**(values or {}), "id": pk})
        key = model._meta.key(row)
        record = self.identity.get(model, key) or self.get_cached(model, key)
        return record or self.identity.materialize(model, [row], source or self)[0]

    def get_cached(self, model: type[R], key: Any) -> R | None:
        """Return the record of a key if its row was read in this unit of work, or is cached."""
        number, record = self._read.get((model, key)) or (0, None)
        if record is not None and not self.account.changes.is_outdated(model, record._row, number):
            return cast("R", record)
        row = self.account.cache.get(model, key)
        return None if row is None else self.identity.materialize(model, [row], self)[0]

    def has_row(self, model: type[Any], key: Any) -> bool:
        """Return whether `get_cached()` would return a record."""
        number, record = self._read.get((model, key)) or (0, None)
        if record is not None and not self.account.changes.is_outdated(model, record._row, number):
            return True
        return self.account.cache.has(model, key)

    def remember(self, records: Iterable[Record]) -> None:
        """Hold records until the unit of work ends, so that they are not read again."""
        for record in records:
            self._read[type(record), record._key] = self.account.changes.latest, record

    def load_together(self, records: Sequence[Record], wire: str) -> None:
        """Fetch the rows of records that lack the value of a key; see `load()`."""
        load_together(self, records, wire)

    def load(self, record: Record, wire: str) -> None:
        """Fetch the row of a record that lacks the value of a key; unsaved edits stay.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        is_partial = type(record._row) is PartialRow
        row = self.account.cache.get(type(record), record._key) if is_partial else None
        if row is None:
            version = self.account.changes.version()
            row = fetch_row(self, record, self.account.flights)
            self.account.cache.put(type(record), [row], version)
        record.update_from_row(row)

    def reload(self, record: Record) -> None:
        """Fetch the row of a record even if it is cached; raises as `load()`."""
        self.account.cache.forget(type(record), record._key)
        version = self.account.changes.version()
        row = fetch_row(self, record, None)
        self.account.cache.put(type(record), [row], version)
        record.update_from_row(row)

    def materialize(
        self, model: type[R], rows: Iterable[Row], *, strict: bool = False, fresh: bool = True
    ) -> list[R]:
        """Return the records of complete rows of a response, after a check of the rows.

        Raises:
            MalformedResponse: a row is not an object, or has no valid id.
        """
        rows = list(rows)
        check_rows(UNKNOWN, rows, model._meta)
        return self.build_records(model, rows, strict=strict, fresh=fresh)

    def build_records(
        self,
        model: type[R],
        rows: Sequence[Row],
        *,
        strict: bool = False,
        fresh: bool = True,
        version: Version | None = None,
    ) -> list[R]:
        """Return the records of rows that were checked; the account caches the rows.

        Args:
            model: their model.
            rows: the rows of one page.
            strict: whether reading an attribute of a record may make no request.
            fresh: False for rows of the search index, which lags.
            version: the state of the changes before the rows were requested, if it is known.
        """
        if model._meta.discriminator:
            return self._build_by_type(model, rows, strict=strict, fresh=fresh)
        account, source = self.account, PageSource(self, strict)
        if fresh and account.recent.by_model:
            account.recent.update(model, rows)
        # Rows of an index may lack changes that other processes made before.
        account.cache.put(model, rows, version if fresh else None)
        records = self.identity.materialize(model, rows, source)
        source.records = [ref(record) for record in records]
        self._strict = self._strict or strict
        if self._strict:
            # A record that is alive already follows the query that returned it last.
            for record in records:
                record.attach_to(source)
        return records

    def _build_by_type(
        self, model: Any, rows: Sequence[Row], *, strict: bool, fresh: bool
    ) -> list[Any]:
        """Return a record of the model that each row names, in the order of the rows.

        Rows of a type without a model become records of `model` itself.
        """
        meta = model._meta
        names = [str(row.get(meta.discriminator) or "") for row in rows]
        records: dict[int, Any] = {}
        for name in dict.fromkeys(names):
            positions = [position for position, other in enumerate(names) if other == name]
            chosen = [rows[position] for position in positions]
            specific = registry.find_by_envelope(name, meta.app_label)
            if specific is None:
                part = self.identity.materialize(model, chosen, self)
            else:
                bare = (
                    {key: value for key, value in row.items() if key != meta.discriminator}
                    for row in chosen
                )
                part = self.materialize(specific, bare, strict=strict, fresh=fresh)
            records.update(zip(positions, part, strict=True))
        return [records[position] for position in range(len(rows))]

    # -- own writes ----------------------------------------------------------

    def store(
        self,
        record: Record,
        row: Row,
        sent: Iterable[str] = (),
        before: Row | None = _CURRENT,
        written: Iterable[str] = (),
        *,
        has_time: bool = True,
    ) -> None:
        """Update a record, and every cache of its row, after a write of this account.

        Args:
            record: the object that was written.
            row: its row now. A `PartialRow` row, of which only some keys are known, discards the
                cached row, so that reading another field fetches the row.
            sent: names of the fields that were sent; other unsaved edits stay.
            before: the row before the write; {} if it did not exist, None if it is unknown. By
                default, the row that the record holds.
            written: names of further fields that were sent; later edits of them are not conflicts.
            has_time: False if `updated_at` of the row is that of the row before.

        Raises:
            MalformedResponse: the row is not that of the object.
        """
        model, meta = type(record), record._meta
        if before is _CURRENT:
            before = loaded_row(record)
        is_complete = type(row) is not PartialRow
        if is_complete:
            # Values that only the path of a request contains are missing in responses.
            path = {wire: record._row[wire] for wire in meta.parent_keys if wire in record._row}
            row = {**path, **accept_row(meta, row, None if before == {} else record.pk)}
        written = {*sent, *written}
        record.update_from_row(row, sent, written)
        if not (isinstance(record._source, PageSource) and record._source.session is self):
            record.attach_to(self)
        if record.pk is not None:
            self.identity.add(record, written)
        self.account.changes.note(model, record._row)
        if (model, record._key) in self._read:
            self.remember([self._read[model, record._key][1]])
        if is_complete:
            self.account.cache.put(model, [row])
        after = row if has_time else PartialRow(row)
        self.account.recent.note(model, record._key, before, after, written)

    def expire(self, record: Record) -> None:
        """Discard all values of a record but its id: reading a field fetches the row."""
        self.store(record, PartialRow(record._meta.identifying_part(record._row)), before=None)

    def remove(self, record: Record) -> None:
        """Remove a record from every cache after this account has deleted it."""
        self.forget(type(record), record._key, record._row)
        self.account.recent.note(type(record), record._key, loaded_row(record), None)

    def forget(self, model: type[Any], key: Any, row: Row | None = None) -> None:
        """Remove a row, by `record._key`, from every cache after this account has changed it."""
        self.identity.forget(model, key)
        self._read.pop((model, key), None)
        self.account.cache.forget(model, key)
        if key is not None:
            self.account.changes.note(model, row or model._meta.parse_key(key), deleted=True)

    def __repr__(self) -> str:
        return f"<Session with {self.alias}>"
