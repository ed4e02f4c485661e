"""Values that are difficult to display, compare or serialize."""

from __future__ import annotations


class Hostile:
    """An object whose repr, text, length and truth value raise."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __len__ = __bool__ = __repr__


def nest_lists(levels):
    """Return a list with this number of levels."""
    value = []
    for _ in range(levels):
        value = [value]
    return value


#: An integer with more digits than Python writes.
HUGE = 10**5000
#: A list of more levels than Python recurses into.
DEEP = nest_lists(3000)
#: A list that contains itself.
ENDLESS = []
ENDLESS.append(ENDLESS)
