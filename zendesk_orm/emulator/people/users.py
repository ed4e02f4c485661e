"""Creation, update, deletion and merging of users, and the data of one user.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.keyed_values import build_overrides
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.oauth.access import NOBODY
from zendesk_orm.emulator.people import (
    group_memberships,
    identities,
    organization_memberships,
)
from zendesk_orm.emulator.server.errors import (
    PROBED,
    HTTPError,
    field_error,
    invalid_record,
    not_found,
)
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.relations import where_belongs_to
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.ticket_rules.system_changes import change_tickets, where_active_tickets
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, Ticket, User


#: Tickets that a user may have requested to be merged into another user.
MAX_TICKETS = 10_000


@creates(User)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a user.

    Raises:
        HTTPError: 422, if the user is invalid or the e-mail address belongs to another user.
    """
    _check_email(context, payload.get("email"))
    overrides = build_overrides(context, meta, payload, None)
    result = resources.create(context, meta, payload, path, overrides)
    return _add_memberships(context, result, {})


@updates(User)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a user. A new e-mail address becomes a second identity; the first one remains.

    Raises:
        HTTPError: 422, if the user would be invalid.
    """
    if stored.id == context.owner_id and payload.get("suspended"):
        raise invalid_record({"suspended": [field_error("The account owner cannot be suspended")]})
    email, before = payload.get("email"), stored.doc["email"]
    if email and before and context.switches.email_adds_identity:
        identities.add_email(context, stored.doc, email)
        payload = {key: value for key, value in payload.items() if key != "email"}
    elif email and email != before:
        _check_email(context, email, stored.id)
        identities.replace_email(context, stored.id, email)
    overrides = build_overrides(context, meta, payload, stored.doc)
    result = resources.update(context, meta, stored, payload, overrides)
    return _add_memberships(context, result, stored.doc)


def _add_memberships(
    context: Context, result: WriteResult, before: Mapping[str, Any]
) -> WriteResult:
    """Create the memberships in a new organization and a new default group of a user."""
    for memberships in (organization_memberships.MEMBERSHIPS, group_memberships.MEMBERSHIPS):
        key = memberships.default_key
        if result.row[key] is not None and result.row[key] != before.get(key):
            memberships.add_default(context, result.row["id"])
    return result


@deletes(User)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a user softly, and all identities, whose addresses can be used again.

    Source: https://support.zendesk.com/hc/en-us/articles/4408821737498

    Raises:
        HTTPError: 422, if the user is the owner of the account, or the requester of a ticket that
            is not closed.
    """
    if stored.id == context.owner_id:
        raise invalid_record({"base": [field_error("The account owner cannot be deleted")]})
    number = context.store.count(
        Ticket._meta.label, where_active_tickets("requester_id", stored.id)
    )
    if number:
        text = f"{stored.doc['name']} is requester on {number} tickets that are not closed"
        raise invalid_record({"base": [field_error(text)]})
    identities.drop_all(context, stored.id)
    _delete_memberships(context, stored.id)
    change_tickets(context, "assignee_id", None, where_active_tickets("assignee_id", stored.id))
    return resources.delete(context, meta, stored)


def _delete_memberships(context: Context, pk: Any) -> None:
    """Delete the memberships of a deleted user. Webhooks get no events of them."""
    with context.changes.pause():
        for memberships in (organization_memberships.MEMBERSHIPS, group_memberships.MEMBERSHIPS):
            for row in memberships.select(context, pk):
                stored = resources.get(context, memberships.meta, row["id"])
                resources.delete(context, memberships.meta, stored)


@route("PUT", "users/{id}/merge", User)
def merge(context: Context, request: Request, target: Target) -> Response:
    """Merge the user of the path into the user of the body, and return the latter.

    Raises:
        HTTPError: 404, if one of them does not exist; 422, if they are not two end users, or the
            user has requested too many tickets.
    """
    meta, loser = target.meta, target.args[0]
    deleted = resources.get(context, meta, loser)
    winner = resources.get(context, meta, request.get_object("user").get("id"))
    if winner.id == loser or {deleted.doc["role"], winner.doc["role"]} != {"end-user"}:
        text = "Only two different end users can be merged"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    if context.store.count(Ticket._meta.label, where_equal("requester_id", loser)) > MAX_TICKETS:
        text = f"The user has requested more than {MAX_TICKETS} tickets"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    identities.move_all(context, loser, winner.id)
    change_tickets(context, "requester_id", winner.id, where_equal("requester_id", loser))
    for model, wire in ((Ticket, "submitter_id"), (Comment, "author_id")):
        context.store.replace_value(model._meta.label, wire, loser, winner.id)
    _delete_memberships(context, loser)
    resources.delete(context, meta, deleted)
    row = {**resources.get(context, meta, winner.id).doc, "updated_at": context.timestamp()}
    if row["email"] is None and deleted.doc["email"]:
        row["email"] = deleted.doc["email"]
    context.write(meta, row)
    return Response(text=dump_json({"user": row}))


@route("GET", "users/me", User)
def show_me(context: Context, request: Request, target: Target) -> Response:
    """Return the authenticated user, or the anonymous user."""
    if context.user_id == NOBODY:
        # Recorded: status 200, so that this path proves nothing about credentials.
        row = {**defaults.build_row(target.meta), "name": "Anonymous user", "active": False}
        return Response(text=dump_json({"user": row}))
    row = resources.get(context, target.meta, context.user_id).doc
    return Response(text=dump_json({"user": {**row, "authenticity_token": "emulated"}}))


@route("GET", "users/{id}/related", User)
def show_related_counts(context: Context, request: Request, target: Target) -> Response:
    """Return the numbers of rows that are related to a user."""
    pk = target.args[0]
    resources.get(context, User._meta, pk)
    alive = Where("state < ?", (DELETED,))
    counts = {
        f"{name}_tickets": context.store.count(
            Ticket._meta.label, alive & where_belongs_to(context, Ticket._meta, lookup, pk)
        )
        for name, lookup in (("assigned", "assignee"), ("requested", "requester"), ("ccd", "cc"))
    }
    subscriptions = context.store.find("support.OrganizationSubscription", "user_id", pk)
    counts["organization_subscriptions"] = len(subscriptions)
    return Response(text=dump_json({"user_related": counts}))


@route("GET", "users/{id}/entitlements/full", User)
def show_entitlements(context: Context, request: Request, target: Target) -> Response:
    """Return the products that an agent may use.

    Raises:
        HTTPError: 404, if the user is not an agent.
    """
    role = resources.get(context, User._meta, target.args[0]).doc["role"]
    if role == "end-user":
        raise not_found()
    products = ("chat", "explore", "guide", "talk")
    entitlements = {product: {"name": role, "is_active": True} for product in products}
    return Response(text=dump_json({"entitlements": entitlements}))


@route("POST", "users/request_create", User)
def request_create(context: Context, request: Request, target: Target) -> Response:
    """Return an empty object. The emulator sends no e-mail."""
    request.get_object("user")
    return Response(text="{}")


def forbidden() -> HTTPError:
    """Return the response to a caller without the required permission."""
    description = "You do not have access to this page"
    return HTTPError(403, {"error": "Forbidden", "description": description}, PROBED)


def _check_email(context: Context, email: Any, pk: Any = None) -> None:
    """Raise `HTTPError` (422) if another user has an identity with the e-mail address."""
    user = identities.find_user(context, str(email)) if email else None
    if user is not None and user["id"] != pk:
        text = f"Email: {email} is already being used by another user"
        raise invalid_record({"email": [field_error(text, "DuplicateValue")]})
