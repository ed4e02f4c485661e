"""Scopes of OAuth tokens: which of them a request needs.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#scopes
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit


#: The resources with scopes of their own, by the first part of their paths.
_RESOURCES = {
    "automations": "automations",
    "guide/theming": "themes",
    "help_center": "hc",
    "macros": "macros",
    "organizations": "organizations",
    "requests": "requests",
    "satisfaction_ratings": "satisfaction_ratings",
    "targets": "targets",
    "tickets": "tickets",
    "triggers": "triggers",
    "users": "users",
    "webhooks": "webhooks",
}
_READING_POST = re.compile(r"(^|/)(search|preview|autocomplete)(/|$)")


def scopes_for(method: str, path: str) -> tuple[str, ...]:
    """Return the scopes of which any one suffices for a request, the narrowest first.

    Args:
        method: the HTTP method.
        path: the path from the host on, query included: `/api/v2/tickets/1.json`.
    """
    place = urlsplit(path).path.removeprefix("/api/v2/").removesuffix(".json").strip("/")
    reads = method in ("GET", "HEAD") or (method == "POST" and _READING_POST.search(place))
    access = "read" if reads else "write"
    for prefix, resource in _RESOURCES.items():
        if place == prefix or place.startswith(f"{prefix}/"):
            return f"{resource}:{access}", access
    return (access,)
