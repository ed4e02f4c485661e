"""Sequences in parts of a limited size, as requests take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar


T = TypeVar("T")


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in lists of a size; the last list may be shorter.

    The values are consumed one list at a time, so that a generator is not read ahead.

    Args:
        values: the values.
        size: the length of each list, at least 1.
    """
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
