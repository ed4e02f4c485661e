"""The current figures of the Talk dashboard.

They have no declared fields: `extra` contains the response unchanged.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/dashboard/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import SHOW, singleton
from zendesk_orm.model import StringIdModel


_PATH = "channels/voice/dashboard"


class AccountLevelActivity(StringIdModel):
    """Current figures of the account: `AccountLevelActivity.objects.get().extra`."""

    class Meta:
        pk_key = ""
        enveloped = False
        api = singleton(f"{_PATH}/account_level_activity", "", can=SHOW)


class AgentLevelActivity(StringIdModel):
    """Current figures of the agents: `AgentLevelActivity.objects.get().extra`."""

    class Meta:
        pk_key = ""
        enveloped = False
        api = singleton(f"{_PATH}/agent_level_activity", "", can=SHOW)


class QueueLevelActivity(StringIdModel):
    """Current figures of the queues: `QueueLevelActivity.objects.get().extra`."""

    class Meta:
        pk_key = ""
        enveloped = False
        api = singleton(f"{_PATH}/queue_level_activity", "", can=SHOW)
