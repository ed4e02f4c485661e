"""`Ago`: a moment that is so long before the one at which the query is read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.query.predicate import Condition
from zendesk_orm.schema.values import relativedelta


#: How search writes it: `created>4hours`.
_WRITTEN = re.compile(r"(\d+)\s*(minute|hour|day|week|month|year)s?")


_SOME_DAY = datetime(2024, 7, 1, tzinfo=timezone.utc)


@frozen
class Ago:
    """So long ago, counted back from the moment of reading.

    Attributes:
        delta: a `timedelta`, or dateutil's `relativedelta`.
        text: how it was written.
    """

    delta: Any
    text: str

    def moment(self, now: float) -> datetime:
        """Return the moment, to the second.

        Args:
            now: seconds since the epoch.
        """
        whole = datetime.fromtimestamp(int(now), tz=timezone.utc)
        before: datetime = whole - self.delta
        return before

    def __repr__(self) -> str:
        return f"{self.text} ago"


def ago(value: Any) -> Ago | None:
    """Return what a length of time stands for, or None when the value is none.

    Args:
        value: a `timedelta`, a `relativedelta`, or text as search takes it: `"4hours"`.

    Raises:
        InvalidValue: it reaches into the future.
    """
    if isinstance(value, str):
        written = _WRITTEN.fullmatch(value.strip())
        if written is None:
            return None
        text = written[0]
        value = relativedelta(**{f"{written[2]}s": int(written[1])})
    elif isinstance(value, timedelta) or type(value).__name__ == "relativedelta":
        text = str(value) if isinstance(value, timedelta) else repr(value)
    else:
        return None
    try:
        negative = _SOME_DAY - value > _SOME_DAY
    except (OverflowError, ValueError):
        raise InvalidValue(f"{value!r} reaches back before the year 1") from None
    if negative:
        raise InvalidValue(f"{value!r} is negative; a length of time counts back from now")
    return Ago(value, text)


def at(condition: Condition, now: float) -> Condition:
    """Return a condition with a moment in the place of a length of time before `now`."""
    value = condition.value
    return evolve(condition, value=value.moment(now)) if isinstance(value, Ago) else condition
