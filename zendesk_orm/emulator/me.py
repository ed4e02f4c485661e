"""Who is asking: `users/me`."""

from __future__ import annotations

from zendesk_orm.emulator import plain, templates
from zendesk_orm.emulator.oauth.access import NOBODY
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with the authenticated user, or with the anonymous user if there is none."""
    if world.author == NOBODY:
        # Seen on the wire: no refusal, so that this path proves nothing about credentials.
        nobody = {**templates.blank(target.meta), "name": "Anonymous user", "active": False}
        return Answer(text=dumped({"user": nobody}))
    row = plain.stored(world, target.meta, world.author).doc
    return Answer(text=dumped({"user": {**row, "authenticity_token": "emulated"}}))
