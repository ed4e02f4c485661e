"""Group memberships, which connect agents and groups.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import CREATE, DELETE, SHOW, listing, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import CreateOnly, Id, Lookup, ReadOnly, Ref
from zendesk_orm.session.action_bodies import objects_of


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.users.users import User

_SIDE = ("users", "groups")


class GroupMembershipManager(Manager["GroupMembership"]):
    """`GroupMembership.objects`, with the assignable memberships."""

    def assignable(self) -> Self:
        """Return the memberships of agents that tickets of their groups can be assigned to.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/#list-assignable-memberships
        """
        return self.filter(assignable=True)


class GroupMembership(Model):
    """A membership of an agent in a group: `group.memberships.create(user=agent)`.

    Memberships can be created and deleted, but not changed. Deleting one also unassigns the
    agent from the open tickets of the group.
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
            resource("group_memberships", can=SHOW | CREATE | DELETE, bulk=CREATE | DELETE)
            + listing("group_memberships", includes=_SIDE)
            + resource("users/{user}/group_memberships", can=SHOW)
            + listing("users/{user}/group_memberships", includes=_SIDE)
            + listing("groups/{group}/memberships", key="group_memberships")
            + listing(
                "group_memberships/assignable", key="group_memberships", required=("assignable",)
            )
            + listing(
                "groups/{group}/memberships/assignable",
                key="group_memberships",
                required=("assignable",),
            )
        )

    @action("PUT", "users/{user}/group_memberships/{id}/make_default", key="group_memberships")
    def make_default(self) -> Self:
        """Make the group the default for tickets that are assigned to the agent without a group.

        The agent's other memberships are updated.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/#set-membership-as-default
        """

        def update(data: Any) -> None:
            session = self._session()
            session.materialize(type(self), objects_of(data, "group_memberships"))
            session.expire(session.refer(self._meta.relations["user"].model, self.user_id))

        self._call("make_default", then=update, in_dry_run=None)
        return self
