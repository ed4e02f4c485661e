"""Definitions of conditions and actions: the fields of an account with their operators and values.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.definitions.fields import (
    DefinedField,
    list_custom_fields,
    render_conditions,
)
from zendesk_orm.emulator.definitions.tables import (
    ACTIONS,
    COMMENT_ACTIONS,
    HOUR_FIELDS,
    SENDING_ACTIONS,
    TICKET_FIELDS,
    UPDATE_FIELDS,
    list_ticket_conditions,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import (
    GroupSlaPolicy,
    Macro,
    Queue,
    RoutingAttribute,
    SlaPolicy,
    Trigger,
    View,
)


#: The columns of views, those by which views can be grouped, and those by which they are sorted.
_OUTPUT = {
    "nice_id": "ID",
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "type": "Type",
    "priority": "Priority",
    "group": "Group",
    "assignee": "Assignee",
    "requester": "Requester",
    "organization": "Organization",
    "brand": "Brand",
    "created": "Requested",
    "updated": "Updated",
    "due_date": "Due Date",
}
_SORTABLES = [name for name in _OUTPUT if name not in ("subject", "description")]
_GROUPABLES = [name for name in _SORTABLES if name != "nice_id"]
_NOT_IN_POLICIES = frozenset({"status", "priority", "satisfaction_score", "ticket_is_public"})


@route("GET", "views/definitions", View)
def list_for_views(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions and columns of views."""
    fields = list_ticket_conditions(context)
    columns = {
        "groupables": _render_columns(_GROUPABLES),
        "output": _render_columns(_OUTPUT),
        "sortables": _render_columns(_SORTABLES),
    }
    return _render({**render_conditions(context, [*fields, *HOUR_FIELDS]), **columns})


@route("GET", "macros/definitions", Macro)
def list_for_macros(context: Context, request: Request, target: Target) -> Response:
    """Return the actions of macros."""
    return _render({"actions": _render_actions(context, COMMENT_ACTIONS)})


@route("GET", "macros/actions", Macro)
def list_macro_actions(context: Context, request: Request, target: Target) -> Response:
    """List the actions that macros support."""
    actions = [
        {
            **field.render_filter(context),
            "title_for_field": field.title,
            "output_key": None,
            "operators": [{"value": "is", "title": "Is"}],
            "values": {
                "type": field.type,
                "list": field.render_action(context).get("values", []),
            },
        }
        for field in (*ACTIONS, *COMMENT_ACTIONS, *list_custom_fields(context))
    ]
    return Response(text=dump_json({"actions": actions}))


@route("GET", "triggers/definitions", Trigger)
def list_for_triggers(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions and actions of triggers."""
    fields = [*UPDATE_FIELDS, *TICKET_FIELDS, *list_custom_fields(context)]
    actions = _render_actions(context, SENDING_ACTIONS)
    return _render({**render_conditions(context, fields), "actions": actions})


@route("GET", "slas/policies/definitions", SlaPolicy)
def list_for_sla_policies(context: Context, request: Request, target: Target) -> Response:
    """Return the filters of SLA policies."""
    fields = list_ticket_conditions(context)
    filters = [
        field.render_filter(context) for field in fields if field.name not in _NOT_IN_POLICIES
    ]
    return _render({"all": filters, "any": filters})


@route("GET", "group_slas/policies/definitions", GroupSlaPolicy)
def list_for_group_sla_policies(context: Context, request: Request, target: Target) -> Response:
    """Return the filter of group SLA policies.

    Source: OpenAPI, `GroupSLAPolicyFilterDefinitionResponse`
    """
    (group,) = (field for field in TICKET_FIELDS if field.name == "group_id")
    filter_ = {
        "value": group.name,
        "title": "Group ID",
        "group": group.group,
        "operators": [
            {"value": "includes", "title": "Contains at least one of the following"},
            {"value": "not_includes", "title": "Contains at least none of the following"},
        ],
        "values": {
            "type": "list",
            "list": [
                {"value": int(pk), "title": title} for pk, title in group.list_choices(context)
            ],
        },
    }
    return _render({"all": [filter_]})


@route("GET", "queues/definitions", Queue)
def list_for_queues(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions of queues."""
    return _render(render_conditions(context, list_ticket_conditions(context)))


@route("GET", "routing/attributes/definitions", RoutingAttribute)
def list_for_routing(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions of routing attributes."""
    incidents = {"subject": "number_of_incidents", "title": "Number of incidents"}
    brand = {"subject": "brand", "title": "Brand"}
    return _render({"conditions_all": [incidents], "conditions_any": [brand]})


def _render_actions(context: Context, others: Iterable[DefinedField]) -> list[dict[str, Any]]:
    fields = (*ACTIONS, *others, *list_custom_fields(context))
    return [field.render_action(context) for field in fields]


def _render_columns(names: Iterable[str]) -> list[dict[str, Any]]:
    lists = {field.name for field in TICKET_FIELDS if field.type == "list"}
    return [
        {
            "value": name,
            "title": _OUTPUT[name],
            "type": "list" if {name, f"{name}_id"} & lists else "text",
            "group": "ticket",
        }
        for name in names
    ]


def _render(definitions: dict[str, Any]) -> Response:
    return Response(text=dump_json({"definitions": definitions}))
