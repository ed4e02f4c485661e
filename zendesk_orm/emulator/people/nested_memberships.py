"""Memberships below their user, and the agents of brands: create, show and delete.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people import group_memberships, organization_memberships
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import BrandAgent, GroupMembership, OrganizationMembership, User


@route("POST", "users/{user}/group_memberships", GroupMembership)
@route("POST", "users/{user}/organization_memberships", OrganizationMembership)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a membership of the user in the path.

    Raises:
        HTTPError: 404, if the user does not exist; 422, if the user is a member already.
    """
    user = resources.get(context, User._meta, target.args[0]).id
    payload = {**request.get_object(target.meta.envelope), "user_id": user}
    row = writes.create_one(context, target.meta, payload).row
    return Response(201, dump_json({target.meta.singular: row}), {"Location": row["url"]})


@route("GET", "users/{user}/brand_agents/{id}", BrandAgent)
@route("GET", "users/{user}/group_memberships/{id}", GroupMembership)
@route("GET", "users/{user}/organization_memberships/{id}", OrganizationMembership)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return a membership of a user.

    Raises:
        HTTPError: 404, if the user has no such membership.
    """
    row = _get(context, target).doc
    return Response(text=dump_json({target.meta.singular: row}))


@route("DELETE", "users/{user}/group_memberships/{id}", GroupMembership)
@route("DELETE", "users/{user}/organization_memberships/{id}", OrganizationMembership)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a membership of a user.

    Raises:
        HTTPError: 404, if the user has no such membership.
    """
    writes.delete_one(context, target.meta, _get(context, target).id)
    return Response(204)


def _get(context: Context, target: Target) -> StoredRow:
    for memberships in (group_memberships.MEMBERSHIPS, organization_memberships.MEMBERSHIPS):
        if memberships.meta is target.meta:
            memberships.materialize(context)
    user, pk = target.args
    return resources.get(context, target.meta, pk, {"user_id": user})
