"""Merging of tickets into another ticket, which closes them.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.jobs import JobSpec, queue
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.storage.sql import where_in
from zendesk_orm.emulator.tickets import tickets, uploads
from zendesk_orm.emulator.tickets.comments import check_editable
from zendesk_orm.emulator.tickets.job_results import run_updates
from zendesk_orm.support import Comment, Ticket


@route("POST", "tickets/{id}/merge", Ticket)
def merge(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that merges tickets into the ticket of the path.

    Raises:
        HTTPError: 404, if that ticket does not exist; 422, if it is closed; 400, if no other
            tickets are given.
    """
    pk, ids = target.args[0], request.body.get("ids")
    check_editable(context, pk)
    if not isinstance(ids, list) or not ids:
        raise missing_parameter("ids")
    options = {key: value for key, value in request.body.items() if key != "ids"}
    options["target"] = pk
    return queue(context, JobSpec("merge", "Merge Ticket", "Merging ticket", list(ids), options))


@job("merge")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Close the tickets of a job, and add a comment to each and to the target.

    The comment on the target has copies of the files of all merged tickets.
    """
    meta, target = Ticket._meta, spec.options["target"]
    rows = [context.store.get(meta.label, ticket) for ticket in (target, *spec.items)]
    # Documented: if one of the tickets is private, so are the comments.
    all_public = all(row["is_public"] for row in rows if row)

    def build_comment(name: str) -> dict[str, Any]:
        text = spec.options.get(f"{name}_comment")
        public = all_public and bool(spec.options.get(f"{name}_comment_is_public"))
        return {"comment": {"body": text, "public": public}} if text else {}

    def close(ticket: Any) -> Any:
        if ticket == target:
            raise invalid_record({"base": [field_error("A ticket cannot be merged into itself")]})
        stored = resources.get(context, meta, ticket)
        tag = context.switches.merged_tag
        tags = resources.parse_tags([*stored.doc["tags"], *([tag] if tag else [])])
        payload = {"status": "closed", "tags": tags, **build_comment("source")}
        row = tickets.update(context, meta, stored, payload).row
        event = {"target_ticket_id": str(target)}
        context.changes.record_event(evolve(stored, doc=row), "merged", event)
        return row["id"]

    results = run_updates(context, spec, close, "TicketMergeFailed")
    merged = [result["id"] for result in results if "error" not in result]
    stored = context.store.get_row(meta.label, target)
    payload, files = build_comment("target"), _list_files(context, merged)
    if files:
        comment = payload.setdefault("comment", {"body": "", "public": False})
        comment["uploads"] = [uploads.copy_files(context, files)]
    if stored is not None and payload and merged:
        tickets.update(context, meta, stored, payload)
    return results


def _list_files(context: Context, ids: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the attachments of the comments on tickets."""
    where = where_in("parent", list(ids))
    comments = context.store.select(Comment._meta.label, where)
    return [attachment for comment in comments for attachment in comment["attachments"]]
