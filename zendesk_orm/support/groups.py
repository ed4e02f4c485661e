"""Groups of agents.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import resource, searched
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class Group(Model):
    """A set of agents that tickets can be assigned to."""

    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    is_public: Field[bool]
    default: ReadOnly[bool]
    deleted: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tickets: Many[Ticket]

    class Meta:
        keep = 300
        api = resource("groups", natural="name", count=True, small=True) + searched(
            "group", words="name", created_at="created"
        )
