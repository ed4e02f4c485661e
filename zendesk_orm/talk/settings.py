"""The settings of Talk.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/voice_settings/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import singleton
from zendesk_orm.model import StringIdModel
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Field, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group


class VoiceSettings(StringIdModel):
    """The settings of Talk: `VoiceSettings.objects.get()`."""

    voice: Field[bool]
    agent_confirmation_when_forwarding: Field[bool]
    agent_wrap_up_after_calls: ReadOnly[bool]
    knowledge_suggestions_enabled: Field[bool]
    knowledge_suggestions_group_ids: Field[list[int]]
    knowledge_suggestions_groups: RefList[Group]
    maximum_queue_size: Field[int]
    maximum_queue_wait_time: Field[int]
    only_during_business_hours: Field[bool]
    recordings_public: Field[bool]
    supported_locales: ReadOnly[list[Any]]
    voice_ai_display_transcript: Field[bool]
    voice_ai_enabled: Field[bool]
    voice_ai_enabled_lines: Field[list[int]]

    class Meta:
        singular = "settings"
        pk_key = ""
        verbose_name = "voice settings"
        verbose_name_plural = "voice settings"
        api = singleton("channels/voice/settings", "settings")
