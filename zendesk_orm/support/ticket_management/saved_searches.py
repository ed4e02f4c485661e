"""Saved searches of the authenticated agent.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/saved_searches/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, UPDATE, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, ReadOnly


Type = Literal["ticket", "user", "organization", "side_conversation", "article"]


class SavedSearch(StringIdModel):
    """A search that an agent has saved under a name; 20 per agent at most.

    `filters` is a JSON string with a list of ids of filters: `'["status", "priority"]'`.
    """

    name: Field[str]
    query: Field[str]
    type: Field[Type]
    filters: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime | None]

    get_type_display = Display()

    class Meta:
        required = ("name", "query", "type")
        api = resource(
            "saved_searches",
            can=LIST | CREATE | UPDATE | DELETE,
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload with name, query and type, which all updates must have."""
        if not payload or self.pk is None:
            return payload
        return {"name": self.name, "query": self.query, "type": self.type, **payload}

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload itself: bodies have no envelope, while responses have one."""
        return payload
