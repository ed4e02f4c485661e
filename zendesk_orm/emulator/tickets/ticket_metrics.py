"""Ticket metrics, computed from the history of tickets.

Business hours are those of the first schedule; without one, all hours.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.schedules.business_hours import BusinessHours, load_business_hours
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, StoredRow, dump_json
from zendesk_orm.emulator.tickets.history import SOLVED, History, load_histories, to_seconds
from zendesk_orm.support import Ticket, TicketMetric


#: The id of a ticket's metrics is the id of the ticket plus this number.
_ID_OFFSET = 6_000_000_000_000


@route("GET", "ticket_metrics", TicketMetric)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the metrics of tickets, the newest tickets first, without archived tickets.

    Raises:
        HTTPError: 400, if the parameters of paging are invalid.
    """
    tickets = evolve(target, meta=Ticket._meta)
    page = select_page(context, request, tickets, Where("state = ?", (ALIVE,)))
    rows = build_rows(context, map(json.loads, page.texts))
    return Response(text=reads.render_list(target, map(dump_json, rows), "", page.metadata))


@route("GET", "tickets/show_many", Ticket)
def show_tickets(context: Context, request: Request, target: Target) -> Response:
    """Return tickets by their ids, and their metrics if `include` contains `metric_sets`."""
    response = reads.show_many(context, request, target)
    if "metric_sets" not in request.params.get("include", "").split(","):
        return response
    body = json.loads(response.text)
    sets = list(build_rows(context, body["tickets"]))
    return evolve(response, text=dump_json({**body, "metric_sets": sets}))


@route("GET", "ticket_metrics/{id}", TicketMetric)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return metrics by their id.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    pk = target.args[0]
    return _render(context, pk - _ID_OFFSET if isinstance(pk, int) else pk)


@route("GET", "tickets/{ticket}/metrics", TicketMetric)
def show_for_ticket(context: Context, request: Request, target: Target) -> Response:
    """Return the metrics of a ticket.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    return _render(context, target.args[0])


def _render(context: Context, ticket: Any) -> Response:
    stored: StoredRow = resources.get(context, Ticket._meta, ticket)
    if stored.state >= DELETED:
        raise not_found()
    (row,) = build_rows(context, [stored.doc])
    return Response(text=dump_json({"ticket_metric": row}))


def build_rows(context: Context, tickets: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the metrics of tickets."""
    hours = load_business_hours(context)
    for history in load_histories(context, tickets):
        yield _build_row(history, hours)


def _build_row(history: History, hours: BusinessHours | None) -> dict[str, Any]:
    ticket, pk = history.ticket, history.ticket["id"] + _ID_OFFSET
    assign_times = [time for time, value in history.values("assignee_id") if value is not None]
    groups = [value for _, value in history.values("group_id") if value is not None]
    solve_times, reply_times = history.solve_times(), history.reply_times()
    status_updated = history.statuses[-1][0]
    created = ticket["created_at"]
    is_solved = solve_times and ticket["status"] in SOLVED

    def measure_until(times: list[str]) -> dict[str, int | None]:
        return _measure([(to_seconds(created), to_seconds(times[0]))] if times else None, hours)

    def measure_statuses(*statuses: str) -> dict[str, int | None]:
        periods = history.status_periods()
        return _measure([(start, end) for name, start, end in periods if name in statuses], hours)

    first_reply = to_seconds(reply_times[0]) - to_seconds(created) if reply_times else None
    return {
        "url": f"{BASE_URL}/api/v2/ticket_metrics/{pk}.json",
        "id": pk,
        "ticket_id": ticket["id"],
        "created_at": created,
        "updated_at": ticket["updated_at"],
        "group_stations": len(groups),
        "assignee_stations": len(assign_times),
        "reopens": _count_reopens(history),
        "replies": len(reply_times),
        "assignee_updated_at": history.last_update_by(ticket["assignee_id"]),
        "requester_updated_at": history.last_update_by(ticket["requester_id"]),
        "status_updated_at": status_updated,
        "custom_status_updated_at": status_updated,
        "initially_assigned_at": min(assign_times, default=None),
        "assigned_at": max(assign_times, default=None),
        "solved_at": solve_times[-1] if is_solved else None,
        "latest_comment_added_at": max(history.comment_times(), default=None),
        "reply_time_in_minutes": measure_until(reply_times[:1]),
        # Zendesk counts these seconds by the calendar only.
        "reply_time_in_seconds": {
            "calendar": None if first_reply is None else int(first_reply),
            "business": None,
        },
        "first_resolution_time_in_minutes": measure_until(solve_times[:1]),
        "full_resolution_time_in_minutes": measure_until(solve_times[-1:]),
        "agent_wait_time_in_minutes": measure_statuses("pending"),
        "requester_wait_time_in_minutes": measure_statuses("new", "open", "hold"),
        "on_hold_time_in_minutes": measure_statuses("hold"),
    }


def _count_reopens(history: History) -> int:
    """Return how often the ticket was opened after it had been solved."""
    statuses = [status for _, status in history.statuses]
    pairs = itertools.pairwise(statuses)
    return sum(before in SOLVED and after not in SOLVED for before, after in pairs)


def _measure(
    periods: list[tuple[float, float]] | None, hours: BusinessHours | None
) -> dict[str, int | None]:
    """Return the minutes of periods, in calendar and in business hours; None without periods."""
    if periods is None:
        return {"calendar": None, "business": None}
    calendar = sum(end - start for start, end in periods)
    business = (
        calendar
        if hours is None
        else sum(hours.seconds_between(start, end) for start, end in periods)
    )
    return {"calendar": int(calendar // 60), "business": int(business // 60)}
