"""Organization memberships: which users are in which organizations, and which is the default.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, value_of
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Organization, OrganizationMembership, Ticket, User


META = OrganizationMembership._meta
#: The statuses of tickets that leave an organization with their requester.
_WORKING = ("new", "open", "pending", "hold")

# Whoever has an organization is a member of it, also where nobody said so.
_UNSETTLED = """
SELECT id, json_extract(doc, '$.organization_id') FROM rows AS people
WHERE kind = 'support.User' AND state < ? AND json_extract(doc, '$.organization_id') IS NOT NULL
AND NOT EXISTS (
    SELECT 1 FROM rows AS known WHERE known.kind = 'support.OrganizationMembership'
    AND known.state < ?
    AND json_extract(known.doc, '$.user_id') = people.id
    AND json_extract(known.doc, '$.default') = 1
    AND json_extract(known.doc, '$.organization_id') = json_extract(people.doc, '$.organization_id')
)
"""


def settle(world: World) -> None:
    """Make the memberships that follow from the organizations of users."""
    for user, organization in world.store.execute(_UNSETTLED, (DELETED, DELETED)):
        if world.store.get(Organization._meta.label, organization) is None:
            continue
        held = of_user(world, user)
        for row in held:
            if row["organization_id"] == organization:
                break
        else:
            _make_room(world, held)
            row = _made(world, user, organization)
        choose(world, row)


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a user a member of an organization; the first one is the default one.

    Raises:
        Refusal: there is no such user or organization, or the user is a member already.
    """
    settle(world)
    user, organization = payload.get("user_id"), payload.get("organization_id")
    for kind, pk in ((User, user), (Organization, organization)):
        if world.store.get(kind._meta.label, pk) is None:
            name = kind.__name__
            text = f"{name}: {pk} was not found"
            raise invalid_record({name.lower(): [complaint(text, "RecordNotFound")]})
    held = of_user(world, user)
    if any(row["organization_id"] == organization for row in held):
        text = "User has already been taken"
        raise invalid_record({"user_id": [complaint(text, "DuplicateValue")]})
    row = _made(world, user, organization)
    if payload.get("default") or not held:
        row = choose(world, row)
    return Written(row)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Take a user out of an organization, and the organization off the tickets in work."""
    row = stored.doc
    written = plain.delete(world, meta, stored)
    sql = (
        "UPDATE rows SET doc = json_set(doc, '$.organization_id', NULL) WHERE kind = ? "  # noqa: S608 - values are question marks
        f"AND {value_of('requester_id')} = ? AND {value_of('organization_id')} = ? "
        f"AND {value_of('status')} IN (?, ?, ?, ?)"
    )
    values = (Ticket._meta.label, row["user_id"], row["organization_id"], *_WORKING)
    world.store.execute(sql, values)
    if row["default"]:
        left = of_user(world, row["user_id"])
        if left:
            choose(world, left[0])
        else:
            _tell_user(world, row["user_id"], None)
    return written


def choose(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """Let a membership be the user's default one, and return it."""
    for other in of_user(world, row["user_id"]):
        default = True if other["id"] == row["id"] else None
        if other["default"] is not default:
            world.write(META, {**other, "default": default, "updated_at": world.stamp()})
    _tell_user(world, row["user_id"], row["organization_id"])
    return plain.stored(world, META, row["id"]).doc


def of_user(world: World, user: Any) -> list[dict[str, Any]]:
    """Return the memberships of a user, the default one first."""
    held = world.store.find(META.label, "user_id", user)
    return sorted(held, key=lambda row: (not row["default"], str(row["organization_name"])))


def users_of(world: World, organization: Any) -> Where:
    """Return what holds for the users of an organization."""
    return _joined(world, Organization._meta, "user_id", "organization_id", organization)


def organizations_of(world: World, user: Any) -> Where:
    """Return what holds for the organizations of a user."""
    return _joined(world, User._meta, "organization_id", "user_id", user)


def _joined(world: World, meta: Options, mine: str, other: str, pk: Any) -> Where:
    settle(world)
    plain.stored(world, meta, pk)
    return Where(
        f"id IN (SELECT {value_of(mine)} FROM rows "  # noqa: S608 - values are bound
        f"WHERE kind = ? AND state < ? AND {value_of(other)} = ?)",
        (META.label, DELETED, pk),
    )


def of_pair(world: World, user: Any, organization: Any) -> dict[str, Any]:
    """Return the membership of a user in an organization.

    Raises:
        Refusal: there is none.
    """
    settle(world)
    for row in of_user(world, user):
        if row["organization_id"] == organization:
            return row
    raise not_found()


def _made(world: World, user: Any, organization: Any) -> dict[str, Any]:
    of = world.store.get(Organization._meta.label, organization) or {}
    also = {
        "user_id": user,
        "organization_id": organization,
        "organization_name": of.get("name"),
        "default": None,
        "view_tickets": True,
    }
    return plain.create(world, META, {}, {}, also).row


def _make_room(world: World, held: list[dict[str, Any]]) -> None:
    """Take a user out of the organization that another one has taken the place of."""
    for row in held:
        if row["default"] and world.switches.organization_replaced:
            plain.delete(world, META, plain.stored(world, META, row["id"]))


def _tell_user(world: World, pk: Any, organization: Any) -> None:
    stored = plain.stored(world, User._meta, pk)
    if stored.doc["organization_id"] != organization:
        row = {**stored.doc, "organization_id": organization, "updated_at": world.stamp()}
        world.write(User._meta, row, state=stored.state)
