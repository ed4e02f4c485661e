"""Custom roles: sets of agents' permissions.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/custom_roles/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


class CustomRole(Model):
    """A role of agents, with its permissions in `configuration`.

    Only accounts on the Enterprise plan can create roles.
    """

    name: Field[str]
    description: Field[str | None]
    configuration: Field[dict[str, Any]]
    role_type: ReadOnly[int]
    team_member_count: ReadOnly[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    users: Many[User]

    class Meta:
        cache_seconds = 300
        required = "name"
        api = resource("custom_roles", default_order=None, fits_in_memory=True, paging=(ONCE,))
