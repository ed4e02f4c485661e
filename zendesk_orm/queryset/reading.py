"""The rows: read as they are asked for, kept for a second pass."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from attrs import evolve

from zendesk_orm import fork
from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint, ResultLimitExceeded
from zendesk_orm.http.values import plain
from zendesk_orm.plan.plan import Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.combining import Combining
from zendesk_orm.queryset.prefetching import Prefetch, prefetch, prefetches
from zendesk_orm.schema.accounts import require_many, require_object, require_own
from zendesk_orm.schema.arguments import require_count
from zendesk_orm.schema.fields import column
from zendesk_orm.session.budget import limited_stream
from zendesk_orm.session.counted import Counted
from zendesk_orm.session.session import Session


if TYPE_CHECKING:
    from typing_extensions import Self

R = TypeVar("R")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="Reading[Any]")


def cheap(query: Query, *, whole: bool = False) -> bool:
    """Tell whether the first rows, or the whole result, can be had without reading much."""
    try:
        found = plan(query)
    except NoEndpoint:
        return False
    plans = found.plans if isinstance(found, Union) else (found,)
    return all(each.few or not (whole or each.sorted) for each in plans)


class Reading(Combining[R]):
    """A query, and the rows of it that were read."""

    #: Whether nothing was asked yet: what a model's `objects` is.
    _root = False

    def __init__(self, query: Query | None = None, alias: str | None = None) -> None:
        super().__init__(query, alias)
        self._records: list[R] = []
        self._stream: Iterator[list[R]] | None = None
        self._done = False
        self._lock = fork.Lock()
        #: The process that reads the stream.
        self._process = 0
        self._prefetch: tuple[Prefetch, ...] = ()

    def _with(self, query: Query) -> Self:
        made = super()._with(query)
        made._prefetch = self._prefetch
        return made

    @property
    def _session(self) -> Session:
        return connections.session(self.db)

    def all(self: S) -> S:
        """Return the same rows, to be read anew; those that were prefetched are at hand."""
        again = super().all()
        return again._filled(self._records) if self._root and self._done else again

    def prefetch_related(self: S, *lookups: str | Prefetch | None) -> S:
        """Return the same rows; what they point to, or what points to them, is read along.

        It costs a request for each hundred related rows, or one for each row where
        Zendesk only has a list for each (`comments`).

        Args:
            lookups: relations (`requester`, `comments`, `organization__users`), or
                `Prefetch`; a single None takes back those named before.

        Raises:
            FieldError: no such relation.
        """
        named = [each for each in lookups if each is not None]
        found = () if None in lookups else (*self._prefetch, *prefetches(self._query.meta, named))
        plain = (each.lookup for each in found if each.queryset is None)
        embedded = tuple(name for name in plain if "__" not in name)
        made = self._with(evolve(self._query, embedded=embedded))
        made._prefetch = found
        return made

    def __iter__(self) -> Iterator[R]:
        position = 0
        while position < len(self._records) or self._pull(position):
            yield self._records[position]
            position += 1

    def iterator(self, chunk_size: int | None = None) -> Iterator[R]:
        """Yield the rows, a page at a time, and keep none.

        Args:
            chunk_size: rows a page, at most what Zendesk allows; the most by default.
        """
        query = evolve(self._query, streamed=True)
        if chunk_size is not None:
            query = self.page_size(chunk_size)._query
        for page in self._pages(query):
            yield from page

    def _pages(self, query: Query) -> Iterator[list[R]]:
        """Yield the rows, as what they were asked for, a page at a time."""
        # What cannot have a row is asked of nobody, not even for an account.
        if query.empty:
            return
        session = self._session
        query = session.settled(query)
        take: Any = None if query.shape is None else query.shape.function()
        for page in limited_stream(query, self._fetched(session, query)):
            yield page if take is None else [take(record) for record in page]

    def _fetched(self, session: Session, query: Query) -> Iterator[list[R]]:
        """Yield the pages of records, with everything that was prefetched."""
        for page in session.fetch(query):
            if self._prefetch:
                prefetch(session, page, self._prefetch)
            yield page

    def _pull(self, position: int) -> bool:
        """Fetch pages until there is a record at the position; tell whether there is."""
        with self._lock:
            if self._stream is not None and self._process != os.getpid():
                # Threads of the parent process may be reading it.
                self._stream, self._records = None, []
            while not self._done and position >= len(self._records):
                if self._stream is None:
                    self._stream, self._process = self._pages(self._query), os.getpid()
                try:
                    page = next(self._stream, None)
                    self._done = page is None
                    self._records += page or []
                except ResultLimitExceeded as error:
                    raise ResultLimitExceeded(error.message, tuple(self._records)) from None
                except BaseException:
                    # Also after Ctrl+C: the next reading starts again instead of ending early.
                    self._stream, self._records, self._done = None, [], False
                    raise
            if self._done:
                self._stream = None
            return position < len(self._records)

    def _all(self) -> list[R]:
        while self._pull(len(self._records)):
            pass
        return self._records

    def _filled(self, records: list[R]) -> Self:
        """Take these for the rows, which are known already."""
        self._records, self._done = records, True
        return self

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
    def __getitem__(self: S, key: slice) -> S: ...
    def __getitem__(self, key: int | slice) -> Any:
        """Return one row, or a QuerySet of a slice; a slice with a step gives a list, as in Django.

        A negative index counts from the end, through the opposite order.

        Raises:
            InvalidValue: a negative index of rows in no order; a slice from the end.
            IndexError: no such row.
        """
        if isinstance(key, int):
            return self._at(key)
        if not isinstance(key, slice):
            raise FieldError(f"rows are counted: rows[0] or rows[:10], not rows[{key!r:.60}]")
        for each in (key.start, key.stop, key.step):
            if each is not None:
                require_count("a slice", each, least=None)
        start, stop = key.start or 0, key.stop
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("a slice takes no negative places; order_by() the other way")
        part = self._with(self._query.window(start, stop))
        if self._done:
            part._filled(self._records[start:stop])
        return part if key.step is None else list(part)[:: key.step]

    def _at(self, index: int) -> R:
        if self._done or 0 <= index < len(self._records):
            return self._records[index]
        if index >= 0:
            found = list(self[index : index + 1])
        elif self._query.windowed:
            return self._all()[index]
        elif self._query.order or self._query.id_order:
            found = list(self.reverse()[-index - 1 : -index])
        else:
            raise InvalidValue("a negative index wants an order; call order_by() first")
        if not found:
            raise IndexError(f"there is no row {index}")
        return found[0]

    def get(self, *q: Any, **lookups: Any) -> R:
        """Return the one row that matches: `get(1)`, `get(id=1)`, `get(external_id="x")`.

        Raises:
            DoesNotExist: the model's own; there is none.
            MultipleObjectsReturned: the model's own; there are several.
        """
        model: Any = self.model
        if len(q) > 1 and not all(isinstance(each, Q) for each in q):
            raise InvalidValue(
                "get() takes one id, or keywords; filter(id__in=[...]) reads several"
            )
        if q and not isinstance(q[0], (Q, Mapping)):
            q, lookups = q[1:], {"id": q[0], **lookups}
        narrowed = self.filter(*q, **lookups) if q or lookups else self.all()
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
        """Return the first row, or None; of rows in no order, the one with the lowest id.

        Raises:
            NoEndpoint: the rows are in no order, and no endpoint gives them by id or by age.
        """
        return next(iter(self._by_age("")[:1]), None)

    def last(self) -> R | None:
        """Return the last row, or None; of rows in no order, the one with the highest id.

        Raises:
            NoEndpoint: the rows are in no order, and no endpoint gives them by id or by age.
        """
        return next(iter(self._by_age("-")[:1]), None)

    def _by_age(self, sign: str) -> Self:
        """Return the rows in their order, or from the oldest; with `-` the other way round."""
        if self._query.order or self._query.id_order:
            return self.reverse() if sign else self.all()
        for name in ("id", "created_at"):
            if name in self._query.meta.fields:
                ordered = self.order_by(f"{sign}{name}")
                if cheap(ordered[:1]._settled):
                    return ordered
        if self._query.scan:
            return self.order_by(f"{sign}id")
        raise NoEndpoint(
            f"{self._query}: no endpoint gives these rows by id or by age, so that the "
            f"{'last' if sign else 'first'} is unknown; call order_by(), or allow with .scan() "
            "that all are read"
        )

    def latest(self, *fields: str) -> R:
        """Return the row that comes last by the fields; by `Meta.get_latest_by` by default.

        Raises:
            DoesNotExist: the model's own; there is none.
        """
        return self._extreme(fields, last=True)

    def earliest(self, *fields: str) -> R:
        """Return the row that comes first by the fields; by `Meta.get_latest_by` by default.

        Raises:
            DoesNotExist: the model's own; there is none.
        """
        return self._extreme(fields, last=False)

    def _extreme(self, fields: tuple[str, ...], *, last: bool) -> R:
        ordered = self.order_by(*(fields or self._query.meta.get_latest_by))
        rows = ordered.reverse() if last else ordered
        for record in rows[:1]:
            return record
        model: Any = self.model
        raise model.DoesNotExist(f"there is no row of {self._query}")

    def contains(self, obj: R) -> bool:
        """Tell whether the object is among the rows; asks for that row alone.

        Raises:
            InvalidValue: it was never saved.
        """
        record: Any = require_object(self.model, obj, None, "contains")
        if record.pk is None:
            raise InvalidValue(f"{record!r} was never saved, so no query contains it")
        require_own("contains", record, record._source, self._session)
        if self._done or self._query.windowed:
            return record in self
        where = record._meta.known_row(record._row) if record._meta.place else {"id": record.pk}
        return self.filter(**self._query.meta.named(where)).exists()

    def count(self) -> Counted:
        """Return the number of rows, by asking for nothing else where that is possible.

        The number has `.refreshed_at` and `.fresh` where Zendesk told it: above 100,000 rows
        it is counted once a day, and the search index lags.
        """
        if self._done or self._query.empty:
            return Counted(len(self._records))
        return self._session.count(self._query)

    def exists(self) -> bool:
        """Tell whether there is any row; fetches one at most."""
        return bool(self._records) if self._records or self._done else bool(self[:1])

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "id"
    ) -> dict[Any, R]:
        """Return rows by id, or by another field, a request for each hundred.

        Args:
            id_list: the values; all rows by default. Those that no row has are absent.
            field_name: a field whose values are unique.

        Returns:
            The rows by value. Where Zendesk ignores case, values are spelled as in `id_list`.

        Raises:
            FieldError: no such field, or rows that were asked for as `values()`.
        """
        if self._query.shape is not None:
            raise FieldError("in_bulk() gives objects; call it without values()")
        field = self._query.meta.get_field(field_name)
        compared = column(field)
        wanted = self.all()
        spellings: dict[Any, list[Any]] = {}
        if id_list is not None:
            given = list(require_many(id_list, "in_bulk"))
            wanted = self.filter(**{f"{field.name}__in": given})
            for value in given if compared.kind.key is not None else ():
                spellings.setdefault(compared.key(value), []).append(plain(value))
        found: dict[Any, R] = {}
        keys: set[Any] = set()
        for record in wanted:
            value = getattr(record, field.name)
            if (key := compared.key(value)) in keys:
                raise FieldError(
                    f"several rows have {field.name} {value!r}; in_bulk() wants a field whose "
                    "values are unique"
                )
            keys.add(key)
            found.update((each, record) for each in spellings.get(key, [value]))
        return found

    def resolve_expression(self: S, *args: Any, **kwargs: Any) -> S:
        """Return the query itself: as a value (`requester__in=`) it stands for its ids."""
        return self
