"""Suggestions for misspelt names, for error messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'status'?"` for the nearest known name, or some of them."""
    names = sorted(known)
    for near in get_close_matches(name, names, n=1, cutoff=0.6):
        return f"; did you mean {near!r}?"
    shown = f"; known are: {', '.join(names)}" if names else ""
    return shown if len(shown) <= 200 else f"{shown[:190].rpartition(', ')[0]}, ..."
