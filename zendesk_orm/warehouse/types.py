"""Types of columns, and the values of rows as Zendesk would send them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from sqlglot import exp

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.messages import display
from zendesk_orm.query.sql_values import Value, to_utc
from zendesk_orm.schema.definitions import Definition
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.loading import load_datetime


#: Patterns of the names that databases give to types, and the types of `sql_values.Value`.
_TYPES: tuple[tuple[str, str], ...] = (
    (r"json\[\d*\]", "json"),
    (r".*[^]]\[\d*\]|array.*|list.*", "list"),
    (r"json.*|variant|object|struct.*|map.*|super|row\(.*", "json"),
    (r"bool.*", "boolean"),
    (r"timestamp.*with time zone|timestamptz.*|timestamp_l?tz.*", "timestamptz"),
    (r"timestamp.*|datetime.*", "timestamp"),
    (r"date", "date"),
    (r"u?(tiny|small|big|huge)?int(eger)?\d*(\(\d+\))?|byteint|long|short|byte", "integer"),
    (r"(number|numeric|decimal)\(\d+, ?0\)", "integer"),
    (r"double.*|float.*|real|(big)?numeric.*|number.*|(big)?decimal.*", "number"),
    (r'"?(n|bp)?(var)?char(acter)?( varying)?"?(\(\w+\))?( collate .*)?', "text"),
    (r"(tiny|medium|long|ci|n)?text.*|string.*|clob|enum.*|user-defined|uuid|name|void", "text"),
)
#: Types that have other functions than texts, although they are written as such: enumerations and
#: extensions of Postgres, and its texts with blanks up to a length.
_CASTED = {
    **dict.fromkeys(("user-defined", "uuid", "name", "character"), "TEXT"),
    "json[]": "JSON",
}


def column_type(name: str, dialect: str) -> str:
    """Return the type of a column, from the name that the database gives it.

    Names of types that hold no value of Zendesk's are returned as they are: `blob`.
    """
    name = name.strip().lower()
    if dialect == "bigquery" and name == "timestamp":
        return "timestamptz"
    types = (type_ for pattern, type_ in _TYPES if re.fullmatch(pattern, name, re.IGNORECASE))
    return next(types, name)


def find_cast(name: str) -> str:
    """Return the type as which a column is compared, from the name of its type; or ""."""
    return _CASTED.get(name.strip().lower(), "")


def field_type(field: Attribute[Any], type_: str) -> str:
    """Return the type of a column that holds the values of a field.

    Text holds moments in ISO 8601, and lists and objects as JSON.
    """
    kind = field.kind.name
    if type_ == "text" and kind == "datetime":
        return "iso"
    if type_ == "text" and (field.kind.absent is not None or kind not in _SCALARS):
        return "json"
    return type_


_SCALARS = frozenset({"str", "int", "float", "bool", "datetime", "date", "id", "choice", "Any"})


#: The types of columns that can hold the values of a kind of field.
_HOLDING: dict[str, frozenset[str]] = {
    "datetime": frozenset({"timestamp", "timestamptz", "iso", "date"}),
    "date": frozenset({"date", "timestamp", "timestamptz", "text"}),
    "int": frozenset({"integer", "number"}),
    "id": frozenset({"integer", "number"}),
    "float": frozenset({"integer", "number"}),
    "bool": frozenset({"boolean", "integer", "text"}),
    "str": frozenset({"text", "integer", "number"}),
    "choice": frozenset({"text", "integer", "number"}),
    "list": frozenset({"list", "json", "text"}),
    "dict": frozenset({"json", "text"}),
}


def is_compatible(field: Attribute[Any], type_: str) -> bool:
    """Return whether a column of a type, as `field_type()` returns it, can hold a field's values.

    Fields of other kinds accept every type.
    """
    kind = "list" if field.kind.name.startswith("list") else field.kind.name
    if field.kind.choices and isinstance(field.kind.choices[0], str):
        return type_ == "text"
    return kind not in _HOLDING or type_ in _HOLDING[kind]


def converter(field: Attribute[Any], type_: str) -> Callable[[Any], Any] | None:
    """Return the function that converts a value of a column to JSON; None if it is equal."""
    kind = field.kind.name
    if type_ in ("timestamp", "timestamptz"):
        return _dump_moment
    if type_ == "date":
        return _dump_moment if kind == "datetime" else _dump_date
    if type_ == "json":
        return _load_json
    if type_ == "list":
        return _to_plain
    if kind == "bool" and type_ != "boolean":
        return _to_bool
    if type_ in ("integer", "number"):
        return _to_text if kind in ("str", "choice") else _to_number
    return None


def find_converter(
    convert: Callable[[Any], Any] | None, type_: str, declared: str, dialect: str
) -> Callable[[Any], Any] | None:
    """Return the function that converts values of a column in a database; None if it needs none.

    Args:
        convert: the function for any database; see `converter()` and `custom_converter()`.
        type_: the type of the column.
        declared: the name that the database gives to the type.
        dialect: sqlglot's name of the dialect.
    """
    # DuckDB returns plain numbers and lists, and no values of other packages.
    is_list, is_integer = declared.endswith("[]"), type_ == "integer" and "(" not in declared
    is_plain = dialect == "duckdb" and (is_list or is_integer)
    return None if is_plain and convert in (_to_number, _to_plain) else convert


def writes_moments(field: Attribute[Any], type_: str, dialect: str) -> bool:
    """Return whether a database writes moments faster than its driver reads them.

    DuckDB's driver takes nine times as long for a moment with a zone as for its text.
    """
    is_moment = type_ in ("timestamp", "timestamptz") and field.kind.name == "datetime"
    return is_moment and dialect == "duckdb"


def write_moment(value: exp.Expr, type_: str) -> exp.Expr:
    """Return a moment of DuckDB as the text that Zendesk sends."""
    moment = to_utc(Value(value, type_), "duckdb")
    return exp.func("STRFTIME", moment, exp.Literal.string("%Y-%m-%dT%H:%M:%SZ"))


def count_seconds(value: exp.Expr) -> exp.Expr:
    """Return a moment of DuckDB as the whole seconds since 1970; of an endless one, the most."""
    seconds = exp.Floor(this=exp.Anonymous(this="EPOCH", expressions=[value]))
    is_given = exp.not_(exp.Is(this=value.copy(), expression=exp.null()))
    endless = exp.case().when(is_given, exp.convert(2**63 - 1))
    return exp.Coalesce(this=exp.cast(seconds, "BIGINT"), expressions=[endless])


def custom_converter(definition: Definition, type_: str) -> Callable[[Any], Any] | None:
    """Return the function that converts the value of a custom field to JSON; None if it is equal.

    Args:
        definition: the custom field.
        type_: the type of its column.
    """
    if type_ in ("timestamp", "timestamptz"):
        return _dump_day if definition.type == "date" else _dump_moment
    if type_ == "date":
        return _dump_date
    if type_ == "list":
        return _to_plain
    if type_ == "json" or definition.multiple:
        return _load_options
    if definition.type == "checkbox":
        return _to_bool
    return _to_number if type_ in ("integer", "number") else None


def text_converter(definition: Definition | None) -> Callable[[Any], Any]:
    """Return the function that converts the text of a custom field's value to JSON."""
    kind = "" if definition is None else definition.type
    if kind == "checkbox":
        return _to_bool
    if kind in ("integer", "decimal") or (definition is not None and definition.multiple):
        return _load_options
    return lambda value: value


