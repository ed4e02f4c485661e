"""Parts of messages: values as they are displayed, and suggestions for misspelt names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


#: The length of the text that messages and `repr()` contain of a value.
MAX_SHOWN = 160

#: Names that Django and this library share.
_NAMES_OF_DJANGO = frozenset({"Avg", "Count", "F", "Max", "Min", "Prefetch", "Q", "Sum"})

#: Control characters, which a terminal may obey, and halves of characters, which no file holds.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: The beginnings of nouns that follow "an": "an upload", but "a user".
_VOWEL = re.compile(r"[aeio]|u(?!se)", re.IGNORECASE)


def display(value: Any, max_length: int = MAX_SHOWN) -> str:
    """Return the repr of a value for a message, cut to a length.

    Values of callers may be of any class: the repr of integers with thousands of digits, of lists
    of many levels and of objects that are half made raises an error. An object such as Django's
    `Q` is followed by the import that its author meant.
    """
    kind = type(value)
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - see above
        return f"<{kind.__name__}>"
    if kind.__name__ in _NAMES_OF_DJANGO and kind.__module__.startswith("django."):
        return f"Django's {kind.__name__}; use `from zendesk_orm import {kind.__name__}`"
    return text if len(text) <= max_length else f"{text[:max_length]}..."


def with_article(noun: str) -> str:
    """Return a noun after its article: `"a ticket"`, `"an organization"`."""
    return f"{'an' if _VOWEL.match(noun) else 'a'} {noun}"


def shorten(text: str, max_length: int = MAX_SHOWN) -> str:
    """Return a text on one line, cut to a length; characters that cannot be printed are escaped."""
    line = " ".join(text.split())
    line = line if len(line) <= max_length else f"{line[: max_length - 3]}..."
    return _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], line)


def suggestion(name: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean 'status'?"` for the most similar name, or a list of the names."""
    names = sorted(choices)
    for near in get_close_matches(name[:MAX_SHOWN], names, n=1, cutoff=0.6):
        return f"; did you mean {display(near)}?"
    shown = f"; known are: {', '.join(names)}" if names else ""
    return shown if len(shown) <= 200 else f"{shown[:190].rpartition(', ')[0]}, ..."
