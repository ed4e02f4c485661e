"""SLA policies: of tickets, and of groups.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.support.rules import OrderedManager


class SlaPolicyManager(OrderedManager["SlaPolicy"]):
    """`SlaPolicy.objects`."""

    _order_key = "sla_policy_ids"

    def definitions(self) -> dict[str, Any]:
        """Return what conditions the filter of a policy can have: `{"all": [...], "any": [...]}`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/#retrieve-supported-filter-definition-items
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found


class SlaPolicy(Model):
    """How soon tickets of which conditions hold are to be answered and solved."""

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
        api = (
            resource("slas/policies", key="sla_policies", small=True, paging=(OFFSET,))
            + action("reorder", "PUT", "slas/policies/reorder", "")
            + action("definitions", "GET", "slas/policies/definitions", "definitions")
        )


class GroupSlaPolicyManager(OrderedManager["GroupSlaPolicy"]):
    """`GroupSlaPolicy.objects`."""

    _order_key = "group_sla_policy_ids"

    def definitions(self) -> dict[str, Any]:
        """Return what conditions the filter of a policy can have: `{"all": [...]}`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/group_sla_policies/#retrieve-supported-filter-definition-items
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found


class GroupSlaPolicy(Model):
    """How long groups may own tickets of which conditions hold; its id is a word."""

    objects = GroupSlaPolicyManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        api = (
            resource("group_slas/policies", key="group_sla_policies", small=True, paging=(OFFSET,))
            + action("reorder", "PUT", "group_slas/policies/reorder", "")
            + action("definitions", "GET", "group_slas/policies/definitions", "definitions")
        )
