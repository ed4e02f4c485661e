"""Automations.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/automations/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly, WriteOnly
from zendesk_orm.support.rules import RuleManager


class AutomationManager(RuleManager["Automation"]):
    """`Automation.objects`."""


class Automation(Model):
    """What Zendesk does once an hour to tickets of which conditions of time hold.

    The conditions are sent as `all` and `any`, or as `conditions` with both.
    """

    objects = AutomationManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    raw_title: ReadOnly[str]
    active: Field[bool]
    default: ReadOnly[bool]
    position: Field[int | None]
    conditions: Field[dict[str, Any]]
    actions: Field[list[dict[str, Any]]]
    all: WriteOnly[list[dict[str, Any]]]
    any: WriteOnly[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    only_active: Lookup[Literal[True]]
    query: Lookup[str]

    class Meta:
        required = ("title", "actions")
        api = (
            resource("automations", many="destroy", takes="active", natural="position", small=True)
            + listed(
                "automations/active",
                key="automations",
                needs="only_active",
                natural="position",
                small=True,
                paging=(OFFSET,),
            )
            + listed(
                "automations/search",
                key="automations",
                takes={"query": "query", "active": "active"},
                needs="query",
                offset_orders="created_at updated_at position",
                natural=None,
                small=True,
                paging=(OFFSET,),
            )
            + action(
                "update_many",
                "PUT",
                "automations/update_many",
                "automations",
                call="bulk_update([...])",
            )
        )
