"""Agents' skills and their priorities.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-attribute-values-for-many-agents
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import join
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.business_rules.rules import ids_of
from zendesk_orm.support.ticket_management.routing import (
    AGENTS,
    MAX_IDS_PER_REQUEST,
    Priority,
    RoutingAttribute,
    RoutingAttributeValue,
)
from zendesk_orm.support.ticket_management.routing_changes import RoutingChanges


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


class AgentSkillManager(Manager["AgentSkill"]):
    """`AgentSkill.objects`."""

    @action("GET", "incremental/routing/instance_values", key="instance_values")
    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return the changes of agents' and tickets' values, from the beginning or a cursor.

        Iterating sends a request for each 3,000 changes, and one for the empty last page. Pass the
        `cursor` of the result to continue from there.

        Args:
            cursor: the `cursor` of an earlier result.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-instance-values-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    def of_agents(self, agents: Iterable[support.User | int]) -> Manager[AgentSkill]:
        """Return the skills of up to 100 agents; a query, as `filter()`.

        Args:
            agents: users, or their ids.

        Raises:
            InvalidValue: `agents` is empty or has too many.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-attribute-values-for-many-agents
        """
        ids = ids_of(self._session, "User", agents, "of_agents")
        if len(ids) > MAX_IDS_PER_REQUEST:
            raise InvalidValue(
                f"of_agents() must have at most {MAX_IDS_PER_REQUEST} agents, not {len(ids)}"
            )
        return self.filter(agents=join(ids))


class AgentSkill(StringIdModel):
    """A skill of an agent: a value of a routing attribute, with a string as id.

    `AgentSkill.objects.of_agents([amy, ben])` reads the skills of agents in one request.
    """

    objects = AgentSkillManager.as_manager()

    agent: ReadOnlyRef[User]
    agent_id: Id[int]
    attribute: ReadOnlyRef[RoutingAttribute]
    attribute_id: Id[str]
    attribute_value: ReadOnlyRef[RoutingAttributeValue]
    attribute_value_id: Id[str]
    name: ReadOnly[str]
    agent_skill_priority: ReadOnly[Priority]
    url: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    agents: Lookup[str]

    class Meta:
        singular = "instance_value"
        api = listing(
            AGENTS,
            key="instance_values",
            filters={"agents": "filter[agent_ids]"},
            required=("agents",),
            default_order=None,
            paging=(CURSOR,),
        )
