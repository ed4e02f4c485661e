"""The default group, search for groups, and the agents that can be members of groups.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/groups/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.support import AvailableAgent, Group, User


_ALIVE = Where("state < ?", (DELETED,))
#: Keys of a user in the list of available agents.
_AGENT_KEYS = ("id", "name", "email", "role", "role_type", "custom_role_id", "suspended")


@route("GET", "groups/default", Group)
def show_default(context: Context, request: Request, target: Target) -> Response:
    """Return the default group.

    Raises:
        HTTPError: 404, if no group is the default.
    """
    rows = context.store.find(Group._meta.label, "default", 1)
    if not rows:
        raise not_found()
    return Response(text=dump_json({"group": rows[0]}))


@route("GET", "groups/autocomplete", Group)
def autocomplete(context: Context, request: Request, target: Target) -> Response:
    """List the groups with a word in their name that starts with the text.

    Raises:
        HTTPError: 400, if no text is given.
    """
    if not request.params.get("name"):
        raise missing_parameter("name")
    prefix = normalize_words(request.params["name"]).rstrip()
    where = _ALIVE & Where(f"instr(normalize_words({json_value('name')}), ?) > 0", (prefix,))
    page = select_page(context, request, target, where)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@route("GET", "groups/available_agents", AvailableAgent)
def list_available_agents(context: Context, request: Request, target: Target) -> Response:
    """List the agents that can be added to groups."""
    where = _ALIVE & Where(f"{json_value('role')} IN ('agent', 'admin')")
    page = select_page(context, request, evolve(target, meta=User._meta), where)
    rows = [_agent_row(json.loads(text)) for text in page.texts]
    return Response(text=reads.render_list(target, map(dump_json, rows), "", page.metadata))


def _agent_row(user: Mapping[str, Any]) -> dict[str, Any]:
    photo = user["photo"] or {}
    return {
        **{name: user[name] for name in _AGENT_KEYS},
        "photo_url": photo.get("content_url"),
        "entitlements": ["support"],
    }
