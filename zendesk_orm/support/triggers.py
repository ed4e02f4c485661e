"""Triggers of tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.rules import OrderedManager, RuleManager


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.trigger_categories import TriggerCategory
    from zendesk_orm.support.trigger_revisions import TriggerRevision

_ORDERS = "created_at updated_at position"


class TriggerManager(RuleManager["Trigger"], OrderedManager["Trigger"]):
    """`Trigger.objects`."""

    _order_key = "trigger_ids"
    _together = ("active", "position", "category_id")

    def definitions(self) -> dict[str, Any]:
        """Return what conditions and actions triggers can have, with the values of each.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found


class Trigger(Model):
    """What Zendesk does at once when a ticket is made or changed so that conditions hold.

    The conditions are `{"all": [...], "any": [...]}`; `all` and `any` send them apart.
    """

    objects = TriggerManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    position: Field[int | None]
    conditions: Field[dict[str, Any]]
    actions: Field[list[dict[str, Any]]]
    all: WriteOnly[list[dict[str, Any]]]
    any: WriteOnly[list[dict[str, Any]]]
    category: Ref[TriggerCategory | None]
    category_id: Id[str | None]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    restriction: Field[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    revisions: Many[TriggerRevision]

    only_active: Lookup[Literal[True]]
    query: Lookup[str]

    class Meta:
        required = ("title", "actions")
        api = (
            resource("triggers", can="show create update delete", many="destroy")
            + listed(
                "triggers",
                takes={"active": "active", "category": "category_id"},
                orders=_ORDERS,
                offset_orders="created_at updated_at",
                natural="position",
                small=True,
            )
            + listed(
                "triggers/active",
                key="triggers",
                takes={"category": "category_id"},
                needs="only_active",
                orders=_ORDERS,
                offset_orders="created_at updated_at",
                natural="position",
                small=True,
            )
            + listed(
                "triggers/search",
                key="triggers",
                takes={"query": "query", "active": "active"},
                needs="query",
                offset_orders="created_at updated_at",
                natural=None,
                small=True,
                paging=(OFFSET,),
            )
            + action("definitions", "GET", "triggers/definitions", "definitions")
            + action("reorder", "PUT", "triggers/reorder", "")
            + action(
                "update_many", "PUT", "triggers/update_many", "triggers", call="bulk_update([...])"
            )
        )
