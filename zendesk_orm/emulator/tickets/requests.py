"""Requests: tickets from the point of view of end users. They are stored as tickets only.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm import support
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import parse_number, select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.search import parser
from zendesk_orm.emulator.search.keywords import compile_query
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.relations import where_belongs_to
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in, where_in_rows
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, dump_json
from zendesk_orm.emulator.tickets import tickets
from zendesk_orm.support import Comment, RequestComment, Ticket, User


#: Fields of a request that are fields of the ticket.
_TICKET_FIELDS = [
    field.wire
    for field in support.Request._meta.fields.values()
    if field.readable and field.wire in {field.wire for field in Ticket._meta.fields.values()}
]
#: Keys that the body of a new request can have.
_CREATE_KEYS = (
    "collaborators",
    "comment",
    "custom_fields",
    "due_at",
    "priority",
    "recipient",
    "subject",
    "ticket_form_id",
    "type",
    "via_followup_source_id",
)
_PUBLIC = Where(f"state < ? AND {json_value('is_public')} = 1", (DELETED,))
_OPEN, _SOLVED = ("new", "open", "pending", "hold"), ("solved", "closed")


@route("GET", "requests", support.Request)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the caller's requests."""
    return _list(context, request, target, _where_mine(context))


@route("GET", "requests/open", support.Request)
def list_open(context: Context, request: Request, target: Target) -> Response:
    """List the caller's requests that are not solved."""
    return _list(context, request, target, _where_mine(context) & _where_status(_OPEN))


@route("GET", "requests/solved", support.Request)
def list_solved(context: Context, request: Request, target: Target) -> Response:
    """List the caller's requests that are solved."""
    return _list(context, request, target, _where_mine(context) & _where_status(_SOLVED))


@route("GET", "requests/ccd", support.Request)
def list_ccd(context: Context, request: Request, target: Target) -> Response:
    """List the requests on which the caller is copied."""
    where = where_belongs_to(context, Ticket._meta, "cc", context.user_id)
    return _list(context, request, target, where)


@route("GET", "users/{requester}/requests", support.Request)
@route("GET", "organizations/{organization}/requests", support.Request)
def list_for_parent(context: Context, request: Request, target: Target) -> Response:
    """List the requests of a user or an organization."""
    ((name, value),) = target.kwargs.items()
    return _list(context, request, target, where_belongs_to(context, Ticket._meta, name, value))


@route("GET", "requests/search", support.Request)
def search(context: Context, request: Request, target: Target) -> Response:
    """Search the caller's requests."""
    endpoints = tuple(endpoint for endpoint in Ticket._meta.api if endpoint.verb is Verb.SEARCH)
    ticket_target = evolve(target, meta=Ticket._meta, endpoints=endpoints)
    where = _where_mine(context)
    if request.params.get("query"):
        where &= compile_query(context, ticket_target, parser.parse(request.params["query"]))
    if request.params.get("organization_id"):
        where &= where_equal("organization_id", parse_number(request, "organization_id"))
    if request.params.get("status"):
        where &= _where_status(tuple(request.params["status"].split(",")))
    return _list(context, request, target, where)


@route("GET", "requests/{id}", support.Request)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return a request.

    Raises:
        HTTPError: 404, if the request does not exist or the caller may not see it.
    """
    return _render(_get_visible(context, target.args[0]).doc)


@route("POST", "requests", support.Request)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a request; an anonymous caller must name the requester in the body.

    Raises:
        HTTPError: 422, if the request is invalid.
    """
    body = request.get_object("request")
    payload = {name: body[name] for name in _CREATE_KEYS if name in body}
    if isinstance(body.get("requester"), Mapping):
        payload["requester"] = body["requester"]
    else:
        payload["requester_id"] = context.user_id
    row = tickets.create(context, Ticket._meta, payload, {}).row
    return evolve(_render(row), status=201, headers={"Location": _build_url(row)})


