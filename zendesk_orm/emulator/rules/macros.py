"""Creation and update of macros, and their effect on tickets.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target, is_number, parse_id
from zendesk_orm.emulator.rules import writes
from zendesk_orm.emulator.rules.macro_attachments import attach_files
from zendesk_orm.emulator.server.errors import missing_parameter
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Macro, Ticket, User


_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
#: Actions that set a field, by its name.
_FIELDS = frozenset(
    {
        "status",
        "priority",
        "type",
        "subject",
        "group_id",
        "assignee_id",
        "brand_id",
        "ticket_form_id",
        "custom_status_id",
    }
)
_NUMBERS = frozenset({"group_id", "assignee_id", "brand_id", "ticket_form_id", "custom_status_id"})
#: Fields of a ticket that a macro created from the ticket sets.
_COPIED_FIELDS = ("status", "priority", "type", "group_id", "assignee_id")


@creates(Macro)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a macro, and attach the uploaded files in its payload."""
    result = writes.create(context, meta, payload, path)
    attach_files(context, result.row["id"], payload.get("attachments") or ())
    return result


@updates(Macro)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a macro, and attach the uploaded files in its payload."""
    attach_files(context, stored.id, payload.get("attachments") or ())
    return writes.update(context, meta, stored, payload)


@route("GET", "macros/{id}/apply", Macro)
def show_changes(context: Context, request: Request, target: Target) -> Response:
    """Return the changes of a macro, with unresolved placeholders."""
    macro = resources.get(context, Macro._meta, target.args[0]).doc
    return Response(text=dump_json({"result": {"ticket": _build_changes(context, macro, {})}}))


@route("GET", "tickets/{ticket}/macros/{id}/apply", Macro)
def show_ticket(context: Context, request: Request, target: Target) -> Response:
    """Return a ticket after the changes of a macro, which are not saved."""
    ticket = resources.get(context, Ticket._meta, target.args[0]).doc
    macro = resources.get(context, Macro._meta, target.args[1]).doc
    changes = _build_changes(context, macro, ticket)
    fields = changes.pop("fields", ())
    values = {field["id"]: field["value"] for field in ticket["custom_fields"]}
    values.update({field["id"]: field["value"] for field in _to_list(fields)})
    custom = [{"id": pk, "value": value} for pk, value in values.items()]
    row = {**ticket, **changes, "custom_fields": custom, "fields": custom}
    return Response(text=dump_json({"result": {"ticket": row}}))


@route("GET", "macros/new", Macro)
def show_replica(context: Context, request: Request, target: Target) -> Response:
    """Return an unsaved macro, copied from a macro or created from a ticket."""
    macro, ticket = request.params.get("macro_id"), request.params.get("ticket_id")
    row = defaults.build_row(Macro._meta)
    if macro:
        source = resources.get(context, Macro._meta, parse_id(macro)).doc
        row.update({key: source[key] for key in row if key not in {"id", "url", "position"}})
        row.update(created_at=None, updated_at=None)
    elif ticket:
        source = resources.get(context, Ticket._meta, parse_id(ticket)).doc
        row["title"] = row["raw_title"] = source["subject"]
        row["actions"] = [
            {"field": name, "value": str(source[name])}
            for name in _COPIED_FIELDS
            if source.get(name)
        ]
        if source["tags"]:
            row["actions"].append({"field": "set_tags", "value": " ".join(source["tags"])})
    else:
        raise missing_parameter("macro_id")
    return Response(text=dump_json({"macro": row}))


@route("GET", "macros/categories", Macro)
def list_categories(context: Context, request: Request, target: Target) -> Response:
    """List the categories of macros: the parts of their titles before `::`."""
    rows = context.store.select(Macro._meta.label, Where("state < ?", (DELETED,)))
    categories = {row["title"].partition("::")[0] for row in rows if "::" in row["title"]}
    return Response(text=dump_json({"categories": sorted(categories)}))


def _build_changes(
    context: Context, macro: Mapping[str, Any], ticket: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the new values of a ticket by field; the ticket may be empty."""
    changes: dict[str, Any] = {}
    comment: dict[str, Any] = {}
    fields: list[dict[str, Any]] = []
    for action in macro["actions"]:
        name, value = str(action.get("field")), action.get("value")
        if name in _FIELDS:
            changes[name] = _parse_value(context, name, value)
        elif name.startswith("custom_fields_"):
            fields.append({"id": int(name.removeprefix("custom_fields_")), "value": value})
        elif name.endswith("_tags"):
            before = changes.get("tags", ticket.get("tags")) or []
            changes["tags"] = _change_tags(name, value, before)
        elif name in {"comment_value", "comment_value_html"}:
            key = "html_body" if name.endswith("html") else "body"
            text = value[-1] if isinstance(value, list) else value
            comment[key] = _resolve_placeholders(context, str(text), ticket)
        elif name == "comment_mode_is_public":
            comment["public"] = str(value) == "true"
    if comment:
        comment.setdefault("public", True)
        if "body" in comment:
            comment["scoped_body"] = [["channel:all", comment["body"]]]
        changes["comment"] = comment
    if fields:
        changes["fields"] = fields[0] if len(fields) == 1 else fields
    return changes


def _parse_value(context: Context, name: str, value: Any) -> Any:
    """Return the value of an action, with ids as numbers."""
    if value in ("current_user", "current_groups"):
        user = context.store.get(User._meta.label, context.user_id) or {}
        return context.user_id if name == "assignee_id" else user.get("default_group_id")
    if name in _NUMBERS:
        return int(value) if is_number(str(value)) else None
    return value


def _change_tags(action: str, value: Any, before: list[str]) -> list[str]:
    tags = resources.parse_tags(value)
    if action == "set_tags":
        return tags
    if action == "remove_tags":
        return [tag for tag in before if tag not in tags]
    return resources.parse_tags([*before, *tags])


def _resolve_placeholders(context: Context, text: str, ticket: Mapping[str, Any]) -> str:
    """Return a text with the values of those placeholders that the emulator supports."""
    if not ticket:
        return text
    users = {
        name: context.store.get(User._meta.label, pk) or {}
        for name, pk in (
            ("ticket.requester", ticket.get("requester_id")),
            ("ticket.assignee", ticket.get("assignee_id")),
            ("current_user", context.user_id),
        )
    }

    def resolve(match: re.Match[str]) -> str:
        owner, _, key = match[1].rpartition(".")
        if owner in users:
            return str(users[owner].get(key) or "")
        if owner == "ticket":
            return str(ticket.get({"title": "subject"}.get(key, key)) or "")
        return match[0]

    return _PLACEHOLDER.sub(resolve, text)


def _to_list(fields: Any) -> list[dict[str, Any]]:
    return [fields] if isinstance(fields, dict) else list(fields)
