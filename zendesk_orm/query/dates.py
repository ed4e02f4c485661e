"""Times in queries: relative times, and parts of moments such as `created_at__date=d`.

Days and years are periods, so they become bounds that any endpoint understands. The other parts
(`created_at__month=3`) recur, and are evaluated client-side. All of them are in UTC, as are the
moments of Zendesk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import is_list, plain
from zendesk_orm.messages import display
from zendesk_orm.query.moments import DATE_PARTS
from zendesk_orm.query.predicate import And, Condition, Or, Predicate, disjoin
from zendesk_orm.schema.values import relativedelta


#: A relative time as search text has it: `created>4hours`.
_RELATIVE = re.compile(r"(\d+)\s*(minute|hour|day|week|month|year)s?")
#: A moment for finding out whether a length of time is negative.
_REFERENCE = datetime(2024, 7, 1, tzinfo=timezone.utc)


@frozen
class RelativeTime:
    """A moment relative to the time at which the query is read.

    Attributes:
        delta: a `timedelta`, or dateutil's `relativedelta`.
        text: the text that the user wrote.
    """

    delta: Any
    text: str

    def moment(self, now: float) -> datetime:
        """Return the moment, in whole seconds.

        Args:
            now: seconds since the epoch.
        """
        moment: datetime = datetime.fromtimestamp(int(now), tz=timezone.utc) - self.delta
        return moment

    def __repr__(self) -> str:
        return f"{self.text} ago"


def relative_time(value: Any) -> RelativeTime | None:
    """Return a length of time as a relative time, or None for any other value.

    Args:
        value: a `timedelta`, a `relativedelta`, or text as in search: `"4hours"`.

    Raises:
        InvalidValue: the moment would be in the future, or before the year 1.
    """
    if isinstance(value, str):
        match = _RELATIVE.fullmatch(value.strip())
        if match is None:
            return None
        text = match[0]
        value = relativedelta(**{f"{match[2]}s": int(match[1])})
    elif isinstance(value, timedelta) or type(value).__name__ == "relativedelta":
        text = str(value) if isinstance(value, timedelta) else repr(value)
    else:
        return None
    try:
        negative = _REFERENCE - value > _REFERENCE
    except (OverflowError, ValueError):
        raise InvalidValue(f"{display(value)} reaches back before the year 1") from None
    if negative:
        raise InvalidValue(f"{display(value)} is negative; a length of time counts back from now")
    return RelativeTime(value, text)


def resolve_time(condition: Condition, now: float) -> Condition:
    """Return a condition with the moment of a relative time as its value."""
    value = condition.value
    is_relative = isinstance(value, RelativeTime)
    return evolve(condition, value=value.moment(now)) if is_relative else condition


def membership(name: str, members: tuple[Any, ...]) -> Predicate:
    """Return the condition for a value that is one of several.

    Relative times are compared one by one, because each becomes a moment when the query is read.
    """
    if any(isinstance(member, RelativeTime) for member in members):
        return disjoin(tuple(Condition(name, "exact", member) for member in members))
    return Condition(name, "in", members)


# -- parts of moments --------------------------------------------------------

#: Returns the first moment of a period and the first moment after it.
Period = Callable[[Any], tuple[datetime, datetime]]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def _day(value: Any) -> tuple[datetime, datetime]:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise InvalidValue(f"{display(value)} is not a date in ISO 8601") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(f"must be a date, not {display(value)}")
    try:
        return _midnight(value), _midnight(value + timedelta(days=1))
    except OverflowError:
        raise InvalidValue(
            f"{display(value)} is the last day there is; its end is unknown"
        ) from None


def _year(value: Any) -> tuple[datetime, datetime]:
    year = _require_number(value, 1, 9998)
    return _midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))


def _iso_year(value: Any) -> tuple[datetime, datetime]:
    year = _require_number(value, 1, 9998)
    first = date.fromisocalendar(year, 1, 1)
    return _midnight(first), _midnight(date.fromisocalendar(year + 1, 1, 1))


def _require_number(value: Any, low: int, high: int) -> int:
    number = plain(value)
    if type(number) is int and low <= number <= high:
        return number
    raise InvalidValue(f"must be a number from {low} to {high}, not {display(value)}")


#: Parts that are periods.
PERIODS: Mapping[str, Period] = {"date": _day, "year": _year, "iso_year": _iso_year}

#: Parts that recur: a function that extracts the part, and its least and greatest value.
RECURRING: Mapping[str, tuple[Callable[[datetime], int], int, int]] = {
    "quarter": (DATE_PARTS["quarter"], 1, 4),
    "month": (DATE_PARTS["month"], 1, 12),
    "week": (DATE_PARTS["week"], 1, 53),
    "day": (DATE_PARTS["day"], 1, 31),
    "week_day": (DATE_PARTS["week_day"], 1, 7),
    "iso_week_day": (DATE_PARTS["iso_week_day"], 1, 7),
    "hour": (DATE_PARTS["hour"], 0, 23),
    "minute": (DATE_PARTS["minute"], 0, 59),
    "second": (DATE_PARTS["second"], 0, 59),
}
PARTS = frozenset({*PERIODS, *RECURRING, "time"})


def part_test(part: str, expected: Any) -> Callable[[Any], bool]:
    """Return a function that checks whether the part of a moment has a value."""
    if part == "time":
        return lambda value: value is not None and _to_utc(value).time() == expected
    extract = RECURRING[part][0]
    return lambda value: value is not None and extract(_to_utc(value)) == expected


def part_condition(name: str, lookup: str, value: Any) -> Predicate:
    """Return the predicate for a part of a moment: `date`, `year__gte`, `month`, `week_day__in`.

    Raises:
        FieldError: the part has no such lookup.
        InvalidValue: the part cannot have such a value.
    """
    part, _, comparison = lookup.partition("__")
    comparison = comparison or "exact"
    if comparison == "in":
        return Or(tuple(part_condition(name, part, item) for item in _require_list(value)))
    if part in PERIODS:
        return _period_condition(name, PERIODS[part], comparison, value)
    if comparison != "exact":
        raise FieldError(f"{name}__{part} can be compared by exact and in, not by {comparison}")
    if part == "time":
        if not isinstance(value, time):
            raise InvalidValue(f"must be a time of day, not {display(value)}")
        return Condition(name, part, value)
    _, low, high = RECURRING[part]
    return Condition(name, part, _require_number(value, low, high))


def _require_list(value: Any) -> list[Any]:
    if not is_list(value):
        raise InvalidValue(f"must be a list of values, not {display(value)}")
    return list(value)


def _period_condition(name: str, period: Period, comparison: str, value: Any) -> Predicate:
    if comparison == "range":
        pair = _require_list(value)
        if len(pair) != 2:
            raise InvalidValue("must be a pair: (from, to)")
        low, high = pair
        return And(
            (
                Condition(name, "gte", period(low)[0]),
                Condition(name, "lt", period(high)[1]),
            )
        )
    start, end = period(value)
    bounds: dict[str, Predicate] = {
        "exact": And((Condition(name, "gte", start), Condition(name, "lt", end))),
        "gt": Condition(name, "gte", end),
        "gte": Condition(name, "gte", start),
        "lt": Condition(name, "lt", start),
        "lte": Condition(name, "lt", end),
    }
    if comparison not in bounds:
        raise FieldError(f"a part of {name} can be compared by {', '.join(bounds)}, in and range")
    return bounds[comparison]


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc)
