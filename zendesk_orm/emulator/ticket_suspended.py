"""Suspended tickets and skips: what was held back, and what was passed over.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import identities, plain, tickets
from zendesk_orm.emulator.job_queue import MOST, Order, one_by_one, queue, said
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import Refusal, too_many_values
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import SuspendedTicket, Ticket, TicketSkip


#: What the jobs here are called.
WORK = "recover"

#: The source of the responses about tickets that cannot be recovered.
_RECOVERY = "OpenAPI RecoverSuspendedTicketUnprocessableContentResponse"
_SUSPENDED, _META = SuspendedTicket._meta.label, SuspendedTicket._meta


def recover(world: World, call: Call, target: Target) -> Answer:
    """Answer with the ticket; whoever is asking is its requester.

    Raises:
        Refusal: it is not there, or cannot be recovered.
    """
    pk = target.places[0]
    suspended = plain.stored(world, _META, pk).doc
    if suspended.get("error_messages"):
        return Answer(422, dumped({"ticket": [suspended]}), source=_RECOVERY)
    return Answer(text=dumped({"ticket": [_recover(world, pk, {"id": world.author})]}))


def recover_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tickets; where some cannot be recovered, with these."""
    ids = _ids(call)
    rows = [plain.stored(world, _META, pk).doc for pk in ids]
    left = [row for row in rows if row.get("error_messages")]
    made = [_recover(world, row["id"], {}) for row in rows if not row.get("error_messages")]
    if left:
        return Answer(422, dumped({"suspended_tickets": left}), source=_RECOVERY)
    return Answer(text=dumped({"tickets": made}))


def bulk_recover(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will recover up to a hundred."""
    more = {"author": call.body.get("author") or {}}
    title, doing = "Bulk Recover Suspended Tickets", "Recovering ticket"
    return queue(world, Order(WORK, title, doing, _ids(call), more))


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Recover the suspended tickets of a job, one by one."""

    def do(item: Any) -> Any:
        _recover(world, item, order.more["author"])
        return item

    def told(index: int, item: Any) -> dict[str, Any]:
        return {"action": "update", "status": "Updated", "success": True, "id": item}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {"index": index, "error": "RecoverFailed", "id": item, "details": said(refusal)}

    return one_by_one(world, enumerate(order.items), do, told, failed)


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer that the file will come by mail, which it never does."""
    return Answer(text=dumped({"export": {"view_id": "suspended", "status": "enqueued"}}))


def skip(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Record that whoever is asking skipped a ticket.

    Raises:
        Refusal: there is no such ticket.
    """
    ticket = plain.stored(world, Ticket._meta, payload.get("ticket_id")).doc
    written = plain.create(world, meta, payload, given, {"user_id": world.author})
    row = {**written.row, "ticket": ticket}
    world.write(TicketSkip._meta, row)
    return Written(row)


def _ids(call: Call) -> list[Any]:
    ids = call.ids()
    if len(ids) > MOST:
        raise too_many_values()
    return ids


def _recover(world: World, pk: Any, author: Mapping[str, Any]) -> dict[str, Any]:
    """Make a ticket of a suspended one, or a comment of the ticket that it answers."""
    suspended = plain.stored(world, _META, pk).doc
    who = author or suspended.get("author") or {}
    known = identities.owner(world, who["email"]) if who.get("email") else None
    writer = known["id"] if known else who.get("id")
    comment = {"body": suspended.get("content"), "author_id": writer or world.author}
    told = (
        plain.stored(world, Ticket._meta, suspended["ticket_id"])
        if suspended.get("ticket_id")
        else None
    )
    if told is not None:
        row = tickets.update(world, Ticket._meta, told, {"comment": comment}).row
    else:
        said_: dict[str, Any] = {"subject": suspended.get("subject"), "comment": comment}
        if writer:
            said_["requester_id"] = writer
        elif who.get("email"):
            said_["requester"] = {"name": who.get("name") or who["email"], "email": who["email"]}
            del comment["author_id"]
        said_["recipient"] = suspended.get("recipient")
        row = tickets.create(world, Ticket._meta, said_, {}).row
    world.store.drop(_SUSPENDED, pk)
    return row


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("PUT", "suspended_tickets/{}/recover", _SUSPENDED): recover,
    ("PUT", "suspended_tickets/recover_many", _SUSPENDED): recover_many,
    ("PUT", "suspended_tickets/bulk_recover", _SUSPENDED): bulk_recover,
    ("POST", "suspended_tickets/export", _SUSPENDED): export,
}
