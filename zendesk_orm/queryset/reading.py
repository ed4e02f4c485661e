"""The rows: read as they are asked for, kept for a second pass."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, overload

from attrs import evolve

from zendesk_orm.account import connections
from zendesk_orm.errors import InvalidValue, NoEndpoint, ResultLimitExceeded
from zendesk_orm.plan.plan import Union
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.narrowing import Narrowing
from zendesk_orm.session.session import Session


if TYPE_CHECKING:
    from zendesk_orm.queryset.queryset import QuerySet

R = TypeVar("R")


def _cheap(query: Query) -> bool:
    """Tell whether the first rows can be had without reading all."""
    try:
        found = plan(query)
    except NoEndpoint:
        return False
    plans = found.plans if isinstance(found, Union) else (found,)
    return all(each.few or not each.sorted for each in plans)


class Reading(Narrowing[R]):
    """A query, and the rows of it that were read."""

    def __init__(self, query: Query, alias: str | None = None) -> None:
        super().__init__(query, alias)
        self._records: list[R] = []
        self._stream: Iterator[list[R]] | None = None
        self._done = False
        self._lock = threading.RLock()

    @property
    def _session(self) -> Session:
        return connections[self.db].current()

    def __iter__(self) -> Iterator[R]:
        position = 0
        while position < len(self._records) or self._pull(position):
            yield self._records[position]
            position += 1

    def iterator(self) -> Iterator[R]:
        """Yield the rows, a page at a time, and keep none."""
        if not self._query.empty:
            for page in self._session.fetch(evolve(self._query, streamed=True)):
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
            return self.reverse() if sign else self.all()
        for name in ("id", "created_at"):
            if name in self._query.meta.fields:
                ordered = self.order_by(f"{sign}{name}")
                if _cheap(ordered[:1]._query):
                    return ordered
        if sign:
            raise NoEndpoint(f"{self._query}: no endpoint gives the rows in reverse")
        return self.all()

    def latest(self, *fields: str) -> R:
        """Return the row that comes last by the fields, `created_at` by default.

        Raises:
            DoesNotExist: the model's own; there is none.
        """
        return self._extreme(fields, last=True)

    def earliest(self, *fields: str) -> R:
        """Return the row that comes first by the fields, `created_at` by default.

        Raises:
            DoesNotExist: the model's own; there is none.
        """
        return self._extreme(fields, last=False)

    def _extreme(self, fields: tuple[str, ...], *, last: bool) -> R:
        ordered = self.order_by(*(fields or ("created_at",)))
        found = next(iter((ordered.reverse() if last else ordered)[:1]), None)
        if found is None:
            model: Any = self.model
            raise model.DoesNotExist(f"there is no row in {self._query}")
        return found

    def contains(self, obj: R) -> bool:
        """Tell whether the object is among the rows; asks for that row alone."""
        record: Any = obj
        if record.pk is None:
            raise InvalidValue(f"{record!r} was never saved, so no query contains it")
        if self._done or self._query.windowed:
            return record in self
        return self.filter(id=record.pk).exists()

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
