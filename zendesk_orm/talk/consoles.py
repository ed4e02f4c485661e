"""The call console: what the agent who asks makes and takes calls with.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/call_console/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import single
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class CallConsole(Model):
    """What the agent who asks makes and takes calls with: `CallConsole.objects.get()`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one
    agent_state: ReadOnly[str | None]
    is_available: ReadOnly[bool | None]
    via: ReadOnly[str | None]
    voice_number: ReadOnly[str | None]
    phone_numbers: ReadOnly[list[dict[str, Any]]]
    current_call: ReadOnly[dict[str, Any] | None]
    features: ReadOnly[dict[str, Any]]
    client_access_token: ReadOnly[str | None]

    class Meta:
        known_by = ""
        api = single("channels/voice/call_console", "call_console", can="show")
