"""Agents available for groups.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/#list-available-agents
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.paging import EXPORT
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import CaseInsensitiveStr


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.custom_roles import CustomRole
    from zendesk_orm.support.users.users import User


class AvailableAgent(Model):
    """An agent available for groups; the id is that of the user.

    One request returns up to 1,000 agents.
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
        api = listing("groups/available_agents", key="users", default_order=None, paging=(EXPORT,))

    @property
    def user(self) -> support.User:
        """The user; reading other attributes than the id may send a request."""
        model: Any = registry.find("User", "support")
        user: User = self._session().refer(model, self.pk)
        return user
