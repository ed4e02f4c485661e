"""Tickets that were deleted: listed, restored, and destroyed for good.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.job_queue import Order, queue
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import not_found, too_many_values
from zendesk_orm.emulator.store import ALIVE, Stored
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Audit, Comment, DeletedTicket, Ticket, User


#: Seconds for which a deleted ticket can be restored.
KEPT = 30 * 86_400


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a ticket softly, and note who did it; archived ones cannot be restored."""
    if stored.state == ALIVE:
        actor = world.store.get(User._meta.label, world.author) or {}
        row = {
            "id": stored.id,
            "subject": stored.doc["subject"],
            "actor": {"id": actor.get("id"), "name": actor.get("name")},
            "deleted_at": world.stamp(),
            "previous_state": stored.doc["status"],
        }
        world.write(DeletedTicket._meta, row)
    return plain.delete(world, meta, stored)


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the tickets that can still be restored."""
    _scrub(world)
    return reads.list_rows(world, call, target)


def restore(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing much: the ticket is what it was before.

    Raises:
        Refusal: it cannot be restored.
    """
    _restore(world, [target.places[0]])
    return Answer(text="{}")


def restore_many(world: World, call: Call, target: Target) -> Answer:
    """Restore several tickets, or none of them.

    Raises:
        Refusal: there are too many, or one that cannot be restored.
    """
    ids = call.ids()
    if len(ids) > reads.MOST_IDS:
        raise too_many_values()
    _restore(world, ids)
    return Answer(text="{}")


def destroy(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will destroy a ticket for good.

    Raises:
        Refusal: it was not deleted before.
    """
    _scrub(world)
    plain.stored(world, DeletedTicket._meta, target.places[0])
    return _ordered(world, [target.places[0]])


def destroy_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will destroy several tickets for good."""
    return _ordered(world, call.ids())


def purge(world: World, pk: str, order: Order) -> dict[str, Any]:
    """Destroy tickets for good, and tell that it went well: which ones, is not told."""
    for ticket in order.items:
        if world.store.get(DeletedTicket._meta.label, ticket) is not None:
            _forget(world, ticket)
    return {"success": True}


def _ordered(world: World, ids: list[Any]) -> Answer:
    return queue(world, Order("purge", "Bulk Delete Ticket Permanently", "Deleting ticket", ids))


def _restore(world: World, ids: Iterable[Any]) -> None:
    _scrub(world)
    for pk in ids:
        if world.store.get(DeletedTicket._meta.label, pk) is None:
            raise not_found()
        world.store.drop(DeletedTicket._meta.label, pk)
        world.store.set_state(Ticket._meta.label, pk, ALIVE)
        ticket = plain.stored(world, Ticket._meta, pk)
        row = {**ticket.doc, "updated_at": world.stamp()}
        world.write(Ticket._meta, row, words=ticket.words)


def _scrub(world: World) -> None:
    """Forget the tickets whose thirty days are over."""
    limit = world.stamp(world.now() - KEPT)
    sql = "SELECT id FROM rows WHERE kind = ? AND json_extract(doc, '$.deleted_at') < ?"
    for (pk,) in world.store.execute(sql, (DeletedTicket._meta.label, limit)):
        _forget(world, pk)


def _forget(world: World, pk: Any) -> None:
    world.store.drop(DeletedTicket._meta.label, pk)
    if not world.switches.purged_in_exports:
        world.store.drop(Ticket._meta.label, pk)
    for model in (Comment, Audit):
        world.store.drop_below(model._meta.label, pk)
