"""`Session`: live objects of one unit of work, and how they are fetched."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.plan import Union
from zendesk_orm.plan.planner import plan, plan_one
from zendesk_orm.query.custom import settled
from zendesk_orm.query.predicate import Condition, Predicate
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_id, require_many, require_own
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record, Source
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.schema.source import BoundAlias
from zendesk_orm.session.ahead import Ahead
from zendesk_orm.session.catalogue import Catalogue
from zendesk_orm.session.counted import Counted
from zendesk_orm.session.envelopes import UNKNOWN, check_rows
from zendesk_orm.session.identity import IdentityMap
from zendesk_orm.session.pages import pages
from zendesk_orm.session.peers import Peers
from zendesk_orm.session.reading import count, fetch
from zendesk_orm.session.recent import RecentWrites, Write
from zendesk_orm.session.rows import KeptRows
from zendesk_orm.session.together import below_parent
from zendesk_orm.session.watch import Watch


R = TypeVar("R", bound=Record)

_BY_ID = frozenset({Verb.SHOW, Verb.SHOW_MANY})


class Home(Protocol):
    """What a session needs of its account."""

    alias: str
    transport: Transport
    rows: KeptRows
    recent: RecentWrites
    catalogue: Catalogue
    ahead: Ahead
    job_timeout: float

    @property
    def identity(self) -> Hashable:
        """What it has in common with its brands and with other aliases of its host."""
        ...

    @property
    def outbox(self) -> Any:
        """Where the changes of this thread or task wait, or None."""
        ...

    def current(self) -> Session:
        """Return the session of this thread or task."""
        ...

    def lent(self, session: Session) -> AbstractContextManager[None]:
        """Make a session of another thread that of this one, for a while."""
        ...


class Session:
    """One unit of work with an account.

    Args:
        account: where it works.
        explicit: True for one that was opened with `with`: what it read by id
            is then not read again.
    """

    def __init__(self, account: Home, *, explicit: bool = False) -> None:
        self.account = account
        self.explicit = explicit
        self.identity = IdentityMap()
        self.watch = Watch()
        # Whether an object may have come from a query that is strict.
        self._strict = False
        # An explicit session remembers what it read by id until it ends.
        self._read: dict[tuple[type[Any], Any], Any] = {}

    @property
    def alias(self) -> BoundAlias:
        """The account's name, as its objects name it."""
        return BoundAlias(self.account.alias)

    @property
    def account_identity(self) -> Hashable:
        """What the account has in common with its brands and with other aliases of its host."""
        return self.account.identity

    @property
    def on_behalf_of(self) -> str | None:
        """The end user as whom it sends requests, or None for the account itself."""
        return self.account.transport.on_behalf_of

    @property
    def transport(self) -> Transport:
        """The way to the account's host."""
        return self.account.transport

    @property
    def outbox(self) -> Any:
        """Where changes wait, in a batch or a dry run; else None."""
        return self.account.outbox

    @property
    def ahead(self) -> Ahead:
        """What fetches pages ahead of their reader."""
        return self.account.ahead

    # -- queries -------------------------------------------------------------

    def fetch(self, query: Query) -> Iterator[list[Any]]:
        """Yield the records of a query, a page at a time, as they are asked for.

        Raises:
            NoEndpoint, ResultLimitExceeded, ApiError, TransportError.
        """
        self.require_owners(query)
        return fetch(self, query)

    def require_owners(self, query: Query) -> None:
        """Raise if a query names objects, or a query, of another account.

        Raises:
            InvalidValue: nothing was sent.
        """
        for owner in query.owners:
            require_own("filter", query, owner, self)

    def count(self, query: Query) -> Counted:
        """Return the number of rows, by the cheapest way there is."""
        self.require_owners(query)
        return count(self, query)

    def settled(self, query: Query) -> Query:
        """Return a query in the account's own words: custom fields by id, options by tag.

        Raises:
            FieldError, InvalidValue: the account has no such field, or the field no such value.
        """
        return settled(query, self.definitions)

    def definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        """Return the custom fields that the account has for a model; a request at first."""
        return self.account.catalogue.of(self, meta, scope)

    def known_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions | None:
        """Return the same without a request, or None when they are not known."""
        return self.account.catalogue.known(meta, scope)

    # -- single records ------------------------------------------------------

    def refer(
        self,
        model: type[R],
        pk: Any,
        known: Row | None = None,
        source: Source | None = None,
    ) -> R:
        """Return the record of that id, without a request; perhaps only its id is known.

        Args:
            model: its model.
            pk: its id.
            known: what its row is known to hold besides: what the path to it needs.
            source: what a hollow one loads through; this session by default.
        """
        row = Hollow({**(known or {}), "id": pk})
        key = model._meta.key(row)
        found = self.identity.get(model, key) or self.at_hand(model, key)
        if found is not None:
            return found
        return self.identity.materialize(model, [row], source or self)[0]

    def load(self, record: Record) -> None:
        """Fetch the whole row of a record; its unsaved edits stay.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        model: Any = type(record)
        kept = self.account.rows.get(model, record._key) if type(record._row) is Hollow else None
        if kept is None:
            kept = self._row_of(record)
            self.account.rows.put(model, [kept])
        record.absorb(kept)

    def load_together(self, records: Sequence[Record]) -> None:
        """Fetch the whole rows of records below one parent, unless that costs a request for each.

        Those that are not found stay as they are.
        """
        first = records[0]
        model: Any = type(first)
        place = model._meta.place_of(first._row)
        wanted = [each for each in records if model._meta.place_of(each._row) == place]
        if len(wanted) < 2:
            return
        where: Predicate = Condition("id", "in", tuple(dict.fromkeys(each.pk for each in wanted)))
        query = Query(model, below_parent(first, where), fresh=True)
        try:
            if plan_one(query).requests >= len(wanted):
                return
        except NoEndpoint:
            return
        rows = {found.pk: found._row for page in self.fetch(query) for found in page}
        for each in wanted:
            if each.pk in rows and type(rows[each.pk]) is not Hollow:
                each.absorb(rows[each.pk])

    def reload(self, record: Record) -> None:
        """Fetch the row anew, whatever is kept.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        self.account.rows.forget(type(record), record._key)
        row = self._row_of(record)
        self.account.rows.put(type(record), [row])
        record.absorb(row)

    def many(self, model: type[R], ids: Iterable[Any], like: Record | None = None) -> list[R]:
        """Return the records of these ids, those that exist, in as few requests as possible.

        Args:
            model: their model.
            ids: their ids.
            like: a record that lies where they do, if their path names more than an id.
        """
        where: Predicate = Condition("id", "in", tuple(dict.fromkeys(ids)))
        where = where if like is None else below_parent(like, where)
        query = Query(model, where, together=like is not None)
        return [record for page in self.fetch(query) for record in page]

    def rows_of(
        self, model: type[Any], ids: Iterable[Any], like: Record | None = None
    ) -> list[Row]:
        """Fetch the present rows of these ids, without changing the objects that have them.

        Args:
            model: their model.
            ids: their ids.
            like: a record that lies where they do, if their path names more than an id.
        """
        where: Predicate = Condition("id", "in", tuple(dict.fromkeys(ids)))
        where = where if like is None else below_parent(like, where)
        found = plan(Query(model, where, fresh=True))
        plans = found.plans if isinstance(found, Union) else (found,)
        return [row for each in plans for page in pages(self.transport, each) for row in page.rows]

    def written(self, model: type[Any]) -> Mapping[Any, Write]:
        """Return the recent own writes, by the keys of the rows."""
        return self.account.recent.of(model)

    def trusts(self, write: Write) -> bool:
        """Return whether a written row can be given without reading it again."""
        return self.account.recent.trusts(write)

    def id_of(self, model: type[Any] | str, value: Any, what: str) -> Any:
        """Return the id of an object of a model in this account, or a plain id as it is.

        Args:
            model: what the object must be, or its name; objects of proxies are accepted.
            value: the object, or its id.
            what: the method that it was given to, for the message.

        Raises:
            InvalidValue: it is something else, was never saved, or belongs to another account.
        """
        wanted = registry.find(model) if isinstance(model, str) else model
        return require_id(wanted, value, self, what)

    def ids_of(self, model: type[Any] | str, values: Iterable[Any], what: str) -> list[Any]:
        """Return the ids of several objects, or plain ids; raises what `id_of()` does."""
        return [self.id_of(model, each, what) for each in require_many(values, what)]

    def read_written(self, model: type[Any], rows: Iterable[Row]) -> Mapping[Any, Write]:
        """Read the rows of own writes again, and return what is known of them now, by key.

        Args:
            model: their model.
            rows: the id, and the parent of rows below one.
        """
        meta = model._meta
        places: dict[Any, list[Row]] = {}
        found: dict[Any, Row | None] = {}
        for row in rows:
            places.setdefault(meta.place_of(row), []).append(row)
            found[meta.key(row)] = None
        for some in places.values():
            where: Predicate = Condition("id", "in", tuple(row["id"] for row in some))
            where = below_parent(model.from_row(some[0]), where)
            query = Query(model, where, fresh=True)
            found.update((each._key, each._row) for page in self.fetch(query) for each in page)
        self.account.recent.confirm(model, found)
        known = self.account.recent.of(model)
        return {key: known[key] for key in found if key in known}

    def take_in(
        self, model: type[R], rows: Iterable[Row], *, strict: bool = False, fresh: bool = True
    ) -> list[R]:
        """Make records of complete rows, and let the account keep the rows.

        Args:
            model: their model.
            rows: the rows of one page.
            strict: whether touching a record may fetch nothing.
            fresh: False for rows of the search index, which lags.
        """
        rows = list(rows)
        check_rows(UNKNOWN, rows, model._meta)
        if model._meta.mixed:
            return self._take_in_each(model, rows, strict=strict, fresh=fresh)
        peers = Peers(self, strict=strict)
        self.account.recent.learn(model, rows, fresh=fresh)
        self.account.rows.put(model, (row for row in rows if type(row) is not Hollow))
        records = self.identity.materialize(model, rows, peers)
        peers.join(records)
        self._strict = self._strict or strict
        if self._strict:
            # A record that lives already obeys the query that gave it last.
            for record in records:
                record.attach_to(peers)
        return records

    def _take_in_each(self, model: Any, rows: list[Row], *, strict: bool, fresh: bool) -> list[Any]:
        """Make a record of its own model of each row, and keep their order.

        A row of a kind without a model is a record of `model` itself.
        """
        meta = model._meta
        names, records = [str(row.get(meta.mixed) or "") for row in rows], dict[int, Any]()
        for name in dict.fromkeys(names):
            places = [place for place, each in enumerate(names) if each == name]
            own = registry.called(name, meta.app_label)
            if own is None:
                made = self.identity.materialize(model, [rows[each] for each in places], self)
            else:
                plain = ({k: v for k, v in rows[at].items() if k != meta.mixed} for at in places)
                made = self.take_in(own, plain, strict=strict, fresh=fresh)
            records.update(zip(places, made, strict=True))
        return [records[place] for place in range(len(rows))]

    def forget(self, model: type[Any], key: Any) -> None:
        """Let go of a row that no longer exists; its key is `record._key`."""
        self.identity.forget(model, key)
        self._read.pop((model, key), None)
        self.account.rows.forget(model, key)

    def send(self, request: Request) -> Any:
        """Send a request and return the decoded body."""
        return self.account.transport.send(request).data

    def _row_of(self, record: Record) -> Row:
        model: Any = type(record)
        where: Predicate = Condition("id", "exact", record.pk)
        where = below_parent(record, where)
        for page in pages(self.transport, plan_one(Query(model, where, fresh=True))):
            for row in page.rows:
                if row.get("id") == record.pk:
                    return row
        raise model.DoesNotExist(f"{model.__name__} {record.pk} does not exist")

    def at_hand(self, model: type[R], key: Any) -> R | None:
        """Return what need not be read again: read in this unit of work, or kept."""
        found: R | None = self._read.get((model, key))
        if found is not None:
            return found
        row = self.account.rows.get(model, key)
        return None if row is None else self.identity.materialize(model, [row], self)[0]

    def remember(self, records: Iterable[Record]) -> None:
        """Keep records until the unit of work ends."""
        for record in records:
            self._read[type(record), record._key] = record

    def __repr__(self) -> str:
        return f"<Session with {self.alias}>"
