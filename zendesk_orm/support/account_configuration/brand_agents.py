"""Brand agents, which connect agents and brands.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brand_agents/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import DELETE, LIST, SHOW, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.users.users import User


class BrandAgent(StringIdModel):
    """A membership of an agent in a brand; deleting it removes the agent from the brand.

    Agents are added to brands by saving them with `agent_brand_ids`.
    """

    url: ReadOnly[str]
    brand: ReadOnlyRef[Brand]
    brand_id: Id[int]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = (
            resource("brand_agents", can=LIST | SHOW | DELETE)
            + listing("brands/{brand}/agents", key="brand_agents")
            + resource("users/{user}/brand_agents", can=SHOW)
            + listing("users/{user}/brand_agents")
        )
