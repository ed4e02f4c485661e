"""Chat, which Zendesk's files do not describe: every call, with its page."""

from __future__ import annotations

from collections.abc import Iterator


_PAGES = "https://developer.zendesk.com/api-reference/live-chat/chat-api"

#: The methods of each path, by their page in Zendesk's reference.
_CALLS: dict[str, dict[str, str]] = {
    "accounts": {"chat/account": "GET PUT"},
    "agents": {
        "chat/agents": "GET POST",
        "chat/agents/{}": "GET PUT DELETE",
        "chat/agents/me": "GET",
        "chat/agents/email/{}": "GET",
    },
    "bans": {"chat/bans": "GET POST", "chat/bans/{}": "GET DELETE"},
    "chats": {
        "chat/chats": "GET POST",
        "chat/chats/{}": "GET PUT DELETE",
        "chat/chats/search": "GET",
    },
    "departments": {
        "chat/departments": "GET POST",
        "chat/departments/{}": "GET PUT DELETE",
        "chat/departments/name/{}": "GET",
    },
    "goals": {"chat/goals": "GET POST", "chat/goals/{}": "GET PUT DELETE"},
    "incremental_agent_events_api": {"chat/incremental/agent_events": "GET"},
    "incremental_export": {
        "chat/incremental/agent_timeline": "GET",
        "chat/incremental/chats": "GET",
        "chat/incremental/conversions": "GET",
        "chat/incremental/department_events": "GET",
    },
    "roles": {"chat/roles": "GET POST", "chat/roles/{}": "GET PUT DELETE"},
    "routing_settings": {"chat/routing_settings/account": "GET PATCH"},
    "shortcuts": {"chat/shortcuts": "GET POST", "chat/shortcuts/{}": "GET PUT DELETE"},
    "skills": {"chat/skills": "GET POST", "chat/skills/{}": "GET PUT DELETE"},
    "triggers": {"chat/triggers": "GET POST", "chat/triggers/{}": "GET PUT DELETE"},
    "visitors": {
        "chat/visitors": "POST",
        "chat/visitors/{}": "GET PUT DELETE",
        "chat/visitors/email/{}": "GET",
    },
}


def _list_calls() -> Iterator[tuple[str, str]]:
    for page, paths in _CALLS.items():
        for path, methods in paths.items():
            for method in methods.split():
                yield f"{method} {path}", f"{_PAGES}/{page}/"


#: Calls that Zendesk does not describe, with their sources.
CALLS_UNDESCRIBED: dict[str, str] = dict(_list_calls())

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET chat/chats/search", "q"): f"{_PAGES}/chats/",
    **{
        (f"GET {path}", "start_time"): f"{_PAGES}/incremental_export/"
        for page in ("incremental_export", "incremental_agent_events_api")
        for path in _CALLS[page]
    },
}
