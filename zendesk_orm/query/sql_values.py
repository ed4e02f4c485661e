"""Values and comparisons in SQL, as expressions of sqlglot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

from attrs import frozen
from sqlglot import exp


#: Types of moments.
MOMENTS = frozenset({"timestamp", "timestamptz", "iso"})
_ORDERED: dict[str, type[exp.Binary]] = {
    "gt": exp.GT,
    "gte": exp.GTE,
    "lt": exp.LT,
    "lte": exp.LTE,
}
#: Dialects whose texts cannot contain the character 0.
_WITHOUT_NUL = frozenset({"postgres", "redshift"})
#: Dialects without a conversion that returns NULL for other texts.
_WITHOUT_TRY = frozenset({"postgres", "redshift", "spark"})
#: Dialects that order texts by the rules of a language.
_WITH_COLLATIONS = frozenset({"postgres", "redshift"})
_DAY_PATTERN = r"^\d{4}-\d\d-\d\d"
_MOMENT_PATTERN = rf"{_DAY_PATTERN}[T ]\d\d:\d\d"
_NUMBER_PATTERN = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?\s*$"
_NUMBER = re.compile(r"0|-?[1-9]\d{0,37}|-?\d{1,15}\.\d{0,15}[1-9]")
#: The largest number of a column of integers.
_LARGEST = 2**63 - 1
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
            `timestamptz`, `iso` (a moment as text in ISO 8601), `json`, `list`, or `inner` (any
            value inside JSON, as text).
        is_text: for `inner`, the condition that the value is a text; None if that is unknown.
        json: for `inner`, the value as JSON, NULL for a missing one; None if that is unknown.
    """

    expression: exp.Expr
    type: str
    is_text: exp.Expr | None = None
    json: exp.Expr | None = None

    def sides(self, expected: Any, dialect: str) -> tuple[exp.Expr, exp.Expr] | None:
        """Return the value and a Python value in a form in which they are compared by order.

        Returns:
            Both sides; None if the value is smaller and larger than no other one.
        """
        if isinstance(expected, str) and not can_contain(expected, dialect):
            return None
        if isinstance(expected, datetime):
            moment = expected.astimezone(timezone.utc).replace(tzinfo=None)
            if self.type == "timestamptz":
                # Without a function around the column, an index can be used.
                return self.expression, _moment(moment, with_zone=True)
            if self.type in ("iso", "inner", "text"):
                return parse_moment(self.expression, dialect), _moment(moment, with_zone=True)
            return to_utc(self, dialect), _moment(moment)
        if isinstance(expected, date):
            day = exp.cast(exp.Literal.string(expected.isoformat()), "DATE")
            return to_day(self, dialect), day
        if self.type == "text":
            expression = to_code_points(self.expression, dialect)
            return expression, exp.Literal.string(str(expected))
        return self.expression, build_literal(expected, self.type)


def can_contain(text: str, dialect: str) -> bool:
    """Return whether a text in a database can be equal to a text of Python."""
    return dialect not in _WITHOUT_NUL or "\0" not in text


def build_literal(value: Any, type_: str) -> exp.Expr:
    """Return a Python value as a literal that can be compared with values of a type."""
    if type_ in ("text", "iso", "json", "list", "inner"):
        return exp.Literal.string(_to_text(value))
    if type_ == "boolean":
        return exp.true() if value in (True, 1, "true") else exp.false()
    if isinstance(value, bool):
        return exp.Literal.number(int(value))
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value) if value.lstrip("-").isdigit() else float(value)
    if isinstance(value, (int, float)):
        if type_ == "integer" and isinstance(value, int):
            value = min(max(value, -_LARGEST), _LARGEST)
        # A negative literal is an operation.
        number = exp.Literal.number(repr(abs(value)))
        return exp.Neg(this=number) if value < 0 else number
    return exp.Literal.string(_to_text(value))


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _moment(value: datetime, *, with_zone: bool = False) -> exp.Expr:
    text = value.isoformat(" ")
    if with_zone:
        return exp.cast(exp.Literal.string(f"{text}+00:00"), "TIMESTAMPTZ")
    return exp.cast(exp.Literal.string(text), "TIMESTAMP")


