"""Skills-based routing: what tickets ask for, and what agents can do.

An attribute (`Language`) has values (`French`), which Zendesk's pages call skills.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.query.query import Query
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import (
    Field,
    Id,
    Lookup,
    ReadOnly,
    Ref,
    WriteOnly,
)
from zendesk_orm.schema.row import Row
from zendesk_orm.support.routing_changes import RoutingChanges
from zendesk_orm.support.rules import ids_of
from zendesk_orm.write.jobs import Job


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

Priority = Literal["NORMAL", "HIGH"]

_ATTRIBUTES = "routing/attributes"
AGENTS = "routing/agents/instance_values"
_PLACE = re.compile(r"/routing/attributes/([^/]+)/values/")
#: Agents, or tickets, that one request names.
MOST = 100


class RoutingAttributeManager(Manager["RoutingAttribute"]):
    """`RoutingAttribute.objects`."""

    def definitions(self) -> dict[str, Any]:
        """Return on what conditions a value can be given to new tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-routing-attribute-definitions
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found

    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return what has changed of attributes, from the beginning on or from a cursor.

        It is read a page of 3,000 at a time, and a last one that is empty. Its `cursor` is
        where the next reading goes on.

        Args:
            cursor: of an earlier reading.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-attributes-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    def fulfilled(self, tickets: Iterable[Ticket | int]) -> list[int]:
        """Return the ids of those tickets that the caller can work on, a hundred to a request.

        Args:
            tickets: tickets, or their ids.

        Raises:
            InvalidValue: there are none, or one was never saved.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-tickets-fulfilled-by-a-user
        """
        ids, found = (
            ids_of(self._session, "Ticket", tickets, "fulfilled"),
            [],
        )
        for start in range(0, len(ids), MOST):
            part = ids[start : start + MOST]
            found += self._call("fulfilled", ticket_ids=part)["fulfilled_ticket_ids"]
        return found


class RoutingAttribute(Model):
    """What tickets are routed by: a language, a product; its id is a word.

    `attribute.values` are what it can be.
    """

    objects = RoutingAttributeManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    values: Many[RoutingAttributeValue]

    class Meta:
        singular = "attribute"
        required = ("name",)
        api = (
            resource(_ATTRIBUTES, natural=None, small=True, paging=(OFFSET,))
            + action("definitions", "GET", f"{_ATTRIBUTES}/definitions", "definitions")
            + action("fulfilled", "GET", "routing/requirements/fulfilled", "fulfilled_ticket_ids")
            + action("changes", "GET", "incremental/routing/attributes", "attributes")
        )


