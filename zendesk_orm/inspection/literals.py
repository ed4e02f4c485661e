"""Values as Python code, formatted as formatters do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import category, east_asian_width


def quote(value: Any) -> str:
    """Return a value as code; text is in double quotes unless single quotes need fewer escapes."""
    if not isinstance(value, str):
        return repr(value)
    mark = "'" if value.count('"') > value.count("'") else '"'
    return mark + "".join(_escape(character, mark) for character in value) + mark


def _escape(character: str, mark: str) -> str:
    """Return a character as it appears in a string literal."""
    if character in ("\\", mark):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def format_item(before: str, value: Any, indent: int, after: str = ",") -> Iterator[str]:
    """Yield the lines of a value, with an item of a dictionary or a list in each.

    Args:
        before: the text in front of the value: `options=`.
        value: a value of JSON.
        indent: the number of spaces in front of the first line.
        after: the text after the value.
    """
    space = " " * indent
    if isinstance(value, dict) and value:
        yield f"{space}{before}{{"
        for key, item in value.items():
            yield from format_item(f"{quote(key)}: ", item, indent + 4)
        yield f"{space}}}{after}"
    elif isinstance(value, list) and value:
        yield f"{space}{before}["
        for item in value:
            yield from format_item("", item, indent + 4)
        yield f"{space}]{after}"
    else:
        yield f"{space}{before}{quote(value)}{after}"


def count_columns(text: str) -> int:
    """Return the width of a text in columns, as formatters count them."""
    return sum(
        2 if east_asian_width(character) in "WF" else category(character) not in ("Mn", "Me")
        for character in text
    )
