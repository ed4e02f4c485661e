"""The account, and how its chats find agents.

Where Chat came with Support, the account can be read and not changed. The method of an
update of routing settings is recalled and not confirmed.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/accounts/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.vocabulary import single
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


Mode = Literal["broadcast", "assigned", "hybrid"]


class Account(Model):
    """The account of Chat, and its plan: `Account.objects.get()`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    account_key: ReadOnly[str | None]
    status: ReadOnly[str | None]
    create_date: ReadOnly[datetime | None]
    billing: Field[dict[str, Any]]
    plan: Field[dict[str, Any]]

    class Meta:
        known_by = ""
        get_latest_by = "create_date"
        api = single("chat/account", "")


class RoutingSettings(Model):
    """How chats find agents: `RoutingSettings.objects.get()`.

    Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/routing_settings/
    """

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    routing_mode: Field[Mode]
    chat_limit: Field[dict[str, Any]]
    skill_routing: Field[dict[str, Any]]
    reassignment: Field[dict[str, Any]]
    auto_idle: Field[dict[str, Any]]
    auto_accept: Field[dict[str, Any]]

    class Meta:
        known_by = ""
        bare = True
        verbose_name = "routing settings"
        verbose_name_plural = "routing settings"
        api = single("chat/routing_settings/account", "data", update="PATCH")

    def _answered(self, data: dict[str, Any]) -> Any:
        """Return the settings: sent without an envelope, they come back in one."""
        return data.get("data")
