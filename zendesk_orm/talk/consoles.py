"""The call console of the authenticated agent.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/call_console/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import SHOW, singleton
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.secret_fields import ReadOnlySecret


class CallConsole(StringIdModel):
    """The call console of the authenticated agent: `CallConsole.objects.get()`."""

    agent_state: ReadOnly[str | None]
    is_available: ReadOnly[bool | None]
    via: ReadOnly[str | None]
    voice_number: ReadOnly[str | None]
    phone_numbers: ReadOnly[list[dict[str, Any]]]
    current_call: ReadOnly[dict[str, Any] | None]
    features: ReadOnly[dict[str, Any]]
    client_access_token: ReadOnlySecret[str | None]

    class Meta:
        pk_key = ""
        api = singleton("channels/voice/call_console", "call_console", can=SHOW)
