"""Automations.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/automations/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import DELETE, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly, WriteOnly
from zendesk_orm.support.business_rules.rules import RuleManager


class AutomationManager(RuleManager["Automation"]):
    """The manager `Automation.objects`."""


class Automation(Model):
    """A time-based rule that Zendesk applies once an hour to tickets that match its conditions.

    Conditions are written as `all` and `any`, or as `conditions` with both keys.
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
            resource(
                "automations",
                bulk=DELETE,
                filters=("active",),
                default_order="position",
                fits_in_memory=True,
            )
            + listing(
                "automations/active",
                key="automations",
                required=("only_active",),
                default_order="position",
                fits_in_memory=True,
                paging=(OFFSET,),
            )
            + listing(
                "automations/search",
                key="automations",
                filters={"query": "query", "active": "active"},
                required=("query",),
                offset_orders=("created_at", "updated_at", "position"),
                default_order=None,
                fits_in_memory=True,
                paging=(OFFSET,),
            )
            + action_endpoint(
                "update_many",
                "PUT",
                "automations/update_many",
                "automations",
                call="bulk_update([...])",
            )
        )
