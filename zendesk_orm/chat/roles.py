"""Roles of agents.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/roles/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.chat.agents import Agent


class Role(Model):
    """A role with the permissions of its agents: a built-in or a custom role."""

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    permissions: Field[dict[str, Any]]
    members_count: ReadOnly[int | None]

    agents: Many[Agent] = by("role")

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name",)
        api = resource("chat/roles", key="", fits_in_memory=True, paging=(ONCE,))
