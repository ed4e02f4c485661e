"""Capacity rules: how many work items agents get at once.

The key of the list is unconfirmed, so that several are accepted. The key `rule` of a row, and those
of assignees, are unconfirmed, too.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/capacity_rules/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR, Paging
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


@frozen
class _RulePaging(Paging):
    """The list of all rules, whose key is unconfirmed."""

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body with the rules under `capacity_rules`."""
        key = next((key for key in ("capacity_rules", "rules", "") if key in data), None)
        return data if key is None else {**data, "capacity_rules": data[key]}


class CapacityRule(StringIdModel):
    """The numbers of work items that agents get at once, by channel.

    ::

        rule = CapacityRule.objects.create(
            name="Trainees", capacities={"email": 2, "messaging": 1, "voice": 1}
        )
        rule.assign([amy, bob])
    """

    name: Field[str]
    description: Field[str | None]
    default: ReadOnly[bool]
    capacities: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    last_updated_at: ReadOnly[datetime]
    #: The ids of the agents of a new rule.
    assignees: WriteOnly[list[int]]

    agents: Many[CapacityAssignee] = by("rule")

    class Meta:
        singular = "rule"
        plural = "capacity_rules"
        verbose_name = "capacity rule"
        verbose_name_plural = "capacity rules"
        required = ("name", "capacities")
        api = resource(
            "capacity/rules",
            key="capacity_rules",
            default_order=None,
            fits_in_memory=True,
            paging=(_RulePaging("once"),),
        )

    @action("PATCH", "capacity/rules/{id}/agents")
    def assign(self, agents: Iterable[support.User | int]) -> None:
        """Apply the rule to agents, who then have no other rule.

        Args:
            agents: agents, or their ids.

        Raises:
            InvalidValue: an agent or the rule was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/capacity_rules/#update-agents-assigned-to-capacity-rule
        """
        ids = self._session().ids_of("User", agents, "assign")
        self._call("assign", {"agents": ids})

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload itself: bodies have no envelope."""
        return payload


class CapacityAssignee(Model):
    """An agent to whom a capacity rule applies."""

    agent: ReadOnlyRef[User]
    agent_id: Id[int]
    rule: ReadOnlyRef[CapacityRule]
    rule_id: Id[str]

    class Meta:
        pk_key = "agent_id"
        verbose_name = "assignee of a capacity rule"
        verbose_name_plural = "assignees of capacity rules"
        api = listing(
            "capacity/rules/assignees",
            "capacity/rules/{rule}/assignees",
            default_order=None,
            # An account has as many rows as agents.
            fits_in_memory=True,
            paging=(CURSOR,),
        )
