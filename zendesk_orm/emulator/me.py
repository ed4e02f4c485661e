"""Who is asking: `users/me`."""

from __future__ import annotations

from zendesk_orm.emulator import plain, templates
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World, credentials


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with the user whose credentials were sent; with nobody where there are none."""
    if world.switches.token is not None and credentials(call) == ("", ""):
        # Seen on the wire: no refusal, so that this path proves nothing about credentials.
        nobody = {**templates.blank(target.meta), "name": "Anonymous user", "active": False}
        return Answer(text=dumped({"user": nobody}))
    row = plain.stored(world, target.meta, world.author).doc
    return Answer(text=dumped({"user": {**row, "authenticity_token": "emulated"}}))
