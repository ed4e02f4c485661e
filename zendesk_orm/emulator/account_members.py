"""The calls about organization memberships that are answered by hand.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.account_memberships import (
    META,
    choose,
    delete,
    of_pair,
    of_user,
    settle,
)
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of memberships: all, or those of a user or an organization."""
    settle(world)
    return reads.list_rows(world, call, target)


def make_default(world: World, call: Call, target: Target) -> Answer:
    """Answer with all memberships of a user, of which another is the default one now.

    Raises:
        Refusal: there is no such membership of the user.
    """
    user, pk = target.places
    choose(world, plain.stored(world, META, pk, {"user_id": user}).doc)
    return Answer(text=dumped({"organization_memberships": of_user(world, user)}))


def set_default(world: World, call: Call, target: Target) -> Answer:
    """Answer with the membership of a user in an organization, which is the default one now.

    Raises:
        Refusal: the user is no member.
    """
    row = choose(world, of_pair(world, *target.places))
    return Answer(text=dumped({"organization_membership": row}))


def remove(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the user is no member any more.

    Raises:
        Refusal: the user was none.
    """
    row = of_pair(world, *target.places)
    delete(world, META, plain.stored(world, META, row["id"]))
    return Answer(204)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "organization_memberships", META.label): list_rows,
    ("GET", "users/{}/organization_memberships", META.label): list_rows,
    ("GET", "organizations/{}/organization_memberships", META.label): list_rows,
    ("PUT", "users/{}/organization_memberships/{}/make_default", META.label): make_default,
    ("PUT", "users/{}/organizations/{}/make_default", META.label): set_default,
    ("DELETE", "users/{}/organizations/{}", META.label): remove,
}
