"""Settings of the authenticated agent.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-current-user-settings
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import singleton
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field


class UserSettings(Model):
    """The settings of the authenticated agent: `UserSettings.objects.get()`.

    Zendesk changes only the keys of `lotus` (the Agent Workspace) and `admin_center` that are sent.
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
        pk_key = ""
        api = singleton("users/me/settings", "settings")
