"""Converters of JSON values to the types that models declare.

Each raises `ValueError` with the reason if a value has another type.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, timezone
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.messages import JSONObject, is_number
from zendesk_orm.emulator.server.bodies import MAX_INTEGER, MIN_INTEGER
from zendesk_orm.schema.loading import load_datetime


#: Converts a value, or raises `ValueError` with the reason.
Converter = Callable[[Any], Any]

_BOOLS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}


def to_text(value: Any) -> str:
    """Return a text; numbers become text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a string")


def to_integer(value: Any) -> int | None:
    """Return an integer, or None for an empty text."""
    number: int | None = _to_number(value, int)
    if number is not None and not MIN_INTEGER <= number <= MAX_INTEGER:
        raise ValueError(f"must be less than {MAX_INTEGER}")
    return number


def _to_number(value: Any, kind: type) -> Any:
    if value == "":
        return None
    try:
        convertible = isinstance(value, (str, kind, int)) and not isinstance(value, bool)
        number = kind(value) if convertible else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be {'an integer' if kind is int else 'a float'}")
    return number


def to_float(value: Any) -> float | None:
    """Return a number, or None for an empty text."""
    number: float | None = value if type(value) is int else _to_number(value, float)
    return number


def to_boolean(value: Any) -> bool:
    """Return a truth value, which may be a text."""
    if isinstance(value, (str, bool)) and value in _BOOLS:
        return _BOOLS[value]
    raise ValueError("must be either true or false")


def to_id(value: Any) -> Any:
    """Return an id, which may be a number or a string."""
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise ValueError("must be an integer")


def to_integer_id(value: Any) -> Any:
    """Return an id of a list of numbers, which may be a string of digits."""
    value = to_id(value)
    return int(value) if isinstance(value, str) and is_number(value) else value


def to_choice(value: Any) -> str | None:
    """Return a choice; a blank one stands for none, as forms of other clients send it."""
    return to_text(value).strip() or None


def to_timestamp(value: Any) -> str | None:
    """Return a time in UTC, as recorded for a time with another offset."""
    if value == "":
        return None
    try:
        time = load_datetime(value).astimezone(timezone.utc)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise ValueError("must be a datetime") from None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_timestamp(value: Any) -> Any:
    """Return a time as it was sent, with its fraction of a second."""
    to_timestamp(value)
    return value


def to_day(value: Any) -> str | None:
    """Return a date, or None for an empty text."""
    if value == "":
        return None
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except (ValueError, TypeError):
        raise ValueError("must be a date") from None


def to_dict(value: Any) -> dict[str, Any]:
    """Return an object."""
    if isinstance(value, dict):
        return value
    raise ValueError("must be a hash")


def to_list(value: Any) -> list[Any]:
    """Return an array."""
    if isinstance(value, list):
        return value
    raise ValueError("must be an array")


def to_any(value: Any) -> Any:
    """Return any value."""
    return value


def to_tags(value: Any) -> Any:
    """Return tags: a list of strings, or a string separated by blanks or commas."""
    return value if isinstance(value, str) else ListOf(to_text)(value)


def to_ids(value: Any) -> Any:
    """Return ids: a list, or a string separated by commas."""
    return value if isinstance(value, str) else ListOf(to_id)(value)


def to_items(value: Any) -> Any:
    """Return values by id: a list of objects with `id` and `value`, or an object."""
    if not isinstance(value, dict):
        return ListOf(to_dict)(value)
    if not all(is_number(key) for key in value):
        raise ValueError("must be an array")
    return value


def to_dict_or_list(value: Any) -> Any:
    """Return an object, or an array of objects."""
    return value if isinstance(value, dict) else ListOf(to_dict)(value)


def to_text_or_dict(value: Any) -> Any:
    """Return a text or an object."""
    return value if isinstance(value, str) else to_dict(value)


def dict_of(**converters: Converter) -> Converter:
    """Return a converter of objects whose keys have the types of other converters."""

    def convert_values(value: Any) -> dict[str, Any]:
        values = to_dict(value)
        converted = {
            key: converter(values[key])
            for key, converter in converters.items()
            if values.get(key) is not None
        }
        return JSONObject(values | converted)

    return convert_values


def values_of(converter: Converter) -> Converter:
    """Return a converter of objects whose values have the type of another converter."""

    def convert_values(value: Any) -> dict[str, Any]:
        values = to_dict(value)
        converted = {key: value and converter(value) for key, value in values.items()}
        return JSONObject(converted)

    return convert_values


@frozen
class ListOf:
    """Converts arrays, whose items have the type of another converter; null is an empty array.

    Attributes:
        item: converts an item.
    """

    item: Converter

    def __call__(self, value: Any) -> list[Any]:
        """Return the array with converted items, without those that are null."""
        items = [] if value is None else to_list(value)
        return [self.item(item) for item in items if item is not None]
