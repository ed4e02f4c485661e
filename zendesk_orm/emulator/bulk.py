"""`create_many`, `update_many` and `destroy_many`: a job that does the same to up to 100 rows."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import plain, safety, writes
from zendesk_orm.emulator.job_queue import MOST, Order, one_by_one, queue, said
from zendesk_orm.emulator.refusals import Refusal, missing_parameter, too_many_values
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


#: The account's number, which only the results of created tickets name.
ACCOUNT = 18_525_119

_VERBS = {Verb.CREATE_MANY: "Create", Verb.UPDATE_MANY: "Update", Verb.DESTROY_MANY: "Delete"}
_DOING = {Verb.CREATE_MANY: "Creating", Verb.UPDATE_MANY: "Updating", Verb.DESTROY_MANY: "Deleting"}
#: Recorded: deleting these is called an update.
_CALLED_UPDATE = frozenset({"Ticket", "User"})
#: Resources whose rows are destroyed while the request waits, without a job.
_AT_ONCE = frozenset({"automations", "macros", "suspended_tickets", "triggers", "views"})


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that is queued.

    Raises:
        Refusal: there are too many rows, or too many jobs.
    """
    meta, verb = target.meta, target.endpoint.verb
    items = _items(call, target)
    if len(items) > MOST:
        raise too_many_values(meta.plural if verb is Verb.CREATE_MANY else "")
    if verb is Verb.CREATE_MANY and meta.plural == "users":
        demand_bulk(world)
    if verb is Verb.DESTROY_MANY and meta.plural in _AT_ONCE:
        for item in items:
            _one(world, meta, verb, item)
        return Answer(204)
    called = _VERBS[verb]
    if verb is Verb.DESTROY_MANY and meta.object_name in _CALLED_UPDATE:
        called = "Update"
    doing = f"{_DOING[verb]} {meta.object_name.lower()}"
    title = f"Bulk {called} {meta.object_name}"
    more: dict[str, Any] = {"of": meta.label, "verb": verb.value}
    if verb is Verb.UPDATE_MANY and meta.label == "support.Ticket":
        more["since"] = _safety(world, call, items)
    return queue(world, Order("bulk", title, doing, items, more))


def _safety(world: World, call: Call, items: list[Any]) -> str | None:
    """Return the moment after which no ticket may have changed, or None.

    One change for all is always a safe update: by the stamp that it gives, or by the
    time at which it is queued.

    Raises:
        Refusal: one of several changes gives a stamp and does not ask to be safe, or asks
            and gives none.
    """
    if isinstance(call.body.get("tickets"), list):
        safety.demand_both(items)
        return None
    return str(call.body["ticket"].get("updated_stamp") or world.stamp())


def demand_bulk(world: World) -> None:
    """Refuse to make users in bulk where the account has not asked for it.

    Raises:
        Refusal: it has not.
    """
    if not world.switches.bulk_users:
        body = {"error": "Forbidden", "description": "Bulk import is not enabled"}
        raise Refusal(403, body, "OpenAPI CreateManyUsers")


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Do what was ordered, row by row, and return the results."""
    app, _, name = str(order.more["of"]).partition(".")
    meta, verb = registry.find(name, app)._meta, Verb(order.more["verb"])
    items = list(enumerate(order.items))
    if verb is Verb.CREATE_MANY and meta.singular == "ticket":
        # Recorded: tickets are not made in the order given, and results say which is which.
        random.Random(pk).shuffle(items)  # noqa: S311 - not secret

    def do(item: Any) -> Any:
        if order.more.get("since"):
            before = plain.stored(world, meta, item["id"]).doc
            safety.since(before, order.more["since"])
        return _one(world, meta, verb, item)

    def told(index: int, row: Any) -> dict[str, Any]:
        if verb is Verb.CREATE_MANY:
            return created(meta, index, row)
        action = ("update", "Updated") if verb is Verb.UPDATE_MANY else ("delete", "Deleted")
        return {"action": action[0], "status": action[1], "success": True, "id": row}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        # In the shape recorded for organizations.
        action = {Verb.CREATE_MANY: "Create", Verb.UPDATE_MANY: "Update"}.get(verb, "Delete")
        result: dict[str, Any] = {"index": index, "error": f"{meta.object_name}{action}Failed"}
        if verb is not Verb.CREATE_MANY:
            result["id"] = item.get("id") if isinstance(item, dict) else item
        return {**result, "details": said(refusal)}

    return one_by_one(world, items, do, told, failed)


def created(meta: Options, index: int, pk: Any) -> dict[str, Any]:
    """Return the result of a row that was made."""
    if meta.singular == "ticket":
        return {"index": index, "id": pk, "account_id": ACCOUNT}
    return {"id": pk, "status": "Created"}


def rows(call: Call, plural: str) -> list[dict[str, Any]]:
    """Return the objects in a body.

    Raises:
        Refusal: there are none.
    """
    many = call.body.get(plural)
    if not isinstance(many, list):
        raise missing_parameter(plural)
    return [item if isinstance(item, dict) else {} for item in many]


def _one(world: World, meta: Options, verb: Verb, item: Any) -> Any:
    if verb is Verb.CREATE_MANY:
        return writes.create_one(world, meta, item).row["id"]
    if verb is Verb.UPDATE_MANY:
        payload = {key: value for key, value in item.items() if key != "id"}
        return writes.update_one(world, meta, item.get("id"), payload).row["id"]
    return writes.delete_one(world, meta, item).row["id"]


def _items(call: Call, target: Target) -> list[Any]:
    """Return what a job works on: objects to make, objects with an id, or ids."""
    meta, verb = target.meta, target.endpoint.verb
    if verb is Verb.DESTROY_MANY:
        return call.ids()
    if verb is Verb.CREATE_MANY or "ids" not in call.params or meta.plural in call.body:
        return rows(call, meta.plural)
    return _alike(call.ids(), call.envelope(meta.singular))


def _alike(ids: Iterable[Any], change: Mapping[str, Any]) -> list[Any]:
    return [{**change, "id": pk} for pk in ids]
