"""Names of Python for what people call things."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable


_APART = re.compile(r"[^0-9a-z]+")
#: Words of a name at most.
_MOST = 5


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case and without accents; [] where none has letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return [word for word in _APART.split(plain.lower()) if word][:_MOST]


def attribute(texts: Iterable[str], instead: str) -> str:
    """Return the name of an attribute, of the first text that has letters.

    Args:
        texts: what it is called.
        instead: the name where no text will do.
    """
    found = next((said for said in map(words, texts) if said), [instead])
    name = "_".join(found)
    if name[0].isdigit():
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def class_name(texts: Iterable[str], instead: str) -> str:
    """Return the name of a class, of the first text that has letters."""
    found = next((said for said in map(words, texts) if said), [instead])
    name = "".join(word.capitalize() for word in found)
    return f"The{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def unique(name: str, taken: Callable[[str], bool], suffix: str = "") -> str:
    """Return the name, or the nearest that is not taken: `plan`, `plan_field`, `plan_field_2`."""
    if not taken(name):
        return name
    stem = f"{name.rstrip('_')}{suffix}"
    number, found = 2, stem
    while taken(found):
        found = f"{stem}_{number}" if stem[0].islower() else f"{stem}{number}"
        number += 1
    return found
