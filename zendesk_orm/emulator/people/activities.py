"""Activities: changes of an agent's tickets by other users, derived from audits.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/activity_stream/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.paging import RANKS, select_page
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.tickets.audits import SYSTEM
from zendesk_orm.support import Activity, Audit, Ticket, User


_META = Activity._meta
#: Seconds after which activities are no longer listed.
MAX_AGE = 30 * 86_400


@route("GET", "activities", Activity)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the caller's activities, and the users in them."""
    where = _build_filter(context, request)
    page = select_page(context, request, target, where)
    rows = context.store.select(_META.label, where)
    users = {
        plural: list({row[key]["id"]: row[key] for row in rows if row[key]}.values())
        for plural, key in (("actors", "actor"), ("users", "user"))
    }
    sideloads = f",{dump_json(users)[1:-1]}"
    return Response(text=reads.render_list(target, page.texts, sideloads, page.metadata))


@route("GET", "activities/{id}", Activity)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return an activity."""
    _materialize(context)
    return reads.show(context, request, target)


@route("GET", "activities/count", Activity)
def count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of the caller's activities."""
    number = context.store.count(_META.label, _build_filter(context, request))
    return Response(
        text=dump_json({"count": {"value": number, "refreshed_at": context.timestamp()}})
    )


def _materialize(context: Context) -> None:
    """Create the caller's activities from the audits of tickets."""
    user = context.store.get(User._meta.label, context.user_id)
    recent = Where(f"{json_value('created_at')} >= ?", (_oldest_timestamp(context),))
    for audit in context.store.select(Audit._meta.label, recent):
        if user is None or audit["author_id"] == user["id"]:
            continue
        ticket = context.store.get(Ticket._meta.label, audit["ticket_id"])
        actor = context.store.get(User._meta.label, audit["author_id"])
        if audit["author_id"] == SYSTEM:
            # Documented: the id of the user that makes changes of automations.
            actor = {"id": SYSTEM, "name": "System"}
        if ticket is None or actor is None:
            continue
        for pk, verb, predicate in _describe_events(audit, ticket, user["id"]):
            if context.store.get(_META.label, pk) is None:
                title = f"{actor['name']} {predicate}"
                row = _build_row(pk, verb, title, audit, ticket, user, actor)
                context.write(_META, row, words="")


def _describe_events(
    audit: Mapping[str, Any], ticket: Mapping[str, Any], agent: int
) -> Iterator[tuple[int, str, str]]:
    """Yield id, verb and predicate of each event of an audit that is an activity of the agent."""
    name = f"ticket #{ticket['id']}"
    for event in audit["events"]:
        field, value, before = (event.get(key) for key in ("field_name", "value", "previous_value"))
        if field == "assignee_id" and value == str(agent):
            yield event["id"], "tickets.assignment", f"assigned {name} to you."
        elif ticket["assignee_id"] != agent:
            continue
        elif event["type"] == "Comment":
            yield event["id"], "tickets.comment", f"commented on {name}."
        elif field == "priority" and _rank(value) > _rank(before) and event["type"] == "Change":
            yield event["id"], "tickets.priority_increase", f"raised the priority of {name}."


def _rank(priority: Any) -> int:
    ranks = RANKS["priority"]
    return ranks.index(priority) if priority in ranks else -1


def _build_row(
    pk: int,
    verb: str,
    title: str,
    audit: Mapping[str, Any],
    ticket: Mapping[str, Any],
    user: Mapping[str, Any],
    actor: Mapping[str, Any],
) -> dict[str, Any]:
    subject = {"ticket": {"id": ticket["id"], "subject": ticket["subject"]}}
    return {
        "url": f"{BASE_URL}/api/v2/activities/{pk}.json",
        "id": pk,
        "title": title,
        "verb": verb,
        "user_id": user["id"],
        "actor_id": actor["id"],
        "updated_at": audit["created_at"],
        "created_at": audit["created_at"],
        "object": subject,
        "target": subject,
        "user": user,
        "actor": actor,
    }


def _build_filter(context: Context, request: Request) -> Where:
    """Return the condition for the caller's activities since the parameter `since`."""
    _materialize(context)
    since = max(request.params.get("since", ""), _oldest_timestamp(context))
    return where_equal("user_id", context.user_id) & Where(
        f"{json_value('created_at')} >= ?", (since,)
    )


def _oldest_timestamp(context: Context) -> str:
    return context.timestamp(context.now() - MAX_AGE)
