"""Exports of what happened to tickets: their events, and those of their metrics.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.measures_history import SOLVED, History, histories, seconds
from zendesk_orm.emulator.paging import link, page, whole_number
from zendesk_orm.emulator.refusals import invalid_attribute, too_recent
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number, stamp
from zendesk_orm.support import Audit, Comment, Ticket, User


_EVENT, _METRIC_EVENT = "support.TicketEvent", "support.TicketMetricEvent"
_CONVERSATION = "support.ConversationEvent"
#: Rows to a page.
MOST = 1000
#: Events that one ticket's metrics can have, so that each has an id of its own.
_ROOM = 1000

Handler = Callable[[World, Call, Target], Answer]
Metric = tuple[str, str, int, str]


def metric_events(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what happened to the metrics of tickets; no end is told.

    Raises:
        Refusal: it begins too close to now, or nowhere.
    """
    start = _start(world, call)
    spared = DELETED if call.params.get("exclude_deleted") == "true" else DELETED + 1
    # Tickets that were not updated since the last row of the page before have no later events.
    since = max(stamp(start), call.params.get("page[after]", "").partition("|")[0])
    where = Where(f"state < ? AND {value_of('updated_at')} >= ?", (spared, since))
    tickets = world.store.docs(Ticket._meta.label, where)
    rows = [row for history in histories(world, tickets) for row in _of_metrics(history)]
    rows.sort(key=lambda row: (row["time"], row["id"]))
    return _stream(world, call, target, rows, "time", start)


def _of_metrics(history: History) -> Iterator[dict[str, Any]]:
    found = sorted((*_replies(history), *_resolutions(history)))
    for place, (moment, metric, instance, kind) in enumerate(found):
        yield {
            "id": history.ticket["id"] * _ROOM + place,
            "ticket_id": history.ticket["id"],
            "metric": metric,
            "instance_id": instance,
            "type": kind,
            "time": moment,
        }


def _replies(history: History) -> Iterator[Metric]:
    born = str(history.ticket["created_at"])
    yield born, "reply_time", 0, "measure"
    yield born, "reply_time", 1, "activate"
    for moment in history.replies()[:1]:
        yield moment, "reply_time", 1, "fulfill"


def _resolutions(history: History) -> Iterator[Metric]:
    """Yield what happened to the time until it was solved, which begins anew when it opens."""
    yield str(history.ticket["created_at"]), "resolution_time", 0, "measure"
    instance, running = 0, False
    for moment, status in history.statuses:
        solved = status in SOLVED
        if solved and running:
            yield moment, "resolution_time", instance, "fulfill"
        elif not solved and not running:
            instance += 1
            yield moment, "resolution_time", instance, "activate"
        running = not solved


