"""Values that are difficult to display, compare or serialize."""

from __future__ import annotations


class Hostile:
    """An object that raises when its repr, text, length or truth value is computed."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __len__ = __bool__ = __repr__


def nest_lists(levels):
    """Return a list with this number of levels."""
    value = []
    for _ in range(levels):
        value = [value]
    return value


#: An integer with more digits than `str()` accepts.
HUGE = 10**5000
#: A list with more levels than Python's recursion limit.
DEEP = nest_lists(3000)
#: A list that contains itself.
ENDLESS = []
ENDLESS.append(ENDLESS)
