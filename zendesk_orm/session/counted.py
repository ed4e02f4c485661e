"""`Counted`: a number of rows, and how fresh it is."""

from __future__ import annotations

from datetime import datetime


class Counted(int):
    """A number that Zendesk told; otherwise an `int` like any other.

    Attributes:
        refreshed_at: when it was counted, where that was not this moment: above 100,000
            rows Zendesk counts once a day. None where it does not say.
        fresh: False when the search index counted, which lags by a minute or more.
    """

    refreshed_at: datetime | None = None
    fresh: bool = True

    @classmethod
    def of(cls, value: int, refreshed_at: datetime | None, *, fresh: bool = True) -> Counted:
        """Return a number with what is known of its age."""
        made = cls(value)
        made.refreshed_at, made.fresh = refreshed_at, fresh
        return made
