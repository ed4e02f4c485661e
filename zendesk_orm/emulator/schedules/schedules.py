"""Schedules with business hours.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import Schedule


_MINUTES_PER_DAY = 24 * 60


@route("PUT", "business_hours/schedules/{id}/workweek", Schedule)
def set_intervals(context: Context, request: Request, target: Target) -> Response:
    """Replace the business hours of a schedule.

    Raises:
        HTTPError: 422, if an interval does not end after its start, on the same day.
    """
    stored = resources.get(context, Schedule._meta, target.args[0])
    intervals = request.get_object("workweek").get("intervals") or []
    for interval in intervals:
        start, end = interval.get("start_time"), interval.get("end_time")
        if not (isinstance(start, int) and isinstance(end, int) and start < end):
            text = "Intervals: start_time must be before end_time"
            raise invalid_record({"intervals": [field_error(text, "InvalidValue")]})
        if start // _MINUTES_PER_DAY != (end - 1) // _MINUTES_PER_DAY:
            text = "Intervals: cannot span calendar days"
            raise invalid_record({"intervals": [field_error(text, "InvalidValue")]})
    resources.update(context, Schedule._meta, stored, {}, {"intervals": intervals})
    return Response(text=dump_json({"workweek": {"intervals": intervals}}))