class RoutingAttributeValueManager(Manager["RoutingAttributeValue"]):
    """`RoutingAttributeValue.objects`."""

    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return what has changed of values, from the beginning on or from a cursor.

        It is read a page of 3,000 at a time, and a last one that is empty. Its `cursor` is
        where the next reading goes on.

        Args:
            cursor: of an earlier reading.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-attributes-values-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    def of_agent(self, agent: User | int) -> Manager[RoutingAttributeValue]:
        """Return the values that an agent has: what the agent can do."""
        return self.filter(agent=agent)

    def of_ticket(self, ticket: Ticket | int) -> Manager[RoutingAttributeValue]:
        """Return the values that a ticket has: what it asks for."""
        return self.filter(ticket=ticket)

    def set_of_agent(
        self, agent: User | int, values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        """Give an agent these values, and no others, in one request.

        Args:
            agent: a user, or its id.
            values: values, or their ids; none takes all away.

        Returns:
            The values that the agent has now.

        Raises:
            InvalidValue: one was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#set-agent-attribute-values
        """
        return self._set(
            "set_of_agent",
            {"agent": self._session.id_of("User", agent, "set_of_agent")},
            values,
        )

    def set_of_ticket(
        self, ticket: Ticket | int, values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        """Give a ticket these values, and no others, in one request.

        Args:
            ticket: a ticket, or its id.
            values: values, or their ids; none takes all away.

        Returns:
            The values that the ticket has now; those that are gone are left out.

        Raises:
            InvalidValue: one was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#set-ticket-attribute-values
        """
        return self._set(
            "set_of_ticket",
            {"ticket": self._session.id_of("Ticket", ticket, "set_of_ticket")},
            values,
        )

    def add_to_agents(
        self,
        agents: Iterable[User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None = None,
    ) -> list[Job]:
        """Give agents further values, a hundred agents to a job, and wait.

        Args:
            agents: users, or their ids.
            values: values, or their ids.
            priority: how well the agents can do it; as it was, or `NORMAL`, by default.

        Raises:
            InvalidValue: there are no agents, or no values.
            BulkError: a job failed.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._jobs("upsert", agents, values, priority)

    def set_of_agents(
        self,
        agents: Iterable[User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None = None,
    ) -> list[Job]:
        """Give agents these values, and no others; see `add_to_agents()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._jobs("update", agents, values, priority)

    def remove_from_agents(
        self, agents: Iterable[User | int], values: Iterable[RoutingAttributeValue | str]
    ) -> list[Job]:
        """Take values from agents; see `add_to_agents()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._jobs("delete", agents, values, None)

    def _set(
        self, name: str, path: dict[str, Any], values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        given = list(values)
        ids = ids_of(self._session, RoutingAttributeValue, given, name) if given else []
        answer = self._call(name, {"attribute_value_ids": ids}, path) or {}
        return self._made(map(_placed, answer.get("attribute_values") or ()))

    def _pages(self, query: Query) -> Iterator[list[RoutingAttributeValue]]:
        for page in super()._pages(query):
            if query.shape is None:
                for record in page:
                    record.absorb(_placed(record._row))
            yield page

    def _jobs(
        self,
        act: str,
        agents: Iterable[User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None,
    ) -> list[Job]:
        people, more = ids_of(self._session, "User", agents, "agents"), {}
        if priority is not None:
            more = {"agent_skill_priority": priority}
        told = [{"id": pk, **more} for pk in ids_of(self._session, self.model, values, "values")]
        jobs = []
        for start in range(0, len(people), MOST):
            job = {
                "action": act,
                "attributes": {"attribute_values": told},
                "items": people[start : start + MOST],
            }
            jobs.append(self._job("add_to_agents", {"job": job}))
        return jobs


class RoutingAttributeValue(Model):
    """A value of an attribute, which tickets ask for and agents have; its id is a word.

    `RoutingAttributeValue.objects.filter(agent=amy)` are what an agent has, and
    `.filter(ticket=ticket)` what a ticket asks for. Its priority is that of the agent who was
    asked for last; `AgentSkill` tells it of each.
    """

    objects = RoutingAttributeValueManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    attribute: Ref[RoutingAttribute]
    attribute_id: Id[str]
    url: ReadOnly[str]
    name: Field[str]
    agent_skill_priority: ReadOnly[Priority | None]
    conditions: WriteOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    agent: Lookup[User]
    ticket: Lookup[Ticket]

    class Meta:
        singular = "attribute_value"
        parent = "attribute"
        required = ("name",)
        api = (
            resource(
                f"{_ATTRIBUTES}/{{attribute}}/values",
                key="attribute_values",
                natural=None,
                small=True,
                paging=(ONCE,),
                update="PATCH",
            )
            + listed(
                "routing/agents/{agent}/instance_values",
                "routing/tickets/{ticket}/instance_values",
                key="attribute_values",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + action(
                "set_of_agent",
                "POST",
                "routing/agents/{agent}/instance_values",
                "attribute_values",
            )
            + action(
                "set_of_ticket",
                "POST",
                "routing/tickets/{ticket}/instance_values",
                "attribute_values",
            )
            + action("changes", "GET", "incremental/routing/attribute_values", "attribute_values")
            + action("add_to_agents", "POST", f"{AGENTS}/jobs", "job_status")
        )


def _placed(row: Row) -> Row:
    """Return a row with the id of its attribute, which some lists tell by the address alone."""
    found = _PLACE.search(str(row.get("url") or ""))
    if row.get("attribute_id") or found is None:
        return row
    return {**row, "attribute_id": found[1]}
