"""Import of tickets with their comments and timestamps.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import bulk, resources
from zendesk_orm.emulator.crud.jobs import MAX_ITEMS, JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    HTTPError,
    field_error,
    invalid_record,
    too_many_values,
)
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, dump_json
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket


@route("POST", "imports/tickets", Ticket)
def create(context: Context, request: Request, target: Target) -> Response:
    """Import a ticket.

    Raises:
        HTTPError: 422, if the ticket is invalid.
    """
    payload = request.get_object("ticket")
    row = _import(context, target.meta, payload, archive=_archives_immediately(request))
    return Response(201, dump_json({"ticket": row}), {"Location": row["url"]})


@route("POST", "imports/tickets/create_many", Ticket)
def create_many(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that imports up to 100 tickets.

    Raises:
        HTTPError: 400, if there are too many tickets.
    """
    rows = bulk.parse_rows(request, "tickets")
    if len(rows) > MAX_ITEMS:
        raise too_many_values()
    options = {"archived": _archives_immediately(request)}
    spec = JobSpec("import", "Bulk Import Ticket", "Importing ticket", rows, options)
    return queue(context, spec)


@job("import")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Import the tickets of a job, and return one result for each."""
    meta = Ticket._meta

    def import_ticket(item: Any) -> Any:
        return _import(context, meta, item, archive=spec.options["archived"])["id"]

    def build_result(index: int, ticket: Any) -> dict[str, Any]:
        return bulk.build_created_result(meta, index, ticket)

    def build_error(index: int, item: Any, error: HTTPError) -> dict[str, Any]:
        return {"index": index, "error": "TicketCreateFailed", "details": describe_error(error)}

    return run_items(context, enumerate(spec.items), import_ticket, build_result, build_error)


def _archives_immediately(request: Request) -> bool:
    return request.params.get("archive_immediately") == "true"


def _import(
    context: Context, meta: Options, payload: Mapping[str, Any], *, archive: bool
) -> dict[str, Any]:
    """Create a ticket and its comments with their timestamps, and return its row."""
    payload = convert(meta, payload)
    comments = [_parse_comment(value) for value in payload.get("comments") or ()]
    first = comments.pop(0) if comments else {"body": payload.get("description")}
    if payload.get("comment"):
        first = _parse_comment(payload["comment"])
    created = _parse_time(payload, "created_at", context.now())
    with context.backdate(created), context.without_rules():
        row = tickets.create(context, meta, {**payload, "comment": first}, {}).row
    for comment in comments:
        with context.backdate(_parse_time(comment, "created_at", created)):
            audit = audits.create(context, row)
            comment.setdefault("author_id", row["submitter_id"])
            audits.add_comment(context, row, audit, comment)
            audits.save(context, audit)
    row["updated_at"] = context.timestamp(_parse_time(payload, "updated_at", context.now()))
    state = ARCHIVED if archive and row["status"] == "closed" else ALIVE
    context.write(meta, row, state=state, words=tickets.collect_ticket_words(context, row))
    return resources.get(context, meta, row["id"]).doc


def _parse_comment(value: Any) -> dict[str, Any]:
    """Return a comment as a dictionary. Imports name its text `value`."""
    comment = dict(value) if isinstance(value, Mapping) else {"body": value}
    comment.setdefault("body", comment.pop("value", None))
    return comment


def _parse_time(payload: Mapping[str, Any], name: str, default: float) -> float:
    """Return the time under a key of a payload, in seconds since the epoch.

    Raises:
        HTTPError: 422, if it is not a date.
    """
    text = payload.get(name)
    if not text:
        return default
    try:
        return load_datetime(str(text)).timestamp()
    except ValueError:
        title = name.replace("_", " ").capitalize()
        error = field_error(f"{title}: {text} is not a date", "InvalidValue")
        raise invalid_record({name: [error]}) from None
