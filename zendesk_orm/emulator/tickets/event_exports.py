"""Exports of ticket events and ticket metric events, and conversation logs.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.exports import SAMPLE_ROWS
from zendesk_orm.emulator.crud.paging import build_link, parse_count, select_page
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.errors import (
    invalid_attribute,
    invalid_paging,
    start_time_too_recent,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.emulator.tickets import metric_events
from zendesk_orm.emulator.tickets.history import load_histories, to_seconds
from zendesk_orm.support import (
    Audit,
    Comment,
    ConversationEvent,
    SlaPolicy,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    User,
)


_EVENT = "support.TicketEvent"
#: Rows per page.
MAX_ROWS = 1000
#: The number of tickets whose metric events are built at the same time.
_TICKETS = 500
_CREATED = json_value("created_at")
_ORDER = f"{_CREATED}, id"


@route("GET", "incremental/ticket_metric_events", TicketMetricEvent)
def list_metric_events(context: Context, request: Request, target: Target) -> Response:
    """List the metric events of tickets since `start_time`, without marking the last page.

    Raises:
        HTTPError: 400, if `start_time` is not a number, or the cursor is invalid; 422, if the
            time is too recent.
    """
    start = _parse_start_time(context, request)
    states = DELETED if request.params.get("exclude_deleted") == "true" else DELETED + 1
    where = Where("state < ?", (states,))
    after = request.params.get("page[after]", "").partition("|")[0]
    if not context.store.count(SlaPolicy._meta.label, Where()):
        # Without targets that are breached, tickets that were not updated since the last row of
        # the previous page have no later events.
        since = max(format_timestamp(start), after)
        where &= Where(f"{json_value('updated_at')} >= ?", (since,))
    position = (format_timestamp(start), 0)
    if after:
        time, _, pk = request.params["page[after]"].partition("|")
        if not is_number(pk):
            raise invalid_paging("page[after] is not valid")
        position = (time, int(pk) + 1)
    by_cursor = any(name.startswith("page[") for name in request.params)
    size = _parse_size(request, by_cursor=by_cursor)
    rows = _select_metric_events(context, where, position, size)
    if by_cursor:
        return _render_cursor_page(request, target, rows, size)
    return _render_export(request, target, rows, "time", start, size)


@route("GET", "incremental/ticket_events", TicketEvent)
@route("GET", "incremental/ticket_events/sample", TicketEvent)
def list_ticket_events(context: Context, request: Request, target: Target) -> Response:
    """List the updates of tickets since `start_time`.

    Raises:
        HTTPError: 400, if `start_time` is not a number; 422, if it is too recent.
    """
    start = _parse_start_time(context, request)
    comments = "comment_events" in request.params.get("include", "").split(",")
    where = Where(f"{_CREATED} >= ?", (format_timestamp(start),))
    where &= Where(f"{_CREATED} <= ?", (_get_end(context),))
    where &= reads.where_support_type(context, request.params, "parent")
    size = _parse_size(request)
    texts = context.store.select_texts(Audit._meta.label, where, _ORDER, limit=size + 1)
    audits = [json.loads(text) for text, *_ in texts]
    if len(audits) > size:
        # All events of the last second, which a page may have to be completed with.
        last = audits.pop()
        same = where & Where(f"{_CREATED} = ? AND id >= ?", (last["created_at"], last["id"]))
        audits += context.store.select(Audit._meta.label, same, _ORDER)
    rows = [_event_row(audit, comments=comments) for audit in audits]
    return _render_export(request, target, rows, "created_at", start, size)


def _select_metric_events(
    context: Context, where: Where, position: tuple[str, int], size: int
) -> list[dict[str, Any]]:
    """Return more than `size` events in their order, if there are so many, and all of one second.

    Tickets are read in the order of their creation, some at a time: none has earlier events.

    Args:
        context: the account.
        where: the condition for tickets.
        position: time and id of the first event.
        size: the number of events.
    """
    rows: list[dict[str, Any]] = []
    end = _get_end(context)
    where &= Where(f"{_CREATED} <= ?", (end,))
    beyond = Where()
    while True:
        texts = context.store.select_texts(
            Ticket._meta.label, where & beyond, _ORDER, limit=_TICKETS, extra=_CREATED
        )
        if len(rows) > size and texts and texts[0][2] > rows[-1]["time"]:
            return rows
        tickets = [json.loads(text) for text, *_ in texts]
        events = metric_events.build_rows(context, load_histories(context, tickets))
        rows += [row for row in events if position <= _get_key(row) and row["time"] <= end]
        rows.sort(key=_get_key)
        if len(rows) > size:
            last = rows[size]["time"]
            rows = [row for row in rows if row["time"] <= last]
        if len(texts) < _TICKETS:
            return rows
        _, pk, created_at = texts[-1]
        sql = f"{_CREATED} > ? OR ({_CREATED} = ? AND id > ?)"
        beyond = Where(sql, (created_at, created_at, pk))


def _get_key(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["time"], row["id"]


def _get_end(context: Context) -> str:
    """Return the time of the latest events that exports contain."""
    return format_timestamp(context.now() - context.switches.export_delay)


def _parse_size(request: Request, *, by_cursor: bool = False) -> int:
    """Return the number of rows of a page.

    Source: OpenAPI, `ListTicketMetricEvents`: 100 rows to a page by cursor.

    Raises:
        HTTPError: 400, if it is invalid.
    """
    if by_cursor:
        return parse_count(request, "page[size]", 100, limit=100)
    limit = SAMPLE_ROWS if request.path.endswith("/sample") else MAX_ROWS
    return parse_count(request, "per_page", limit, limit=limit)


def _event_row(audit: Mapping[str, Any], *, comments: bool) -> dict[str, Any]:
    return {
        "id": audit["id"],
        "ticket_id": audit["ticket_id"],
        "timestamp": int(to_seconds(audit["created_at"])),
        "created_at": audit["created_at"],
        "updater_id": audit["author_id"],
        "via": "API",
        "system": audit["metadata"].get("system"),
        "metadata": {},
        "event_type": "Audit",
        "child_events": [
            _child_event(audit, event, comments=comments) for event in audit["events"]
        ],
    }


def _child_event(
    audit: Mapping[str, Any], event: Mapping[str, Any], *, comments: bool
) -> dict[str, Any]:
    """Return an event of an audit, with the text of a comment only if `comments` is True."""
    metadata = {"id": event["id"], "via": audit["via"], "event_type": event["type"]}
    if event["type"] == "Comment":
        public = bool(event.get("public"))
        content = event if comments else {"comment_present": True, "comment_public": public}
        return {**content, **metadata, "created_at": audit["created_at"]}
    values = {str(event.get("field_name")): event.get("value")}
    if "previous_value" in event:
        values["previous_value"] = event["previous_value"]
    return {**values, **metadata}


@route("GET", "tickets/{ticket}/conversation_log", ConversationEvent)
def list_conversation(context: Context, request: Request, target: Target) -> Response:
    """List the comments of a ticket as events of its conversation.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    ticket = target.args[0]
    resources.get(context, Ticket._meta, ticket)
    comments = Target(Comment._meta, target.endpoints, {})
    page = select_page(context, request, comments, Where("parent = ?", (ticket,)))
    rows = [_conversation_row(context, json.loads(text)) for text in page.texts]
    return Response(text=reads.render_list(target, map(dump_json, rows), "", page.metadata))


