"""Goals and conversions.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/goals/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.chat.exports import export
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef


Attribution = Literal["first_touch", "last_touch"]


class Goal(Model):
    """An action expected of visitors, such as a purchase, which is attributed to an agent."""

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    attribution_model: Field[Attribution]
    attribution_window: Field[int | None]
    attribution_period: Field[int | None]
    settings: Field[dict[str, Any]]

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name",)
        api = resource("chat/goals", key="", fits_in_memory=True, paging=(ONCE,))


class Conversion(StringIdModel):
    """A goal reached by a visitor: `Conversion.objects.filter(changed_since=yesterday)`."""

    goal: ReadOnlyRef[Goal | None]
    goal_id: Id[int | None]
    goal_name: ReadOnly[str | None]
    attribution: ReadOnly[dict[str, Any]]
    timestamp: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        get_latest_by = "timestamp"
        api = export("conversions")
