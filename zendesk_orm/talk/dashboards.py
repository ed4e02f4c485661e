"""What the dashboard of Talk shows at this moment.

Their fields are not described here: the answer is taken as it is, and `extra` has all
of it.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/dashboard/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import single
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


_PATH = "channels/voice/dashboard"


class AccountLevelActivity(Model):
    """What goes on in the account: `AccountLevelActivity.objects.get().extra`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one

    class Meta:
        known_by = ""
        bare = True
        api = single(f"{_PATH}/account_level_activity", "", can="show")


class AgentLevelActivity(Model):
    """What the agents are doing: `AgentLevelActivity.objects.get().extra`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one

    class Meta:
        known_by = ""
        bare = True
        api = single(f"{_PATH}/agent_level_activity", "", can="show")


class QueueLevelActivity(Model):
    """What goes on in each queue: `QueueLevelActivity.objects.get().extra`."""

    id: ReadOnly[str]  # type: ignore[assignment] # there is one

    class Meta:
        known_by = ""
        bare = True
        api = single(f"{_PATH}/queue_level_activity", "", can="show")
