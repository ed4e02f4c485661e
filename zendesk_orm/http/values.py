"""Values on the wire: plain values, query parameters, joined lists and parts of a path.

Programs pass subclasses of plain types: members of an enumeration of texts, Django's
`TextChoices`, pandas timestamps. `str()` and JSON encode some of these differently, so each
value is reduced to its plain type before it is compared, stored or sent.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from io import IOBase
from typing import Any, TypeGuard
from urllib.parse import quote

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import Secret
from zendesk_orm.messages import display


#: Between the members of a list in one parameter.
SEPARATOR = ","
#: The longest integers. No other program reads more digits, and Python writes 4,300 at most.
_MAX_BITS = 960
#: The levels of lists and dictionaries that the JSON parser of Ruby reads, and so Zendesk's.
_MAX_LEVELS = 100
#: Segments that lead to another path, and the separators of segments.
_STEPS = frozenset({".", ".."})
_SLASH = re.compile(r"[/\\]")


def plain(value: Any, level: int = 0) -> Any:
    """Return the value with its exact plain type, also inside lists and dictionaries.

    Accepts text, numbers, booleans, dates, moments and None, and subclasses of these; integers
    of other libraries; iterables as lists, and mappings with keys of text or integers. A
    `Secret` stays one.

    Args:
        value: the value.
        level: the number of lists and dictionaries around it.

    Raises:
        InvalidValue: the value has no plain type, is not a finite number, is a moment without a
            time zone, is too long, contains half a character, or contains itself.
    """
    if type(value) in _PLAIN:
        return value
    if type(value) is int:
        return _integer(value)
    for base, convert in _CONVERSIONS:
        if isinstance(value, base):
            return convert(value)
    if isinstance(value, _CONTAINERS):
        if level >= _MAX_LEVELS:
            raise InvalidValue(
                f"must be a list or a dictionary of at most {_MAX_LEVELS} levels that does not "
                "contain itself"
            )
        if isinstance(value, Mapping):
            return {to_text(key): plain(item, level + 1) for key, item in value.items()}
        return [plain(item, level + 1) for item in value]
    try:
        # Integers of other libraries, as numpy's.
        return _integer(operator.index(value))
    except TypeError:
        pass
    raise InvalidValue(
        f"must be text, a number, a date, a list or a dictionary, not {type(value).__name__}: "
        f"{display(value)}"
    )


def register_lazy(base: type, evaluate: Callable[[Any], Any]) -> None:
    """Accept values of a class that stand for a value which is computed when it is used.

    Django's `gettext_lazy()` returns such texts.

    Args:
        base: the class.
        evaluate: returns the value.
    """
    if base not in _LAZY:
        _LAZY.append(base)
        _CONVERSIONS.insert(0, (base, lambda value: plain(evaluate(value))))


def is_lazy(value: Any) -> bool:
    """Return True for a value of a class of `register_lazy()`."""
    return isinstance(value, tuple(_LAZY))


def is_list(value: Any) -> TypeGuard[Iterable[Any]]:
    """Return True if a value is an iterable of members: no text, no mapping, no open file."""
    return isinstance(value, Iterable) and not isinstance(value, (*_SINGLE, *_LAZY))


def require_bool(what: str, value: Any) -> bool:
    """Return True or False as it is given.

    Raises:
        InvalidValue: it is another value, such as the text "no", which Python takes as true.
    """
    if not isinstance(value, bool):
        raise InvalidValue(f"{what} must be True or False, not {display(value)}")
    return value


def to_json(value: Any) -> Any:
    """Return the value as it stands in a body: plain, with dates and moments as text.

    Raises:
        InvalidValue: the value has no counterpart in JSON.
    """
    value = plain(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return to_text(value) if isinstance(value, date) else value


def encode(body: Any) -> bytes:
    """Return the body as JSON.

    Raises:
        InvalidValue: a value in the body has no counterpart in JSON.
    """
    try:
        text = json.dumps(body, separators=(",", ":"), allow_nan=False, default=to_json)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(f"the body cannot be sent as JSON: {error}") from None
    if is_nested_deeply(body):
        raise InvalidValue(
            f"the body cannot be sent as JSON: it has more than {_MAX_LEVELS} levels"
        )
    return text.encode()


def is_nested_deeply(body: Any) -> bool:
    """Return whether a body has more levels than Zendesk's servers read.

    How many levels Python itself can read and write depends on its version.
    """
    level = [body]
    for _ in range(_MAX_LEVELS):
        level = [
            item
            for value in level
            if isinstance(value, (dict, list, tuple))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def to_text(value: Any) -> str:
    """Return one value as it stands in a path, a query parameter or search text.

    Raises:
        InvalidValue: the value is None, a list or a dictionary, or has no plain type.
    """
    value = plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dump_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (list, dict)):
        raise InvalidValue(f"must be one value, not {display(value)}")
    return str.__str__(value) if isinstance(value, str) else str(value)


def dump_datetime(moment: datetime) -> str:
    """Return the moment as Zendesk writes it: in UTC, to the second."""
    # Not by strftime, which writes the year 1 with one digit.
    return f"{moment.astimezone(timezone.utc).isoformat(timespec='seconds')[:19]}Z"


def is_joinable(value: Any) -> bool:
    """Return True if Zendesk reads the value as one member of a joined list."""
    text = to_text(value)
    return bool(text) and SEPARATOR not in text and text == text.strip()


def join(values: Iterable[Any]) -> str:
    """Return the values as one parameter, joined by commas.

    Raises:
        InvalidValue: Zendesk would read a member as several, as another one or as none.
    """
    members = list(values)
    for member in members:
        if not is_joinable(member):
            raise InvalidValue(
                f"{display(member)} cannot be a member of a joined list: members must not be "
                "empty, contain a comma, or begin or end with a blank"
            )
    return SEPARATOR.join(to_text(member) for member in members)


def path_segment(name: str, value: Any) -> str:
    """Return the value as one segment of a path, with everything else quoted.

    Args:
        name: the name of the value, for the message.
        value: an id, a key or a name.

    Raises:
        InvalidValue: the value is empty or would lead to another path.
    """
    try:
        text = to_text(value)
    except InvalidValue as error:
        raise InvalidValue(f"{name}: {error}") from None
    # Servers on the way may decode a quoted slash, so a step inside is a step, too.
    if not text.strip() or any(part.strip() in _STEPS for part in _SLASH.split(text)):
        raise InvalidValue(f"{name}: {display(text)} cannot be a segment of a path")
    return quote(text, safe="")


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValue(
                f"{display(value)} holds half a character, which cannot be sent"
            ) from None
    # Not str(value): subclasses, such as most enumerations, may return another text.
    return value if type(value) is Secret else str.__str__(value)


def _integer(value: int) -> int:
    number = int.__int__(value)
    if number.bit_length() > _MAX_BITS:
        raise InvalidValue("must be a number with fewer than 300 digits")
    return number


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise InvalidValue(f"must be a finite number, which JSON can express, not {display(value)}")
    return float.__float__(value)


def _moment(value: datetime) -> datetime:
    moment = value if type(value) is datetime else _copy_moment(value)
    if moment.utcoffset() is None:
        # Python would take it as a time of the zone that this computer is in.
        raise InvalidValue(
            f"{display(value)} has no time zone, so the moment is unknown; "
            "give it one: value.replace(tzinfo=timezone.utc)"
        )
    return moment


def _copy_moment(value: datetime) -> datetime:
    try:
        return datetime(
            value.year,
            value.month,
            value.day,
            value.hour,
            value.minute,
            value.second,
            value.microsecond,
            tzinfo=value.tzinfo,
            fold=value.fold,
        )
    except (TypeError, ValueError):
        # pandas' NaT is a datetime without a year.
        raise InvalidValue(f"{display(value)} is not a moment") from None


def _day(value: date) -> date:
    return value if type(value) is date else date(value.year, value.month, value.day)


#: Iterables that are one value.
_SINGLE = (str, bytes, bytearray, memoryview, Mapping, IOBase)
_CONTAINERS = (Mapping, list, tuple, set, frozenset)
#: Types that are plain already and need no check.
_PLAIN = frozenset({bool, type(None)})
#: Types and the functions that reduce their values, or those of subclasses; the first match counts.
_CONVERSIONS: list[tuple[Any, Callable[[Any], Any]]] = [
    (str, _text),
    (bool, bool),
    (int, _integer),
    (float, _number),
    (datetime, _moment),
    (date, _day),
]
#: Classes of values that are computed when they are used.
_LAZY: list[type] = []