#: The first letters of extremes of values inside JSON: of numbers, truth values and texts.
EXTREME_KINDS = "nbt"


def read_extreme(text: str) -> Any:
    """Return the extreme of a value inside JSON, whose first letter is that of its kind."""
    kind, value = text[0], text[1:]
    if kind == "t":
        return value
    number = float(value)
    if kind == "b":
        return bool(number)
    return int(number) if number.is_integer() else number


def to_moment(value: Any) -> datetime | None:
    """Return the time that a loader wrote: a time, text in ISO 8601, or seconds since 1970.

    None if it is none of these. Times without zone are in UTC.
    """
    if isinstance(value, (str, int, float, Decimal)):
        try:
            seconds = float(value)
            value = datetime.fromtimestamp(seconds, tz=timezone.utc)
        except (ValueError, OverflowError, OSError):
            try:
                value = load_datetime(value)
            except UnexpectedValue:
                return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


def _dump_day(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, datetime) else _dump_date(value)


def _load_options(value: Any) -> Any:
    """Return JSON, or a single value that is written without quotes."""
    try:
        return _load_json(value)
    except UnexpectedValue:
        return value


#: The years of the values that DuckDB's driver returns for a moment without end or beginning.
_ENDLESS = (date.max.year, date.min.year)


def _dump_moment(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.year in _ENDLESS:
            raise UnexpectedValue("the database has a moment without end, which Python lacks")
        moment = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        return dump_datetime(moment)
    return f"{value.isoformat()}T00:00:00Z" if isinstance(value, date) else value


def _dump_date(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _load_json(value: Any) -> Any:
    if not isinstance(value, (str, bytes)):
        return _to_plain(value)
    try:
        if type(value) is str and value[:1] in _OPENING:
            # Databases write JSON without spaces around it, which `json.loads()` looks for.
            decoded, end = _decode(value)
            if end == len(value):
                return decoded
        return json.loads(value)
    except ValueError:
        raise UnexpectedValue(
            f"the database has {display(value)} where it should have JSON; load it again"
        ) from None


_OPENING = ("{", "[")
_decode = json.JSONDecoder().raw_decode


def _to_plain(value: Any) -> Any:
    """Return lists and objects of a driver as JSON values."""
    if hasattr(value, "asDict"):
        return value.asDict(recursive=True)
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _to_bool(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower() in ("true", "t", "1")
    return None if value is None else bool(value)


def _to_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _to_text(value: Any) -> Any:
    return None if value is None else str(_to_number(value))
