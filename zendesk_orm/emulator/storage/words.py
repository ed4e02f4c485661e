"""The words of a row that search looks through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


#: Fields that a search without a keyword looks through.
TEXT_FIELDS = ("subject", "description", "name", "email", "alias", "notes", "details", "title")

_WORD = re.compile(r"\w+", re.UNICODE)


def collect_words(doc: Mapping[str, Any]) -> str:
    """Return the words of a row's text fields, in the form of `normalize_words`."""
    return normalize_words(" ".join(str(doc[name]) for name in TEXT_FIELDS if doc.get(name)))


def normalize_words(text: Any) -> str:
    """Return the words of a text in lower case with a blank around each, to match whole words."""
    words = _WORD.findall(str(text).casefold()) if text is not None else ()
    return f" {' '.join(words)} " if words else ""
