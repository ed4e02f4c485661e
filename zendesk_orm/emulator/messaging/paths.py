"""The paths of Sunshine Conversations, as the router has them."""

from __future__ import annotations

from zendesk_orm.http.messaging import APP, ROOT


#: The beginning of all paths.
MESSAGING_PREFIX = f"~{ROOT}/"
#: The beginning of the paths below an app.
APP_PATH = f"~{APP}"
