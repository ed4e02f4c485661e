"""Creation and update of macros, and their effect on tickets.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.rules import writes
from zendesk_orm.emulator.rules.actions import build_changes
from zendesk_orm.emulator.rules.macro_attachments import attach_files
from zendesk_orm.emulator.server.errors import missing_parameter
from zendesk_orm.emulator.server.routes import creates, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Macro, Ticket


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
    """Return the new values of a ticket by field, as in the response; the ticket may be empty."""
    changes = build_changes(context, macro["actions"], ticket, context.user_id)
    comment, fields = changes.get("comment"), changes.pop("custom_fields", ())
    if comment:
        comment.setdefault("public", True)
        if "body" in comment:
            comment["scoped_body"] = [["channel:all", comment["body"]]]
    if fields:
        changes["fields"] = fields[0] if len(fields) == 1 else fields
    return changes


def _to_list(fields: Any) -> list[dict[str, Any]]:
    return [fields] if isinstance(fields, dict) else list(fields)
