"""Organizations, their related rows, and their merging in the background.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.keyed_values import build_overrides
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people.organization_memberships import MEMBERSHIPS
from zendesk_orm.emulator.server.errors import HTTPError, field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, deletes, lookup, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.ticket_rules.system_changes import change_tickets
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Organization,
    OrganizationMembership,
    OrganizationMerge,
    OrganizationSubscription,
    Ticket,
    User,
)


_META, _MERGE = Organization._meta, OrganizationMerge._meta
#: The condition for merges that are not complete.
_RUNNING = where_in(json_value("status"), ("new", "in_progress"))


@creates(Organization)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an organization.

    Raises:
        HTTPError: 422, if the organization is invalid.
    """
    overrides = build_overrides(context, meta, payload, None)
    return resources.create(context, meta, payload, path, overrides)


@updates(Organization)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update an organization.

    Raises:
        HTTPError: 422, if the organization would be invalid.
    """
    overrides = build_overrides(context, meta, payload, stored.doc)
    return resources.update(context, meta, stored, payload, overrides)


@deletes(Organization)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an organization and its memberships. Its users and tickets have none any more."""
    MEMBERSHIPS.materialize(context)
    for row in context.store.find(MEMBERSHIPS.meta.label, "organization_id", stored.id):
        MEMBERSHIPS.delete(context, resources.get(context, MEMBERSHIPS.meta, row["id"]))
    of_organization = where_equal("organization_id", stored.id)
    change_tickets(context, "organization_id", None, of_organization, is_audited=False)
    context.store.set_value(User._meta.label, "organization_id", None, of_organization)
    return resources.delete(context, meta, stored)


@route("GET", "organizations/{id}/related", Organization)
def show_related_counts(context: Context, request: Request, target: Target) -> Response:
    """Return the numbers of tickets and users of an organization."""
    pk = resources.get(context, _META, target.args[0]).id
    alive = Where("state < ?", (DELETED,))
    tickets = alive & where_equal("organization_id", pk)
    users = alive & MEMBERSHIPS.where_members(context, pk)
    counts = {
        "tickets_count": context.store.count(Ticket._meta.label, tickets),
        "users_count": context.store.count(User._meta.label, users),
    }
    return Response(text=dump_json({"organization_related": counts}))


@route("POST", "organizations/{id}/merge", Organization)
def merge(context: Context, request: Request, target: Target) -> Response:
    """Start the merge of the organization of the path into the one of the body.

    Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization

    Raises:
        HTTPError: 404, if the organization does not exist; 422, if the other does not exist or
            is the same.
    """
    loser = resources.get(context, _META, target.args[0]).id
    winner = request.get_object("organization_merge").get("winner_id")
    if winner == loser or context.store.get(_META.label, winner) is None:
        text = f"Winner: {winner} must be the id of another organization"
        raise invalid_record({"winner_id": [field_error(text, "InvalidValue")]})
    pk = resources.generate_id(context, _MERGE)
    row = {
        "id": pk,
        "url": f"{request.host}/api/v2/organization_merges/{pk}",
        "loser_id": loser,
        "winner_id": winner,
        "status": "new",
    }
    # The column `parent` holds the time at which the merge is due; merges have no parent.
    context.write(_MERGE, row, parent=context.now() + context.switches.job_seconds)
    return Response(text=dump_json({"organization_merge": row}))


@route("GET", "organization_merges/{id}", OrganizationMerge)
def show_merge(context: Context, request: Request, target: Target) -> Response:
    """Return a merge with its current status."""
    run_due_merges(context)
    return reads.show(context, request, target)


@lookup(OrganizationMerge, "organization")
def where_merges_of_organization(context: Context, pk: Any) -> Where:
    """Return the condition for the merges of an organization, into it or into another."""
    run_due_merges(context)
    return where_equal("loser_id", pk) | where_equal("winner_id", pk)


def has_running_merges(context: Context) -> bool:
    """Return whether merges of organizations are not complete."""
    # The column `parent` holds the time at which a merge is due, until it is complete.
    return context.store.count(_MERGE.label, Where("parent IS NOT NULL")) > 0


def run_due_merges(context: Context) -> None:
    """Complete the merges that are due, as of that time, and update the status of the others.

    A merge fails if one of its organizations was deleted in the meantime.
    """
    for row in context.store.select(_MERGE.label, _RUNNING):
        due = resources.get(context, _MERGE, row["id"]).parent
        status, parent = "in_progress", due
        if context.now() >= due:
            status, parent = "complete", None
            try:
                with context.savepoint(), context.backdate(due):
                    _merge(context, row["loser_id"], row["winner_id"])
            except HTTPError:
                status = "error"
        context.write(_MERGE, {**row, "status": status}, parent=parent)


def _merge(context: Context, loser: Any, winner: Any) -> None:
    """Move all rows of one organization to another, and delete the first."""
    MEMBERSHIPS.materialize(context)
    store, label = context.store, MEMBERSHIPS.meta.label
    for row in store.find(label, "organization_id", loser):
        if MEMBERSHIPS.find(context, row["user_id"], winner) is not None:
            MEMBERSHIPS.delete(context, resources.get(context, MEMBERSHIPS.meta, row["id"]))
    of_loser = where_equal("organization_id", loser)
    change_tickets(context, "organization_id", winner, of_loser, is_audited=False)
    for model in (OrganizationMembership, OrganizationSubscription, User):
        store.replace_value(model._meta.label, "organization_id", loser, winner)
    deleted = resources.get(context, _META, loser)
    row = resources.get(context, _META, winner).doc
    names = list(dict.fromkeys([*row["domain_names"], *deleted.doc["domain_names"]]))
    context.write(_META, {**row, "domain_names": names, "updated_at": context.timestamp()})
    store.replace_value(label, "organization_name", deleted.doc["name"], row["name"])
    resources.delete(context, _META, deleted)
