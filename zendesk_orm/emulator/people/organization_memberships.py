"""Organization memberships of users.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people.memberships import Memberships
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import creates, deletes, lookup, route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Organization, OrganizationMembership, User


def _create_row(context: Context, user: Any, organization: Any) -> dict[str, Any]:
    row = context.store.get(Organization._meta.label, organization) or {}
    values = {
        "user_id": user,
        "organization_id": organization,
        "organization_name": row.get("name"),
        "default": None,
        "view_tickets": True,
    }
    return resources.create(context, OrganizationMembership._meta, {}, {}, values).row


MEMBERSHIPS = Memberships(
    model=OrganizationMembership,
    container=Organization,
    create_row=_create_row,
    default_key="organization_id",
    default_off=None,
    sort_key=lambda row: (not row["default"], str(row["organization_name"])),
    member_key="requester_id",
    reset_key="organization_id",
    replaceable=True,
)


@creates(OrganizationMembership)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create the membership of a user in an organization; the first one is the default.

    Raises:
        HTTPError: 422, if user or organization do not exist, or the user is a member already.
    """
    MEMBERSHIPS.materialize(context)
    user, organization = payload.get("user_id"), payload.get("organization_id")
    for model, pk in ((User, user), (Organization, organization)):
        if context.store.get(model._meta.label, pk) is None:
            name = model.__name__
            text = f"{name}: {pk} was not found"
            raise invalid_record({name.lower(): [field_error(text, "RecordNotFound")]})
    others = MEMBERSHIPS.select(context, user)
    if any(row["organization_id"] == organization for row in others):
        text = "User has already been taken"
        raise invalid_record({"user_id": [field_error(text, "DuplicateValue")]})
    row = _create_row(context, user, organization)
    if payload.get("default") or not others:
        row = MEMBERSHIPS.set_default(context, row)
    return WriteResult(row)


@deletes(OrganizationMembership)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a membership, and remove the organization from the user's unsolved tickets."""
    return MEMBERSHIPS.delete(context, stored)


@lookup(User, "organization")
def where_users_in_organization(context: Context, organization: Any) -> Where:
    """Return the condition for the users of an organization."""
    return MEMBERSHIPS.where_members(context, organization)


@route("GET", "organizations/{organization}/users/count", User)
def count_users(context: Context, request: Request, target: Target) -> Response:
    """Return the number of users of an organization.

    Raises:
        HTTPError: 404, if the organization does not exist.
    """
    where = Where("state < ?", (DELETED,)) & where_users_in_organization(context, target.args[0])
    return reads.render_count(context, context.store.count(User._meta.label, where))


@lookup(Organization, "user")
def where_organizations_of_user(context: Context, user: Any) -> Where:
    """Return the condition for the organizations of a user."""
    return MEMBERSHIPS.where_containers(context, user)


@route("GET", "organization_memberships", OrganizationMembership)
@route("GET", "users/{user}/organization_memberships", OrganizationMembership)
@route("GET", "organizations/{organization}/organization_memberships", OrganizationMembership)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List all memberships, or those of a user or an organization."""
    MEMBERSHIPS.materialize(context)
    return reads.list_rows(context, request, target)


@route("PUT", "users/{user}/organization_memberships/{id}/make_default", OrganizationMembership)
def make_default(context: Context, request: Request, target: Target) -> Response:
    """Make a membership the default one, and return all memberships of the user.

    Raises:
        HTTPError: 404, if the user has no such membership.
    """
    return MEMBERSHIPS.make_default(context, target)


@route("PUT", "users/{user}/organizations/{organization}/make_default", OrganizationMembership)
def make_organization_default(context: Context, request: Request, target: Target) -> Response:
    """Make the membership in an organization the default one, and return it.

    Raises:
        HTTPError: 404, if the user is not a member.
    """
    row = MEMBERSHIPS.set_default(context, _get_membership(context, *target.args))
    return Response(text=dump_json({"organization_membership": row}))


@route("DELETE", "users/{user}/organizations/{organization}", OrganizationMembership)
def remove_from_organization(context: Context, request: Request, target: Target) -> Response:
    """Delete the membership of a user in an organization.

    Raises:
        HTTPError: 404, if the user is not a member.
    """
    row = _get_membership(context, *target.args)
    MEMBERSHIPS.delete(context, resources.get(context, target.meta, row["id"]))
    return Response(204)


def _get_membership(context: Context, user: Any, organization: Any) -> dict[str, Any]:
    MEMBERSHIPS.materialize(context)
    row = MEMBERSHIPS.find(context, user, organization)
    if row is None:
        raise not_found()
    return row
