"""Numbers and dates of all rows: `aggregate()`, `dates()`, `datetimes()`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar

from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint
from zendesk_orm.query.aggregates import Aggregate, Count, Max, Min
from zendesk_orm.queryset.reading import Reading, cheap


R = TypeVar("R")

_DAYS = ("year", "month", "week", "day")
_TIMES = (*_DAYS, "hour", "minute", "second")


class Summing(Reading[R]):
    """A query whose rows can be summed up."""

    def aggregate(self, *aggregates: Aggregate, **named: Aggregate) -> dict[str, Any]:
        """Return one value for each aggregate: `aggregate(Count("id"), newest=Max("created_at"))`.

        A count asks for the number alone, the least or greatest for one row where an
        endpoint orders by it. Anything else reads all rows, which `scan()` has to allow.

        Raises:
            FieldError: no such field.
            NoEndpoint: it takes all rows to tell, and `scan()` was not said.
        """
        wanted = {each.default_alias: each for each in aggregates} | named
        return {name: self._aggregated(each) for name, each in wanted.items()}

    def _aggregated(self, each: Aggregate) -> Any:
        if not isinstance(each, Aggregate):
            raise InvalidValue(f"wants Count, Min, Max, Sum or Avg, not {each!r}")
        if isinstance(each, Count) and each.name in ("*", "id", "pk"):
            return self._bare().count()
        field = self._query.meta.get_field(each.name)
        if isinstance(each, Count) and not each.distinct:
            return self._bare().exclude(**{f"{each.name}__isnull": True}).count()
        if isinstance(each, (Min, Max)) and not self._query.windowed:
            sign = "-" if isinstance(each, Max) else ""
            rows = self._bare().order_by(f"{sign}{each.name}")
            if getattr(field, "nullable", False):
                rows = rows.exclude(**{f"{each.name}__isnull": True})
            if cheap(rows[:1].query):
                found = list(rows[:1])
                return getattr(found[0], field.name) if found else None
        values = self._all_values(each.name)
        return each.of(set(values) if isinstance(each, Count) else values)

    def _all_values(self, name: str) -> Iterator[Any]:
        """Yield the values that there are, from all rows."""
        if not (self._done or self._query.scan or cheap(self._query, whole=True)):
            raise NoEndpoint(
                f"{self._query}: it takes all rows to tell, which .scan() allows; a mirror of "
                "the account in a database is the better place for sums"
            )
        shaped = self._bare().values_list(name, flat=True)
        return (value for value in shaped.iterator() if value is not None)

    def dates(self, field: str, kind: str, order: str = "ASC") -> list[date]:
        """Return the first days of the years, months, weeks or days that have rows.

        Each costs one request for one row, and so does finding that there are no more.

        Args:
            field: a field that holds moments.
            kind: `year`, `month`, `week` or `day`, in UTC.
            order: `ASC` or `DESC`.

        Raises:
            FieldError: the field holds no moments, or there is no such kind.
        """
        if kind not in _DAYS:
            raise FieldError(f"dates() wants one of {', '.join(_DAYS)}, not {kind!r}")
        return [found.date() for found in self._moments(field, kind, order, timezone.utc)]

    def datetimes(
        self, field: str, kind: str, order: str = "ASC", tzinfo: tzinfo = timezone.utc
    ) -> list[datetime]:
        """Return the beginnings of the years, …, seconds that have rows.

        Each costs one request for one row, and so does finding that there are no more.

        Args:
            field: a field that holds moments.
            kind: `year`, `month`, `week`, `day`, `hour`, `minute` or `second`.
            order: `ASC` or `DESC`.
            tzinfo: the time zone in which days begin.

        Raises:
            FieldError: the field holds no moments, or there is no such kind.
        """
        if kind not in _TIMES:
            raise FieldError(f"datetimes() wants one of {', '.join(_TIMES)}, not {kind!r}")
        return self._moments(field, kind, order, tzinfo)

    def _moments(self, field: str, kind: str, order: str, zone: tzinfo) -> list[datetime]:
        declared: Any = self._query.meta.get_field(field)
        if declared.kind.name != "datetime":
            raise FieldError(f"{field} holds no moments")
        if order not in ("ASC", "DESC"):
            raise FieldError(f"order wants ASC or DESC, not {order!r}")
        found: list[datetime] = []
        rows = self._bare().order_by(field)
        while True:
            rest = rows.filter(**{f"{field}__gte": _after(found[-1], kind)}) if found else rows
            first = next(iter(rest[:1]), None)
            moment = None if first is None else getattr(first, field)
            if moment is None:
                return found if order == "ASC" else found[::-1]
            found.append(_start(moment.astimezone(zone), kind))


def _start(moment: datetime, kind: str) -> datetime:
    """Return the beginning of the year, …, second that a moment lies in."""
    if kind == "week":
        moment, kind = moment - timedelta(days=moment.weekday()), "day"
    smallest = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
    kept = ("year", "month", "day", "hour", "minute", "second").index(kind)
    parts = {name: low for place, (name, low) in enumerate(smallest.items(), 1) if place > kept}
    return moment.replace(**parts, microsecond=0)  # type: ignore[arg-type] # all are whole numbers


def _after(start: datetime, kind: str) -> datetime:
    """Return the beginning of what comes after."""
    if kind == "year":
        return start.replace(year=start.year + 1)
    if kind == "month":
        years, month = divmod(start.month, 12)
        return start.replace(year=start.year + years, month=month + 1)
    return start + timedelta(**{f"{kind}s": 1})
