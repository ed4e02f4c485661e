"""Schedules: business hours, and the holidays among them.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm import talk

_SCHEDULES = "business_hours/schedules"
#: Minutes of a day, and of a week, which begins on Sunday at midnight.
DAY = 24 * 60
WEEK = 7 * DAY


class Schedule(Model):
    """When a team is at work, by the minutes of the week from Sunday at midnight.

    `schedule.holidays` are the days on which it is not.
    """

    name: Field[str]
    time_zone: Field[str]
    intervals: ReadOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    holidays: Many[Holiday]
    phone_numbers: Many[talk.PhoneNumber]

    class Meta:
        required = ("name", "time_zone")
        api = resource(_SCHEDULES, natural=None, small=True, paging=(ONCE,)) + action(
            "set_intervals", "PUT", f"{_SCHEDULES}/{{id}}/workweek", "workweek"
        )

    def set_intervals(self, intervals: Iterable[Mapping[str, int] | tuple[int, int]]) -> Self:
        """Say anew when the team is at work.

        `schedule.set_intervals([(1980, 2460)])` is Monday from nine to five.

        Args:
            intervals: pairs of start and end, in minutes from Sunday at midnight on, or
                objects with `start_time` and `end_time`; none reaches into another day.

        Returns:
            The schedule with its new intervals.

        Raises:
            InvalidValue: one ends before it begins, or on another day.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/#update-intervals-for-a-schedule
        """
        told = [_interval(each) for each in intervals]
        answer = self._call("set_intervals", {"workweek": {"intervals": told}})
        if answer is not None:
            kept = answer.get("workweek", {}).get("intervals", told)
            self.absorb({**self._row, "intervals": kept})
        return self


class Holiday(Model):
    """Days on which a team is not at work."""

    schedule: Ref[Schedule]
    schedule_id: Id[int]
    name: Field[str]
    start_date: Field[date]
    end_date: Field[date]

    class Meta:
        parent = "schedule"
        required = ("name", "start_date", "end_date")
        api = resource(
            f"{_SCHEDULES}/{{schedule}}/holidays", natural=None, small=True, paging=(ONCE,)
        )


def _interval(given: Mapping[str, int] | tuple[int, int]) -> dict[str, int]:
    start, end = (
        (given.get("start_time"), given.get("end_time")) if isinstance(given, Mapping) else given
    )
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= WEEK):
        raise InvalidValue(
            f"an interval wants a start before its end, in minutes of the week, not {given!r}"
        )
    if start // DAY != (end - 1) // DAY:
        raise InvalidValue(f"an interval ends on the day on which it begins, not {given!r}")
    return {"start_time": start, "end_time": end}
