"""Brand agents: which agents work for which brands.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brand_agents/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.users import User


class BrandAgent(Model):
    """An agent's place in a brand; deleting it takes the agent out of the brand.

    Agents get into brands when they are saved with `agent_brand_ids`.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, although it looks like a number
    url: ReadOnly[str]
    brand: ReadOnlyRef[Brand]
    brand_id: Id[int]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = (
            resource("brand_agents", can="list show delete")
            + listed("brands/{brand}/agents", key="brand_agents")
            + listed("users/{user}/brand_agents")
        )
