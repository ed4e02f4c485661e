"""Triggers of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.business_rules.rules import RuleManager
from zendesk_orm.support.custom_data.custom_object_permissions import fetch_definitions


if TYPE_CHECKING:
    from zendesk_orm.support.custom_data.custom_objects import CustomObject

_PATH = "custom_objects/{custom_object}/triggers"


class ObjectTriggerManager(RuleManager["ObjectTrigger"]):
    """`ObjectTrigger.objects`, and `car.triggers`."""

    @action("GET", f"{_PATH}/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions and actions that triggers of one object can use.

        `car.triggers.definitions()`.

        Raises:
            InvalidValue: the query has no object.

        Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/object_triggers/#list-object-trigger-action-and-condition-definitions
        """
        return fetch_definitions(self)


class ObjectTrigger(Model):
    """Actions that Zendesk performs when a record of a custom object is created or changed."""

    objects = ObjectTriggerManager.as_manager()

    url: ReadOnly[str]
    custom_object: Ref[CustomObject]
    custom_object_id: Id[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    position: Field[int | None]
    conditions: Field[dict[str, Any]]
    actions: Field[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    only_active: Lookup[Literal[True]]
    query: Lookup[str]

    class Meta:
        parent = "custom_object"
        singular = "trigger"
        required = ("title", "actions", "conditions")
        verbose_name = "object trigger"
        verbose_name_plural = "object triggers"
        api = (
            resource(
                _PATH,
                filters=("active",),
                default_order="position",
                fits_in_memory=True,
                paging=(OFFSET,),
            )
            + listing(
                f"{_PATH}/active", key="triggers", required=("only_active",), fits_in_memory=True
            )
            + listing(
                f"{_PATH}/search",
                key="triggers",
                filters=("query", "active"),
                required=("query",),
                default_order=None,
                fits_in_memory=True,
                paging=(OFFSET,),
            )
            + action_endpoint(
                "update_many", "PUT", f"{_PATH}/update_many", "triggers", call="bulk_update([...])"
            )
            + action_endpoint(
                "destroy_many", "DELETE", f"{_PATH}/destroy_many", call="filter(...).delete()"
            )
        )
