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
from typing import Any
from urllib.parse import quote

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import Secret


#: Between the members of a list in one parameter.
SEPARATOR = ","
#: Segments that lead to another path, and what separates segments.
_STEPS = frozenset({".", ".."})
_SLASH = re.compile(r"[/\\]")


def plain(value: Any) -> Any:
    """Return the value with its exact plain type, also inside lists and dictionaries.

    Accepts text, numbers, booleans, dates, moments and None, and subclasses of these; integers
    of other libraries; iterables as lists, and mappings with keys of text or integers. A
    `Secret` stays one.

    Raises:
        InvalidValue: the value has no plain type, is not a finite number, or contains half a
            character.
    """
    if type(value) in _PLAIN:
        return value
    for base, convert in _CONVERSIONS:
        if isinstance(value, base):
            return convert(value)
    try:
        # Integers of other libraries, as numpy's.
        return operator.index(value)
    except TypeError:
        pass
    raise InvalidValue(
        f"must be text, a number, a date, a list or a dictionary, not {type(value).__name__}: "
        f"{value!r}"
    )


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
        return json.dumps(body, separators=(",", ":"), allow_nan=False, default=to_json).encode()
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"the body cannot be sent as JSON: {error}") from None


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
        raise InvalidValue(f"must be one value, not {value!r}")
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
                f"{member!r} cannot be a member of a joined list: members must not be empty, "
                "contain a comma, or begin or end with a blank"
            )
    return SEPARATOR.join(to_text(member) for member in members)


def path_segment(name: str, value: Any) -> str:
    """Return the value as one segment of a path, with everything else quoted.

    Args:
        name: what the value stands for, for the message.
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
        raise InvalidValue(f"{name}: {text!r} cannot be a segment of a path")
    return quote(text, safe="")


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValue(f"{value!r} holds half a character, which cannot be sent") from None
    # Not str(value): a subclass may say something else of itself, and most enumerations do.
    return value if type(value) is Secret else str.__str__(value)


def _integer(value: int) -> int:
    return int.__int__(value)


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise InvalidValue(f"must be a finite number, which JSON can express, not {value!r}")
    return float.__float__(value)


def _moment(value: datetime) -> datetime:
    if type(value) is datetime:
        return value
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
        raise InvalidValue(f"{value!r} is not a moment") from None


def _day(value: date) -> date:
    return value if type(value) is date else date(value.year, value.month, value.day)


def _list(value: Iterable[Any]) -> list[Any]:
    return [plain(item) for item in value]


def _dict(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {to_text(key): plain(item) for key, item in value.items()}


#: Types that are plain already and need no check.
_PLAIN = frozenset({int, bool, type(None)})
#: Each type, and what reduces a value of it or of a subclass; the first that fits counts.
_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (str, _text),
    (bool, bool),
    (int, _integer),
    (float, _number),
    (datetime, _moment),
    (date, _day),
    (Mapping, _dict),
    ((list, tuple, set, frozenset), _list),
)


#: The length of what `repr()` shows of an object.
MOST_SHOWN = 160


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text on one line, cut to a length."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."
