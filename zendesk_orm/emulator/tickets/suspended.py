"""Suspended tickets, which can be recovered, and skips of tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.jobs import MAX_ITEMS, JobSpec, queue
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.server.errors import too_many_values
from zendesk_orm.emulator.server.routes import creates, job, route
from zendesk_orm.emulator.storage.store import WriteResult, dump_json
from zendesk_orm.emulator.tickets import tickets, uploads
from zendesk_orm.emulator.tickets.job_results import run_updates
from zendesk_orm.schema.options import Options
from zendesk_orm.support import SuspendedTicket, Ticket, TicketSkip


_META = SuspendedTicket._meta
#: The source of the responses about tickets that cannot be recovered.
_RECOVERY = "OpenAPI RecoverSuspendedTicketUnprocessableContentResponse"


@route("PUT", "suspended_tickets/{id}/recover", SuspendedTicket)
def recover(context: Context, request: Request, target: Target) -> Response:
    """Recover a suspended ticket with the caller as its requester, and return the ticket.

    Raises:
        HTTPError: 404, if the suspended ticket does not exist.
    """
    pk = target.args[0]
    row = resources.get(context, _META, pk).doc
    if row.get("error_messages"):
        return Response(422, dump_json({"ticket": [row]}), source=_RECOVERY)
    return Response(text=dump_json({"ticket": [_recover(context, pk, {"id": context.user_id})]}))


@route("PUT", "suspended_tickets/recover_many", SuspendedTicket)
def recover_many(context: Context, request: Request, target: Target) -> Response:
    """Recover suspended tickets, and return the tickets.

    If some cannot be recovered, only these are returned, with status 422.

    Raises:
        HTTPError: 400, if there are too many ids; 404, if a suspended ticket does not exist.
    """
    rows = [resources.get(context, _META, pk).doc for pk in _parse_ids(request)]
    failures = [row for row in rows if row.get("error_messages")]
    recovered = [_recover(context, row["id"], {}) for row in rows if not row.get("error_messages")]
    if failures:
        return Response(422, dump_json({"suspended_tickets": failures}), source=_RECOVERY)
    return Response(text=dump_json({"tickets": recovered}))


@route("PUT", "suspended_tickets/bulk_recover", SuspendedTicket)
def bulk_recover(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that recovers up to 100 suspended tickets.

    Raises:
        HTTPError: 400, if there are too many ids.
    """
    options = {"author": request.body.get("author") or {}}
    title, label = "Bulk Recover Suspended Tickets", "Recovering ticket"
    return queue(context, JobSpec("recover", title, label, _parse_ids(request), options))


@job("recover")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Recover the suspended tickets of a job, and return one result for each."""

    def recover_one(suspended: Any) -> Any:
        _recover(context, suspended, spec.options["author"])
        return suspended

    return run_updates(context, spec, recover_one, "RecoverFailed")


@route("POST", "suspended_tickets/export", SuspendedTicket)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return the status of an export. The emulator does not send it by e-mail."""
    return Response(text=dump_json({"export": {"view_id": "suspended", "status": "enqueued"}}))


@creates(TicketSkip)
def skip(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Record that the caller skipped a ticket.

    Raises:
        HTTPError: 404, if the ticket does not exist.
    """
    ticket = resources.get(context, Ticket._meta, payload.get("ticket_id")).doc
    result = resources.create(context, meta, payload, path, {"user_id": context.user_id})
    row = {**result.row, "ticket": ticket}
    context.write(TicketSkip._meta, row)
    return WriteResult(row)


def _parse_ids(request: Request) -> list[Any]:
    ids = request.get_ids()
    if len(ids) > MAX_ITEMS:
        raise too_many_values()
    return ids


def _recover(context: Context, pk: Any, author: Mapping[str, Any]) -> dict[str, Any]:
    """Recover a suspended ticket, and return the ticket.

    A suspended ticket with a `ticket_id` becomes a comment of that ticket. If `author` is empty,
    the author of the suspended ticket is used.
    """
    suspended = resources.get(context, _META, pk).doc
    author = author or suspended.get("author") or {}
    user = identities.find_user(context, author["email"]) if author.get("email") else None
    author_id = user["id"] if user else author.get("id")
    comment: dict[str, Any] = {
        "body": suspended.get("content"),
        "author_id": author_id or context.user_id,
    }
    if suspended.get("attachments"):
        comment["uploads"] = [uploads.copy_files(context, suspended["attachments"])]
    if suspended.get("ticket_id"):
        stored = resources.get(context, Ticket._meta, suspended["ticket_id"])
        row = tickets.update(context, Ticket._meta, stored, {"comment": comment}).row
    else:
        payload: dict[str, Any] = {"subject": suspended.get("subject"), "comment": comment}
        if author_id:
            payload["requester_id"] = author_id
        elif author.get("email"):
            name = author.get("name") or author["email"]
            payload["requester"] = {"name": name, "email": author["email"]}
            del comment["author_id"]
        payload["recipient"] = suspended.get("recipient")
        row = tickets.create(context, Ticket._meta, payload, {}).row
    context.store.drop(_META.label, pk)
    return row
