"""`QuerySet`: the lazy, chainable face; every method returns a new one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from attrs import evolve

from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint, ResultLimitExceeded
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import Plan, Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import DEFAULT
from zendesk_orm.session.session import Session
from zendesk_orm.write import bulk
from zendesk_orm.write.outcomes import BulkResult


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")


class QuerySet(Generic[R]):
    """Rows of a model that are fetched when they are read, a page at a time.

    Iterating reads pages as they are needed and keeps their records, so that
    a second pass is free; `iterator()` keeps nothing. No method but those that
    give rows or numbers makes a request; `repr()` never does.
    """

    def __init__(self, query: Query, alias: str | None = None) -> None:
        self._query = query
        self._alias = alias
        self._records: list[R] = []
        self._stream: Iterator[list[R]] | None = None
        self._done = False
        self._lock = threading.RLock()

    @property
    def model(self) -> type[R]:
        """The model of the rows."""
        model: type[R] = self._query.model
        return model

    @property
    def query(self) -> Query:
        """What is asked, as a value."""
        return self._query

    # -- narrowing: no request -----------------------------------------------

    def _with(self, query: Query) -> QuerySet[R]:
        return QuerySet(query, self._alias)

    def all(self) -> QuerySet[R]:
        """Return the same rows, to be read anew."""
        return self._with(self._query)

    def none(self) -> QuerySet[R]:
        """Return no rows, without a request."""
        return self._with(evolve(self._query, nothing=True))

    def filter(self, *q: Q, **lookups: Any) -> QuerySet[R]:
        """Return the rows that match all lookups.

        Args:
            q: `Q` objects.
            lookups: `status="new"`, `created_at__gte=d`, `created_after=d`, `requester=ann`.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have, or a naive datetime.
        """
        return self._filtered(Q(*q, **lookups), negated=False)

    def exclude(self, *q: Q, **lookups: Any) -> QuerySet[R]:
        """Return the rows that do not match all lookups; rows without a value stay.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have.
        """
        return self._filtered(Q(*q, **lookups), negated=True)

    def _filtered(self, q: Q, *, negated: bool) -> QuerySet[R]:
        self._unsliced("filter")
        return self._with(self._query.filtered(q, negated=negated))

    def order_by(self, *fields: str) -> QuerySet[R]:
        """Return the rows in the order of the fields, `-` for descending; no field, no order.

        Raises:
            FieldError: an unknown field. That no endpoint orders by it is told when it is read.
        """
        self._unsliced("order")
        return self._with(self._query.ordered(fields))

    def reverse(self) -> QuerySet[R]:
        """Return the rows in the opposite order.

        Raises:
            FieldError: the rows are in no order.
        """
        if not self._query.order:
            raise FieldError("rows in no order have no reverse; call order_by() first")
        flipped = (n[1:] if n.startswith("-") else f"-{n}" for n in self._query.order)
        return self.order_by(*flipped)

    def select_related(self, *relations: str) -> QuerySet[R]:
        """Return the rows together with what these relations point to.

        It comes by side-loading where the endpoint can, and by one request for
        each hundred where it cannot.

        Raises:
            FieldError: no such relation.
        """
        return self._with(self._query.including(relations))

    def fresh(self) -> QuerySet[R]:
        """Return rows without the index's lag; for tickets, archived ones are left out."""
        return self._with(evolve(self._query, fresh=True))

    def page_size(self, rows: int) -> QuerySet[R]:
        """Return the same rows, fetched so many to a page, at most what Zendesk allows."""
        if rows < 1:
            raise InvalidValue(f"page_size wants at least 1, not {rows}")
        return self._with(evolve(self._query, page_size=rows))

    def max_requests(self, number: int) -> QuerySet[R]:
        """Return the same rows, refused before the first request if they would cost more."""
        return self._with(evolve(self._query, budget=number))

    def using(self, alias: str) -> Self:
        """Return the same query, asked of another account."""
        return type(self)(self._query, alias)

    def _unsliced(self, what: str) -> None:
        if self._query.windowed:
            raise FieldError(f"cannot {what} once a slice has been taken; {what} first")

    # -- reading -------------------------------------------------------------

    @property
    def _session(self) -> Session:
        return connections[self._alias or DEFAULT].current()

    def __iter__(self) -> Iterator[R]:
        position = 0
        while position < len(self._records) or self._pull(position):
            yield self._records[position]
            position += 1

    def iterator(self) -> Iterator[R]:
        """Yield the rows, a page at a time, and keep none."""
        if not self._query.empty:
            for page in self._session.fetch(self._query):
                yield from page

    def _pull(self, position: int) -> bool:
        """Fetch pages until there is a record at the position; tell whether there is."""
        with self._lock:
            while not self._done and position >= len(self._records):
                if self._stream is None:
                    # What cannot have a row is asked of nobody, not even for an account.
                    empty = self._query.empty
                    self._stream = iter(()) if empty else self._session.fetch(self._query)
                try:
                    page = next(self._stream, None)
                except ResultLimitExceeded as error:
                    raise ResultLimitExceeded(error.message, tuple(self._records)) from None
                except Exception:
                    # The next reading begins anew rather than ending too early.
                    self._stream, self._records = None, []
                    raise
                if page is None:
                    self._done, self._stream = True, None
                else:
                    self._records += page
            return position < len(self._records)

    def _all(self) -> list[R]:
        while self._pull(len(self._records)):
            pass
        return self._records

    def __len__(self) -> int:
        """Return the number of rows, having read them all; `count()` only asks for it."""
        return len(self._all())

    def __bool__(self) -> bool:
        return self._pull(0)

    def __contains__(self, record: object) -> bool:
        return any(each == record for each in self)

    @overload
    def __getitem__(self, key: int) -> R: ...
    @overload
    def __getitem__(self, key: slice) -> QuerySet[R]: ...
    def __getitem__(self, key: int | slice) -> R | QuerySet[R] | list[R]:
        """Return one row, or a QuerySet of a slice; a slice with a step gives a list, as in Django.

        Raises:
            InvalidValue: a negative index.
            IndexError: no such row.
        """
        if isinstance(key, int):
            if key < 0:
                raise InvalidValue("a negative index is not supported; order_by() the other way")
            if key < len(self._records):
                return self._records[key]
            found = list(self[key : key + 1])
            if not found:
                raise IndexError(f"there is no row {key}")
            return found[0]
        start, stop = key.start or 0, key.stop
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("negative slices are not supported; order_by() the other way")
        part = self._with(self._query.window(start, stop))
        if self._done:
            part._records, part._done = self._records[start:stop], True
        return part if key.step is None else list(part)[:: key.step]

    def get(self, *q: Any, **lookups: Any) -> R:
        """Return the one row that matches: `get(1)`, `get(id=1)`, `get(external_id="x")`.

        Raises:
            DoesNotExist: the model's own; there is none.
            MultipleObjectsReturned: the model's own; there are several.
        """
        model: Any = self.model
        if q and not isinstance(q[0], Q):
            q, lookups = q[1:], {"id": q[0], **lookups}
        narrowed = self.filter(*q, **lookups)
        query = narrowed._query
        by_id = query.ids is not None or query.windowed
        found = list(narrowed if by_id else narrowed[:2])
        asked = str(query).partition(": ")[2]
        if not found:
            raise model.DoesNotExist(f"no {query.meta.verbose_name} matches {asked}")
        if len(found) > 1:
            raise model.MultipleObjectsReturned(f"several {query.meta.plural} match {asked}")
        return found[0]

    def first(self) -> R | None:
        """Return the first row, or None; of rows in no order, the one with the lowest id."""
        return next(iter(self._by_age("")[:1]), None)

    def last(self) -> R | None:
        """Return the last row, or None; of rows in no order, the one with the highest id."""
        return next(iter(self._by_age("-")[:1]), None)

    def _by_age(self, sign: str) -> QuerySet[R]:
        """Return the rows in their order, or from the oldest; with `-` the other way round."""
        if self._query.order:
            return self.reverse() if sign else self
        for name in ("id", "created_at"):
            if name in self._query.meta.fields:
                ordered = self.order_by(f"{sign}{name}")
                try:
                    plan(ordered[:1]._query)
                except NoEndpoint:
                    continue
                return ordered
        if sign:
            raise NoEndpoint(f"{self._query}: no endpoint gives the rows in reverse")
        return self

    def count(self) -> int:
        """Return the number of rows, by asking for nothing else where that is possible."""
        if self._done or self._query.empty:
            return len(self._records)
        return self._session.count(self._query)

    def exists(self) -> bool:
        """Tell whether there is any row; fetches one at most."""
        return bool(self._records) if self._records or self._done else bool(self[:1])

    def in_bulk(self, ids: Iterable[Any]) -> dict[Any, R]:
        """Return the rows of these ids by id, a request for each hundred.

        Ids that do not exist are absent.
        """
        wanted = self.filter(id__in=list(ids))
        return {record.pk: record for record in wanted}  # type: ignore[attr-defined] # R is a Record

    # -- looking ahead -------------------------------------------------------

    @property
    def plan(self) -> Plan | Union:
        """How the rows will be asked for.

        Raises:
            NoEndpoint: they cannot be; the message tells why.
        """
        return plan(self._query)

    def explain(self) -> str:
        """Return what will be asked, what it costs, and why nothing else was chosen."""
        alias = self._alias or DEFAULT
        window = connections[alias].quota.get() if alias in connections else None
        return explain(self._query, window.total if window else None)

    # -- writing -------------------------------------------------------------

    def create(self, **values: Any) -> R:
        """Make an object of the values, save it and return it.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s.
        """
        relations = self._query.meta.relations
        fixed = {name: value for name, value in self._query.fixed.items() if name in relations}
        record: Any = self.model(**{**fixed, **values})
        record.attach_to(self._session)
        record.save()
        made: R = record
        return made

    def bulk_create(self, objects: Iterable[R]) -> BulkResult:
        """Create any number of objects, a hundred to a job, and wait; each gets its id.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
        """
        return bulk.create(self._session, self.model, objects)

    def bulk_update(self, objects: Iterable[R], fields: Iterable[str] | None = None) -> BulkResult:
        """Send what changed on each object, a hundred to a job, and wait.

        Args:
            objects: changed objects; unchanged ones cost nothing.
            fields: names of fields to send; all that changed by default.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
        """
        return bulk.update(self._session, self.model, objects, fields)

    def update(self, **values: Any) -> BulkResult:
        """Make the same change to every row of the query, a hundred to a job, and wait.

        Returns:
            One outcome for each row; `int(result)` is the number of rows changed.

        Raises:
            BulkError: some failed, after all have run.
        """
        # Bad values are refused before the rows are read.
        self.model(**values)
        return bulk.update_alike(self._session, self.model, self._all(), values)

    def delete(self) -> BulkResult:
        """Delete every row of the query, a hundred to a job, and wait.

        Raises:
            BulkError: some failed, after all have run.
        """
        return bulk.delete(self._session, self.model, self._all())

    # -- what it shows -------------------------------------------------------

    def __repr__(self) -> str:
        """Return the query, and how many rows are at hand; makes no request."""
        read = f", {len(self._records)} read" if self._records or self._done else ""
        return f"<{type(self).__name__} {self._query}{read}>"

    def __getstate__(self) -> dict[str, Any]:
        """Return the query and what was read; no session."""
        return {
            "query": self._query,
            "alias": self._alias,
            "records": self._records if self._done else [],
            "done": self._done,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        QuerySet.__init__(self, state["query"], state["alias"])
        self._records, self._done = state["records"], state["done"]
