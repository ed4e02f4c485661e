"""Parts of moments as values: `values("created_at__date")`, in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any


#: The parts of a moment, each with the function that returns it; lookups use it, too.
DATE_PARTS: Mapping[str, Callable[[datetime], Any]] = {
    "date": lambda moment: moment.date(),
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "month": lambda moment: moment.month,
    "week": lambda moment: moment.isocalendar()[1],
    "day": lambda moment: moment.day,
    # Django counts from Sunday, which is 1.
    "week_day": lambda moment: moment.isoweekday() % 7 + 1,
    "iso_week_day": lambda moment: moment.isoweekday(),
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
}


def extract_part(moment: datetime, part: str) -> Any:
    """Return a part of a moment in UTC."""
    return DATE_PARTS[part](moment.astimezone(timezone.utc))
