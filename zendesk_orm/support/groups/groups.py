"""Groups of agents.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listing, resource, search_index
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many, by
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.through import Through


if TYPE_CHECKING:
    from zendesk_orm import help_center, talk
    from zendesk_orm.support.agent_availability.agent_availabilities import AgentAvailability
    from zendesk_orm.support.agent_availability.group_availability import GroupAvailability
    from zendesk_orm.support.groups.group_memberships import GroupMembership
    from zendesk_orm.support.tickets.approval_requests import ApprovalRequest
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


class GroupManager(Manager["Group"]):
    """`Group.objects`, with the default group and the assignable groups."""

    def assignable(self) -> Self:
        """Return the groups that the caller can assign tickets to.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#list-assignable-groups
        """
        return self.filter(assignable=True)

    def autocomplete(self, name: str) -> Self:
        """Return the groups whose name has this beginning; a query, as `filter()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#autocomplete-groups
        """
        return self.filter(autocomplete=name)

    @action("GET", "groups/default", key="group")
    def default(self) -> Group:
        """Return the default group of new agents and tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#show-default-group
        """
        return self._from_rows([self._call("default")["group"]])[0]


class Group(Model):
    """A set of agents that tickets can be assigned to."""

    objects = GroupManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    is_public: Field[bool]
    default: ReadOnly[bool]
    deleted: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tickets: Many[Ticket]
    memberships: Many[GroupMembership]
    agent_availabilities: Many[AgentAvailability] = by("group")
    approval_requests: Many[ApprovalRequest] = by("assignee_group")
    phone_numbers: Many[talk.PhoneNumber] = by("default_group")
    routed_phone_numbers: Many[talk.PhoneNumber] = by("group_ids")
    user_segments: Many[help_center.UserSegment] = by("group_ids")
    sms_phone_numbers: Many[talk.PhoneNumber] = by("sms_group")
    users: Through[User] = by("GroupMembership")

    assignable: Lookup[Literal[True]]
    autocomplete: Lookup[str]
    user: Lookup[User]

    class Meta:
        cache_seconds = 300
        required = "name"
        api = (
            # Lists that are filtered by values which rows do not contain come first.
            listing("users/{user}/groups", default_order=None, count=True, fits_in_memory=True)
            + listing(
                "groups/assignable",
                key="groups",
                required=("assignable",),
                default_order=None,
                fits_in_memory=True,
            )
            + listing(
                "groups/autocomplete",
                key="groups",
                filters={"autocomplete": "name"},
                required=("autocomplete",),
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + resource("groups", default_order="name", count=True, fits_in_memory=True)
            + search_index("group", tokenized=("name",), created_at="created")
        )

    @property
    def availability(self) -> support.GroupAvailability:
        """The statuses of the agents at this moment, which are fetched when they are read.

        Raises:
            InvalidValue: the group was not saved yet.
        """
        if self.pk is None:
            raise InvalidValue(f"{display(self)} has no id yet; save it first")
        model: Any = registry.find("GroupAvailability", "support")
        availability: GroupAvailability = self._session().refer(model, self.pk)
        return availability