def ticket_events(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the updates of tickets.

    Raises:
        Refusal: it begins too close to now, or nowhere.
    """
    start = _start(world, call)
    spoken = "comment_events" in call.params.get("include", "").split(",")
    where = Where(f"{value_of('created_at')} >= ?", (stamp(start),))
    audits = world.store.docs(Audit._meta.label, where, f"{value_of('created_at')}, id")
    rows = [_update(audit, spoken=spoken) for audit in audits]
    return _stream(world, call, target, rows, "created_at", start)


def _update(audit: Mapping[str, Any], *, spoken: bool) -> dict[str, Any]:
    return {
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": int(seconds(audit["created_at"])),
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": "API",
        "system": audit["metadata"].get("system"),
        "metadata": {},
        "event_type": "Audit",
        "child_events": [_child(audit, event, spoken=spoken) for event in audit["events"]],
    }


def _child(audit: Mapping[str, Any], event: Mapping[str, Any], *, spoken: bool) -> dict[str, Any]:
    about = {"id": event["id"], "via": audit["via"], "event_type": event["type"]}
    if event["type"] == "Comment":
        public = bool(event.get("public"))
        told = event if spoken else {"comment_present": True, "comment_public": public}
        return {**told, **about, "created_at": audit["created_at"]}
    told = {str(event.get("field_name")): event.get("value")}
    if "previous_value" in event:
        told["previous_value"] = event["previous_value"]
    return {**told, **about}


def conversation(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what was said on a ticket.

    Raises:
        Refusal: it is not there.
    """
    ticket = target.places[0]
    plain.stored(world, Ticket._meta, ticket)
    comments = Target(Comment._meta, target.endpoints, {})
    found = page(world, call, comments, Where("parent = ?", (ticket,)))
    rows = [_said(world, json.loads(text)) for text in found.texts]
    return Answer(text=reads.listing(target, map(dumped, rows), "", found.about))


def _said(world: World, comment: Mapping[str, Any]) -> dict[str, Any]:
    author = world.store.get(User._meta.label, comment["author_id"]) or {}
    agent = author.get("role") not in (None, "end-user")
    return {
        "id": f"01{comment['id']:024X}",
        "type": "Comment",
        "reference": f"zen:ticket_event:{comment['id']}",
        "created_at": comment["created_at"],
        "author": {
            "type": "agent" if agent else "user",
            "display_name": author.get("name"),
            "zen:support:user_id": comment["author_id"],
        },
        "content": {"type": "html", "body": comment["html_body"]},
        "attachments": comment["attachments"],
        "metadata": {**comment["metadata"], "public": comment["public"]},
    }


def _start(world: World, call: Call) -> int:
    text, delay = call.params.get("start_time", ""), world.switches.export_delay
    if not is_number(text):
        raise invalid_attribute("start_time", "start_time must be an integer")
    if int(text) > world.now() - delay:
        raise too_recent(delay, world.switches.too_recent_error)
    return int(text)


def _stream(
    world: World, call: Call, target: Target, rows: Iterable[dict[str, Any]], at: str, start: int
) -> Answer:
    """Answer with the first rows from the start on, and all others of the last one's second."""
    until = stamp(world.now() - world.switches.export_delay)
    rows = [row for row in rows if stamp(start) <= row[at] <= until]
    if target.meta.label == _METRIC_EVENT and any(name.startswith("page[") for name in call.params):
        return _walked(call, target, rows, at)
    size = whole_number(call, "per_page", MOST, most=MOST)
    found = rows[:size]
    found += [row for row in rows[size:] if row[at] == found[-1][at]]
    end = int(seconds(found[-1][at])) if found else start
    about: dict[str, Any] = {
        "count": len(found),
        "end_time": end,
        "next_page": link(call, {"start_time": str(end)}),
    }
    if target.meta.label == _EVENT:
        about["end_of_stream"] = len(found) == len(rows)
    return Answer(text=reads.listing(target, map(dumped, found), "", about))


def _walked(call: Call, target: Target, rows: list[dict[str, Any]], at: str) -> Answer:
    """Answer with a page by cursor, which stands after the last row of the page before.

    Source: OpenAPI, `ListTicketMetricEvents`: 100 rows to a page by cursor.

    Raises:
        Refusal: the page size is invalid.
    """
    size, after = whole_number(call, "page[size]", 100, most=100), call.params.get("page[after]")
    begun = [row for row in rows if not after or f"{row[at]}|{row['id']:020}" > after]
    found = begun[:size]
    last = f"{found[-1][at]}|{found[-1]['id']:020}" if found else None
    more = len(begun) > size
    about = {
        "meta": {"has_more": more, "after_cursor": last, "before_cursor": None},
        "links": {"prev": None, "next": link(call, {"page[after]": last}) if last else None},
    }
    return Answer(text=reads.listing(target, map(dumped, found), "", about))


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "incremental/ticket_events", _EVENT): ticket_events,
    ("GET", "incremental/ticket_metric_events", _METRIC_EVENT): metric_events,
    ("GET", "tickets/{}/conversation_log", _CONVERSATION): conversation,
}
