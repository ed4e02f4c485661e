"""Numbers and dates of all rows: `aggregate()`, `dates()`, `datetimes()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar, cast

from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint
from zendesk_orm.query.aggregates import Aggregate, Avg, Count, Max, Min, Sum
from zendesk_orm.query.shape import hashable, shape
from zendesk_orm.queryset.combining import answered
from zendesk_orm.queryset.reading import Reading, cheap
from zendesk_orm.schema.fields import column


R = TypeVar("R")

#: Kinds of values that can be added up; a custom field's may be anything.
_NUMBERS = frozenset({"int", "float", "Any"})
_DAYS = ("year", "month", "week", "day")
_TIMES = (*_DAYS, "hour", "minute", "second")


class Summing(Reading[R]):
    """A query whose rows can be summed up."""

    def aggregate(self, *aggregates: Aggregate, **named: Aggregate) -> dict[str, Any]:
        """Return one value for each aggregate: `aggregate(Count("id"), newest=Max("created_at"))`.

        A count asks for the number alone, the least or greatest for one row where an
        endpoint orders by it. The others are taken from all rows, read once for all of
        them, which `scan()` has to allow unless the rows are few.

        Raises:
            FieldError: no such field, or one whose values do not add up.
            InvalidValue: what is given is no aggregate.
            NoEndpoint: it takes all rows to tell, and `scan()` was not said.
        """
        for each in (*aggregates, *named.values()):
            if not isinstance(each, Aggregate):
                raise InvalidValue(f"wants Count, Min, Max, Sum or Avg, not {each!r}")
        wanted = {each.default_alias: each for each in aggregates} | named
        asked = {name: self._asked(each) for name, each in wanted.items()}
        rest = {name: each for name, each in wanted.items() if asked[name] is None}
        if rest:
            self._may_read_all()
        found = {name: ask() for name, ask in asked.items() if ask is not None}
        return {**dict.fromkeys(wanted), **found, **self._of_all(rest)}

    def _asked(self, each: Aggregate) -> Callable[[], Any] | None:
        """Return how the aggregate is asked for, or None when it is taken from all rows."""
        rows: Any = self._bare()
        if isinstance(each, Count) and each.name in ("*", "id", "pk"):
            return cast("Callable[[], Any]", rows.count)
        field: Any = self._query.meta.get_field(each.name)
        if isinstance(each, (Sum, Avg)) and column(field).kind.name not in _NUMBERS:
            raise FieldError(f"{each.name} holds no numbers, which could be added up")
        if self._done or self._query.windowed or cheap(self._settled, whole=True):
            return None
        if isinstance(each, Count):
            valued = rows.exclude(**{f"{each.name}__isnull": True})
            counts = not each.distinct and answered(valued._settled)
            return cast("Callable[[], Any]", valued.count) if counts else None
        if isinstance(each, (Min, Max)):
            return self._extreme_of(each, field)
        return None

    def _extreme_of(self, each: Aggregate, field: Any) -> Callable[[], Any] | None:
        sign = "-" if isinstance(each, Max) else ""
        choices = column(field).kind.choices
        if choices:
            return self._extreme_choice(each.name, choices[::-1] if sign else choices)
        rows: Any = self._bare().order_by(f"{sign}{each.name}")
        if getattr(field, "nullable", False):
            rows = rows.exclude(**{f"{each.name}__isnull": True})
        if not cheap(rows[:1]._settled):
            return None

        def ask() -> Any:
            found = next(iter(rows[:1]), None)
            return None if found is None else getattr(found, field.name)

        return ask

    def _extreme_choice(self, name: str, choices: Sequence[Any]) -> Callable[[], Any] | None:
        """Return what finds the first of some choices that a row has, a request for each."""
        having: Any = {each: self._bare().filter(**{name: each}) for each in choices}
        if not all(cheap(rows[:1]._settled) for rows in having.values()):
            return None
        return lambda: next((each for each, rows in having.items() if rows.exists()), None)

    def _may_read_all(self) -> None:
        known = self._done or self._query.stop is not None or self._query.scan
        if not (known or cheap(self._settled, whole=True)):
            raise NoEndpoint(
                f"{self._query}: it takes all rows to tell, which .scan() allows; a mirror of "
                "the account in a database is the better place for sums"
            )

    def _of_all(self, wanted: Mapping[str, Aggregate]) -> dict[str, Any]:
        """Return the aggregates of all rows, which are read once."""
        if not wanted:
            return {}
        names = tuple(dict.fromkeys(each.name for each in wanted.values()))
        take = shape(self._query.meta, names, "dict").function()
        rows = [take(record) for record in self._bare()]
        found = {}
        for name, each in wanted.items():
            values = [row[each.name] for row in rows if row[each.name] is not None]
            if isinstance(each, Count) and each.distinct:
                values = list({hashable(value) for value in values})
            found[name] = each.of(values)
        return found

    def dates(self, field_name: str, kind: str, order: str = "ASC") -> list[date]:
        """Return the first days of the years, months, weeks or days that have rows.

        Each costs one request for one row, and so does finding that there are no more.

        Args:
            field_name: a field that holds moments.
            kind: `year`, `month`, `week` or `day`, in UTC.
            order: `ASC` or `DESC`.

        Raises:
            FieldError: the field holds no moments, or there is no such kind.
        """
        if kind not in _DAYS:
            raise FieldError(f"dates() wants one of {', '.join(_DAYS)}, not {kind!r}")
        return [found.date() for found in self._moments(field_name, kind, order, timezone.utc)]

    def datetimes(
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo = timezone.utc
    ) -> list[datetime]:
        """Return the beginnings of the years, …, seconds that have rows.

        Each costs one request for one row, and so does finding that there are no more.

        Args:
            field_name: a field that holds moments.
            kind: `year`, `month`, `week`, `day`, `hour`, `minute` or `second`.
            order: `ASC` or `DESC`.
            tzinfo: the time zone in which days begin.

        Raises:
            FieldError: the field holds no moments, or there is no such kind.
        """
        if kind not in _TIMES:
            raise FieldError(f"datetimes() wants one of {', '.join(_TIMES)}, not {kind!r}")
        return self._moments(field_name, kind, order, tzinfo)

    def _moments(self, field: str, kind: str, order: str, zone: tzinfo) -> list[datetime]:
        declared: Any = self._query.meta.get_field(field)
        if declared.kind.name != "datetime":
            raise FieldError(f"{field} holds no moments")
        if order not in ("ASC", "DESC"):
            raise FieldError(f"order wants ASC or DESC, not {order!r}")
        found: list[datetime] = []
        if self._done or cheap(self._settled, whole=True):
            moments = (getattr(record, field) for record in self._bare())
            starts = {_start(each.astimezone(zone), kind) for each in moments if each is not None}
            return sorted(starts, reverse=order == "DESC")
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
    if kind in ("week", "day"):
        return start + timedelta(**{f"{kind}s": 1})
    # The clock may show an hour twice, or never; time itself goes on.
    later = start.astimezone(timezone.utc) + timedelta(**{f"{kind}s": 1})
    return later.astimezone(start.tzinfo)
