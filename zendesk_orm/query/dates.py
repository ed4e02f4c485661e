"""Parts of moments: `created_at__date=d`, `created_at__year__gte=2024`, `created_at__month=3`.

Days, years and quarters of a year are stretches of time, so they become bounds
that any endpoint understands. The other parts recur, and are compared row by
row. All in UTC, as Zendesk's moments are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.query.predicate import Condition, Either, Every, Predicate


#: The next moment after a stretch of time, and the first of it.
Stretch = Callable[[Any], tuple[datetime, datetime]]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


def _day(value: Any) -> tuple[datetime, datetime]:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise InvalidValue(f"{value!r} is not a date in ISO 8601") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(f"wants a date, not {value!r}")
    try:
        return _midnight(value), _midnight(value + timedelta(days=1))
    except OverflowError:
        raise InvalidValue(f"{value!r} is the last day there is; its end is unknown") from None


def _year(value: Any) -> tuple[datetime, datetime]:
    year = _number(value, 1, 9998)
    return _midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))


def _iso_year(value: Any) -> tuple[datetime, datetime]:
    year = _number(value, 1, 9998)
    first = date.fromisocalendar(year, 1, 1)
    return _midnight(first), _midnight(date.fromisocalendar(year + 1, 1, 1))


def _number(value: Any, low: int, high: int) -> int:
    number = plain(value)
    if type(number) is int and low <= number <= high:
        return number
    raise InvalidValue(f"wants a number from {low} to {high}, not {value!r}")


#: Parts that are stretches of time.
STRETCHES: Mapping[str, Stretch] = {"date": _day, "year": _year, "iso_year": _iso_year}

#: Parts that recur: how each is taken from a moment, and its least and greatest value.
RECURRING: Mapping[str, tuple[Callable[[datetime], int], int, int]] = {
    "quarter": (lambda moment: (moment.month + 2) // 3, 1, 4),
    "month": (lambda moment: moment.month, 1, 12),
    "week": (lambda moment: moment.isocalendar()[1], 1, 53),
    "day": (lambda moment: moment.day, 1, 31),
    # Django counts from Sunday, which is 1.
    "week_day": (lambda moment: moment.isoweekday() % 7 + 1, 1, 7),
    "iso_week_day": (lambda moment: moment.isoweekday(), 1, 7),
    "hour": (lambda moment: moment.hour, 0, 23),
    "minute": (lambda moment: moment.minute, 0, 59),
    "second": (lambda moment: moment.second, 0, 59),
}
PARTS = frozenset({*STRETCHES, *RECURRING, "time"})


def part_test(part: str, wanted: Any) -> Callable[[Any], bool]:
    """Return the function that tells whether a moment has that part."""
    if part == "time":
        return lambda value: value is not None and _in_utc(value).time() == wanted
    take = RECURRING[part][0]
    return lambda value: value is not None and take(_in_utc(value)) == wanted


def of_part(name: str, lookup: str, value: Any) -> Predicate:
    """Return the predicate for a part of a moment: `date`, `year__gte`, `month`, `week_day__in`.

    Raises:
        FieldError: a part cannot be compared so.
        InvalidValue: there is no such day, month, ….
    """
    part, _, comparison = lookup.partition("__")
    comparison = comparison or "exact"
    if comparison == "in":
        return Either(tuple(of_part(name, part, each) for each in _several(value)))
    if part in STRETCHES:
        return _within(name, STRETCHES[part], comparison, value)
    if comparison != "exact":
        raise FieldError(f"{name}__{part} can be compared by exact and in, not by {comparison}")
    if part == "time":
        if not isinstance(value, time):
            raise InvalidValue(f"wants a time of day, not {value!r}")
        return Condition(name, part, value)
    _, low, high = RECURRING[part]
    return Condition(name, part, _number(value, low, high))


def _several(value: Any) -> list[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidValue(f"wants a list of values, not {value!r}")
    return list(value)


def _within(name: str, stretch: Stretch, comparison: str, value: Any) -> Predicate:
    if comparison == "range":
        pair = _several(value)
        if len(pair) != 2:
            raise InvalidValue("wants a pair: (from, to)")
        low, high = pair
        return Every(
            (
                Condition(name, "gte", stretch(low)[0]),
                Condition(name, "lt", stretch(high)[1]),
            )
        )
    start, end = stretch(value)
    bounds: dict[str, Predicate] = {
        "exact": Every((Condition(name, "gte", start), Condition(name, "lt", end))),
        "gt": Condition(name, "gte", end),
        "gte": Condition(name, "gte", start),
        "lt": Condition(name, "lt", start),
        "lte": Condition(name, "lt", end),
    }
    if comparison not in bounds:
        raise FieldError(f"a part of {name} can be compared by {', '.join(bounds)}, in and range")
    return bounds[comparison]


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(timezone.utc)
