"""Organizations counted, and merged in the background.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import account_memberships, account_merging, plain, reads
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Organization, OrganizationMerge, Ticket, User


_META = OrganizationMerge._meta
_ORGANIZATION = Organization._meta


def related(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many tickets and users an organization has."""
    pk = plain.stored(world, _ORGANIZATION, target.places[0]).id
    where = Where("state < ?", (DELETED,))
    tickets = where & Where(f"{value_of('organization_id')} = ?", (pk,))
    counts = {
        "tickets_count": world.store.count(Ticket._meta.label, tickets),
        "users_count": world.store.count(
            User._meta.label, where & account_memberships.users_of(world, pk)
        ),
    }
    return Answer(text=dumped({"organization_related": counts}))


def merge(world: World, call: Call, target: Target) -> Answer:
    """Answer with a merge that is done a while later.

    Raises:
        Refusal: one of the two is not there, or they are the same.
    """
    loser = plain.stored(world, _ORGANIZATION, target.places[0]).id
    winner = call.envelope("organization_merge").get("winner_id")
    if winner == loser or world.store.get(_ORGANIZATION.label, winner) is None:
        text = f"Winner: {winner} is no other organization"
        raise invalid_record({"winner_id": [complaint(text, "InvalidValue")]})
    row = {"loser_id": loser, "winner_id": winner, "status": "new"}
    row = {"id": plain.new_id(world, _META), "url": None, **row}
    row["url"] = f"{call.host}/api/v2/organization_merges/{row['id']}"
    # When it is due is kept where no row of its own has anything.
    world.write(_META, row, parent=world.now() + world.switches.job_seconds)
    return Answer(text=dumped({"organization_merge": row}))


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with a merge, as far as it is."""
    account_merging.settle(world)
    return reads.show(world, call, target)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "organizations/{}/related", _ORGANIZATION.label): related,
    ("POST", "organizations/{}/merge", _ORGANIZATION.label): merge,
    ("GET", "organization_merges/{}", _META.label): show,
}
