"""Agents who can be made members of groups.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#list-available-agents
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.paging import EXPORT
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import CaseInsensitiveStr


if TYPE_CHECKING:
    from zendesk_orm.support.custom_roles import CustomRole
    from zendesk_orm.support.users import User


class AvailableAgent(Model):
    """An agent who can be added to groups, with what is needed to choose one.

    A thousand come with one request. The id is that of the user.
    """

    name: ReadOnly[str]
    email: ReadOnly[CaseInsensitiveStr]
    role: ReadOnly[str]
    role_type: ReadOnly[int | None]
    custom_role: ReadOnlyRef[CustomRole | None]
    custom_role_id: Id[int | None]
    photo_url: ReadOnly[str | None]
    entitlements: ReadOnly[list[str] | None]
    suspended: ReadOnly[bool]

    class Meta:
        plural = "available_agents"
        api = listed("groups/available_agents", key="users", natural=None, paging=(EXPORT,))

    @property
    def user(self) -> User:
        """The user; reading more of it than the id may take a request."""
        found: User = self._session().refer(registry.find("User", "support"), self.pk)  # type: ignore[assignment] # by name
        return found
