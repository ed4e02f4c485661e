"""The account of Chat, and its routing settings.

The account is read-only if Chat is part of Zendesk Support. The method by which routing
settings are updated is unconfirmed.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/accounts/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from zendesk_orm.api.vocabulary import singleton
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, ReadOnly


Mode = Literal["broadcast", "assigned", "hybrid"]


class Account(StringIdModel):
    """The account of Chat and its plan: `Account.objects.get()`."""

    account_key: ReadOnly[str | None]
    status: ReadOnly[str | None]
    create_date: ReadOnly[datetime | None]
    billing: Field[dict[str, Any]]
    plan: Field[dict[str, Any]]

    class Meta:
        pk_key = ""
        get_latest_by = "create_date"
        api = singleton("chat/account", "")


class RoutingSettings(StringIdModel):
    """The settings by which chats are routed to agents: `RoutingSettings.objects.get()`.

    Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/routing_settings/
    """

    routing_mode: Field[Mode]
    chat_limit: Field[dict[str, Any]]
    skill_routing: Field[dict[str, Any]]
    reassignment: Field[dict[str, Any]]
    auto_idle: Field[dict[str, Any]]
    auto_accept: Field[dict[str, Any]]

    class Meta:
        pk_key = ""
        enveloped = False
        verbose_name = "routing settings"
        verbose_name_plural = "routing settings"
        api = singleton("chat/routing_settings/account", "data", update_method="PATCH")

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the settings of a response, which has an envelope although requests have none."""
        return data.get("data")
