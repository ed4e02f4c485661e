"""Python names for titles, keys and tags."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable

from zendesk_orm.inspection.literals import count_columns


_SEPARATORS = re.compile(r"[^0-9a-z]+")
#: The maximum number of words in a name, and that of their columns: a declaration fits in a line.
_MAX_WORDS = 5
_MAX_COLUMNS = 44


def _split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and other characters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [word for word in _SEPARATORS.split(plain.lower()) if word]


def _split_identifiers(text: str) -> list[str]:
    """Return the words of a text in any script, in the form in which Python compares names."""
    plain = unicodedata.normalize("NFKC", text).lower()
    letters = unicodedata.normalize("NFKC", plain)
    return "".join(
        letter if f"a{letter}".isidentifier() and letter != "_" else " " for letter in letters
    ).split()


def _find_words(texts: Iterable[str], default: str) -> list[str]:
    """Return the words of the first text with Latin letters or digits, or else in any script."""
    candidates = [*texts]
    for split in (_split_words, _split_identifiers):
        for words in map(split, candidates):
            if words:
                return _shorten(words)
    return [default]


def _shorten(words: list[str]) -> list[str]:
    """Return the first words, or the beginning of the first word if it is too long itself."""
    first = words[0][:_MAX_COLUMNS]
    while count_columns(first) > _MAX_COLUMNS:
        first = first[:-1]
    chosen = [first, *words[1:_MAX_WORDS]]
    while count_columns("_".join(chosen)) > _MAX_COLUMNS:
        chosen.pop()
    return chosen


def make_attribute_name(texts: Iterable[str], default: str) -> str:
    """Return a name for an attribute, made from the first text that contains words.

    Args:
        texts: the title, the key and so on.
        default: the name if no text contains words.
    """
    name = unicodedata.normalize("NFKC", "_".join(_find_words(texts, default)))
    if not name.isidentifier():
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def make_class_name(texts: Iterable[str], default: str) -> str:
    """Return a name for a class, made from the first text that contains words.

    It contains a capital letter, so that it differs from the names of all attributes: those would
    hide the class in the scope of a model. Most scripts have no capital letters.
    """
    name = "".join(word.capitalize() for word in _find_words(texts, default))
    is_name = name.isidentifier() and name != name.lower() and not keyword.iskeyword(name)
    return unicodedata.normalize("NFKC", name if is_name else f"The{name}")


def make_unique(name: str, is_taken: Callable[[str], bool], suffix: str = "") -> str:
    """Return the first free name of `plan`, `plan_field`, `plan_2_field` and so on."""
    if not is_taken(name):
        return name
    stem = name.rstrip("_")
    number, candidate = 2, f"{stem}{suffix}"
    while is_taken(candidate):
        separator = "" if stem[0].isupper() else "_"
        candidate = f"{stem}{separator}{number}{suffix}"
        number += 1
    return candidate
