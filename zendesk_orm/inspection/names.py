"""Turns titles, keys and tags into Python names."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable


_APART = re.compile(r"[^0-9a-z]+")
#: Words of a name at most.
_MOST = 5


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case and without accents; [] if it has no letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [word for word in _APART.split(plain.lower()) if word][:_MOST]


def attribute(texts: Iterable[str], instead: str) -> str:
    """Return the name of an attribute, from the first text that has letters.

    Args:
        texts: its title, key and so on.
        instead: the name if no text has letters.
    """
    found = next((said for said in map(words, texts) if said), [instead])
    name = "_".join(found)
    if name[0].isdigit():
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def class_name(texts: Iterable[str], instead: str) -> str:
    """Return the name of a class, from the first text that has letters."""
    found = next((said for said in map(words, texts) if said), [instead])
    name = "".join(word.capitalize() for word in found)
    return f"The{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def unique(name: str, taken: Callable[[str], bool], suffix: str = "") -> str:
    """Return the name, or the nearest that is free: `plan`, `plan_field`, `plan_2_field`."""
    if not taken(name):
        return name
    stem = name.rstrip("_")
    number, found = 2, f"{stem}{suffix}"
    while taken(found):
        separator = "_" if stem[0].islower() else ""
        found = f"{stem}{separator}{number}{suffix}"
        number += 1
    return found
