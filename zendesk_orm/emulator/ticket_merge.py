"""Merging tickets: some are closed in favour of another.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator import plain, tickets
from zendesk_orm.emulator.job_queue import Order, one_by_one, queue, said
from zendesk_orm.emulator.refusals import Refusal, complaint, invalid_record, missing_parameter
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Ticket


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will merge tickets into the one that the path names.

    Raises:
        Refusal: that one is not there, or closed, or there are no others.
    """
    pk, ids = target.places[0], call.body.get("ids")
    row = plain.stored(world, target.meta, pk).doc
    if row["status"] == "closed":
        text = "closed prevents ticket update"
        raise invalid_record({"status": [complaint(text)]})
    if not isinstance(ids, list) or not ids:
        raise missing_parameter("ids")
    more = {key: value for key, value in call.body.items() if key != "ids"}
    return queue(
        world,
        Order("merge", "Merge Ticket", "Merging ticket", list(ids), {**more, "target": pk}),
    )


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Close the tickets, each with a comment, and comment on the one that remains."""
    meta, target = Ticket._meta, order.more["target"]
    known = [world.store.get(meta.label, each) for each in (target, *order.items)]
    # Documented: where one of them is private, so are the comments.
    public = all(row["is_public"] for row in known if row)

    def comment(whose: str) -> dict[str, Any]:
        text = order.more.get(f"{whose}_comment")
        shown = public and bool(order.more.get(f"{whose}_comment_is_public"))
        return {"comment": {"body": text, "public": shown}} if text else {}

    def close(ticket: Any) -> Any:
        if ticket == target:
            raise invalid_record({"base": [complaint("A ticket cannot be merged into itself")]})
        stored = plain.stored(world, meta, ticket)
        tag = world.switches.merged_tag
        tags = [*stored.doc["tags"], *([tag] if tag else [])]
        payload = {"status": "closed", "tags": plain.tags(tags), **comment("source")}
        return tickets.update(world, meta, stored, payload).row["id"]

    def told(index: int, ticket: Any) -> dict[str, Any]:
        return {"action": "update", "status": "Updated", "success": True, "id": ticket}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {"index": index, "error": "TicketMergeFailed", "id": item, "details": said(refusal)}

    results = one_by_one(world, enumerate(order.items), close, told, failed)
    stored = world.store.row(meta.label, target)
    if stored is not None and comment("target") and any("error" not in each for each in results):
        tickets.update(world, meta, stored, comment("target"))
    return results
