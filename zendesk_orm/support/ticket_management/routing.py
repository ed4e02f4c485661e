"""Skills-based routing: skills that tickets require and agents have.

An attribute (`Language`) has values (`French`), which Zendesk's reference calls skills.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.chunks import chunks
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.model import StringIdModel
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import (
    Field,
    Id,
    Lookup,
    ReadOnly,
    Ref,
    WriteOnly,
)
from zendesk_orm.schema.loading import load_int
from zendesk_orm.schema.row import Row
from zendesk_orm.session.action_bodies import object_of, values_of
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.business_rules.rules import ids_of
from zendesk_orm.support.ticket_management.routing_changes import RoutingChanges
from zendesk_orm.write.bulk.actions import run_action, saved_objects
from zendesk_orm.write.bulk.requests import (
    BulkOptions,
    Entry,
    ResolvedOptions,
    action_bodies,
    resolve_options,
)
from zendesk_orm.write.bulk.results import BulkResult


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

Priority = Literal["NORMAL", "HIGH"]

_ATTRIBUTES = "routing/attributes"
AGENTS = "routing/agents/instance_values"
_VALUE_URL = re.compile(r"/routing/attributes/([^/]+)/values/")
#: Agents or tickets in one request.
MAX_IDS_PER_REQUEST = 100


class RoutingAttributeManager(Manager["RoutingAttribute"]):
    """`RoutingAttribute.objects`."""

    @action("GET", f"{_ATTRIBUTES}/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions under which new tickets can get a value.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-routing-attribute-definitions
        """
        return object_of(self._call("definitions"), "definitions")

    @action("GET", "incremental/routing/attributes", key="attributes")
    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return the changes of attributes, from the beginning or a cursor.

        Iterating sends a request for each 3,000 changes, and one for the empty last page. Pass the
        `cursor` of the result to continue from there.

        Args:
            cursor: the `cursor` of an earlier result.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-attributes-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    @action("GET", "routing/requirements/fulfilled", key="fulfilled_ticket_ids")
    def list_workable_tickets(self, tickets: Iterable[support.Ticket | int]) -> list[int]:
        """Return the ids of the tickets whose skills the caller has, 100 tickets per request.

        Args:
            tickets: tickets, or their ids.

        Raises:
            InvalidValue: `tickets` is empty, or a ticket was never saved.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#list-tickets-fulfilled-by-a-user
        """
        ticket_ids: list[int] = []
        ids = ids_of(self._session, "Ticket", tickets, "list_workable_tickets")
        for chunk in chunks(ids, MAX_IDS_PER_REQUEST):
            data = self._call("list_workable_tickets", ticket_ids=chunk)
            ticket_ids += values_of(data, "fulfilled_ticket_ids", load_int)
        return ticket_ids


class RoutingAttribute(StringIdModel):
    """An attribute that tickets are routed by, such as a language; its id is a string.

    `attribute.values` are its values.
    """

    objects = RoutingAttributeManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    values: Many[RoutingAttributeValue]

    class Meta:
        singular = "attribute"
        required = ("name",)
        api = resource(_ATTRIBUTES, default_order=None, fits_in_memory=True, paging=(OFFSET,))


