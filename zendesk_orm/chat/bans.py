"""Bans: of addresses, and of visitors.

Zendesk keeps them in two lists of one answer, so that there are two models of them.
`all()` of each reads both kinds, and gives its own.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import resource
from zendesk_orm.chat.agents import since_id
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.chat.visitors import Visitor


_PATH = "chat/bans"


class IpBan(Model):
    """An address from which nobody may chat: `IpBan.objects.create(ip_address=..., reason=...)`."""

    type: CreateOnly[str]
    ip_address: CreateOnly[str]
    reason: CreateOnly[str | None]
    created_at: ReadOnly[datetime | None]

    class Meta:
        bare = True
        singular = "ban"
        required = ("ip_address",)
        verbose_name = "ban of an address"
        verbose_name_plural = "bans of addresses"
        api = resource(_PATH, can="show create delete") + since_id(_PATH, "ip_address")

    def __init__(self, **values: Any) -> None:
        """Make a ban that Zendesk does not know yet."""
        super().__init__(**{"type": "ip_address", **values})


class VisitorBan(Model):
    """A visitor who may not chat; see `Visitor.ban()`."""

    type: CreateOnly[str]
    visitor: CreateOnlyRef[Visitor]
    visitor_id: Id[str]
    visitor_name: ReadOnly[str | None]
    reason: CreateOnly[str | None]
    created_at: ReadOnly[datetime | None]

    class Meta:
        bare = True
        singular = "ban"
        required = ("visitor",)
        verbose_name = "ban of a visitor"
        verbose_name_plural = "bans of visitors"
        api = resource(_PATH, can="show create delete") + since_id(_PATH, "visitor")

    def __init__(self, **values: Any) -> None:
        """Make a ban that Zendesk does not know yet."""
        super().__init__(**{"type": "visitor", **values})
