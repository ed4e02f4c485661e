"""SLA policies for tickets and for groups.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.support.business_rules.rules import OrderedManager


class SlaPolicyManager(OrderedManager["SlaPolicy"]):
    """The manager `SlaPolicy.objects`."""

    _order_key = "sla_policy_ids"

    @action("GET", "slas/policies/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions that policy filters can use: `{"all": [...], "any": [...]}`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/#retrieve-supported-filter-definition-items
        """
        return object_of(self._call("definitions"), "definitions")


class SlaPolicy(Model):
    """Reply and resolution targets for tickets that match its conditions."""

    objects = SlaPolicyManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    description: Field[str | None]
    position: Field[int | None]
    filter: Field[dict[str, Any]]
    policy_metrics: Field[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("title", "filter")
        api = resource(
            "slas/policies", key="sla_policies", fits_in_memory=True, paging=(OFFSET,)
        ) + action_endpoint("reorder", "PUT", "slas/policies/reorder", "")


class GroupSlaPolicyManager(OrderedManager["GroupSlaPolicy"]):
    """The manager `GroupSlaPolicy.objects`."""

    _order_key = "group_sla_policy_ids"

    @action("GET", "group_slas/policies/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions that policy filters can use: `{"all": [...]}`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/group_sla_policies/#retrieve-supported-filter-definition-items
        """
        return object_of(self._call("definitions"), "definitions")


class GroupSlaPolicy(StringIdModel):
    """Ownership time targets for groups' tickets that match its conditions; its id is a string."""

    objects = GroupSlaPolicyManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    description: Field[str | None]
    position: Field[int | None]
    filter: Field[dict[str, Any]]
    policy_metrics: Field[list[dict[str, Any]]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("title", "filter")
        api = resource(
            "group_slas/policies",
            key="group_sla_policies",
            fits_in_memory=True,
            paging=(OFFSET,),
        ) + action_endpoint("reorder", "PUT", "group_slas/policies/reorder", "")
