"""`Session`: live objects of one unit of work, and how they are fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.planner import plan, plan_count
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.predicate import Condition, Predicate, both
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.identity import IdentityMap
from zendesk_orm.session.pages import Page, cut, envelope, pages, sift
from zendesk_orm.session.rows import KeptRows
from zendesk_orm.session.sideloads import attach


R = TypeVar("R", bound=Record)

_BY_ID = frozenset({Verb.SHOW, Verb.SHOW_MANY})


class Home(Protocol):
    """What a session needs of its account."""

    alias: str
    transport: Transport
    rows: KeptRows


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
        # An explicit session remembers what it read by id until it ends.
        self._read: dict[tuple[type[Any], Any], Any] = {}

    @property
    def alias(self) -> str:
        """The account's name."""
        return self.account.alias

    # -- queries -------------------------------------------------------------

    def fetch(self, query: Query) -> Iterator[list[Any]]:
        """Yield the records of a query, a page at a time, as they are asked for.

        Raises:
            NoEndpoint, ResultLimitExceeded, ApiError, TransportError.
        """
        if query.nothing or query.ids == ():
            return
        chosen = plan(query)
        if chosen.endpoint.verb in _BY_ID and not query.fresh:
            yield from self._by_id(chosen)
        else:
            yield from self._windowed(chosen)

    def count(self, query: Query) -> int:
        """Return the number of rows, by the cheapest way there is."""
        counting = None if query.nothing or query.ids == () else plan_count(query)
        if counting is None:
            return sum(len(page) for page in self.fetch(evolve(query, related=())))
        request = counting.request()
        data = envelope(request, self.account.transport.send(request))
        count = data.get("count")
        number = int(count["value"] if isinstance(count, dict) else count or 0)
        end = number if query.stop is None else min(number, query.stop)
        return max(0, end - query.start)

    def _windowed(self, chosen: Plan) -> Iterator[list[Any]]:
        """Yield the pages of a plan, cut to the window of its query."""
        query = chosen.query
        if chosen.local:
            yield self._records(chosen, self._sifted(chosen))
            return
        stream = pages(self.account.transport, chosen)
        skip, test = chosen.skip, row_test(query.where, query.meta)
        # The index lags and may match by word, so what it gives is compared once more:
        # before the window where it gives too much, after it where Zendesk counted right.
        if chosen.loose:
            stream = cut(sift(stream, test), skip, query.rows)
        elif chosen.endpoint.fresh:
            stream = cut(stream, skip, query.rows)
        else:
            stream = sift(cut(stream, skip, query.rows), test)
        for page in stream:
            yield self._records(chosen, page)

    def _sifted(self, chosen: Plan) -> Page:
        """Read a short list whole; filter, order and slice it here."""
        query = chosen.query
        test = row_test(query.where, query.meta)
        rows: list[Row] = []
        data: dict[str, list[Any]] = {}
        for page in pages(self.account.transport, chosen):
            rows += filter(test, page.rows)
            for plural in chosen.includes:
                data.setdefault(plural, []).extend(page.data.get(plural) or ())
        for name in reversed(query.order):
            field = column(query.meta.get_field(name.lstrip("-")))
            rows.sort(key=lambda row: _rank(field.loaded(row)), reverse=name.startswith("-"))
        return Page(rows[query.start : query.stop], data)

    def _records(self, chosen: Plan, page: Page) -> list[Any]:
        model = chosen.query.model
        records = self.take_in(model, page.rows)
        if self.explicit and chosen.endpoint.verb in _BY_ID:
            self._remember(records)
        if chosen.query.related and records:
            attach(records, page.data, chosen, self.take_in, self.many)
        return records

    def _by_id(self, chosen: Plan) -> Iterator[list[Any]]:
        """Yield what is asked by id: what is at hand as it is, the rest in one go."""
        query = chosen.query
        ids = query.ids or ()
        at_hand = [record for record in (self._at_hand(query.model, pk) for pk in ids) if record]
        if not at_hand:
            yield from self._windowed(chosen)
            return
        known = {record.pk for record in at_hand}
        missing = tuple(pk for pk in ids if pk not in known)
        test = row_test(query.where, query.meta)
        found = [record for record in at_hand if test(record._row)]
        if chosen.local or query.related:
            # Ordering, slicing and side-loading want all rows in one place.
            yield from self._windowed(chosen) if missing or query.related else iter([found])
            return
        yield found
        if missing:
            rest = Condition("id", "in", missing)
            yield from self.fetch(evolve(query, where=both(rest, query.where)))

    # -- single records ------------------------------------------------------

    def refer(self, model: type[R], pk: Any) -> R:
        """Return the record of that id, without a request; perhaps only its id is known."""
        found = self.identity.get(model, pk) or self._at_hand(model, pk)
        if found is not None:
            return found
        return self.identity.materialize(model, [Hollow(id=pk)], self)[0]

    def load(self, record: Record) -> None:
        """Fetch the whole row of a record; its unsaved edits stay.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        model: Any = type(record)
        kept = self.account.rows.get(model, record.pk) if type(record._row) is Hollow else None
        if kept is None:
            kept = self._row_of(record)
            self.account.rows.put(model, [kept])
        record.absorb(kept)

    def reload(self, record: Record) -> None:
        """Fetch the row anew, whatever is kept.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
        """
        self.account.rows.forget(type(record), record.pk)
        row = self._row_of(record)
        self.account.rows.put(type(record), [row])
        record.absorb(row)

    def many(self, model: type[R], ids: Iterable[Any]) -> list[R]:
        """Return the records of these ids, those that exist, in as few requests as possible."""
        where = Condition("id", "in", tuple(dict.fromkeys(ids)))
        return [record for page in self.fetch(Query(model, where)) for record in page]

    def take_in(self, model: type[R], rows: Iterable[Row]) -> list[R]:
        """Make records of complete rows, and let the account keep the rows."""
        rows = list(rows)
        self.account.rows.put(model, rows)
        return self.identity.materialize(model, rows, self)

    def forget(self, model: type[Any], pk: Any) -> None:
        """Let go of a row that no longer exists."""
        self.identity.forget(model, pk)
        self._read.pop((model, pk), None)
        self.account.rows.forget(model, pk)

    def send(self, request: Request) -> Any:
        """Send a request and return the decoded body."""
        return self.account.transport.send(request).data

    def _row_of(self, record: Record) -> Row:
        model: Any = type(record)
        where: Predicate = Condition("id", "exact", record.pk)
        parent = model._meta.parent
        if parent:
            pk = record._row.get(model._meta.relations[parent].id.wire)
            where = both(Condition(parent, "exact", pk), where)
        for page in pages(self.account.transport, plan(Query(model, where, fresh=True))):
            for row in page.rows:
                if row.get("id") == record.pk:
                    return row
        raise model.DoesNotExist(f"{model.__name__} {record.pk} does not exist")

    def _at_hand(self, model: type[R], pk: Any) -> R | None:
        """Return what need not be read again: read in this unit of work, or kept."""
        found: R | None = self._read.get((model, pk))
        if found is not None:
            return found
        row = self.account.rows.get(model, pk)
        return None if row is None else self.identity.materialize(model, [row], self)[0]

    def _remember(self, records: Iterable[Record]) -> None:
        for record in records:
            self._read[type(record), record.pk] = record

    def __repr__(self) -> str:
        return f"<Session with {self.alias}>"


def _rank(value: Any) -> tuple[bool, Any]:
    """Sort rows without a value last, as an ascending list of Zendesk does."""
    return value is None, 0 if value is None else value
