"""Group memberships of agents.

Source: https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people.memberships import Memberships
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import creates, deletes, lookup, route
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in_rows
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult
from zendesk_orm.emulator.ticket_rules.system_changes import change_tickets
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Group, GroupMembership, User


def _create_row(context: Context, user: Any, group: Any) -> dict[str, Any]:
    values = {"user_id": user, "group_id": group, "default": False}
    return resources.create(context, GroupMembership._meta, {}, {}, values).row


MEMBERSHIPS = Memberships(
    model=GroupMembership,
    container=Group,
    create_row=_create_row,
    default_key="default_group_id",
    default_off=False,
    sort_key=lambda row: row["id"],
    member_key="assignee_id",
    reset_key="assignee_id",
    replaceable=False,
)


@creates(GroupMembership)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create the membership of an agent in a group; the first one is the default.

    Raises:
        HTTPError: 404, if user or group do not exist; 422, if the user is not an agent, or is a
            member already.
    """
    MEMBERSHIPS.materialize(context)
    pk, group = payload.get("user_id"), payload.get("group_id")
    user = context.store.get(User._meta.label, pk)
    if user is None or context.store.get(Group._meta.label, group) is None:
        raise not_found()
    if user["role"] == "end-user":
        text = f"User: {user['name']} is not an agent"
        raise invalid_record({"user": [field_error(text, "InvalidValue")]})
    others = MEMBERSHIPS.select(context, pk)
    if any(row["group_id"] == group for row in others):
        text = "User: has already been taken"
        raise invalid_record({"user_id": [field_error(text, "DuplicateValue")]})
    result = resources.create(context, meta, payload, path, {"default": False})
    if payload.get("default") or not others:
        return WriteResult(MEMBERSHIPS.set_default(context, result.row))
    return result


@deletes(GroupMembership)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a membership, and unassign the agent from unsolved tickets of the group.

    Documented: the solved ones are assigned to the first of the remaining members.
    Source: https://support.zendesk.com/hc/en-us/articles/4408894213018
    """
    result, group = MEMBERSHIPS.delete(context, stored), stored.doc["group_id"]
    members = MEMBERSHIPS.where_members(context, group)
    first = context.store.select_texts(User._meta.label, members, json_value("name"), limit=1)
    if first:
        solved = where_equal("assignee_id", stored.doc["user_id"]) & where_equal("group_id", group)
        solved &= where_equal("status", "solved")
        change_tickets(context, "assignee_id", first[0][1], solved)
    return result


@lookup(User, "group")
def where_users_in_group(context: Context, group: Any) -> Where:
    """Return the condition for the users of a group."""
    return MEMBERSHIPS.where_members(context, group)


@lookup(Group, "user")
def where_groups_of_user(context: Context, user: Any) -> Where:
    """Return the condition for the groups of a user."""
    return MEMBERSHIPS.where_containers(context, user)


@route("GET", "group_memberships", GroupMembership)
@route("GET", "users/{user}/group_memberships", GroupMembership)
@route("GET", "groups/{group}/memberships", GroupMembership)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List all memberships, or those of a user or a group."""
    MEMBERSHIPS.materialize(context)
    return reads.list_rows(context, request, target)


@route("GET", "group_memberships/assignable", GroupMembership)
@route("GET", "groups/{group}/memberships/assignable", GroupMembership)
def list_assignable(context: Context, request: Request, target: Target) -> Response:
    """List the memberships of agents to whom tickets can be assigned."""
    MEMBERSHIPS.materialize(context)
    active = Where("state < ?", (DELETED,)) & where_equal("suspended", 0)
    assignable = where_in_rows(json_value("user_id"), User._meta.label, active)
    where = reads.where_in_list(context, request, target) & assignable
    page = select_page(context, request, target, where)
    sideloads = render_sideloads(context, request, target, page.texts)
    return Response(text=reads.render_list(target, page.texts, sideloads, page.metadata))


@route("PUT", "users/{user}/group_memberships/{id}/make_default", GroupMembership)
def make_default(context: Context, request: Request, target: Target) -> Response:
    """Make a membership the default one, and return all memberships of the agent.

    Raises:
        HTTPError: 404, if the agent has no such membership.
    """
    return MEMBERSHIPS.make_default(context, target)
