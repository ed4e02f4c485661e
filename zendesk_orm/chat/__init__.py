"""Zendesk Chat: chats, the visitors, and the agents who talk with them.

Chat's API answers at the account's host, under `/api/v2/chat`, and takes OAuth tokens
with the scope of chat. Its real-time part, a stream of its own, is not served.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.chat.accounts import Account, RoutingSettings
    from zendesk_orm.chat.agents import Agent
    from zendesk_orm.chat.bans import IpBan, VisitorBan
    from zendesk_orm.chat.chats import Chat, SearchResult
    from zendesk_orm.chat.departments import Department
    from zendesk_orm.chat.events import AgentEvent, AgentTimeline, DepartmentEvent
    from zendesk_orm.chat.goals import Conversion, Goal
    from zendesk_orm.chat.roles import Role
    from zendesk_orm.chat.shortcuts import Shortcut
    from zendesk_orm.chat.skills import Skill
    from zendesk_orm.chat.triggers import Trigger
    from zendesk_orm.chat.visitors import Visitor

else:
    __getattr__, __dir__ = registry.on_first_use(
        __name__,
        {
            "accounts": "Account RoutingSettings",
            "agents": "Agent",
            "bans": "IpBan VisitorBan",
            "chats": "Chat SearchResult",
            "departments": "Department",
            "events": "AgentEvent AgentTimeline DepartmentEvent",
            "goals": "Conversion Goal",
            "roles": "Role",
            "shortcuts": "Shortcut",
            "skills": "Skill",
            "triggers": "Trigger",
            "visitors": "Visitor",
        },
    )

__all__ = [
    "Account",
    "Agent",
    "AgentEvent",
    "AgentTimeline",
    "Chat",
    "Conversion",
    "Department",
    "DepartmentEvent",
    "Goal",
    "IpBan",
    "Role",
    "RoutingSettings",
    "SearchResult",
    "Shortcut",
    "Skill",
    "Trigger",
    "Visitor",
    "VisitorBan",
]
