"""Loaders: values of a response -> Python, as lenient as their types allow.

Zendesk's documentation and its responses differ in details: numbers that are written as text, ""
for a date that is not known. A loader converts a value that has one meaning only, and raises
`UnexpectedValue` for all others. None never reaches it, and "" only if the field holds text.
"""

from __future__ import annotations

import importlib
import math
import sys
from datetime import MAXYEAR, MINYEAR, date, datetime, timezone
from typing import Any

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.messages import display
from zendesk_orm.schema.row import copy_json


_OLD = sys.version_info < (3, 11)
#: Digits of the largest numbers that are read; Python refuses to read some thousand.
_DIGITS = 30
#: The years in which a moment may have no counterpart in UTC.
_BOUNDS = (MINYEAR, MAXYEAR)
#: Two moments that have the time in common, and no part of the date.
_DEFAULTS = datetime(2000, 1, 1), datetime(2004, 2, 2)  # noqa: DTZ001 - of texts without a zone
_FLAGS = {"true": True, "false": False, "1": True, "0": False, 1: True, 0: False}


def unexpected_value(value: Any, kind: str) -> UnexpectedValue:
    """Return the error for a value that cannot be read as one of a kind."""
    return UnexpectedValue(f"Zendesk sent {display(value)}, which cannot be read as {kind}")


def load_str(raw: Any) -> str:
    """Return text; numbers are taken as such."""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise unexpected_value(raw, "str")
    return str(raw)


def load_int(raw: Any) -> int:
    """Return a number that may be written as text."""
    number = parse_number(raw)
    if type(number) is int:
        return number
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, str) and raw.startswith("-") and type(parse_number(raw[1:])) is int:
        return -int(raw[1:])
    raise unexpected_value(raw, "int")


def load_float(raw: Any) -> float:
    """Return a finite number that may be written as text."""
    if type(raw) is int:
        return raw
    try:
        number = float(raw) if isinstance(raw, (str, float)) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise unexpected_value(raw, "float")
    return number


def load_bool(raw: Any) -> bool:
    """Return a flag that may be written as text or number."""
    flag = _FLAGS.get(raw.lower() if isinstance(raw, str) else raw) if _is_scalar(raw) else None
    if flag is None:
        raise unexpected_value(raw, "bool")
    return flag


def load_choice(raw: Any) -> Any:
    """Return the value of a field with fixed choices, of which Zendesk may have more by now."""
    if not _is_scalar(raw):
        raise unexpected_value(raw, "one of the choices")
    return raw


def load_id(raw: Any) -> Any:
    """Return an id."""
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, bool) or not isinstance(raw, (int, str)):
        raise unexpected_value(raw, "id")
    return raw


def load_text_id(raw: Any) -> Any:
    """Return an id that is a number and may be written as text."""
    return parse_number(load_id(raw))


def load_datetime(text: Any) -> datetime:
    """Return an aware datetime; texts that end with `Z` are in UTC.

    `datetime.fromisoformat` is five hundred times faster than a general parser; dateutil reads
    the other forms.

    Raises:
        UnexpectedValue: the value is not a date and time.
    """
    try:
        moment = datetime.fromisoformat(
            f"{text[:-1]}+00:00" if _OLD and text.endswith("Z") else text
        )
    except ValueError:
        moment = _parse(text)
    except (AttributeError, TypeError):
        raise unexpected_value(text, "datetime") from None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    if moment.year in _BOUNDS:
        try:
            moment.astimezone(timezone.utc)
        except OverflowError:
            raise unexpected_value(text, "datetime") from None
    return moment


def load_date(text: Any) -> date:
    """Return the date that Zendesk wrote.

    Raises:
        UnexpectedValue: the value is not a date.
    """
    if not isinstance(text, str):
        raise unexpected_value(text, "date")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise unexpected_value(text, "date") from None
    if text[10:]:
        load_datetime(text)
    return day


def load_list(raw: Any) -> list[Any]:
    """Return a copy of a list that can be edited without editing the row."""
    if not isinstance(raw, list):
        raise unexpected_value(raw, "list")
    copy: list[Any] = copy_json(raw)
    return copy


def load_dict(raw: Any) -> dict[str, Any]:
    """Return a copy of an object."""
    if not isinstance(raw, dict):
        raise unexpected_value(raw, "dict")
    copy: dict[str, Any] = copy_json(raw)
    return copy


def parse_number(raw: Any) -> Any:
    """Return the number for a text of digits, and any other value unchanged."""
    is_number = isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= _DIGITS
    return int(raw) if is_number else raw


def parser() -> Any:
    """Return the parser of dateutil, which takes longer to import than a page to arrive."""
    return importlib.import_module("dateutil.parser")


def _parse(text: Any) -> datetime:
    """Return the moment of a text in another form than ISO 8601.

    Raises:
        UnexpectedValue: it is not a date and time, lacks a part of the date, or names a time zone
            whose offset is not known.
    """
    try:
        # The parser takes missing parts from `default`, which is today if it is not given.
        moments: list[datetime] = [
            parser().parse(text, default=default, tzinfos=_get_offset) for default in _DEFAULTS
        ]
        # An offset of more than a day raises an error when it is used.
        offsets = {moment.utcoffset() for moment in moments}
    except (TypeError, ValueError, ArithmeticError):
        raise unexpected_value(text, "datetime") from None
    if len(offsets) > 1 or moments[0] != moments[1]:
        raise unexpected_value(text, "datetime")
    return moments[0]


def _get_offset(name: str | None, offset: int | None) -> int | None:
    """Return the offset of a time zone in seconds; None for a text without a time zone."""
    if name and offset is None:
        # The parser would use the zone of this computer, or none.
        raise ValueError(name)
    return offset


def _is_scalar(raw: Any) -> bool:
    return isinstance(raw, (str, int, float))
