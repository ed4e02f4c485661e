"""Business hours: the intervals of a schedule without its holidays.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.schedules.time_zones import find_zone
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.support import Holiday, Schedule


#: Days after which a search for more business hours ends.
_MAX_DAYS = 3_660


@frozen
class BusinessHours:
    """The business hours of a schedule. Times are seconds since the epoch.

    Attributes:
        zone: its time zone.
        intervals: pairs of start and end, in minutes of the week from Sunday at midnight.
        holidays: pairs of first and last day.
    """

    zone: tzinfo
    intervals: tuple[tuple[int, int], ...]
    holidays: tuple[tuple[date, date], ...] = ()

    def includes(self, moment: float) -> bool:
        """Return True if a time is within the business hours."""
        return any(start <= moment < end for start, end in self._find_periods(moment, 1))

    def seconds_between(self, start: float, end: float) -> float:
        """Return the seconds of business hours between two times."""
        total = 0.0
        if not self.intervals:
            return total
        for opening, closing in self._find_periods(start, _MAX_DAYS):
            if opening >= end:
                break
            total += max(0.0, min(closing, end) - max(opening, start))
        return total

    def add(self, start: float, seconds: float) -> float | None:
        """Return the time at which some seconds of business hours have passed, or None if never."""
        for opening, closing in self._find_periods(start, _MAX_DAYS):
            begin = max(opening, start)
            if closing - begin >= seconds:
                return begin + seconds
            seconds -= max(0.0, closing - begin)
        return None

    def _find_periods(self, start: float, days: int) -> Iterator[tuple[float, float]]:
        """Yield start and end of each period from the day before a time on, in order."""
        first = datetime.fromtimestamp(start, self.zone).date() - timedelta(days=1)
        for offset in range(days + 2):
            day = first + timedelta(days=offset)
            if any(begin <= day <= end for begin, end in self.holidays):
                continue
            # Weeks start on Sunday.
            minutes = day.isoweekday() % 7 * 1440
            for opening, closing in self.intervals:
                if minutes <= opening < minutes + 1440:
                    yield (
                        self._to_seconds(day, opening - minutes),
                        self._to_seconds(day, closing - minutes),
                    )

    def _to_seconds(self, day: date, minutes: int) -> float:
        midnight = datetime.combine(day, time(), self.zone)
        # Wall-clock time, so that nine o'clock stays nine o'clock in summer.
        local = midnight.replace(tzinfo=None) + timedelta(minutes=minutes)
        return local.replace(tzinfo=self.zone).timestamp()


def load_business_hours(context: Context, schedule: int | None = None) -> BusinessHours | None:
    """Return the business hours of a schedule, by default of the first, or None without one."""
    where = Where("state < ?", (DELETED,))
    rows = [
        row
        for row in context.store.select(Schedule._meta.label, where)
        if schedule is None or row["id"] == schedule
    ]
    if not rows:
        return None
    row = rows[0]
    holidays = context.store.select(Holiday._meta.label, where & Where("parent = ?", (row["id"],)))
    return BusinessHours(
        find_zone(row.get("time_zone")),
        tuple(
            sorted((item["start_time"], item["end_time"]) for item in row.get("intervals") or ())
        ),
        tuple(_parse_days((item["start_date"], item["end_date"])) for item in holidays),
    )


def _parse_days(texts: Sequence[str]) -> tuple[date, date]:
    first, last = (date.fromisoformat(str(text)[:10]) for text in texts)
    return first, last
