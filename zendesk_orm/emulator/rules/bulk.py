"""Update, deletion and reordering of many rules in one request, without a job.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.bulk import parse_rows
from zendesk_orm.emulator.crud.jobs import MAX_ITEMS
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.rules.writes import update_bulk_item
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    missing_parameter,
    not_found,
    too_many_values,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Automation,
    GroupSlaPolicy,
    Macro,
    OrganizationField,
    Queue,
    SlaPolicy,
    TicketField,
    TicketForm,
    Trigger,
    TriggerCategory,
    UserField,
    View,
    Workspace,
)


@route("PUT", "automations/update_many", Automation)
@route("PUT", "macros/update_many", Macro)
@route("PUT", "triggers/update_many", Trigger)
@route("PUT", "views/update_many", View)
def update_many(context: Context, request: Request, target: Target) -> Response:
    """Update rules, and return them.

    Raises:
        HTTPError: 400, if there are too many; 404, if one does not exist.
    """
    meta = target.meta
    items = parse_rows(request, meta.plural)
    if len(items) > MAX_ITEMS:
        raise too_many_values()
    rows = [update_bulk_item(context, meta, item) for item in items]
    metadata = {"count": len(rows), "next_page": None, "previous_page": None}
    return Response(text=dump_json({meta.plural: rows, **metadata}))


@route("DELETE", "workspaces/destroy_many", Workspace)
def destroy_many(context: Context, request: Request, target: Target) -> Response:
    """Delete several workspaces."""
    for pk in request.get_ids():
        resources.delete(context, target.meta, resources.get(context, target.meta, pk))
    return Response(200)


@route("PUT", "slas/policies/reorder", SlaPolicy)
@route("PUT", "group_slas/policies/reorder", GroupSlaPolicy)
@route("PUT", "ticket_forms/reorder", TicketForm)
@route("PUT", "ticket_fields/reorder", TicketField)
@route("PUT", "user_fields/reorder", UserField)
@route("PUT", "organization_fields/reorder", OrganizationField)
def reorder(context: Context, request: Request, target: Target) -> Response:
    """Move rows to the front, in the order of their ids.

    Raises:
        HTTPError: 404, if a row does not exist.
    """
    ids, others = _parse_order(context, request, target.meta, f"{target.meta.singular}_ids")
    _set_positions(context, target.meta, [*ids, *others])
    if target.meta.label != TicketForm._meta.label:
        return Response()
    where = Where("state < ?", (DELETED,))
    forms = context.store.select(target.meta.label, where, f"{json_value('position')}, id")
    metadata = {"count": len(forms), "next_page": None, "previous_page": None}
    return Response(text=dump_json({"ticket_forms": forms, **metadata}))


@route("PUT", "workspaces/reorder", Workspace)
def reorder_workspaces(context: Context, request: Request, target: Target) -> Response:
    """Move workspaces to the front, in the order of their ids.

    Raises:
        HTTPError: 404, if a workspace does not exist.
    """
    ids, others = _parse_order(context, request, target.meta, "ids")
    _set_positions(context, target.meta, [*ids, *others])
    return Response()


@route("PUT", "triggers/reorder", Trigger)
def reorder_triggers(context: Context, request: Request, target: Target) -> Response:
    """Set the order of all triggers.

    Raises:
        HTTPError: 404, if a trigger does not exist or is missing; 400, if there are several
            categories.
    """
    ids, others = _parse_order(context, request, target.meta, "trigger_ids")
    if others:
        raise _incomplete_order(404, "trigger_ids")
    if context.store.count(TriggerCategory._meta.label, Where("state < ?", (DELETED,))) > 1:
        error = {"error": "LimitOneCategory", "description": "there is more than one category"}
        raise HTTPError(400, error, UNCONFIRMED)
    _set_positions(context, target.meta, ids)
    if not ids:
        return Response()
    # Described with one trigger, without saying which.
    return Response(text=dump_json({"trigger": context.store.get(target.meta.label, ids[0])}))


@route("PATCH", "queues/order", Queue)
def reorder_queues(context: Context, request: Request, target: Target) -> Response:
    """Set the order of all queues.

    Raises:
        HTTPError: 404, if a queue does not exist; 400, if one is missing.
    """
    ids, others = _parse_order(context, request, target.meta, "queue_ids")
    if others:
        raise _incomplete_order(400, "queue_ids")
    _set_positions(context, target.meta, ids)
    return Response(204)


def _parse_order(
    context: Context, request: Request, meta: Options, key: str
) -> tuple[list[Any], list[Any]]:
    """Return the ids under a key of the body, and the ids of all other rows.

    The ids of policies are described as a parameter of the query.

    Raises:
        HTTPError: 400, if the ids are missing; 404, if a row does not exist.
    """
    names = [name for name in (key, f"{key}[]") if name in request.params]
    texts = ",".join(text for name in names for text in request.params.getlist(name))
    ids = [parse_id(text.strip()) for text in texts.split(",")] if names else request.body.get(key)
    if not isinstance(ids, list):
        raise missing_parameter(key)
    rows = context.store.select_texts(meta.label, Where("state < ?", (DELETED,)))
    all_ids = [pk for _, pk, *_ in rows]
    # Items of a malformed list may be unhashable.
    if any(pk not in all_ids for pk in ids):
        raise not_found()
    return ids, [pk for pk in all_ids if pk not in ids]


def _incomplete_order(status: int, key: str) -> HTTPError:
    """Return the response to an order that does not contain all ids."""
    error = {"error": "InvalidValue", "description": f"{key} must contain each id once"}
    return HTTPError(status, error, UNCONFIRMED)


def _set_positions(context: Context, meta: Options, ids: Iterable[Any]) -> None:
    """Set the positions of rows to the order of their ids."""
    name = "order" if "order" in meta.fields else "position"
    for position, pk in enumerate(ids, start=1):
        stored = resources.get(context, meta, pk)
        context.write(meta, {**stored.doc, name: position}, parent=stored.parent)
