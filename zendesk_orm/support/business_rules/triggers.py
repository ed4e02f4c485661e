"""Ticket triggers.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import CRUD, DELETE, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.support.business_rules.rules import OrderedManager, RuleManager


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.business_rules.trigger_categories import TriggerCategory
    from zendesk_orm.support.business_rules.trigger_revisions import TriggerRevision

_ORDERS = ("created_at", "updated_at", "position")


class TriggerManager(  # pyright: ignore[reportIncompatibleVariableOverride] # both have one base
    RuleManager["Trigger"], OrderedManager["Trigger"]
):
    """The manager `Trigger.objects`."""

    _order_key = "trigger_ids"
    _bulk_fields = ("active", "position", "category_id")

    def definitions(self) -> dict[str, Any]:
        """Return the conditions and actions that triggers can have, with their possible values.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-action-and-condition-definitions
        """
        return object_of(self._call("definitions"), "definitions")


class Trigger(Model):
    """An event-based rule, applied when a created or updated ticket matches its conditions.

    `conditions` is `{"all": [...], "any": [...]}`; `all` and `any` write its parts separately.
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
            resource("triggers", can=CRUD, bulk=DELETE)
            + listing(
                "triggers",
                filters={"active": "active", "category": "category_id"},
                orders=_ORDERS,
                offset_orders=("created_at", "updated_at"),
                default_order="position",
                fits_in_memory=True,
            )
            + listing(
                "triggers/active",
                key="triggers",
                filters={"category": "category_id"},
                required=("only_active",),
                orders=_ORDERS,
                offset_orders=("created_at", "updated_at"),
                default_order="position",
                fits_in_memory=True,
            )
            + listing(
                "triggers/search",
                key="triggers",
                filters={"query": "query", "active": "active"},
                required=("query",),
                offset_orders=("created_at", "updated_at"),
                default_order=None,
                fits_in_memory=True,
                paging=(OFFSET,),
            )
            + action_endpoint("definitions", "GET", "triggers/definitions", "definitions")
            + action_endpoint("reorder", "PUT", "triggers/reorder", "")
            + action_endpoint(
                "update_many", "PUT", "triggers/update_many", "triggers", call="bulk_update([...])"
            )
        )
