"""Values and comparisons in SQL, as expressions of sqlglot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

from attrs import frozen
from sqlglot import exp

from zendesk_orm.http.values import dump_datetime


#: Types of moments.
MOMENTS = frozenset({"timestamp", "timestamptz", "iso"})
#: Dialects whose regular expressions ignore case by a flag in the pattern.
_INLINE_FLAGS = frozenset({"spark", "databricks", "bigquery", "trino"})
#: Dialects whose `EXTRACT(WEEK ...)` returns other weeks than those of ISO 8601.
_OTHER_WEEKS = frozenset({"bigquery", "snowflake"})
#: The Monday from which days of the week are counted.
_MONDAY = "1970-01-05"


@frozen
class Value:
    """The value of a row in SQL.

    Attributes:
        expression: the expression of the value, NULL if the row has none.
        type: `text`, `integer`, `number`, `boolean`, `date`, `timestamp` (in UTC, without zone),
            `timestamptz`, `iso` (a moment as text in ISO 8601), `json` or `list`.
    """

    expression: exp.Expr
    type: str


def build_literal(value: Any, type_: str) -> exp.Expr:
    """Return a Python value as a literal that can be compared with values of a type."""
    if isinstance(value, datetime):
        return _moment(value.astimezone(timezone.utc), type_)
    if isinstance(value, date):
        text = exp.Literal.string(value.isoformat())
        return text if type_ in ("text", "iso") else exp.cast(text, "DATE")
    if type_ in ("text", "iso", "json", "list"):
        return exp.Literal.string(_to_text(value))
    if type_ == "boolean":
        return exp.true() if value in (True, 1, "true") else exp.false()
    if isinstance(value, bool):
        return exp.Literal.number(int(value))
    if isinstance(value, (int, float)):
        # A negative literal is an operation.
        number = exp.Literal.number(repr(abs(value)))
        return exp.Neg(this=number) if value < 0 else number
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return build_literal(int(value), type_)
    return exp.Literal.string(_to_text(value))


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _moment(value: datetime, type_: str) -> exp.Expr:
    if type_ in ("iso", "text"):
        return exp.Literal.string(dump_datetime(value))
    if type_ == "date":
        return exp.cast(exp.Literal.string(value.date().isoformat()), "DATE")
    text = value.replace(tzinfo=None).isoformat(" ")
    if type_ == "timestamptz":
        return exp.cast(exp.Literal.string(f"{text}+00:00"), "TIMESTAMPTZ")
    return exp.cast(exp.Literal.string(text), "TIMESTAMP")


def to_utc(value: Value) -> exp.Expr:
    """Return a moment as a timestamp without zone, in UTC."""
    if value.type == "timestamptz":
        return exp.AtTimeZone(this=value.expression, zone=exp.Literal.string("UTC"))
    if value.type == "iso":
        moment = exp.cast(value.expression.copy(), "TIMESTAMPTZ")
        return exp.AtTimeZone(this=moment, zone=exp.Literal.string("UTC"))
    return value.expression


def to_rank(value: exp.Expr, choices: Sequence[Any]) -> exp.Case:
    """Return the place of a choice, from 0; NULL for other values."""
    case = exp.Case()
    for place, choice in enumerate(choices):
        equal = exp.EQ(this=value.copy(), expression=exp.Literal.string(str(choice)))
        case = case.when(equal, exp.Literal.number(place), copy=False)
    return case


def is_among(value: Value, members: Sequence[Any]) -> exp.Expr:
    """Return whether a value equals one of some Python values."""
    literals = [build_literal(member, value.type) for member in members]
    if len(literals) == 1:
        return exp.EQ(this=value.expression, expression=literals[0])
    return exp.In(this=value.expression, expressions=literals)


# -- parts of moments ------------------------------------------------------------


def part_equals(value: Value, part: str, expected: Any, dialect: str) -> exp.Expr:
    """Return whether a part of a moment, such as its month in UTC, has a value."""
    moment = to_utc(value)
    if part == "time":
        seconds = expected.hour * 3600 + expected.minute * 60 + expected.second
        time = exp.paren(_seconds_of_day(moment, dialect))
        return exp.EQ(this=time, expression=exp.convert(seconds))
    return exp.EQ(this=extract_part(moment, part, dialect), expression=exp.convert(expected))


def extract_part(moment: exp.Expr, part: str, dialect: str) -> exp.Expr:
    """Return a recurring part of a moment in UTC, with the numbers of `query.dates.RECURRING`."""
    if part == "week" and dialect in _OTHER_WEEKS:
        return exp.WeekOfYear(this=moment.copy())
    if part in ("week_day", "iso_week_day"):
        days = exp.DateDiff(
            this=exp.cast(moment.copy(), "DATE"),
            expression=exp.cast(exp.Literal.string(_MONDAY), "DATE"),
            unit=exp.var("DAY"),
        )
        # Days before the Monday of 1970 are negative.
        day = _remainder(_add(_remainder(days, 7), 7), 7)
        # Django counts from Sunday, which is 1.
        return _add(_remainder(_add(day, 1), 7) if part == "week_day" else day, 1)
    extracted = exp.Extract(this=exp.var(part.upper()), expression=moment.copy())
    return exp.Floor(this=extracted) if part == "second" else extracted


def truncate(moment: exp.Expr, part: str) -> exp.Expr:
    """Return the day, or the first day of the year, month or week, of a moment in UTC."""
    truncated = exp.TimestampTrunc(this=moment.copy(), unit=exp.var(part.upper()))
    return exp.cast(truncated, "DATE")


def _seconds_of_day(moment: exp.Expr, dialect: str) -> exp.Expr:
    hours, minutes, seconds = (
        extract_part(moment, part, dialect) for part in ("hour", "minute", "second")
    )
    total = exp.Add(
        this=exp.Mul(this=hours, expression=exp.convert(3600)),
        expression=exp.Mul(this=minutes, expression=exp.convert(60)),
    )
    return exp.Add(this=total, expression=seconds)


def _add(number: exp.Expr, other: int) -> exp.Expr:
    return exp.paren(exp.Add(this=number, expression=exp.convert(other)))


def _remainder(number: exp.Expr, divisor: int) -> exp.Expr:
    return exp.paren(exp.Mod(this=exp.paren(number), expression=exp.convert(divisor)))


# -- text --------------------------------------------------------------------------


def match_text(value: exp.Expr, lookup: str, expected: str, dialect: str) -> exp.Expr | None:
    """Return whether a text matches; None for lookups of other types.

    Args:
        value: the text.
        lookup: `contains`, `istartswith`, `regex` and others.
        expected: what is looked up.
        dialect: sqlglot's name of the dialect.
    """
    if lookup in ("regex", "iregex"):
        return _match_pattern(value, expected, dialect, ignores_case=lookup == "iregex")
    plain = lookup.removeprefix("i")
    if plain != lookup:
        value, expected = exp.Lower(this=value), expected.lower()
    text = exp.Literal.string(expected)
    if plain == "exact":
        return exp.EQ(this=value, expression=text)
    if plain == "contains":
        position = exp.StrPosition(this=value, substr=text)
        return exp.GT(this=position, expression=exp.convert(0))
    if plain == "startswith":
        start = exp.Substring(this=value, start=exp.convert(1), length=exp.convert(len(expected)))
        return exp.EQ(this=start, expression=text)
    if plain == "endswith":
        end = exp.func("RIGHT", value, exp.convert(len(expected)))
        return exp.EQ(this=end, expression=text)
    return None


def _match_pattern(value: exp.Expr, pattern: str, dialect: str, *, ignores_case: bool) -> exp.Expr:
    if dialect == "snowflake":
        # It compares the whole text.
        pattern = f"(.|\n)*({pattern})(.|\n)*"
    if ignores_case and dialect in _INLINE_FLAGS:
        pattern, ignores_case = f"(?i){pattern}", False
    kind = exp.RegexpILike if ignores_case else exp.RegexpLike
    return kind(this=value, expression=exp.Literal.string(pattern))
