"""Bulk changes of custom object records: one call for all actions, and a job for each.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-record-bulk-jobs
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from zendesk_orm.emulator import custom_records, plain, writes
from zendesk_orm.emulator.custom_objects import demanded
from zendesk_orm.emulator.job_queue import Order, one_by_one, queue, said
from zendesk_orm.emulator.refusals import Refusal, missing_parameter, not_found
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import CustomObjectRecord


_META = CustomObjectRecord._meta
_DOING = {
    "create": "Creating",
    "update": "Updating",
    "create_or_update_by_external_id": "Updating",
    "create_or_update_by_name": "Updating",
    "delete": "Deleting",
    "delete_by_external_id": "Deleting",
}
_DONE = {"Creating": ("create", "Created"), "Deleting": ("delete", "Deleted")}


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that does something to up to a hundred records.

    Raises:
        Refusal: there is no such object or action, or there are too many records.
    """
    key, job = demanded(world, target.places[0]), call.envelope("job")
    action, items = job.get("action"), job.get("items")
    if action not in _DOING:
        raise missing_parameter("action")
    if not isinstance(items, list):
        raise missing_parameter("items")
    doing = f"{_DOING[action]} custom object record"
    title = f"Bulk {action.capitalize().replace('_', ' ')} Custom Object Record"
    order = Order("records", title, doing, items, {"key": key, "action": action})
    # Documented: this one job is answered with 201.
    return evolve(queue(world, order), status=201)


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Do what was ordered, record by record."""
    key, action = order.more["key"], order.more["action"]
    done = _DONE.get(_DOING[action], ("update", "Updated"))

    def do(item: Any) -> Any:
        return _one(world, key, action, item)

    def told(index: int, record: Any) -> dict[str, Any]:
        return {"action": done[0], "status": done[1], "success": True, "id": record}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        error = f"CustomObjectRecord{done[0].capitalize()}Failed"
        return {"index": index, "error": error, "details": said(refusal)}

    return one_by_one(world, enumerate(order.items), do, told, failed)


def _one(world: World, key: str, action: str, item: Any) -> Any:
    """Do it to one record, and return its id."""
    given = {"custom_object_key": key}
    if action == "create":
        return custom_records.create(world, _META, item, given).row["id"]
    if action == "update":
        plain.stored(world, _META, item.get("id"), given)
        return writes.update_one(world, _META, item["id"], item).row["id"]
    if action == "delete":
        plain.stored(world, _META, item, given)
        return writes.delete_one(world, _META, item).row["id"]
    wire = "name" if action.endswith("name") else "external_id"
    if action == "delete_by_external_id":
        found = custom_records.known(world, key, wire, item)
        if found is None:
            raise not_found()
        return plain.delete(world, _META, found).row["id"]
    return custom_records.put(world, key, wire, item.get(wire), item).row["id"]
