"""Sessions of the help center's pages.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/help_center_sessions/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import single
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class HelpCenterSession(Model):
    """The session of whoever asks, whose token calls from a page of the help center have to send.

    There is one: `HelpCenterSession.objects.get()`.
    """

    csrf_token: ReadOnly[str]

    class Meta:
        known_by = ""
        singular = "current_session"
        api = single("help_center/sessions", "current_session", can="show")