def _conversation_row(context: Context, comment: Mapping[str, Any]) -> dict[str, Any]:
    author = context.store.get(User._meta.label, comment["author_id"]) or {}
    is_agent = author.get("role") not in (None, "end-user")
    return {
        "id": f"01{comment['id']:024X}",
        "type": "Comment",
        "reference": f"zen:ticket_event:{comment['id']}",
        "created_at": comment["created_at"],
        "author": {
            "type": "agent" if is_agent else "user",
            "display_name": author.get("name"),
            "zen:support:user_id": comment["author_id"],
        },
        "content": {"type": "html", "body": comment["html_body"]},
        "attachments": comment["attachments"],
        "metadata": {**comment["metadata"], "public": comment["public"]},
    }


def _parse_start_time(context: Context, request: Request) -> int:
    text, delay = request.params.get("start_time", ""), context.switches.export_delay
    if not is_number(text):
        raise invalid_attribute("start_time", "start_time must be an integer")
    if int(text) > context.now() - delay:
        raise start_time_too_recent(delay, context.switches.too_recent_error)
    return int(text)


def _render_export(
    request: Request,
    target: Target,
    rows: Sequence[dict[str, Any]],
    key: str,
    start: int,
    size: int,
) -> Response:
    """Return the first rows since `start`, completed to the end of the last row's second.

    Args:
        request: the request.
        target: the endpoint.
        rows: the first rows, the oldest first: more than `size`, if there are so many.
        key: the key of the timestamp by which rows are ordered.
        start: the time of the first row, in seconds since the epoch.
        size: the number of rows of a page.
    """
    page = list(rows[:size])
    end = int(to_seconds(page[-1][key])) if page else start
    if len(rows) > size and page[0][key] == page[-1][key]:
        # As recorded of tickets: a page of one second is completed, and the next one starts after.
        page += [row for row in rows[size:] if row[key] == page[-1][key]]
        end += 1
    metadata: dict[str, Any] = {
        "count": len(page),
        "end_time": end,
        "next_page": build_link(request, {"start_time": str(end)}),
    }
    if target.meta.label == _EVENT:
        metadata["end_of_stream"] = len(page) == len(rows)
    return Response(text=reads.render_list(target, map(dump_json, page), "", metadata))


def _render_cursor_page(
    request: Request, target: Target, rows: Sequence[dict[str, Any]], size: int
) -> Response:
    """Return the page after a cursor, which contains time and id of the previous page's last row.

    Args:
        request: the request.
        target: the endpoint.
        rows: the first rows after the cursor.
        size: the number of rows of a page.
    """
    page = rows[:size]
    last = f"{page[-1]['time']}|{page[-1]['id']}" if page else None
    metadata = {
        "meta": {
            "has_more": len(rows) > size,
            "after_cursor": last,
            "before_cursor": None,
        },
        "links": {
            "prev": None,
            "next": build_link(request, {"page[after]": last}) if last else None,
        },
    }
    return Response(text=reads.render_list(target, map(dump_json, page), "", metadata))