def to_utc(value: Value, dialect: str) -> exp.Expr:
    """Return a moment as a timestamp without zone, in UTC."""
    if value.type == "date":
        return exp.cast(value.expression, "TIMESTAMP")
    moment = value.expression
    if value.type in ("iso", "inner", "text"):
        moment = parse_moment(value.expression, dialect)
    elif value.type != "timestamptz":
        return moment
    return exp.AtTimeZone(this=moment, zone=exp.Literal.string("UTC"))


def parse_moment(text: exp.Expr, dialect: str) -> exp.Expr:
    """Return a moment in ISO 8601 as a timestamp with zone; NULL for other texts."""
    if dialect == "trino":
        return exp.Try(this=exp.func("FROM_ISO8601_TIMESTAMP", text, dialect=dialect))
    return _try_cast(text, "TIMESTAMPTZ", _MOMENT_PATTERN, dialect)


def _try_cast(text: exp.Expr, type_: str, pattern: str, dialect: str) -> exp.Expr:
    """Return a text as another type; NULL if it does not match."""
    if dialect not in _WITHOUT_TRY:
        return exp.TryCast(this=text, to=exp.DataType.build(type_), requires_string=True)
    matches = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))
    return exp.case().when(matches, exp.cast(text, type_))


def to_code_points(text: exp.Expr, dialect: str) -> exp.Expr:
    """Return a text whose order is that of its code points, as in Python."""
    if dialect not in _WITH_COLLATIONS:
        return text
    return exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True))


# -- values as another type ----------------------------------------------------------


def to_number(value: Value, dialect: str) -> Value | None:
    """Return a value as a number; NULL for other texts, None for other types."""
    if value.type in ("integer", "number"):
        return value
    if value.type not in ("text", "inner"):
        return None
    return Value(_try_cast(value.expression, "DOUBLE", _NUMBER_PATTERN, dialect), "number")


def to_boolean(value: Value) -> Value | None:
    """Return a value as a truth value; NULL for other texts, None for other types."""
    if value.type == "boolean":
        return value
    if value.type not in ("text", "inner"):
        return None
    return Value(_match_flag(value, exp.true(), exp.false()), "boolean")


def _match_flag(value: Value, true: exp.Expr, false: exp.Expr) -> exp.Case:
    """Return one of two values for a truth value, and NULL for others."""
    text = exp.Lower(this=value.expression.copy())
    is_true = exp.EQ(this=text, expression=exp.Literal.string("true"))
    is_false = exp.EQ(this=text.copy(), expression=exp.Literal.string("false"))
    case = exp.case().when(is_true, true).when(is_false, false)
    # A text inside JSON differs from a truth value.
    return case if value.is_text is None else exp.case().when(exp.not_(value.is_text.copy()), case)


def to_text(value: Value, dialect: str) -> Value | None:
    """Return a value as text; NULL for truth values and objects inside JSON, None for other types.

    Numbers inside JSON are texts, too: they may be ids.
    """
    if value.type in ("integer", "number"):
        return Value(exp.cast(value.expression, "TEXT"), "text")
    if value.type not in ("text", "inner"):
        return None
    if value.is_text is None:
        return Value(value.expression, "text")
    number = _try_cast(value.expression.copy(), "DOUBLE", _NUMBER_PATTERN, dialect)
    is_number = exp.not_(exp.Is(this=number, expression=exp.null()))
    matches = exp.or_(value.is_text.copy(), is_number)
    return Value(exp.case().when(matches, value.expression), "text")


