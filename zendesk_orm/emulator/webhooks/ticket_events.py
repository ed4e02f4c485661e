"""The events of tickets and comments.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.changes import Change
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.webhooks.events import (
    BuildEvents,
    Event,
    diff,
    diff_list,
    is_new,
    is_removal,
    is_restoration,
    text_id,
)
from zendesk_orm.support import Ticket, TicketField, User


_FIELDS = {
    "assignee_id": "agent_assignment_changed",
    "brand_id": "brand_changed",
    "custom_status_id": "custom_status_changed",
    "description": "description_changed",
    "external_id": "external_id_changed",
    "ticket_form_id": "form_changed",
    "group_id": "group_assignment_changed",
    "organization_id": "organization_changed",
    "priority": "priority_changed",
    "problem_id": "problem_link_changed",
    "requester_id": "requester_changed",
    "status": "status_changed",
    "subject": "subject_changed",
    "submitter_id": "submitter_changed",
    "due_at": "task_due_at_changed",
    "type": "type_changed",
}
_LISTS = {
    "tags": ("tags", "tags_changed"),
    "email_cc_ids": ("users", "email_ccs_changed"),
    "follower_ids": ("users", "followers_changed"),
}
#: Fields whose values are in upper case.
_UPPER = frozenset({"status", "priority", "type"})
_IDS = (
    "assignee_id",
    "brand_id",
    "group_id",
    "id",
    "organization_id",
    "requester_id",
    "submitter_id",
)
_STATUSES = {1: "ARCHIVED", DELETED: "DELETED"}


def describe_ticket(context: Context, row: Mapping[str, Any], state: int = 0) -> dict[str, Any]:
    """Return the `detail` of an event of a ticket."""
    return {
        "actor_id": str(context.user_id),
        **{name: text_id(row.get(name)) for name in _IDS},
        "created_at": row.get("created_at"),
        "custom_status": text_id(row.get("custom_status_id")),
        "description": row.get("description"),
        "external_id": row.get("external_id"),
        "form_id": text_id(row.get("ticket_form_id")),
        "is_public": row.get("is_public"),
        "priority": _upper("priority", row.get("priority")),
        "status": _STATUSES.get(state, _upper("status", row.get("status"))),
        "subject": row.get("subject"),
        "tags": row.get("tags") or [],
        "type": _upper("type", row.get("type")),
        "updated_at": row.get("updated_at"),
        "via": {"channel": (row.get("via") or {}).get("channel")},
    }


def build_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of a ticket."""
    stored = change.after or change.before
    if stored is None:
        return
    detail = describe_ticket(context, stored.doc, stored.state)

    def build(name: str, changes: Mapping[str, Any]) -> Event:
        return Event(f"ticket.{name}", stored.id, detail, changes)

    if change.event:
        yield build(change.event, change.values)
    elif is_new(change):
        yield build("created", {})
        if not context.switches.creation_events:
            return
    elif change.after is None:
        yield build("permanently_deleted", {})
        return
    elif is_removal(change):
        yield build("soft_deleted", {})
        return
    elif is_restoration(change):
        yield build("undeleted", {})
    for name, changes in _build_changes(context, change):
        yield build(name, changes)


def _build_changes(context: Context, change: Change) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the changes of each event of an updated ticket."""
    for name, changes in diff(change, _FIELDS, _convert):
        yield name, changes
    for wire, (noun, name) in _LISTS.items():
        if items := diff_list(change, wire, noun):
            yield name, items
    for changes in _diff_custom_fields(context, change):
        yield "custom_field_changed", changes
    before, after = (
        ((row.doc.get("satisfaction_rating") or {}).get("score") if row else None)
        for row in (change.before, change.after)
    )
    if before != after and after:
        name = "csat_requested" if after == "offered" else "csat_received"
        yield name, {"current": after, "previous": before}


def _diff_custom_fields(context: Context, change: Change) -> Iterator[dict[str, Any]]:
    before, after = (
        {item["id"]: item["value"] for item in (row.doc.get("custom_fields") or ())} if row else {}
        for row in (change.before, change.after)
    )
    for pk, value in after.items():
        if before.get(pk) == value:
            continue
        field = context.store.get(TicketField._meta.label, pk) or {}
        yield {
            "current": {"value": value},
            "previous": {"value": before.get(pk)},
            "custom_field": {
                "id": text_id(pk),
                "title": field.get("title"),
                "type": field.get("type"),
            },
        }


def build_comment_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of a comment: those of its ticket."""
    row = change.after
    ticket = row and context.store.find_row(Ticket._meta.label, row.parent)
    if row is None or ticket is None:
        return
    detail = describe_ticket(context, ticket.doc, ticket.state)
    author = context.store.get(User._meta.label, row.doc["author_id"]) or {}
    comment = {
        "id": text_id(row.id),
        "body": row.doc["body"],
        "is_public": row.doc["public"],
        "author": {
            "id": text_id(row.doc["author_id"]),
            "is_staff": author.get("role") not in (None, "end-user"),
            "name": author.get("name"),
        },
    }

    def build(name: str, value: Mapping[str, Any]) -> Event:
        return Event(f"ticket.{name}", ticket.id, detail, {"comment": value})

    for name in _name_comment_events(context, change):
        yield build(name, comment)
    if is_new(change):
        for attachment in row.doc.get("attachments") or ():
            value = {"id": comment["id"], "attachment": _describe_attachment(attachment, row.doc)}
            yield build("attachment_linked_to_comment", value)


def _name_comment_events(context: Context, change: Change) -> Iterator[str]:
    """Yield the names of the events of a comment."""
    before, after = change.before, change.after
    if after is None:
        return
    if before is None:
        audit = context.store.get("support.Audit", after.doc["audit_id"])
        # The audit of a creation has the events of the first values.
        is_first = any(event["type"] == "Create" for event in (audit or {}).get("events", ()))
        if not is_first or context.switches.creation_events:
            yield "comment_added"
        return
    if before.doc["public"] and not after.doc["public"]:
        yield "comment_made_private"
    if before.doc["body"] != after.doc["body"]:
        yield "comment_redacted"


def _describe_attachment(
    attachment: Mapping[str, Any], comment: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": text_id(attachment.get("id")),
        "filename": attachment.get("file_name"),
        "content_type": attachment.get("content_type"),
        "content_url": attachment.get("content_url"),
        "is_public": comment["public"],
    }


def _convert(wire: str, value: Any) -> Any:
    """Return the value of a field as events show it."""
    return text_id(value) if wire.endswith("_id") else _upper(wire, value)


def _upper(wire: str, value: Any) -> Any:
    return value.upper() if wire in _UPPER and isinstance(value, str) else value


BUILDERS: Mapping[str, BuildEvents] = {
    "support.Ticket": build_events,
    "support.Comment": build_comment_events,
}
