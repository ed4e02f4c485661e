"""Tickets marked as spam, which suspends their requesters.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#mark-ticket-as-spam-and-suspend-requester
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.crud.jobs import JobSpec, queue
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.tickets.job_results import run_updates
from zendesk_orm.support import Ticket, User


@route("PUT", "tickets/{id}/mark_as_spam", Ticket)
def mark(context: Context, request: Request, target: Target) -> Response:
    """Mark a ticket as spam, and suspend its requester."""
    _mark(context, target.args[0])
    return Response(text="{}")


@route("PUT", "tickets/mark_many_as_spam", Ticket)
def mark_many(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that marks several tickets as spam."""
    ids = request.get_ids()
    return queue(
        context, JobSpec("spam", "Bulk Mark Ticket As Spam", "Marking ticket as spam", ids)
    )


@job("spam")
def run_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Mark the tickets of a job as spam, and return one result for each."""
    return run_updates(context, spec, lambda ticket: _mark(context, ticket), "TicketUpdateFailed")


def _mark(context: Context, pk: Any) -> Any:
    ticket = resources.get(context, Ticket._meta, pk)
    context.changes.record_event(ticket, "marked_as_spam", {})
    user = resources.get(context, User._meta, ticket.doc["requester_id"])
    if user.doc["role"] == "end-user":
        resources.update(context, User._meta, user, {"suspended": True})
    if context.switches.spam_is_deleted:
        writes.delete_one(context, Ticket._meta, pk)
    return pk
