"""Identities of users, of which the primary address is the user's e-mail.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import User, UserIdentity


_META = UserIdentity._meta


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of a user's identities, the e-mail of the user among them."""
    _settled(world, target.places[0])
    return reads.list_rows(world, call, target)


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Give a user an identity.

    Raises:
        Refusal: there is no such user, or it is another's.
    """
    user = given["user"]
    _settled(world, user)
    for name in ("type", "value"):
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    type_, value = str(payload["type"]), str(payload["value"])
    _unused(world, type_, value)
    verified = bool(payload.get("verified"))
    also = {
        "primary": not of_type(world, user, type_),
        "verified": verified,
        "verification_method": "low" if verified else "none",
        "undeliverable_count": 0,
        "deliverable_state": "deliverable" if type_ == "email" else None,
    }
    written = plain.create(world, meta, payload, given, also)
    if also["primary"]:
        _tell_user(world, user, type_, value)
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change the value of an identity, or whether it is verified.

    Raises:
        Refusal: the value is another's.
    """
    row, also = stored.doc, {}
    value = str(payload.get("value", row["value"]))
    if value.lower() != row["value"].lower():
        _unused(world, row["type"], value)
    if "verified" in payload:
        also["verification_method"] = "low" if payload["verified"] else "none"
    elif "verification_method" in payload:
        also["verified"] = payload["verification_method"] != "none"
    written = plain.update(world, meta, stored, payload, also)
    if row["primary"]:
        _tell_user(world, row["user_id"], row["type"], value)
    return written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Take an identity away; the next of its type becomes the primary one."""
    row = stored.doc
    written = plain.delete(world, meta, stored)
    if row["primary"]:
        left = of_type(world, row["user_id"], row["type"])
        if left:
            _keep(world, {**left[0], "primary": True})
        _tell_user(world, row["user_id"], row["type"], left[0]["value"] if left else None)
    return written


def make_primary(world: World, call: Call, target: Target) -> Answer:
    """Answer with all identities of a user, of which another is the primary one now."""
    user, pk = target.places
    row = plain.stored(world, target.meta, pk, {"user": user}).doc
    for other in of_type(world, user, row["type"]):
        _keep(world, {**other, "primary": other["id"] == pk})
    _tell_user(world, user, row["type"], row["value"])
    return Answer(text=dumped({"identities": of_user(world, user)}))


def verify(world: World, call: Call, target: Target) -> Answer:
    """Answer with the identity, which is verified now."""
    user, pk = target.places
    row = plain.stored(world, target.meta, pk, {"user": user}).doc
    verified = {"verified": True, "verification_method": "low", "verified_at": world.stamp()}
    row = {**row, **verified, "updated_at": world.stamp()}
    _keep(world, row)
    return Answer(text=dumped({"identity": row}))


def request_verification(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: no mail leaves the emulator."""
    user, pk = target.places
    plain.stored(world, target.meta, pk, {"user": user})
    return Answer(text="{}")


def owner(world: World, email: str) -> dict[str, Any] | None:
    """Return the user that an e-mail belongs to, be it the primary one or another."""
    found = world.store.find(User._meta.label, "email", email)
    if found:
        return found[0]
    for row in world.store.find(_META.label, "value", email):
        if row["type"] == "email":
            return world.store.get(User._meta.label, row["user_id"])
    return None


def add_email(world: World, user: Mapping[str, Any], email: str) -> None:
    """Give a user a further address, unless it has it already.

    Raises:
        Refusal: it is another's.
    """
    held = of_user(world, user["id"]) if _settled(world, user["id"]) else []
    if email.lower() not in (row["value"].lower() for row in held if row["type"] == "email"):
        create(world, _META, {"type": "email", "value": email}, {"user": user["id"]})


def replace_email(world: World, user: Any, email: str) -> None:
    """Let the primary address of a user be another, if there is one."""
    for row in of_type(world, user, "email"):
        if row["primary"]:
            _keep(world, {**row, "value": email, "updated_at": world.stamp()})


def drop(world: World, user: Any) -> None:
    """Forget the identities of a user."""
    world.store.drop_below(_META.label, user)


def of_user(world: World, user: Any) -> list[dict[str, Any]]:
    """Return the identities of a user, in the order in which they were made."""
    return world.store.docs(_META.label, Where("parent = ? AND state < ?", (user, DELETED)))


def of_type(world: World, user: Any, type_: str) -> list[dict[str, Any]]:
    """Return the identities of a user that are of a type."""
    return [row for row in of_user(world, user) if row["type"] == type_]


def move(world: World, loser: Any, winner: Any) -> None:
    """Let the identities of one user be another's; those that this one has stay primary."""
    _settled(world, winner)
    _settled(world, loser)
    for row in of_user(world, loser):
        first = row["primary"] and not of_type(world, winner, row["type"])
        _keep(world, {**row, "user_id": winner, "primary": first})


def _settled(world: World, pk: Any) -> bool:
    """Make the identity of a user's e-mail, which is there as soon as somebody asks."""
    user = plain.stored(world, User._meta, pk).doc
    if user["email"] and not of_type(world, pk, "email"):
        row = {
            "type": "email",
            "value": user["email"],
            "primary": True,
            "verified": user["verified"],
            "verification_method": "low" if user["verified"] else "none",
            "undeliverable_count": 0,
            "deliverable_state": "deliverable",
        }
        plain.create(world, _META, {}, {"user": pk}, row)
    if user.get("phone") and not user.get("shared_phone_number"):
        _ensure_phone(world, pk, user["phone"])
    return True


def _ensure_phone(world: World, pk: Any, phone: str) -> None:
    """Make the identity of a user's own phone number.

    Source: https://github.com/zendesk/zendesk_api_client_rb/issues/487
    """
    if any(row["value"] == phone for row in of_type(world, pk, "phone_number")):
        return
    row = {
        "type": "phone_number",
        "value": phone,
        "primary": not of_type(world, pk, "phone_number"),
        "verified": False,
        "verification_method": "none",
        "undeliverable_count": 0,
        "deliverable_state": None,
    }
    plain.create(world, _META, {}, {"user": pk}, row)


def _unused(world: World, type_: str, value: str) -> None:
    others = [row for row in world.store.find(_META.label, "value", value) if row["type"] == type_]
    if others or (type_ == "email" and world.store.find(User._meta.label, "email", value)):
        text = f"{type_.capitalize()}: {value} is already being used by another user"
        raise invalid_record({type_: [complaint(text, "DuplicateValue")]})


def _keep(world: World, row: dict[str, Any]) -> None:
    world.write(_META, row, parent=row["user_id"])


def _tell_user(world: World, pk: Any, type_: str, value: str | None) -> None:
    """Let the user have the address that is the primary one."""
    stored = plain.stored(world, User._meta, pk)
    if type_ == "email" and stored.doc["email"] != value:
        row = {**stored.doc, "email": value, "updated_at": world.stamp()}
        world.write(User._meta, row, state=stored.state)
