"""Types of columns, and the conversion of values to them.

A type is chosen from the declaration of a field and not from values, so that the columns of an
empty result have the same types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any

from attrs import frozen

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.schema.definitions import TARGETS, Definition
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.loading import (
    load_bool,
    load_date,
    load_datetime,
    load_float,
    load_int,
    load_str,
    unexpected_value,
)
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record


_LIMIT = 2**63
#: Floats represent whole numbers up to this one.
_MAX_WHOLE_FLOAT = 2**53


@frozen(eq=False)
class ColumnType:
    """The type of a column.

    Attributes:
        name: its name in `types=`, and in messages.
        convert: returns a value as one of this type; raises `UnexpectedValue` if it does not fit.
    """

    name: str
    convert: Callable[[Any], Any]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def _to_int(value: Any) -> int:
    number = load_int(value)
    if not -_LIMIT <= number < _LIMIT:
        raise unexpected_value(value, "int64")
    return number


def _to_float(value: Any) -> float:
    number = load_float(value)
    try:
        result = float(number)
    except OverflowError:
        raise unexpected_value(value, "float64") from None
    if type(number) is int and abs(number) > _MAX_WHOLE_FLOAT and int(result) != number:
        raise unexpected_value(value, "float64")
    return result


def _to_timestamp(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else load_datetime(value)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        raise unexpected_value(value, "timestamp") from None


def _to_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else load_date(value)


def _to_text(value: Any) -> str:
    """Return text as it is, and other values as JSON."""
    return value if isinstance(value, str) else dump_json(value)


def _to_list(convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    def convert_members(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise unexpected_value(value, "list")
        return [None if member is None else convert(member) for member in value]

    return convert_members


def to_plain(value: Any) -> Any:
    """Return a value as JSON has it: the row of a record, the text of a date."""
    if isinstance(value, Record):
        return to_plain(value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return format_moment(value) if isinstance(value, date) else value


def format_moment(value: date) -> str:
    """Return a date, or a date and time in UTC, in ISO 8601."""
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def dump_json(value: Any) -> str:
    """Return a value as the text of JSON, without line breaks."""
    text = json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"))
    # Half of a character, which some systems send; its escape sequence is valid JSON.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


INT = ColumnType("int64", _to_int)
FLOAT = ColumnType("float64", _to_float)
BOOL = ColumnType("bool", load_bool)
TIMESTAMP = ColumnType("timestamp", _to_timestamp)
DATE = ColumnType("date", _to_date)
STRING = ColumnType("string", load_str)
#: Text of values of any type: strings as they are, others as JSON.
TEXT = ColumnType("text", _to_text)
JSON = ColumnType("json", to_plain)
STRINGS = ColumnType("list<string>", _to_list(load_str))
INTS = ColumnType("list<int64>", _to_list(_to_int))

#: The types by name.
TYPES: Mapping[str, ColumnType] = {
    column_type.name: column_type
    for column_type in (INT, FLOAT, BOOL, TIMESTAMP, DATE, STRING, TEXT, JSON, STRINGS, INTS)
}
#: The types whose text may be empty, so that "" does not stand for a missing value.
TEXTUAL = frozenset({STRING, TEXT, JSON})

_OF_KINDS: Mapping[str, ColumnType] = {
    "str": STRING,
    "CaseInsensitiveStr": STRING,
    "TrimmedCaseInsensitiveStr": STRING,
    "int": INT,
    "float": FLOAT,
    "bool": BOOL,
    "datetime": TIMESTAMP,
    "date": DATE,
}
_OF_CUSTOM_FIELDS: Mapping[str, ColumnType] = {
    "checkbox": BOOL,
    "date": DATE,
    "decimal": FLOAT,
    "integer": INT,
    "multiselect": STRINGS,
}


def type_of_field(field: Attribute[Any], meta: Options) -> ColumnType:
    """Return the type of the column for a field of a model."""
    kind = field.kind
    if isinstance(field, Id):
        relation = meta.relations[str(field.relation)]
        return INT if _has_number_ids(relation.model._meta) else STRING
    if field is meta.fields.get("id"):
        return INT if _has_number_ids(meta) else STRING
    if kind.name == "choice":
        return _type_of_choices(kind.choices)
    if kind.name == "list":
        item = _OF_KINDS.get(kind.item)
        return STRINGS if item is STRING else INTS if item is INT else JSON
    return _OF_KINDS.get(kind.name, JSON)


def type_of_inner_value(field: Attribute[Any] | None, part: str) -> ColumnType:
    """Return the type of the column for a part of a moment, or for a value inside a field."""
    if field is not None and field.kind.name == "datetime":
        return DATE if part == "date" else INT
    return TEXT


def _has_number_ids(meta: Options) -> bool:
    # The id of a row that exists once is its name.
    return meta.fields["id"].kind.name == "int" and meta.pk_key != ""


def _type_of_choices(choices: tuple[Any, ...]) -> ColumnType:
    kinds = set(map(type, choices))
    return STRING if kinds == {str} else INT if kinds == {int} else TEXT


def type_of_definition(definition: Definition) -> ColumnType:
    """Return the type of the column for a custom field of an account."""
    if definition.type == "lookup":
        return INT if definition.target in TARGETS else STRING
    return _OF_CUSTOM_FIELDS.get(definition.type, STRING)


def convert_value(column_type: ColumnType, value: Any) -> Any:
    """Return a value as one of a type; None for a missing one.

    Raises:
        UnexpectedValue: the value does not fit the type.
    """
    if value is None or (value == "" and column_type not in TEXTUAL):
        return None
    try:
        return column_type.convert(value)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, UnexpectedValue):
            raise
    raise unexpected_value(value, column_type.name)
