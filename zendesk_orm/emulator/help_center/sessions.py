"""The help center session of the authenticated user.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/help_center_sessions/
"""

from __future__ import annotations

import random

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.help_center import HelpCenterSession


@route("GET", "help_center/sessions", HelpCenterSession)
def show_session(context: Context, request: Request, target: Target) -> Response:
    """Return the CSRF token of the authenticated user."""
    seed = random.Random(f"session {context.user_id}")  # noqa: S311 - not secret
    token = f"{seed.getrandbits(128):032x}"
    return Response(text=dump_json({"current_session": {"csrf_token": token}}))
