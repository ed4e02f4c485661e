"""Definitions of conditions and actions: the fields that every account has.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
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


_CHOICES = {
    "status": ("new", "open", "pending", "hold", "solved"),
    "priority": ("low", "normal", "high", "urgent"),
    "type": ("question", "incident", "problem", "task"),
}
_OPERATORS = ("is", "is_not")


def _build_title(name: str) -> str:
    return name.replace("_", " ").capitalize()


_ACTIONS: list[dict[str, Any]] = [
    {
        "subject": name,
        "title": _build_title(name),
        "type": "list",
        "group": "ticket",
        "nullable": False,
        "repeatable": False,
        "values": [
            {"value": choice, "title": _build_title(choice), "enabled": True} for choice in choices
        ],
    }
    for name, choices in _CHOICES.items()
]
_CONDITIONS = [
    {
        **action,
        "operators": [
            {"value": operator, "title": _build_title(operator), "terminal": False}
            for operator in _OPERATORS
        ],
    }
    for action in _ACTIONS
]
_BOTH_CONDITIONS = {"conditions_all": _CONDITIONS, "conditions_any": _CONDITIONS}
_FILTERS: list[dict[str, Any]] = [
    {
        "value": name,
        "title": _build_title(name),
        "group": "ticket",
        "target": None,
        "operators": [
            {"value": operator, "title": _build_title(operator)} for operator in _OPERATORS
        ],
        "values": {
            "type": "list",
            "list": [{"value": choice, "title": _build_title(choice)} for choice in choices],
        },
    }
    for name, choices in _CHOICES.items()
]
_GROUP_FILTER = {
    **_FILTERS[0],
    "value": "group_id",
    "title": "Group",
    "values": {"type": "list", "list": []},
}
_COLUMNS = [
    {"value": name, "title": _build_title(name), "type": "list", "group": "ticket"}
    for name in ("status", "priority", "type")
]
_MACRO_ACTIONS = [
    {
        "value": action["subject"],
        "title": action["title"],
        "title_for_field": action["title"],
        "group": "ticket",
        "target": None,
        "output_key": None,
        "operators": [{"value": "is", "title": "Is"}],
        "values": {"type": "list", "list": action["values"]},
    }
    for action in _ACTIONS
]


@route("GET", "views/definitions", View)
def list_for_views(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions and columns of views."""
    columns = {"groupables": _COLUMNS, "output": _COLUMNS, "sortables": _COLUMNS}
    return _render({**_BOTH_CONDITIONS, **columns})


@route("GET", "macros/definitions", Macro)
def list_for_macros(context: Context, request: Request, target: Target) -> Response:
    """Return the actions of macros."""
    return _render({"actions": _ACTIONS})


@route("GET", "macros/actions", Macro)
def list_macro_actions(context: Context, request: Request, target: Target) -> Response:
    """List the actions that macros support."""
    return Response(text=dump_json({"actions": _MACRO_ACTIONS}))


@route("GET", "triggers/definitions", Trigger)
def list_for_triggers(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions and actions of triggers."""
    return _render({**_BOTH_CONDITIONS, "actions": _ACTIONS})


@route("GET", "slas/policies/definitions", SlaPolicy)
def list_for_sla_policies(context: Context, request: Request, target: Target) -> Response:
    """Return the filters of SLA policies."""
    return _render({"all": _FILTERS, "any": _FILTERS})


@route("GET", "group_slas/policies/definitions", GroupSlaPolicy)
def list_for_group_sla_policies(context: Context, request: Request, target: Target) -> Response:
    """Return the filters of group SLA policies."""
    return _render({"all": [_GROUP_FILTER]})


@route("GET", "queues/definitions", Queue)
def list_for_queues(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions of queues."""
    return _render(_BOTH_CONDITIONS)


@route("GET", "routing/attributes/definitions", RoutingAttribute)
def list_for_routing(context: Context, request: Request, target: Target) -> Response:
    """Return the conditions of routing attributes."""
    incidents = {"subject": "number_of_incidents", "title": "Incidents"}
    brand = {"subject": "brand", "title": "Brand"}
    return _render({"conditions_all": [incidents], "conditions_any": [brand]})


def _render(definitions: dict[str, Any]) -> Response:
    return Response(text=dump_json({"definitions": definitions}))
