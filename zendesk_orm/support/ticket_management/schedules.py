"""Schedules: business hours and holidays.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.session.action_bodies import part_of


if TYPE_CHECKING:
    from zendesk_orm import talk

_SCHEDULES = "business_hours/schedules"
#: Minutes of a day, and of a week, which starts on Sunday at midnight.
DAY = 24 * 60
WEEK = 7 * DAY


class Schedule(Model):
    """Business hours of a team, in minutes of the week from Sunday at midnight.

    `schedule.holidays` are its holidays.
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
        api = resource(_SCHEDULES, default_order=None, fits_in_memory=True, paging=(ONCE,))

    @action("PUT", f"{_SCHEDULES}/{{id}}/workweek", key="workweek")
    def set_intervals(self, intervals: Iterable[Mapping[str, int] | tuple[int, int]]) -> Self:
        """Replace the business hours.

        `schedule.set_intervals([(1980, 2460)])` sets Monday from nine to five.

        Args:
            intervals: pairs of start and end, in minutes from Sunday at midnight, or mappings
                with `start_time` and `end_time`; an interval must start and end on one day.

        Returns:
            The schedule with its new intervals.

        Raises:
            InvalidValue: an interval ends before it starts, or on another day.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/#update-intervals-for-a-schedule
        """
        rows = [_interval_row(interval) for interval in intervals]

        def update(data: Any) -> None:
            stored = part_of(data, "workweek").get("intervals", rows)
            self.update_from_row({**self._row, "intervals": stored})

        body = {"workweek": {"intervals": rows}}
        self._call("set_intervals", body, then=update, in_dry_run=None)
        return self


class Holiday(Model):
    """A period of one or more days outside the business hours of a schedule."""

    schedule: Ref[Schedule]
    schedule_id: Id[int]
    name: Field[str]
    start_date: Field[date]
    end_date: Field[date]

    class Meta:
        parent = "schedule"
        required = ("name", "start_date", "end_date")
        api = resource(
            f"{_SCHEDULES}/{{schedule}}/holidays",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )


def _interval_row(interval: Any) -> dict[str, int]:
    """Return an interval as it is sent; raise `InvalidValue` if it is invalid."""
    if isinstance(interval, Mapping):
        interval = (interval.get("start_time"), interval.get("end_time"))
    if not isinstance(interval, (tuple, list)) or len(interval) != 2:
        raise InvalidValue(
            f"an interval must be a pair of minutes of the week, not {display(interval)}"
        )
    start, end = interval
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= WEEK):
        raise InvalidValue(
            "the start of an interval must be before its end, in minutes of the week, "
            f"not {display(interval)}"
        )
    if start // DAY != (end - 1) // DAY:
        raise InvalidValue(f"an interval must end on the day it starts, not {display(interval)}")
    return {"start_time": start, "end_time": end}
