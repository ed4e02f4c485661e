"""Group memberships: which agents are in which groups.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Id, Lookup, ReadOnly, Ref
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.users import User

_SIDE = "users groups"


class GroupMembershipManager(Manager["GroupMembership"]):
    """`GroupMembership.objects`, which knows the memberships that tickets can go to."""

    def assignable(self) -> Self:
        """Return the memberships of agents whom tickets can be assigned to in their groups.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/#list-assignable-memberships
        """
        return self.filter(assignable=True)


class GroupMembership(Model):
    """That an agent is in a group.

    It is made and deleted, and never changed: `group.memberships.create(user=agent)`. Deleting
    one takes the agent off the open tickets of the group, too.
    """

    objects = GroupMembershipManager.as_manager()

    url: ReadOnly[str]
    user: Ref[User]
    user_id: Id[int]
    group: Ref[Group]
    group_id: Id[int]
    default: CreateOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    assignable: Lookup[Literal[True]]

    class Meta:
        required = ("user", "group")
        api = (
            resource("group_memberships", can="show create delete", many="create destroy")
            + listed("group_memberships", includes=_SIDE)
            + listed("users/{user}/group_memberships", includes=_SIDE)
            + listed("groups/{group}/memberships", key="group_memberships")
            + listed("group_memberships/assignable", key="group_memberships", needs="assignable")
            + listed(
                "groups/{group}/memberships/assignable",
                key="group_memberships",
                needs="assignable",
            )
            + action(
                "make_default",
                "PUT",
                "users/{user}/group_memberships/{id}/make_default",
                "group_memberships",
            )
        )

    def make_default(self) -> Self:
        """Let the group be the one that tickets get which are assigned to the agent alone.

        The agent's other memberships are brought up to date.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/#set-membership-as-default
        """
        data = self._call("make_default")
        if data is not None:
            session = self._session()
            session.take_in(type(self), data["group_memberships"])
            user = self._meta.relations["user"].model
            actions.outdated(session, session.refer(user, self.user_id))
        return self
