"""Organization subscriptions: users notified about new tickets of an organization.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_subscriptions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.users.users import User

_KEY = "organization_subscriptions"


class OrganizationSubscription(Model):
    """A subscription of a user to the new tickets of an organization.

    Subscriptions can be created and deleted, but not changed.
    """

    user: Ref[User]
    user_id: Id[int]
    organization: Ref[Organization]
    organization_id: Id[int]
    created_at: ReadOnly[datetime]

    class Meta:
        required = ("user", "organization")
        api = (
            resource(_KEY, can=LIST | SHOW | CREATE | DELETE)
            + listing("organizations/{organization}/subscriptions", key=_KEY)
            + listing("users/{user}/organization_subscriptions")
        )
