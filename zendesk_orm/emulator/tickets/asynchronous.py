"""Tickets that are created in a job: `POST /api/v2/tickets?async=true`.

Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/improving-performance-by-creating-tickets-asynchronously/
"""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import bulk, writes
from zendesk_orm.emulator.crud.jobs import JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import Ticket


@route("POST", "tickets", Ticket)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a ticket; with `async=true`, return its id and the status of the job that creates it.

    The response has no other values of the ticket, which does not exist until the job has ended.
    An invalid ticket is a result of the job.

    Raises:
        HTTPError: 422, if the ticket is invalid; 429, if there are too many jobs.
    """
    if request.params.get("async") != "true":
        return writes.create(context, request, target)
    payload = request.get_object("ticket")
    # A response of 429 must not use up an id.
    with context.savepoint():
        pk = context.store.next_id("ticket")
        spec = JobSpec("create", "Create Ticket", "Creating ticket", [payload], {"id": pk})
        response = queue(context, spec)
    body = {"ticket": {"id": pk}, **json.loads(response.text)}
    return evolve(response, status=202, text=dump_json(body))


@job("create")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Create the ticket of a job, and return its result."""
    meta = Ticket._meta

    def apply(item: Any) -> Any:
        return writes.create_one(context, meta, item, {"id": spec.options["id"]}).row["id"]

    def on_success(index: int, row: Any) -> dict[str, Any]:
        return bulk.build_created_result(meta, index, row)

    def on_error(index: int, item: Any, error: HTTPError) -> dict[str, Any]:
        return {"index": index, "error": "TicketCreateFailed", "details": describe_error(error)}

    return run_items(context, enumerate(spec.items), apply, on_success, on_error)
