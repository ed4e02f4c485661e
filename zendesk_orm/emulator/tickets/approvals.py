"""Approval requests. A ticket has at most one that is active, approved or rejected.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/approval_requests/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import build_link, parse_number
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import ApprovalRequest, Group, Ticket, User


_META = ApprovalRequest._meta
#: Rows per page.
_PAGE_SIZE = 100
_REQUIRED = ("subject", "message", "ticket_id")
#: Statuses of a request that prevent another request for the same ticket.
_BLOCKING_STATUSES = ("active", "approved", "rejected")
#: Fields by the parameter of the list that filters by them.
_FILTERS = {
    "filter[status]": "status",
    "filter[assignee_user_id]": "assignee_user.id",
    "filter[assignee_group_id]": "assignee_group.id",
}
#: Keys of the response to a new request, in their order.
_CREATED_KEYS = (
    "id",
    "ticket_id",
    "subject",
    "message",
    "status",
    "origination_type",
    "created_at",
)


@route("POST", "approval_requests", ApprovalRequest)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create an approval request. The response has ids for which the list has names.

    Raises:
        HTTPError: 422, if a required key is missing or the ticket has a request already.
    """
    payload = request.body
    for name in _REQUIRED:
        if not payload.get(name):
            raise _creation_error(f"{name} is required")
    ticket = resources.get(context, Ticket._meta, payload["ticket_id"]).id
    requests = context.store.find(_META.label, "ticket_id", ticket)
    if any(row["status"] in _BLOCKING_STATUSES for row in requests):
        raise _creation_error("one active, approved, or denied request already exists")
    row = build_row(_META)
    for name in ("assignee_user_id", "assignee_group_id", "created_by_id"):
        row.pop(name)
    row |= {name: payload[name] for name in _REQUIRED}
    row |= {"status": "active", "origination_type": "API_ORIGINATION"}
    row |= {
        "assignee_user": _embed_row(context, User._meta.label, payload.get("assignee_user_id")),
        "assignee_group": _embed_row(context, Group._meta.label, payload.get("assignee_group_id")),
        "created_by_user": _embed_row(context, User._meta.label, context.user_id),
    }
    resources.initialize(context, _META, row)
    context.write(_META, row)
    body = {name: row[name] for name in _CREATED_KEYS}
    body |= {name: payload.get(name) for name in ("assignee_user_id", "assignee_group_id")}
    body["created_by_id"] = context.user_id
    return Response(201, dump_json({"approval_request": body}))


@route("GET", "approval_requests", ApprovalRequest)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List approval requests, the newest first."""
    where = Where("state < ?", (DELETED,))
    for parameter, wire in _FILTERS.items():
        values = request.get_ids(parameter)
        if values:
            where &= where_in(json_value(wire), values)
    start = parse_number(request, "after_cursor")
    end = start + _PAGE_SIZE
    if "before_cursor" in request.params:
        # A cursor is the number of rows before a page.
        end = parse_number(request, "before_cursor")
        start = max(end - _PAGE_SIZE, 0)
    order = f"{json_value('created_at')} DESC, id DESC"
    size = end - start
    rows = context.store.select_texts(_META.label, where, order, limit=size + 1, offset=start)
    has_more, after = len(rows) > size, str(end)
    next_page = build_link(request, {"after_cursor": after})
    metadata = {
        "meta": {
            "has_more": has_more,
            "after_cursor": after if has_more else None,
            "before_cursor": str(start) if start else None,
        },
        "links": {
            "next": next_page if has_more else None,
            "prev": build_link(request, {"before_cursor": str(start)}) if start else None,
        },
    }
    texts = [text for text, *_ in rows[:size]]
    return Response(text=reads.render_list(target, texts, "", metadata))


def _embed_row(context: Context, label: str, pk: Any) -> dict[str, Any] | None:
    """Return id and name of a user or group; None for no id."""
    if pk is None:
        return None
    row = context.store.get(label, pk)
    if row is None:
        raise _creation_error("the assignee was not found")
    return {"id": pk, "name": row["name"]}


def _creation_error(reason: str) -> HTTPError:
    """Return the response to a request that cannot be created."""
    title = f"Approval request couldn't be sent because {reason}"
    return HTTPError(
        422, {"errors": [{"code": "ApprovalRequestCreationFailed", "title": title}]}, UNCONFIRMED
    )
