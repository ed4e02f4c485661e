"""Organization subscriptions: who is told about the tickets of an organization.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_subscriptions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.users import User

_KEY = "organization_subscriptions"


class OrganizationSubscription(Model):
    """A user's wish to hear of every new ticket of an organization; it is made or deleted."""

    user: Ref[User]
    user_id: Id[int]
    organization: Ref[Organization]
    organization_id: Id[int]
    created_at: ReadOnly[datetime]

    class Meta:
        required = ("user", "organization")
        api = (
            resource(_KEY, can="list show create delete")
            + listed("organizations/{organization}/subscriptions", key=_KEY)
            + listed("users/{user}/organization_subscriptions")
        )