def split_kinds(value: Value, dialect: str) -> tuple[exp.Expr, ...] | None:
    """Return a value inside JSON as a number, as 0 or 1, and as text; the others are NULL.

    Values of one kind are ordered by one of the three, as in Python. The result is None if the
    kinds of the values are unknown.
    """
    if value.is_text is None:
        return None
    number = _try_cast(value.expression.copy(), "DOUBLE", _NUMBER_PATTERN, dialect)
    flag = _match_flag(value, exp.convert(1), exp.convert(0))
    return (
        exp.case().when(exp.not_(value.is_text.copy()), number),
        flag,
        exp.case().when(value.is_text.copy(), to_code_points(value.expression.copy(), dialect)),
    )


def to_date(value: Value, dialect: str, *, is_moment: bool) -> Value | None:
    """Return a value as a date, or as a moment; None for other types."""
    if value.type not in (*MOMENTS, "date", "text", "inner"):
        return None
    return value if is_moment else Value(to_day(value, dialect), "date")


def to_day(value: Value, dialect: str) -> exp.Expr:
    """Return the day of a value, which is written first in a text."""
    if value.type == "date":
        return value.expression
    if value.type in ("text", "inner", "iso"):
        start = exp.Substring(
            this=value.expression, start=exp.convert(1), length=exp.convert(len("2026-01-02"))
        )
        return _try_cast(start, "DATE", _DAY_PATTERN, dialect)
    return exp.cast(to_utc(value, dialect), "DATE")


def to_rank(value: exp.Expr, choices: Sequence[Any]) -> exp.Case:
    """Return the place of a choice, from 0; NULL for other values."""
    case = exp.Case()
    for place, choice in enumerate(choices):
        equal = exp.EQ(this=value.copy(), expression=exp.Literal.string(str(choice)))
        case = case.when(equal, exp.Literal.number(place), copy=False)
    return case


def compare_with(value: exp.Expr, op: str, other: exp.Expr) -> exp.Expr:
    """Return a comparison by order: `gt`, `gte`, `lt` or `lte`."""
    return _ORDERED[op](this=value, expression=other)


def differs(value: exp.Expr, other: exp.Expr, dialect: str) -> exp.Expr:
    """Return whether a value is missing, or differs from another one."""
    if dialect == "duckdb":
        # It computes COALESCE for each row, and finds this in its statistics.
        return exp.NullSafeNEQ(this=value, expression=other)
    is_equal = exp.EQ(this=value, expression=other)
    return exp.not_(exp.Coalesce(this=is_equal, expressions=[exp.false()]))


def is_among(value: Value, members: Sequence[Any], dialect: str) -> exp.Expr:
    """Return whether a value equals one of some Python values."""
    members = [member for member in members if _is_possible(member, value.type, dialect)]
    if not members:
        return exp.false()
    expression = value.expression
    literals = [build_literal(member, value.type) for member in members]
    if isinstance(members[0], (date, datetime)):
        pairs = [pair for pair in (value.sides(m, dialect) for m in members) if pair is not None]
        expression, literals = pairs[0][0], [pair[1] for pair in pairs]
    if len(literals) == 1:
        return exp.EQ(this=expression, expression=literals[0])
    return exp.In(this=expression, expressions=literals)


def _is_possible(member: Any, type_: str, dialect: str) -> bool:
    """Return whether a column of a type can contain a Python value."""
    if isinstance(member, str):
        if type_ in ("integer", "number"):
            # Numbers that a loader has made of texts are written in one form only.
            return _NUMBER.fullmatch(member) is not None
        return can_contain(member, dialect)
    if type_ == "integer" and isinstance(member, int):
        return abs(member) <= _LARGEST
    return True


# -- parts of moments ------------------------------------------------------------


def part_equals(value: Value, part: str, expected: Any, dialect: str) -> exp.Expr:
    """Return whether a part of a moment, such as its month in UTC, has a value."""
    moment = to_utc(value, dialect)
    if part == "time":
        if expected.microsecond or expected.tzinfo is not None:
            # Zendesk's moments are whole seconds, and a time without zone equals none with one.
            return exp.false()
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
