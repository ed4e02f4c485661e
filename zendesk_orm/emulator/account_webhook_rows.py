"""Webhooks as they are made, and what of their authentication is told.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.options import Options


_WANTED = ("name", "status", "endpoint", "http_method", "request_format")
#: What of an authentication is given back.
_OPEN = frozenset({"username", "name"})


def made(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a webhook.

    Raises:
        Refusal: it lacks something.
    """
    for name in _WANTED:
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    also = {"created_by": str(world.author), **told(payload)}
    written = plain.create(world, meta, payload, given, also)
    # Recorded: what was never set is not there at all.
    row = {key: value for key, value in written.row.items() if value is not None}
    row.pop("updated_at", None)
    world.write(meta, row, parent=secret(world))
    return Written(row)


def told(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the authentication as it is given back: without secrets."""
    given = payload.get("authentication")
    if not isinstance(given, dict):
        return {}
    shown = {key: each for key, each in given.items() if key != "data"}
    data = {key: each for key, each in (given.get("data") or {}).items() if key in _OPEN}
    return {"authentication": {**shown, **({"data": data} if data else {})}}


def secret(world: World) -> str:
    """Return what would be a secret elsewhere; no two are alike."""
    return f"signing-secret-{world.store.next_id('signing secret')}"
