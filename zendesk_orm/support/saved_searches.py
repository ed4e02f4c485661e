"""Saved searches of the agent who is asking.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/saved_searches/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, ReadOnly


Type = Literal["ticket", "user", "organization", "side_conversation", "article"]


class SavedSearch(Model):
    """A search that an agent keeps under a name; each agent has 20 at most.

    `filters` is a text, the JSON of a list of ids of filters: `'["status", "priority"]'`.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
            can="list create update delete",
            natural=None,
            small=True,
            paging=(ONCE,),
        )

    def to_payload(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the changes as they are sent: name, query and type have always to be told."""
        changed = super().to_payload(names)
        if not changed or self.pk is None:
            return changed
        whole = {"name": self.name, "query": self.query, "type": self.type}
        return {**whole, **changed}

    def _enveloped(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload itself: bodies have no envelope, while responses have one."""
        return payload
