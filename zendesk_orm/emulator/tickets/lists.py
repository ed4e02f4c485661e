"""Lists of problems, recent tickets, audits and users of a ticket, and related rows of a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from zendesk_orm.api.paging import ONCE
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import (
    SortOrder,
    build_link,
    decode_cursor,
    encode_cursor,
    parse_count,
    select_page,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_contains, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, dump_json
from zendesk_orm.support import Audit, JiraLink, Ticket, User


_TICKET, _USER = Ticket._meta.label, User._meta.label
_ALIVE = Where("state = ?", (ALIVE,))
_PROBLEM = _ALIVE & where_equal("type", "problem")
#: Tickets in the list of recent ones.
_MAX_RECENT = 5
#: Audits on a page by the earlier style of cursors.
_MAX_AUDITS = 1000


@route("GET", "problems", Ticket)
def list_problems(context: Context, request: Request, target: Target) -> Response:
    """List problems, the last updated first."""
    page = select_page(context, request, target, _PROBLEM)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@route("POST", "problems/autocomplete", Ticket)
def autocomplete_problems(context: Context, request: Request, target: Target) -> Response:
    """List the problems whose subject contains a text."""
    text = str(request.body.get("text") or request.params.get("text", ""))
    matches = Where(f"instr(lower({json_value('subject')}), ?) > 0", (text.lower(),))
    rows = context.store.select(_TICKET, _PROBLEM & matches) if text else []
    return Response(text=dump_json({"tickets": rows}))


@route("GET", "tickets/recent", Ticket)
def list_recent(context: Context, request: Request, target: Target) -> Response:
    """List the caller's last updated tickets. The emulator does not record views of tickets."""
    mine = where_equal("submitter_id", context.user_id) | where_equal(
        "assignee_id", context.user_id
    )
    order = f"{json_value('updated_at')} DESC, id DESC"
    rows = context.store.select(_TICKET, _ALIVE & mine, order)[:_MAX_RECENT]
    return Response(text=dump_json({"tickets": rows, "count": len(rows)}))


@route("GET", "ticket_audits", Audit)
def list_audits(context: Context, request: Request, target: Target) -> Response:
    """List the audits of all tickets: the oldest first, or by the earlier style of cursors.

    A page that is requested by `limit` or `cursor` has the newest audits first, and `before_url`
    leads to older ones.
    """
    is_earlier_style = not {"limit", "cursor"}.isdisjoint(request.params)
    if not (is_earlier_style and context.switches.audit_cursors):
        return reads.list_rows(context, request, target)
    where = reads.where_in_list(context, request, target)
    order = SortOrder("created_at", descending=True, meta=target.meta)
    size = parse_count(request, "limit", _MAX_AUDITS, limit=_MAX_AUDITS)
    cursor = request.params.get("cursor")
    if cursor:
        where &= order.where_beyond(*decode_cursor(cursor, order), backwards=False)
    rows = context.store.select_texts(
        target.meta.label, where, order.sql(), limit=size, extra=order.expression
    )
    metadata: dict[str, Any] = {}
    for name, row in (("before", rows[-1:]), ("after", rows[:1])):
        place = encode_cursor(order, row[0][2], row[0][1]) if row else None
        link = build_link(request, {"cursor": place}) if place else None
        metadata |= {f"{name}_cursor": place, f"{name}_url": link}
    return Response(text=reads.render_list(target, [row[0] for row in rows], "", metadata))


@route("GET", "tickets/messaging/conversations/{conversation}/ticket", Ticket)
def show_for_conversation(context: Context, request: Request, target: Target) -> Response:
    """Return the open ticket of a messaging conversation.

    Raises:
        HTTPError: 404, if the conversation has no open ticket.
    """
    is_open = Where(f"{json_value('status')} NOT IN ('solved', 'closed')")
    matches = where_equal("via.source.from.conversation_id", str(target.args[0]))
    rows = context.store.select(_TICKET, _ALIVE & is_open & matches)
    if not rows:
        raise not_found()
    return Response(text=dump_json({"ticket": rows[-1]}))


@route("GET", "tickets/{id}/related", Ticket)
def show_related_data(context: Context, request: Request, target: Target) -> Response:
    """Return the rows that are related to a ticket: incidents, sources, Jira issues."""
    pk = target.args[0]
    ticket = resources.get(context, Ticket._meta, pk)
    incidents = Where("state <= ?", (ARCHIVED,)) & where_equal("problem_id", pk)
    sources = context.store.select(_TICKET, where_contains("followup_ids", pk))
    links = context.store.select(JiraLink._meta.label, where_equal("ticket_id", str(pk)))
    body = {
        "topic_id": None,
        "followup_source_ids": [str(row["id"]) for row in sources],
        "from_archive": ticket.state == ARCHIVED,
        "incidents": context.store.count(_TICKET, incidents),
        "jira_issue_ids": [str(row["issue_id"]) for row in links],
    }
    return Response(text=dump_json(body))


@route("GET", "tickets/{collaborates_on}/collaborators", User)
def list_collaborators(context: Context, request: Request, target: Target) -> Response:
    """List the collaborators of a ticket."""
    return _list_users(context, target, "collaborator_ids")


@route("GET", "tickets/{copied_in_on}/email_ccs", User)
def list_email_ccs(context: Context, request: Request, target: Target) -> Response:
    """List the users in the e-mail copies of a ticket."""
    return _list_users(context, target, "email_cc_ids")


@route("GET", "tickets/{follows}/followers", User)
def list_followers(context: Context, request: Request, target: Target) -> Response:
    """List the followers of a ticket."""
    return _list_users(context, target, "follower_ids")


def _list_users(context: Context, target: Target, wire: str) -> Response:
    """Return the users whose ids are in a field of a ticket, on one page."""
    ids = resources.get(context, Ticket._meta, target.args[0]).doc[wire]
    rows = [row for row in (context.store.get(_USER, pk) for pk in ids) if row is not None]
    unpaged = evolve(target, endpoints=(evolve(target.endpoint, paging=ONCE),))
    metadata: dict[str, Any] = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Response(text=reads.render_list(unpaged, map(dump_json, rows), "", metadata))
