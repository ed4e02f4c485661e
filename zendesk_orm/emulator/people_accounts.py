"""What is asked about one user, or done to one: passwords, related rows, products.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.belonging import belonging
from zendesk_orm.emulator.refusals import (
    PROBED,
    Refusal,
    complaint,
    invalid_record,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Ticket, User


#: What a password has to be like.
REQUIREMENTS = ["must be at least 5 characters", "must be different from email address"]
_SHORTEST = 5
#: What the passwords of users are kept under, as digests; no path leads there.
_KIND = "emulator.Password"


def set_password(world: World, call: Call, target: Target) -> Answer:
    """Give a user a password, as an administrator.

    Raises:
        Refusal: whoever is asking may not, or it is none.
    """
    user = plain.stored(world, User._meta, target.places[0]).doc
    asking = plain.stored(world, User._meta, world.author).doc
    if asking["role"] != "admin" or not world.switches.admins_set_passwords:
        raise forbidden()
    _keep(world, user, call.body.get("password"))
    return Answer(text="{}")


def change_password(world: World, call: Call, target: Target) -> Answer:
    """Give oneself a password; the one before is compared where one was given here.

    Raises:
        Refusal: it is somebody else's, or the one before is another, or the new one is none.
    """
    user = plain.stored(world, User._meta, target.places[0]).doc
    known = world.store.get(_KIND, user["id"])
    previous = call.body.get("previous_password")
    if not previous:
        raise missing_parameter("previous_password")
    if user["id"] != world.author or (known and known["digest"] != _digest(previous)):
        raise forbidden()
    _keep(world, user, call.body.get("password"))
    return Answer(text="{}")


def requirements(world: World, call: Call, target: Target) -> Answer:
    """Answer with what a password has to be like."""
    plain.stored(world, User._meta, target.places[0])
    return Answer(text=dumped({"requirements": REQUIREMENTS}))


def related(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many rows are related to a user."""
    pk = target.places[0]
    plain.stored(world, User._meta, pk)
    alive = Where("state < ?", (DELETED,))
    told = {
        f"{name}_tickets": world.store.count(
            Ticket._meta.label, alive & belonging(world, Ticket._meta, lookup, pk)
        )
        for name, lookup in (("assigned", "assignee"), ("requested", "requester"), ("ccd", "cc"))
    }
    subscriptions = len(world.store.find("support.OrganizationSubscription", "user_id", pk))
    told["organization_subscriptions"] = subscriptions
    return Answer(text=dumped({"user_related": told}))


def entitlements(world: World, call: Call, target: Target) -> Answer:
    """Answer with the products that an agent may use.

    Raises:
        Refusal: the user is no agent.
    """
    role = plain.stored(world, User._meta, target.places[0]).doc["role"]
    if role == "end-user":
        raise not_found()
    products = ("chat", "explore", "guide", "talk")
    told = {product: {"name": role, "is_active": True} for product in products}
    return Answer(text=dumped({"entitlements": told}))


def request_create(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: no mail leaves the emulator."""
    call.envelope("user")
    return Answer(text="{}")


def forbidden() -> Refusal:
    """Return the answer to somebody who may not do that."""
    description = "You do not have access to this page"
    return Refusal(403, {"error": "Forbidden", "description": description}, PROBED)


def _keep(world: World, user: Mapping[str, Any], password: Any) -> None:
    if not password:
        raise missing_parameter("password")
    wrong = []
    if len(password) < _SHORTEST:
        wrong.append(complaint(f"Password: {REQUIREMENTS[0]}", "PasswordTooShort"))
    if password == user["email"]:
        wrong.append(complaint(f"Password: {REQUIREMENTS[1]}", "InvalidValue"))
    if wrong:
        raise invalid_record({"password": wrong})
    doc = {"digest": _digest(password)}
    world.store.put([Stored(_KIND, user["id"], doc)], world.now())


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "users/{}/password", "support.User"): set_password,
    ("PUT", "users/{}/password", "support.User"): change_password,
    ("GET", "users/{}/password/requirements", "support.User"): requirements,
    ("GET", "users/{}/related", "support.User"): related,
    ("GET", "users/{}/entitlements/full", "support.User"): entitlements,
    ("POST", "users/request_create", "support.User"): request_create,
}
