"""Ticket metrics, which are kept nowhere: they are read from the history of the ticket.

Business hours are all hours here.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.measures_history import SOLVED, History, histories, seconds
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import ALIVE, DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import Ticket


_METRIC = "support.TicketMetric"
#: What the id of a ticket's metrics is larger than that of the ticket.
_BEYOND = 6_000_000_000_000

Handler = Callable[[World, Call, Target], Answer]


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of metrics, the newest tickets first; those that are archived have none.

    Raises:
        Refusal: the parameters of its paging are none.
    """
    tickets = evolve(target, meta=Ticket._meta)
    found = page(world, call, tickets, Where("state = ?", (ALIVE,)))
    rows = [_row(each) for each in histories(world, map(json.loads, found.texts))]
    return Answer(text=reads.listing(target, map(dumped, rows), "", found.about))


def show_tickets(world: World, call: Call, target: Target) -> Answer:
    """Answer with tickets by their ids, and with their metrics if `include=metric_sets` asks."""
    answer = reads.show_many(world, call, target)
    if "metric_sets" not in call.params.get("include", "").split(","):
        return answer
    body = json.loads(answer.text)
    sets = [_row(each) for each in histories(world, body["tickets"])]
    return evolve(answer, text=dumped({**body, "metric_sets": sets}))


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with metrics by their id.

    Raises:
        Refusal: they are not there.
    """
    pk = target.places[0]
    return _answer(world, pk - _BEYOND if isinstance(pk, int) else pk)


def show_of_ticket(world: World, call: Call, target: Target) -> Answer:
    """Answer with the metrics of a ticket.

    Raises:
        Refusal: it is not there.
    """
    return _answer(world, target.places[0])


def _answer(world: World, ticket: Any) -> Answer:
    stored: Stored = plain.stored(world, Ticket._meta, ticket)
    if stored.state >= DELETED:
        raise not_found()
    (history,) = histories(world, [stored.doc])
    return Answer(text=dumped({"ticket_metric": _row(history)}))


def rows_of(world: World, tickets: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the metrics of tickets."""
    yield from map(_row, histories(world, tickets))


def _row(history: History) -> dict[str, Any]:
    ticket, pk = history.ticket, history.ticket["id"] + _BEYOND
    assigned = [moment for moment, value in history.values("assignee_id") if value is not None]
    groups = [value for _, value in history.values("group_id") if value is not None]
    solved, replies = history.solved(), history.replies()
    status_updated = history.statuses[-1][0]
    born = ticket["created_at"]
    return {
        "url": f"{HOME}/api/v2/ticket_metrics/{pk}.json",
        "id": pk,
        "ticket_id": ticket["id"],
        "created_at": born,
        "updated_at": ticket["updated_at"],
        "group_stations": len(groups),
        "assignee_stations": len(assigned),
        "reopens": _reopens(history),
        "replies": len(replies),
        "assignee_updated_at": history.by(ticket["assignee_id"]),
        "requester_updated_at": history.by(ticket["requester_id"]),
        "status_updated_at": status_updated,
        "custom_status_updated_at": status_updated,
        "initially_assigned_at": min(assigned, default=None),
        "assigned_at": max(assigned, default=None),
        "solved_at": solved[-1] if solved and ticket["status"] in SOLVED else None,
        "latest_comment_added_at": max(history.comments(), default=None),
        "reply_time_in_minutes": _between(born, replies[:1]),
        "first_resolution_time_in_minutes": _between(born, solved[:1]),
        "full_resolution_time_in_minutes": _between(born, solved[-1:]),
        "agent_wait_time_in_minutes": _spent(history, "pending"),
        "requester_wait_time_in_minutes": _spent(history, "new", "open", "hold"),
        "on_hold_time_in_minutes": _spent(history, "hold"),
    }


def _reopens(history: History) -> int:
    """Count how often the ticket was open again after it had been solved."""
    statuses = [status for _, status in history.statuses]
    pairs = itertools.pairwise(statuses)
    return sum(before in SOLVED and after not in SOLVED for before, after in pairs)


def _between(born: str, moments: list[str]) -> dict[str, int | None]:
    return _minutes(seconds(moments[0]) - seconds(born) if moments else None)


def _spent(history: History, *statuses: str) -> dict[str, int | None]:
    return _minutes(sum(lasted for status, lasted in history.times() if status in statuses))


def _minutes(lasted: float | None) -> dict[str, int | None]:
    minutes = None if lasted is None else int(lasted // 60)
    return {"calendar": minutes, "business": minutes}


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "tickets/show_many", "support.Ticket"): show_tickets,
    ("GET", "ticket_metrics", _METRIC): list_rows,
    ("GET", "ticket_metrics/{}", _METRIC): show,
    ("GET", "tickets/{}/metrics", _METRIC): show_of_ticket,
}
