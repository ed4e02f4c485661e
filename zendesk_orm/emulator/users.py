"""Users made, changed and merged.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import identities, plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, Ticket


#: Tickets that a user who is merged may have requested.
MOST_TICKETS = 10_000


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a user.

    Raises:
        Refusal: it breaks a rule, or has an address of another user.
    """
    _free(world, payload.get("email"))
    return plain.create(world, meta, payload, given)


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a user; a further e-mail becomes a second identity, and the first one stays.

    Raises:
        Refusal: it breaks a rule.
    """
    if stored.id == world.owner and payload.get("suspended"):
        raise invalid_record({"suspended": [complaint("The account owner cannot be suspended")]})
    email, before = payload.get("email"), stored.doc["email"]
    if email and before and world.switches.email_adds_identity:
        identities.add_email(world, stored.doc, email)
        payload = {key: value for key, value in payload.items() if key != "email"}
    elif email and email != before:
        _free(world, email, stored.id)
        identities.replace_email(world, stored.id, email)
    return plain.update(world, meta, stored, payload)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a user softly; the addresses are free again.

    Raises:
        Refusal: the user owns the account.
    """
    if stored.id == world.owner:
        raise invalid_record({"base": [complaint("The account owner cannot be deleted")]})
    identities.drop(world, stored.id)
    return plain.delete(world, meta, stored)


def merge(world: World, call: Call, target: Target) -> Answer:
    """Answer with the user who remains, and has what the other had.

    Raises:
        Refusal: one of them is not there, no end user, or asks too much.
    """
    meta, loser = target.meta, target.places[0]
    lost = plain.stored(world, meta, loser)
    winner = plain.stored(world, meta, call.envelope("user").get("id"))
    if winner.id == loser or {lost.doc["role"], winner.doc["role"]} != {"end-user"}:
        text = "Only two different end users can be merged"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    asked = Where(f"{value_of('requester_id')} = ?", (loser,))
    if world.store.count(Ticket._meta.label, asked) > MOST_TICKETS:
        text = f"The user has requested more than {MOST_TICKETS} tickets"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    identities.move(world, loser, winner.id)
    for model, wire in ((Ticket, "requester_id"), (Ticket, "submitter_id"), (Comment, "author_id")):
        world.store.replace(model._meta.label, wire, loser, winner.id)
    plain.delete(world, meta, lost)
    row = {**plain.stored(world, meta, winner.id).doc, "updated_at": world.stamp()}
    if row["email"] is None and lost.doc["email"]:
        row["email"] = lost.doc["email"]
    world.write(meta, row)
    return Answer(text=dumped({"user": row}))


def _free(world: World, email: Any, pk: Any = None) -> None:
    """Refuse an address that is another user's, be it the first one or another."""
    owner = identities.owner(world, str(email)) if email else None
    if owner is not None and owner["id"] != pk:
        text = f"Email: {email} is already being used by another user"
        raise invalid_record({"email": [complaint(text, "DuplicateValue")]})
