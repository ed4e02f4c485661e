"""Deleted tickets: listing, restoring, and deleting them permanently.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.jobs import JobSpec, queue
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found, too_many_values
from zendesk_orm.emulator.server.routes import deletes, job, route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import ALIVE, StoredRow, WriteResult
from zendesk_orm.emulator.ticket_rules import problems
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Audit, Comment, DeletedTicket, Ticket, User


#: Seconds for which a deleted ticket can be restored.
RESTORABLE_SECONDS = 30 * 86_400


@deletes(Ticket)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a ticket softly, and record the actor. Archived tickets cannot be restored."""
    if stored.state == ALIVE:
        actor = context.store.get(User._meta.label, context.user_id) or {}
        row = {
            "id": stored.id,
            "subject": stored.doc["subject"],
            "actor": {"id": actor.get("id"), "name": actor.get("name")},
            "deleted_at": context.timestamp(),
            "previous_state": stored.doc["status"],
        }
        context.write(DeletedTicket._meta, row)
    result = resources.delete(context, meta, stored)
    problems.refresh_problem(context, stored.doc["problem_id"])
    return result


@route("GET", "deleted_tickets", DeletedTicket)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the tickets that can be restored."""
    _purge_old(context)
    return reads.list_rows(context, request, target)


@route("PUT", "deleted_tickets/{id}/restore", DeletedTicket)
def restore(context: Context, request: Request, target: Target) -> Response:
    """Restore a ticket.

    Raises:
        HTTPError: 404, if the ticket cannot be restored.
    """
    _restore(context, [target.args[0]])
    return Response(text="{}")


@route("PUT", "deleted_tickets/restore_many", DeletedTicket)
def restore_many(context: Context, request: Request, target: Target) -> Response:
    """Restore several tickets; none of them if one cannot be restored.

    Raises:
        HTTPError: 400, if there are too many ids; 404, if a ticket cannot be restored.
    """
    ids = request.get_ids()
    if len(ids) > reads.MAX_IDS:
        raise too_many_values()
    _restore(context, ids)
    return Response(text="{}")


@route("DELETE", "deleted_tickets/{id}", DeletedTicket)
def destroy(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that deletes a ticket permanently.

    Raises:
        HTTPError: 404, if the ticket is not a deleted one.
    """
    _purge_old(context)
    resources.get(context, DeletedTicket._meta, target.args[0])
    return _queue_purge(context, [target.args[0]])


@route("DELETE", "deleted_tickets/destroy_many", DeletedTicket)
def destroy_many(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that deletes several tickets permanently."""
    return _queue_purge(context, request.get_ids())


@job("purge")
def purge(context: Context, pk: str, spec: JobSpec) -> dict[str, Any]:
    """Delete the tickets of a job permanently. The result does not list them."""
    for ticket in spec.items:
        if context.store.get(DeletedTicket._meta.label, ticket) is not None:
            _purge(context, ticket)
    return {"success": True}


def _queue_purge(context: Context, ids: list[Any]) -> Response:
    return queue(
        context, JobSpec("purge", "Bulk Delete Ticket Permanently", "Deleting ticket", ids)
    )


def _restore(context: Context, ids: Iterable[Any]) -> None:
    _purge_old(context)
    for pk in ids:
        if context.store.get(DeletedTicket._meta.label, pk) is None:
            raise not_found()
        context.store.drop(DeletedTicket._meta.label, pk)
        ticket = context.store.find_row(Ticket._meta.label, pk)
        if ticket is None:
            raise not_found()
        stamps = {
            "updated_at": context.timestamp(),
            "generated_timestamp": int(context.now()),
        }
        row = {**ticket.doc, **stamps}
        context.write(Ticket._meta, row, words=ticket.words)
        problems.refresh_problem(context, row["problem_id"])


def _purge_old(context: Context) -> None:
    """Delete tickets permanently that were deleted more than thirty days ago."""
    limit = context.timestamp(context.now() - RESTORABLE_SECONDS)
    where = Where(f"{json_value('deleted_at')} < ?", (limit,))
    for row in context.store.select(DeletedTicket._meta.label, where):
        _purge(context, row["id"])


def _purge(context: Context, pk: Any) -> None:
    context.store.drop(DeletedTicket._meta.label, pk)
    context.changes.record_drop(Ticket._meta.label, pk)
    if not context.switches.purged_in_exports:
        context.store.drop(Ticket._meta.label, pk)
    for model in (Comment, Audit):
        context.store.drop_children(model._meta.label, pk)