@route("PUT", "requests/{id}", support.Request)
def update(context: Context, request: Request, target: Target) -> Response:
    """Add a comment to a request, or solve it, and return the request.

    Raises:
        HTTPError: 404, if the caller may not see the request; 422, if it is closed or cannot be
            solved by the caller.
    """
    stored, body = _get_visible(context, target.args[0]), request.get_object("request")
    payload: dict[str, Any] = {}
    if body.get("comment"):
        payload["comment"] = {**_parse_comment(body["comment"]), "public": True}
    if body.get("additional_collaborators"):
        payload["additional_collaborators"] = body["additional_collaborators"]
    if str(body.get("solved", "")).lower() == "true":
        if not _is_solvable(stored.doc):
            text = "Status: a request cannot be solved before an agent is assigned"
            raise invalid_record({"status": [field_error(text, "InvalidValue")]})
        payload["status"] = "solved"
    return _render(tickets.update(context, Ticket._meta, stored, payload).row)


@route("GET", "requests/{request}/comments", RequestComment)
def list_comments(context: Context, request: Request, target: Target) -> Response:
    """List the public comments on a request."""
    where = _where_public_comment(_get_visible(context, target.args[0]).id)
    if request.params.get("since"):
        where &= Where(f"{json_value('created_at')} >= ?", (request.params["since"],))
    if request.params.get("role"):
        sign = "=" if request.params["role"] == "end_user" else "!="
        role = Where(f"{json_value('role')} {sign} 'end-user'")
        where &= where_in_rows(json_value("author_id"), User._meta.label, role)
    page = select_page(context, request, evolve(target, meta=Comment._meta), where)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@route("GET", "requests/{request}/comments/{id}", RequestComment)
def show_comment(context: Context, request: Request, target: Target) -> Response:
    """Return a public comment on a request.

    Raises:
        HTTPError: 404, if the comment does not exist or is private.
    """
    ticket, pk = target.args
    _get_visible(context, ticket)
    where = _where_public_comment(ticket) & Where("id = ?", (pk,))
    rows = context.store.select(Comment._meta.label, where)
    if not rows:
        raise not_found()
    return Response(text=dump_json({"comment": rows[0]}))


def _list(context: Context, request: Request, target: Target, where: Where) -> Response:
    page = select_page(context, request, evolve(target, meta=Ticket._meta), _PUBLIC & where)
    rows = (dump_json(_request_row(json.loads(text))) for text in page.texts)
    return Response(text=reads.render_list(target, rows, "", page.metadata))


def _where_mine(context: Context) -> Where:
    return where_equal("requester_id", context.user_id)


def _where_status(statuses: tuple[str, ...]) -> Where:
    return where_in(json_value("status"), statuses)


def _where_public_comment(ticket: Any) -> Where:
    return Where(f"parent = ? AND {json_value('public')} = 1", (ticket,))


def _get_visible(context: Context, pk: Any) -> StoredRow:
    """Return the ticket of a request that the caller may see.

    Raises:
        HTTPError: 404, if the ticket does not exist or the caller may not see it.
    """
    stored = resources.get(context, Ticket._meta, pk)
    row = stored.doc
    participants = (row["requester_id"], *row["collaborator_ids"], *row["email_cc_ids"])
    caller = resources.get(context, User._meta, context.user_id).doc
    may_see = context.user_id in participants or caller["role"] != "end-user"
    if not row["is_public"] or not may_see:
        raise not_found()
    return stored


def _parse_comment(value: Any) -> dict[str, Any]:
    return {"body": value} if isinstance(value, str) else dict(value)


def _is_solvable(ticket: Mapping[str, Any]) -> bool:
    """Return True if the requester can solve a ticket: an agent has it, and it is open."""
    is_assigned = ticket["assignee_id"] is not None
    return is_assigned and ticket["type"] != "problem" and ticket["status"] in _OPEN


def _request_row(ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ticket in the form of a request."""
    source = ticket["via"].get("source", {})
    return {
        **{wire: ticket.get(wire) for wire in _TICKET_FIELDS},
        "url": _build_url(ticket),
        "solved": ticket["status"] in _SOLVED,
        "can_be_solved_by_me": _is_solvable(ticket),
        "followup_source_id": (source.get("from") or {}).get("ticket_id"),
    }


def _build_url(ticket: Mapping[str, Any]) -> str:
    return f"{BASE_URL}/api/v2/requests/{ticket['id']}.json"


def _render(ticket: Mapping[str, Any]) -> Response:
    return Response(text=dump_json({"request": _request_row(ticket)}))
