"""Switchboards, which decide which integration controls a conversation.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Switchboards
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, UPDATE
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Field, Id, Ref


if TYPE_CHECKING:
    from zendesk_orm.messaging.integrations import Integration

_PATH = f"{APP}/switchboards"
_CAN = LIST | CREATE | UPDATE | DELETE


class Switchboard(ConversationsModel):
    """A switchboard of the app, with its integrations.

    ::

        switchboard = Switchboard.objects.create()
        bot = switchboard.switchboard_integrations.create(name="bot", integration=integration)
        switchboard.default_switchboard_integration = bot
        switchboard.save()
    """

    enabled: Field[bool]
    default_switchboard_integration: Ref[SwitchboardIntegration | None]
    default_switchboard_integration_id: Id[str | None]

    switchboard_integrations: Many[SwitchboardIntegration]

    class Meta:
        string_ids = ("default_switchboard_integration",)
        api = conversations_resource(_PATH, can=_CAN, paged=False)


class SwitchboardIntegration(ConversationsModel):
    """An integration that can control conversations.

    Source: https://developer.zendesk.com/api-reference/conversations/#tag/Switchboard-Integrations
    """

    switchboard: Ref[Switchboard]
    switchboard_id: Id[str]
    name: Field[str]
    integration: CreateOnlyRef[Integration | None]
    integration_id: Id[str | None]
    integration_type: CreateOnly[str | None]
    deliver_standby_events: Field[bool]
    next_switchboard_integration: Ref[SwitchboardIntegration | None]
    next_switchboard_integration_id: Id[str | None]
    message_history_count: Field[int | None]

    class Meta:
        parent = "switchboard"
        string_ids = ("switchboard", "integration", "next_switchboard_integration")
        required = ("switchboard", "name")
        api = conversations_resource(
            f"{_PATH}/{{switchboard}}/switchboardIntegrations", can=_CAN, paged=False
        )
