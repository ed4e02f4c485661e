"""Bans of IP addresses and of visitors.

A response contains one list for each kind, which are two models. `all()` of each model reads
both kinds and returns those of the model.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import CREATE, DELETE, SHOW, resource
from zendesk_orm.chat.agents import since_id
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.chat.visitors import Visitor


_PATH = "chat/bans"


class IpBan(Model):
    """The ban of an IP address: `IpBan.objects.create(ip_address=..., reason=...)`."""

    type: CreateOnly[str]
    ip_address: CreateOnly[str]
    reason: CreateOnly[str | None]
    created_at: ReadOnly[datetime | None]

    class Meta:
        enveloped = False
        singular = "ban"
        required = ("ip_address",)
        verbose_name = "ban of an address"
        verbose_name_plural = "bans of addresses"
        api = resource(_PATH, can=SHOW | CREATE | DELETE) + since_id(_PATH, "ip_address")

    def __init__(self, **values: Any) -> None:
        """Initialize an unsaved ban."""
        super().__init__(**{"type": "ip_address", **values})


class VisitorBan(Model):
    """The ban of a visitor; see `Visitor.ban()`."""

    type: CreateOnly[str]
    visitor: CreateOnlyRef[Visitor]
    visitor_id: Id[str]
    visitor_name: ReadOnly[str | None]
    reason: CreateOnly[str | None]
    created_at: ReadOnly[datetime | None]

    class Meta:
        enveloped = False
        singular = "ban"
        required = ("visitor",)
        verbose_name = "ban of a visitor"
        verbose_name_plural = "bans of visitors"
        api = resource(_PATH, can=SHOW | CREATE | DELETE) + since_id(_PATH, "visitor")

    def __init__(self, **values: Any) -> None:
        """Initialize an unsaved ban."""
        super().__init__(**{"type": "visitor", **values})
