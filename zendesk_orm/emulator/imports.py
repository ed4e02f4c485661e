"""Importing tickets: with their past, and the comments of it.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import audits, bulk, plain, tickets
from zendesk_orm.emulator.job_queue import MOST, Order, one_by_one, queue, said
from zendesk_orm.emulator.parameters import convert
from zendesk_orm.emulator.refusals import Refusal, complaint, invalid_record, too_many_values
from zendesk_orm.emulator.store import ALIVE, ARCHIVED, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with the ticket that was imported.

    Raises:
        Refusal: it breaks a rule.
    """
    row = _put(world, target.meta, call.envelope("ticket"), archived=_archives(call))
    return Answer(201, dumped({"ticket": row}), {"Location": row["url"]})


def submit_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that will import up to a hundred tickets."""
    rows = bulk.rows(call, "tickets")
    if len(rows) > MOST:
        raise too_many_values()
    more = {"archived": _archives(call)}
    return queue(world, Order("import", "Bulk Import Ticket", "Importing ticket", rows, more))


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Import the tickets of a job, one by one."""
    meta = Ticket._meta

    def do(item: Any) -> Any:
        return _put(world, meta, item, archived=order.more["archived"])["id"]

    def told(index: int, ticket: Any) -> dict[str, Any]:
        return bulk.created(meta, index, ticket)

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {"index": index, "error": "TicketCreateFailed", "details": said(refusal)}

    return one_by_one(world, enumerate(order.items), do, told, failed)


def _archives(call: Call) -> bool:
    return call.params.get("archive_immediately") == "true"


def _put(
    world: World, meta: Options, payload: Mapping[str, Any], *, archived: bool
) -> dict[str, Any]:
    """Make a ticket at the time that it tells, with all its comments."""
    payload = convert(meta, payload)
    comments = [_comment(each) for each in payload.get("comments") or ()]
    first = comments.pop(0) if comments else {"body": payload.get("description")}
    if payload.get("comment"):
        first = _comment(payload["comment"])
    created = _moment(payload, "created_at", world.now())
    with world.dated(created):
        made = tickets.create(world, meta, {**payload, "comment": first}, {})
    row = made.row
    for comment in comments:
        with world.dated(_moment(comment, "created_at", created)):
            audit = audits.begin(world, row)
            comment.setdefault("author_id", row["submitter_id"])
            audits.say(world, row, audit, comment)
            audits.keep(world, audit)
    row["updated_at"] = world.stamp(_moment(payload, "updated_at", world.now()))
    state = ARCHIVED if archived and row["status"] == "closed" else ALIVE
    world.write(meta, row, state=state, words=tickets.spoken(world, row))
    return plain.stored(world, meta, row["id"]).doc


def _comment(given: Any) -> dict[str, Any]:
    """Return a comment, whose text an import calls its value."""
    comment = dict(given) if isinstance(given, Mapping) else {"body": given}
    comment.setdefault("body", comment.pop("value", None))
    return comment


def _moment(given: Mapping[str, Any], name: str, default: float) -> float:
    text = given.get(name)
    if not text:
        return default
    try:
        return load_datetime(str(text)).timestamp()
    except ValueError:
        title = name.replace("_", " ").capitalize()
        complaints = [complaint(f"{title}: {text} is not a date", "InvalidValue")]
        raise invalid_record({name: complaints}) from None
