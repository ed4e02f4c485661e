"""What each agent can do, and how well.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-attribute-values-for-many-agents
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import join
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.routing import (
    AGENTS,
    MOST,
    Priority,
    RoutingAttribute,
    RoutingAttributeValue,
)
from zendesk_orm.support.routing_changes import RoutingChanges
from zendesk_orm.support.rules import ids_of


if TYPE_CHECKING:
    from zendesk_orm.support.users import User


class AgentSkillManager(Manager["AgentSkill"]):
    """`AgentSkill.objects`."""

    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return which agents and tickets were given values or lost them, or from a cursor on.

        It is read a page of 3,000 at a time, and a last one that is empty. Its `cursor` is
        where the next reading goes on.

        Args:
            cursor: of an earlier reading.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-instance-values-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    def of_agents(self, agents: Iterable[User | int]) -> Manager[AgentSkill]:
        """Return what agents can do: a query of up to a hundred agents at once.

        Args:
            agents: users, or their ids.

        Raises:
            InvalidValue: there are none, or too many.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-attribute-values-for-many-agents
        """
        ids = ids_of(self._session, "User", agents, "of_agents")
        if len(ids) > MOST:
            raise InvalidValue(f"of_agents() takes {MOST} agents at once, not {len(ids)}")
        return self.filter(agents=join(ids))


class AgentSkill(Model):
    """That an agent has a value of an attribute; its id is a word.

    `AgentSkill.objects.of_agents([amy, ben])` tells it of many agents in one request.
    """

    objects = AgentSkillManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
        api = listed(
            AGENTS,
            key="instance_values",
            takes={"agents": "filter[agent_ids]"},
            needs="agents",
            natural=None,
            paging=(CURSOR,),
        ) + action("changes", "GET", "incremental/routing/instance_values", "instance_values")
