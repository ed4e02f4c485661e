"""Operations that Zendesk describes and the emulator does not support."""

from __future__ import annotations

import re
from collections.abc import Mapping


#: Operations by their paths, with `{}` for placeholders; each pattern stands for all below it.
#: Paths that are not below `/api/v2/` start with `~`.
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "messaging": ("~/oauth/authorize", "~/sc", "~/v2"),
    "statuses of forms": ("ticket_forms/{}/ticket_form_statuses/{}",),
    "suspended attachments": ("suspended_tickets/attachments",),
}


def _compile(paths: tuple[str, ...]) -> re.Pattern[str]:
    choices = "|".join(re.escape(path).replace(r"\{\}", "[^/]+") for path in paths)
    return re.compile(rf"(?:{choices})(?:/.*)?")


_PATTERNS = {family: _compile(paths) for family, paths in _FAMILIES.items()}


def find_unsupported(method: str, path: str) -> str:
    """Return the name of an operation that is not supported, or "" if Zendesk has none there.

    Args:
        method: the HTTP method.
        path: the path of `Request`.
    """
    for family, pattern in _PATTERNS.items():
        if pattern.fullmatch(path):
            return f"{method} {path.lstrip('~')} ({family})"
    return ""