class RoutingAttributeValueManager(Manager["RoutingAttributeValue"]):
    """`RoutingAttributeValue.objects`."""

    @action("GET", "incremental/routing/attribute_values", key="attribute_values")
    def changes(self, cursor: str | None = None) -> RoutingChanges:
        """Return the changes of values, from the beginning or a cursor.

        Iterating sends a request for each 3,000 changes, and one for the empty last page. Pass the
        `cursor` of the result to continue from there.

        Args:
            cursor: the `cursor` of an earlier result.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/#incremental-attributes-values-export
        """
        return RoutingChanges(
            self._session, self._query.meta.endpoint(Verb.ACTION, "changes"), cursor
        )

    def of_agent(self, agent: support.User | int) -> Manager[RoutingAttributeValue]:
        """Return the values (skills) of an agent."""
        return self.filter(agent=agent)

    def of_ticket(self, ticket: support.Ticket | int) -> Manager[RoutingAttributeValue]:
        """Return the values (skills) that a ticket requires."""
        return self.filter(ticket=ticket)

    @action("POST", "routing/agents/{agent}/instance_values", key="attribute_values")
    def set_of_agent(
        self, agent: support.User | int, values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        """Replace the values of an agent, in one request.

        Args:
            agent: a user, or its id.
            values: values, or their ids; if empty, all values are removed.

        Returns:
            The values that the agent has now.

        Raises:
            InvalidValue: an object was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#set-agent-attribute-values
        """
        return self._set(
            "set_of_agent",
            {"agent": self._session.id_of("User", agent, "set_of_agent")},
            values,
        )

    @action("POST", "routing/tickets/{ticket}/instance_values", key="attribute_values")
    def set_of_ticket(
        self, ticket: support.Ticket | int, values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        """Replace the values of a ticket, in one request.

        Args:
            ticket: a ticket, or its id.
            values: values, or their ids; if empty, all values are removed.

        Returns:
            The values that the ticket has now; deleted values are omitted.

        Raises:
            InvalidValue: an object was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#set-ticket-attribute-values
        """
        return self._set(
            "set_of_ticket",
            {"ticket": self._session.id_of("Ticket", ticket, "set_of_ticket")},
            values,
        )

    @action("POST", f"{AGENTS}/jobs", key="job_status")
    def add_to_agents(
        self,
        agents: Iterable[support.User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Add values to agents in jobs of 100 agents, and wait.

        Args:
            agents: users, or their ids.
            values: values, or their ids.
            priority: the agents' priority for the values; by default unchanged, or `NORMAL`.
            options: see `bulk_create()`.

        Returns:
            One outcome for each agent.

        Raises:
            InvalidValue: `agents` or `values` is empty.
            BulkError: some agents failed, after all jobs have ended.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._change_agents("upsert", agents, values, priority, resolve_options(**options))

    @check_arguments
    def set_of_agents(
        self,
        agents: Iterable[support.User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Replace the values of agents; see `add_to_agents()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._change_agents("update", agents, values, priority, resolve_options(**options))

    @check_arguments
    def remove_from_agents(
        self,
        agents: Iterable[support.User | int],
        values: Iterable[RoutingAttributeValue | str],
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Remove values from agents; see `add_to_agents()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/skill_based_routing/#bulk-set-agent-attribute-values-jobs
        """
        return self._change_agents("delete", agents, values, None, resolve_options(**options))

    def _set(
        self, name: str, path: dict[str, Any], values: Iterable[RoutingAttributeValue | str]
    ) -> list[RoutingAttributeValue]:
        values = list(values)
        ids = ids_of(self._session, RoutingAttributeValue, values, name) if values else []

        def read(data: Any) -> list[RoutingAttributeValue]:
            return self._from_rows(
                [_add_attribute_id(row) for row in objects_in(data, "attribute_values")]
            )

        return self._call(name, {"attribute_value_ids": ids}, path, then=read, in_dry_run=[])

    def _iter_pages(self, query: Query) -> Iterator[RecordPage[RoutingAttributeValue]]:
        for page in super()._iter_pages(query):
            if query.projection is None:
                for record in page:
                    record.update_from_row(_add_attribute_id(record._row))
            yield page

    def _change_agents(
        self,
        action_: str,
        agents: Iterable[support.User | int],
        values: Iterable[RoutingAttributeValue | str],
        priority: Priority | None,
        options: ResolvedOptions,
    ) -> BulkResult:
        """Change the values of agents in jobs."""
        session, user = self._session, registry.find("User")
        ids = ids_of(session, user, list(agents), "agents")
        level = {} if priority is None else {"agent_skill_priority": priority}
        items = [{"id": pk, **level} for pk in ids_of(session, self.model, values, "values")]

        def body(entries: list[Entry]) -> Any:
            job = {
                "action": action_,
                "attributes": {"attribute_values": items},
                "items": [entry.record.pk for entry in entries],
            }
            return {"job": job}

        build = action_bodies(self.model, "add_to_agents", body)
        users = saved_objects(session, user, ids, "agents")
        return run_action(session, user, "add_to_agents", users, options, build=build)


class RoutingAttributeValue(StringIdModel):
    """A value of an attribute: a skill that tickets require and agents have.

    `RoutingAttributeValue.objects.filter(agent=amy)` are the values of an agent, and
    `.filter(ticket=ticket)` those of a ticket. Its priority is that of the agent in the latest
    query; `AgentSkill` has the priorities of all agents. Its id is a string.
    """

    objects = RoutingAttributeValueManager.as_manager()

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
        api = resource(
            f"{_ATTRIBUTES}/{{attribute}}/values",
            key="attribute_values",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
            update_method="PATCH",
        ) + listing(
            "routing/agents/{agent}/instance_values",
            "routing/tickets/{ticket}/instance_values",
            key="attribute_values",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )


def _add_attribute_id(row: Row) -> Row:
    """Return a row with the id of its attribute, which some lists only have in the URL."""
    match = _VALUE_URL.search(str(row.get("url") or ""))
    if row.get("attribute_id") or match is None:
        return row
    return {**row, "attribute_id": match[1]}
