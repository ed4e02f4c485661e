"""Tags of tickets, users and organizations under paths below these.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from collections.abc import Sequence

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.crud.safe_updates import KEYS
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import Organization, Ticket, User


@route("GET", "organizations/{id}/tags", Organization)
@route("GET", "tickets/{id}/tags", Ticket)
@route("GET", "users/{id}/tags", User)
def list_tags(context: Context, request: Request, target: Target) -> Response:
    """List the tags of a row."""
    return _render(_get_tags(context, target))


@route("POST", "organizations/{id}/tags", Organization)
@route("POST", "tickets/{id}/tags", Ticket)
@route("POST", "users/{id}/tags", User)
def set_tags(context: Context, request: Request, target: Target) -> Response:
    """Replace all tags of a row, and return them."""
    tags = resources.parse_tags(request.body.get("tags"))
    return _render(_update(context, request, target, tags), 201)


@route("PUT", "organizations/{id}/tags", Organization)
@route("PUT", "tickets/{id}/tags", Ticket)
@route("PUT", "users/{id}/tags", User)
def add_tags(context: Context, request: Request, target: Target) -> Response:
    """Add tags to a row, and return all its tags.

    Raises:
        HTTPError: 409, if a safe update was requested and the ticket was updated since.
    """
    tags = [*_get_tags(context, target), *resources.parse_tags(request.body.get("tags"))]
    return _render(_update(context, request, target, resources.parse_tags(tags)))


@route("DELETE", "organizations/{id}/tags", Organization)
@route("DELETE", "tickets/{id}/tags", Ticket)
@route("DELETE", "users/{id}/tags", User)
def remove_tags(context: Context, request: Request, target: Target) -> Response:
    """Remove tags from a row, and return the remaining tags.

    Raises:
        HTTPError: 409, if a safe update was requested and the ticket was updated since.
    """
    removed = resources.parse_tags(request.params.get("tags", request.body.get("tags")))
    tags = [tag for tag in _get_tags(context, target) if tag not in removed]
    return _render(_update(context, request, target, tags))


def _get_tags(context: Context, target: Target) -> list[str]:
    return list(resources.get(context, target.meta, target.args[0]).doc["tags"])


def _update(
    context: Context, request: Request, target: Target, tags: Sequence[str]
) -> Sequence[str]:
    safe = {key: request.body[key] for key in KEYS if key in request.body}
    payload = {"tags": list(tags), **safe}
    result = writes.update_one(context, target.meta, target.args[0], payload)
    return list(result.row["tags"])


def _render(tags: Sequence[str], status: int = 200) -> Response:
    return Response(status, dump_json({"tags": tags}))
