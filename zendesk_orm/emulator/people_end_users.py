"""End users as they see and change themselves, with their identities.

Source: https://developer.zendesk.com/rest_api/docs/support/end_user
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import identities, plain, reads, users, writes
from zendesk_orm.emulator.people_accounts import forbidden
from zendesk_orm.emulator.permitted import writable
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import EndUser, User, UserIdentity


_TOLD = [each.wire for each in EndUser._meta.fields.values() if each.readable]
#: What end users may be known by.
_TYPES = ("email", "phone_number")

Handler = Callable[[World, Call, Target], Answer]


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with what an end user sees of themselves."""
    return _answer(_themselves(world, target).doc)


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with the end user as changed."""
    stored = _themselves(world, target)
    own = writable(EndUser._meta)
    payload = {k: value for k, value in call.envelope("user").items() if k in own}
    return _answer(users.update(world, User._meta, stored, payload).row)


def create_identity(world: World, call: Call, target: Target) -> Answer:
    """Answer with an identity that an end user has given themselves.

    Raises:
        Refusal: it is of a type that end users do not manage.
    """
    type_ = call.envelope("identity").get("type")
    if type_ not in _TYPES:
        text = f"Type: {type_} is not valid"
        raise invalid_record({"type": [complaint(text, "InvalidValue")]})
    return writes.create(world, call, target)


def _of_identities(handler: Handler) -> Handler:
    """Return what answers as for the identities of any user."""

    def answer(world: World, call: Call, target: Target) -> Answer:
        _themselves(world, target)
        return handler(world, call, evolve(target, meta=UserIdentity._meta))

    return answer


def _themselves(world: World, target: Target) -> Any:
    """Return the user that the path names, to nobody but the user, or an agent."""
    pk = target.places[0]
    stored = plain.stored(world, User._meta, pk)
    asking = plain.stored(world, User._meta, world.author).doc
    if pk != world.author and asking["role"] == "end-user":
        raise forbidden()
    return stored


def _answer(row: Mapping[str, Any]) -> Answer:
    url = f"{HOME}/api/v2/end_users/{row['id']}.json"
    return Answer(text=dumped({"user": {**{wire: row.get(wire) for wire in _TOLD}, "url": url}}))


_IDENTITY = "support.EndUserIdentity"
_PATH = "end_users/{}/identities"
ROUTES: Mapping[tuple[str, str, str], Handler] = {
    ("GET", "end_users/{}", "support.EndUser"): show,
    ("PUT", "end_users/{}", "support.EndUser"): update,
    ("GET", _PATH, _IDENTITY): _of_identities(identities.list_rows),
    ("POST", _PATH, _IDENTITY): _of_identities(create_identity),
    ("GET", f"{_PATH}/{{}}", _IDENTITY): _of_identities(reads.show),
    ("DELETE", f"{_PATH}/{{}}", _IDENTITY): _of_identities(writes.delete),
    ("PUT", f"{_PATH}/{{}}/make_primary", _IDENTITY): _of_identities(identities.make_primary),
    (
        "PUT",
        f"{_PATH}/{{}}/request_verification",
        _IDENTITY,
    ): _of_identities(identities.request_verification),
}
