"""What rules can ask and do, as far as the emulator tells: the fields that every account has.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World


_CHOICES = {
    "status": ("new", "open", "pending", "hold", "solved"),
    "priority": ("low", "normal", "high", "urgent"),
    "type": ("question", "incident", "problem", "task"),
}


def _values(name: str) -> list[dict[str, Any]]:
    return [{"value": each, "title": each.capitalize(), "enabled": True} for each in _CHOICES[name]]


def _operators(*names: str) -> list[dict[str, Any]]:
    return [
        {"value": name, "title": name.replace("_", " ").capitalize(), "terminal": False}
        for name in names
    ]


_ACTIONS = [
    {
        "subject": name,
        "title": name.capitalize(),
        "type": "list",
        "group": "ticket",
        "nullable": False,
        "repeatable": False,
        "values": _values(name),
    }
    for name in _CHOICES
]
_CONDITIONS = [{**each, "operators": _operators("is", "is_not")} for each in _ACTIONS]
_FILTERS = [
    {
        "value": name,
        "title": name.capitalize(),
        "group": "ticket",
        "target": None,
        "operators": [
            {"value": each, "title": each.replace("_", " ").capitalize()}
            for each in ("is", "is_not")
        ],
        "values": {
            "type": "list",
            "list": [{"value": each, "title": each.capitalize()} for each in _CHOICES[name]],
        },
    }
    for name in _CHOICES
]
_COLUMNS = [
    {"value": name, "title": name.capitalize(), "type": "list", "group": "ticket"}
    for name in ("status", "priority", "type")
]
_BOTH = {"conditions_all": _CONDITIONS, "conditions_any": _CONDITIONS}
_GROUPS = {
    **_FILTERS[0],
    "value": "group_id",
    "title": "Group",
    "values": {"type": "list", "list": []},
}


def _answering(told: Any) -> Callable[[World, Call, Target], Answer]:
    text = dumped(told)

    def answer(world: World, call: Call, target: Target) -> Answer:
        return Answer(text=text)

    return answer


_SUPPORTED = [
    {
        "value": each["subject"],
        "title": each["title"],
        "title_for_field": each["title"],
        "group": "ticket",
        "target": None,
        "output_key": None,
        "operators": [{"value": "is", "title": "Is"}],
        "values": {"type": "list", "list": each["values"]},
    }
    for each in _ACTIONS
]

ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "views/definitions", "support.View"): _answering(
        {
            "definitions": {
                **_BOTH,
                "groupables": _COLUMNS,
                "output": _COLUMNS,
                "sortables": _COLUMNS,
            }
        }
    ),
    ("GET", "macros/definitions", "support.Macro"): _answering(
        {"definitions": {"actions": _ACTIONS}}
    ),
    ("GET", "macros/actions", "support.Macro"): _answering({"actions": _SUPPORTED}),
    ("GET", "triggers/definitions", "support.Trigger"): _answering(
        {"definitions": {**_BOTH, "actions": _ACTIONS}}
    ),
    ("GET", "slas/policies/definitions", "support.SlaPolicy"): _answering(
        {"definitions": {"all": _FILTERS, "any": _FILTERS}}
    ),
    ("GET", "group_slas/policies/definitions", "support.GroupSlaPolicy"): _answering(
        {"definitions": {"all": [_GROUPS]}}
    ),
    ("GET", "queues/definitions", "support.Queue"): _answering({"definitions": _BOTH}),
    ("GET", "routing/attributes/definitions", "support.RoutingAttribute"): _answering(
        {
            "definitions": {
                "conditions_all": [{"subject": "number_of_incidents", "title": "Incidents"}],
                "conditions_any": [{"subject": "brand", "title": "Brand"}],
            }
        }
    ),
}
