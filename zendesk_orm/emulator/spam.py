"""Tickets that are spam: their requesters are suspended.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#mark-ticket-as-spam-and-suspend-requester
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator import plain, writes
from zendesk_orm.emulator.job_queue import Order, one_by_one, queue, said
from zendesk_orm.emulator.refusals import Refusal
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Ticket, User


def mark(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing much: the requester is suspended."""
    _mark(world, target.places[0])
    return Answer(text="{}")


def mark_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will do so to several tickets."""
    return queue(
        world, Order("spam", "Bulk Mark Ticket As Spam", "Marking ticket as spam", call.ids())
    )


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Mark the tickets of a job, one by one."""

    def told(index: int, ticket: Any) -> dict[str, Any]:
        return {"action": "update", "status": "Updated", "success": True, "id": ticket}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {"index": index, "error": "TicketUpdateFailed", "id": item, "details": said(refusal)}

    return one_by_one(
        world, enumerate(order.items), lambda ticket: _mark(world, ticket), told, failed
    )


def _mark(world: World, pk: Any) -> Any:
    ticket = plain.stored(world, Ticket._meta, pk).doc
    user = plain.stored(world, User._meta, ticket["requester_id"])
    if user.doc["role"] == "end-user":
        plain.update(world, User._meta, user, {"suspended": True})
    if world.switches.spam_is_deleted:
        writes.delete_one(world, Ticket._meta, pk)
    return pk
