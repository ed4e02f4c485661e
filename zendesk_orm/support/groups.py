"""Groups of agents.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, listed, resource, searched
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly
from zendesk_orm.through import Through, joined


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm import help_center, talk
    from zendesk_orm.support.approval_requests import ApprovalRequest
    from zendesk_orm.support.group_memberships import GroupMembership
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


class GroupManager(Manager["Group"]):
    """`Group.objects`, which knows the default group and those that tickets can go to."""

    def assignable(self) -> Self:
        """Return the groups that tickets can be assigned to by whoever is asking.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#list-assignable-groups
        """
        return self.filter(assignable=True)

    def autocomplete(self, name: str) -> Self:
        """Return the groups with a name that begins so; a query, as `filter()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#autocomplete-groups
        """
        return self.filter(autocomplete=name)

    def default(self) -> Group:
        """Return the group that new agents and tickets get where nothing else is said.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#show-default-group
        """
        return self._made([self._call("default")["group"]])[0]


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
    approval_requests: Many[ApprovalRequest] = by("assignee_group")
    phone_numbers: Many[talk.PhoneNumber] = by("default_group")
    routed_phone_numbers: Many[talk.PhoneNumber] = by("group_ids")
    user_segments: Many[help_center.UserSegment] = by("group_ids")
    sms_phone_numbers: Many[talk.PhoneNumber] = by("sms_group")
    users: Through[User] = joined("GroupMembership")

    assignable: Lookup[Literal[True]]
    autocomplete: Lookup[str]
    user: Lookup[User]

    class Meta:
        keep = 300
        required = "name"
        api = (
            # First the lists that are asked for by what no row holds.
            listed("users/{user}/groups", natural=None, count=True, small=True)
            + listed(
                "groups/assignable", key="groups", needs="assignable", natural=None, small=True
            )
            + listed(
                "groups/autocomplete",
                key="groups",
                takes={"autocomplete": "name"},
                needs="autocomplete",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + resource("groups", natural="name", count=True, small=True)
            + searched("group", words="name", created_at="created")
            + action("default", "GET", "groups/default", "group")
        )
