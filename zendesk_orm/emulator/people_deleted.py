"""Users who were deleted: listed, shown, and forgotten for good.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#list-deleted-users
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import identities, reads
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import DeletedUser, User


#: What a user is called of whom nothing is known any more.
NOBODY = "Permanently Deleted User"
#: What of a user is forgotten for good.
_FORGOTTEN = ("email", "phone", "photo", "alias", "details", "notes", "external_id", "signature")
_GONE = Where("state = ?", (DELETED,))
_TOLD = [each.wire for each in DeletedUser._meta.fields.values() if each.wire != "separation"]


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of deleted users, also of those who were forgotten for good."""
    found = page(world, call, evolve(target, meta=User._meta), _GONE)
    rows = (dumped(_told(json.loads(text))) for text in found.texts)
    return Answer(text=reads.listing(target, rows, "", found.about))


def count(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many there are."""
    number = world.store.count(User._meta.label, _GONE)
    return Answer(text=dumped({"count": {"value": number, "refreshed_at": world.stamp()}}))


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with a deleted user.

    Raises:
        Refusal: there is none, or none any more.
    """
    return Answer(text=dumped({"deleted_user": _told(_found(world, target))}))


def destroy(world: World, call: Call, target: Target) -> Answer:
    """Forget all that a deleted user is known by, and answer with what there was.

    Raises:
        Refusal: the user was not deleted before, or is forgotten already.
    """
    row = _found(world, target)
    identities.drop(world, row["id"])
    nobody: dict[str, Any] = {**row, **dict.fromkeys(_FORGOTTEN), "tags": [], "user_fields": {}}
    nobody |= {"name": NOBODY, "permanently_deleted": True, "updated_at": world.stamp()}
    world.write(User._meta, nobody, state=DELETED, words="")
    return Answer(text=dumped({"deleted_user": _told(row)}))


def statuses(world: World, call: Call, target: Target) -> Answer:
    """Answer with how far the products are in forgetting a user: at once, here.

    Raises:
        Refusal: there never was such a user.
    """
    pk = target.places[0]
    found = world.store.docs(User._meta.label, Where("id = ?", (pk,)))
    if not found:
        raise not_found()
    area = call.params.get("application")
    rows = [each for each in _steps(world, found[0]) if area in (None, each["application"])]
    meta = {"has_more": False, "after_cursor": None, "before_cursor": None}
    links = {"prev": None, "next": None}
    body = {"compliance_deletion_statuses": rows, "meta": meta, "links": links}
    return Answer(text=dumped(body))


def _steps(world: World, user: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if not user.get("permanently_deleted"):
        return
    steps = (("request_deletion", "all"), ("started", "support"), ("complete", "support"))
    for action, application in steps:
        yield {
            "action": action,
            "application": application,
            "account_subdomain": "emulator",
            "executer_id": world.owner if action == "request_deletion" else None,
            "user_id": user["id"],
            "created_at": user["updated_at"],
        }


def _found(world: World, target: Target) -> dict[str, Any]:
    where = Where("id = ?", (target.places[0],)) & _GONE
    found = world.store.docs(User._meta.label, where)
    if not found or found[0].get("permanently_deleted"):
        raise not_found()
    return found[0]


def _told(user: Mapping[str, Any]) -> dict[str, Any]:
    url = f"{HOME}/api/v2/deleted_users/{user['id']}.json"
    return {**{wire: user.get(wire) for wire in _TOLD}, "url": url}


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "deleted_users", "support.DeletedUser"): list_rows,
    ("GET", "deleted_users/count", "support.DeletedUser"): count,
    ("GET", "deleted_users/{}", "support.DeletedUser"): show,
    ("DELETE", "deleted_users/{}", "support.DeletedUser"): destroy,
    ("DELETE", "deleted_users/{}", "support.User"): destroy,
    (
        "GET",
        "users/{}/compliance_deletion_statuses",
        "support.ComplianceDeletionStatus",
    ): statuses,
}
