"""Organizations that are merged in the background.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator import account_memberships, plain
from zendesk_orm.emulator.store import Where, value_of
from zendesk_orm.emulator.world import World
from zendesk_orm.support import (
    Organization,
    OrganizationMembership,
    OrganizationMerge,
    OrganizationSubscription,
    Ticket,
    User,
)


_META = OrganizationMerge._meta
_ORGANIZATION = Organization._meta


def of_organization(world: World, pk: Any) -> Where:
    """Return what holds for the merges that an organization has a part in."""
    settle(world)
    return Where(f"? IN ({value_of('loser_id')}, {value_of('winner_id')})", (pk,))


def settle(world: World) -> None:
    """Bring the merges up to now."""
    running = Where(f"{value_of('status')} IN ('new', 'in_progress')")
    for row in world.store.docs(_META.label, running):
        due = plain.stored(world, _META, row["id"]).parent
        over = world.now() >= due
        if over:
            _move(world, row["loser_id"], row["winner_id"])
        changed = {**row, "status": "complete" if over else "in_progress"}
        world.write(_META, changed, parent=due)


def _move(world: World, loser: Any, winner: Any) -> None:
    """Let what belongs to one organization belong to another, and delete the first."""
    account_memberships.settle(world)
    store = world.store
    for row in store.find(OrganizationMembership._meta.label, "organization_id", loser):
        held = account_memberships.of_user(world, row["user_id"])
        if any(each["organization_id"] == winner for each in held):
            account_memberships.delete(
                world,
                OrganizationMembership._meta,
                plain.stored(world, OrganizationMembership._meta, row["id"]),
            )
    for model in (OrganizationMembership, OrganizationSubscription, Ticket, User):
        store.replace(model._meta.label, "organization_id", loser, winner)
    lost = plain.stored(world, _ORGANIZATION, loser)
    kept = plain.stored(world, _ORGANIZATION, winner).doc
    names = [*kept["domain_names"], *lost.doc["domain_names"]]
    row = {**kept, "domain_names": list(dict.fromkeys(names)), "updated_at": world.stamp()}
    world.write(_ORGANIZATION, row)
    store.replace(
        OrganizationMembership._meta.label, "organization_name", lost.doc["name"], kept["name"]
    )
    plain.delete(world, _ORGANIZATION, lost)
