"""Saved searches, which each agent has for himself.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/saved_searches/
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import Refusal
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import SavedSearch


_META = SavedSearch._meta
#: Searches that an agent can save.
MOST = 20
_SOURCE = "OpenAPI SavedSearchError"
_REQUIRED = ("name", "query", "type")

Handler = Callable[[World, Call, Target], Answer]


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with the searches of whoever is asking."""
    return Answer(text=dumped({"saved_searches": _mine(world)}))


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a search of whoever is asking.

    Raises:
        Refusal: it is not whole, one is called so, or there are twenty.
    """
    mine = _mine(world)
    _check(payload, mine, "Create Failed")
    if len(mine) >= MOST:
        body = {"error": "Create Failed", "description": f"At most {MOST} are saved"}
        raise Refusal(422, body, _SOURCE)
    row = blank(meta) | plain.taken(meta, payload)
    row["id"] = str(uuid.UUID(int=world.store.next_id()))
    plain.begin(world, meta, row)
    world.write(meta, row, parent=world.author)
    return Written(row)


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a search of whoever is asking.

    Raises:
        Refusal: it is somebody else's, not whole, or another one is called so.
    """
    if stored.parent != world.author:
        raise Refusal(404, {"error": "NotFound", "description": "Record not found"}, _SOURCE)
    others = [each for each in _mine(world) if each["id"] != stored.id]
    _check(payload, others, "Update Failed")
    return plain.update(world, meta, stored, payload)


def _check(payload: Mapping[str, Any], others: list[dict[str, Any]], error: str) -> None:
    missing = [name for name in _REQUIRED if not payload.get(name)]
    if missing:
        details = {
            name: [{"error": f"{name.title()}Required", "description": f"{name} is required"}]
            for name in missing
        }
        body = {"error": error, "description": "Validation failed", "details": details}
        raise Refusal(422, body, _SOURCE)
    if payload["name"] in {each["name"] for each in others}:
        raise Refusal(409, {"error": "Conflict", "description": "The name is taken"}, _SOURCE)


def _mine(world: World) -> list[dict[str, Any]]:
    return world.store.docs(_META.label, Where("parent = ? AND state < ?", (world.author, DELETED)))


ROUTES: Mapping[tuple[str, str, str], Handler] = {("GET", "saved_searches", _META.label): list_rows}
CREATES = {_META.label: create}
UPDATES = {_META.label: update}
