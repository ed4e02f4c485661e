"""Resource collections, which jobs make, change and delete.

The resources themselves are told of, and not made.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.job_queue import Order, queue
from zendesk_orm.emulator.refusals import missing_parameter
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import ResourceCollection


_META = ResourceCollection._meta
WORK = "resource collection"


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with the job that makes, changes or deletes a collection.

    Raises:
        Refusal: there is no such collection, or nothing to make of it.
    """
    pk = target.places[0] if target.places else None
    if pk is not None:
        plain.stored(world, _META, pk)
    items: list[Any] = []
    if call.method != "DELETE":
        payload = call.body.get("payload")
        if not payload:
            raise missing_parameter("payload")
        items = list(_resources(payload))
    more = {"id": pk, "deletes": call.method == "DELETE"}
    return queue(world, Order(WORK, "App Requirements", "Resource", items, more))


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Make, change or delete a collection, and tell of its resources."""
    known = order.more["id"]
    if order.more["deletes"]:
        stored = plain.stored(world, _META, known)
        plain.delete(world, _META, stored)
        return [{**each, "deleted": True} for each in stored.doc["resources"]]
    made = [
        {"type": kind, "identifier": name, "resource_id": world.store.next_id(), "deleted": False}
        for kind, name in order.items
    ]
    if known is None:
        plain.create(world, _META, {}, {}, {"resources": made})
    else:
        plain.update(world, _META, plain.stored(world, _META, known), {}, {"resources": made})
    return made


def _resources(payload: Mapping[str, Any]) -> Iterator[list[str]]:
    for kind, named in payload.items():
        for name in named if isinstance(named, dict) else ():
            yield [kind, name]


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("POST", "resource_collections", _META.label): submit,
    ("PUT", "resource_collections/{}", _META.label): submit,
    ("DELETE", "resource_collections/{}", _META.label): submit,
}
