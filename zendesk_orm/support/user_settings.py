"""How the one who is asking likes the agent's interface.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-current-user-settings
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import single
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field


class UserSettings(Model):
    """The settings of the agent who is asking: `UserSettings.objects.get()`.

    Of `lotus`, the agent's interface, and `admin_center`, only the keys that are sent change.
    """

    lotus: Field[dict[str, Any]]
    admin_center: Field[dict[str, Any]]
    shared_views_order: Field[list[int] | None]
    agent_home_pinned_views: Field[list[int] | None]

    class Meta:
        singular = "settings"
        plural = "settings"
        verbose_name = "user's settings"
        verbose_name_plural = "user's settings"
        known_by = ""
        api = single("users/me/settings", "settings")
