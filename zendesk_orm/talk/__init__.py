"""Zendesk Talk: phone numbers, those who call, and those who answer.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.talk.addresses import Address
    from zendesk_orm.talk.agents import Agent
    from zendesk_orm.talk.callback_requests import CallbackRequest
    from zendesk_orm.talk.calls import Call, Leg
    from zendesk_orm.talk.consoles import CallConsole
    from zendesk_orm.talk.dashboards import (
        AccountLevelActivity,
        AgentLevelActivity,
        QueueLevelActivity,
    )
    from zendesk_orm.talk.digital_lines import DigitalLine
    from zendesk_orm.talk.greetings import Greeting, GreetingCategory
    from zendesk_orm.talk.ivrs import Ivr, IvrMenu, IvrRoute
    from zendesk_orm.talk.lines import Line
    from zendesk_orm.talk.partner_calls import PartnerCall
    from zendesk_orm.talk.phone_numbers import AvailablePhoneNumber, PhoneNumber
    from zendesk_orm.talk.settings import VoiceSettings
    from zendesk_orm.talk.statistics import (
        AccountOverview,
        AgentActivity,
        AgentsOverview,
        CurrentQueueActivity,
    )

else:
    __getattr__, __dir__ = registry.on_first_use(
        __name__,
        {
            "addresses": "Address",
            "agents": "Agent",
            "callback_requests": "CallbackRequest",
            "calls": "Call Leg",
            "consoles": "CallConsole",
            "dashboards": "AccountLevelActivity AgentLevelActivity QueueLevelActivity",
            "digital_lines": "DigitalLine",
            "greetings": "Greeting GreetingCategory",
            "ivrs": "Ivr IvrMenu IvrRoute",
            "lines": "Line",
            "partner_calls": "PartnerCall",
            "phone_numbers": "AvailablePhoneNumber PhoneNumber",
            "settings": "VoiceSettings",
            "statistics": "AccountOverview AgentActivity AgentsOverview CurrentQueueActivity",
        },
    )

__all__ = [
    "AccountLevelActivity",
    "AccountOverview",
    "Address",
    "Agent",
    "AgentActivity",
    "AgentLevelActivity",
    "AgentsOverview",
    "AvailablePhoneNumber",
    "Call",
    "CallConsole",
    "CallbackRequest",
    "CurrentQueueActivity",
    "DigitalLine",
    "Greeting",
    "GreetingCategory",
    "Ivr",
    "IvrMenu",
    "IvrRoute",
    "Leg",
    "Line",
    "PartnerCall",
    "PhoneNumber",
    "QueueLevelActivity",
    "VoiceSettings",
]
