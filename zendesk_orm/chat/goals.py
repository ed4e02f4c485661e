"""Goals, and visitors who reached them.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/goals/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.chat.exports import export
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef


Attribution = Literal["first_touch", "last_touch"]


class Goal(Model):
    """What visitors shall do, such as buy; who chatted with them gets the credit."""

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    attribution_model: Field[Attribution]
    attribution_window: Field[int | None]
    attribution_period: Field[int | None]
    settings: Field[dict[str, Any]]

    class Meta:
        bare = True
        keep = 300
        required = ("name",)
        api = resource("chat/goals", key="", small=True, paging=(ONCE,))


class Conversion(Model):
    """A visitor who reached a goal: `Conversion.objects.filter(changed_since=yesterday)`."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    goal: ReadOnlyRef[Goal | None]
    goal_id: Id[int | None]
    goal_name: ReadOnly[str | None]
    attribution: ReadOnly[dict[str, Any]]
    timestamp: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "timestamp"
        api = export("conversions")
