"""The tags of a ticket, a user or an organization, as a list of their own.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from collections.abc import Sequence

from zendesk_orm.emulator import plain, writes
from zendesk_orm.emulator.safety import KEYS
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tags."""
    return _told(_held(world, target))


def replace(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tags, which are those given and no others."""
    return _told(_set(world, call, target, plain.tags(call.body.get("tags"))), 201)


def add(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tags, those given among them.

    Raises:
        Refusal: it is asked to be safe, and the ticket has changed since.
    """
    tags = [*_held(world, target), *plain.tags(call.body.get("tags"))]
    return _told(_set(world, call, target, plain.tags(tags)))


def remove(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tags, those given no longer among them.

    Raises:
        Refusal: it is asked to be safe, and the ticket has changed since.
    """
    gone = plain.tags(call.params.get("tags", call.body.get("tags")))
    kept = [tag for tag in _held(world, target) if tag not in gone]
    return _told(_set(world, call, target, kept))


def _held(world: World, target: Target) -> list[str]:
    return list(plain.stored(world, target.meta, target.places[0]).doc["tags"])


def _set(world: World, call: Call, target: Target, tags: Sequence[str]) -> Sequence[str]:
    safe = {key: call.body[key] for key in KEYS if key in call.body}
    payload = {"tags": list(tags), **safe}
    written = writes.update_one(world, target.meta, target.places[0], payload)
    return list(written.row["tags"])


def _told(tags: Sequence[str], status: int = 200) -> Answer:
    return Answer(status, dumped({"tags": tags}))
