"""Skills, by which chats are routed to agents.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/skills/
"""

from __future__ import annotations

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.chat.agents import Agent
from zendesk_orm.model import Model
from zendesk_orm.relations import RefList, by
from zendesk_orm.schema.fields import Field


class Skill(Model):
    """A skill of agents, such as a language; `members` are their ids."""

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    members: Field[list[int]]
    agents: RefList[Agent] = by("members")

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name",)
        api = resource("chat/skills", key="", fits_in_memory=True, paging=(ONCE,))
