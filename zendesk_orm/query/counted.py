"""`Counted`: a number of rows, and how fresh it is."""

from __future__ import annotations

from datetime import datetime


class Counted(int):
    """The result of `count()`: an `int`, with the time at which Zendesk counted the rows.

    >>> count = Ticket.objects.filter(status="new").count()
    >>> count, count.fresh
    (35, False)

    Attributes:
        refreshed_at: the time at which the rows were counted, or None if that is unknown. Zendesk
            counts more than 100,000 rows once a day.
        fresh: False if the search index, which lags by a minute or more, counted the rows.
    """

    refreshed_at: datetime | None = None
    fresh: bool = True

    @classmethod
    def of(cls, value: int, refreshed_at: datetime | None, *, fresh: bool = True) -> Counted:
        """Return a number with the age of the count."""
        number = cls(value)
        number.refreshed_at, number.fresh = refreshed_at, fresh
        return number
