"""Browser sessions of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/help_center_sessions/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import SHOW, singleton
from zendesk_orm.model import Model
from zendesk_orm.schema.secret_fields import ReadOnlySecret


class HelpCenterSession(Model):
    """The caller's session in the help center: `HelpCenterSession.objects.get()`.

    Requests from pages of the help center must send its `csrf_token`.
    """

    csrf_token: ReadOnlySecret[str]

    class Meta:
        pk_key = ""
        singular = "current_session"
        api = singleton("help_center/sessions", "current_session", can=SHOW)
