"""What has changed of skills-based routing, from the beginning on.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.paging import SKILLS
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.support.routing import RoutingAttribute, RoutingAttributeValue


class RoutingAttributeChange(Model):
    """That an attribute was made, changed or deleted; its id is the attribute's."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    name: ReadOnly[str]
    type: ReadOnly[str]
    time: ReadOnly[datetime]

    class Meta:
        get_latest_by = "time"
        api = listed("incremental/routing/attributes", natural="time", paging=(SKILLS,))


class RoutingAttributeValueChange(Model):
    """That a value of an attribute was made, changed or deleted; its id is the value's."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    attribute: ReadOnlyRef[RoutingAttribute]
    attribute_id: Id[str]
    name: ReadOnly[str]
    type: ReadOnly[str]
    time: ReadOnly[datetime]

    class Meta:
        get_latest_by = "time"
        api = listed("incremental/routing/attribute_values", natural="time", paging=(SKILLS,))


class RoutingInstanceValueChange(Model):
    """That an agent, or a ticket, was given a value or lost it.

    `instance_id` is the id of the agent, or of the ticket, as the type says:
    `associate_agent`, `unassociate_ticket`.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    attribute_value: ReadOnlyRef[RoutingAttributeValue]
    attribute_value_id: Id[str]
    instance_id: ReadOnly[str]
    type: ReadOnly[str]
    time: ReadOnly[datetime]

    class Meta:
        get_latest_by = "time"
        api = listed("incremental/routing/instance_values", natural=None, paging=(SKILLS,))
