"""IT assets: found by words, by filters and by their ids, and changed in jobs.

Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import custom_records, plain, reads, writes
from zendesk_orm.emulator.job_queue import Order, one_by_one, queue, said
from zendesk_orm.emulator.json_filters import held
from zendesk_orm.emulator.refusals import Refusal, missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Asset


#: The name of the work, in `jobs.WORKS`.
WORK = "assets"
_DONE = {"create": "Created", "update": "Updated", "delete": "Deleted"}
_ALIVE = Where("state < ?", (DELETED,))
#: Fields whose words a search looks through.
_WORDY = ("name", "asset_tag", "serial_number", "manufacturer", "model", "vendor", "notes")


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of assets; with those of some ids, or external ids, where asked."""
    found = custom_records.named(world, call, target, _ALIVE)
    return found or reads.list_rows(world, call, target)


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with the assets that have one of some words."""
    words = call.params.get("query", "").lower().split()
    rows = [
        row
        for row in world.store.docs(Asset._meta.label, _ALIVE)
        if any(word in str(row[name]).lower() for name in _WORDY for word in words)
    ]
    return _listed(rows)


def filtered(world: World, call: Call, target: Target) -> Answer:
    """Answer with the assets for whose custom fields a filter holds.

    Raises:
        Refusal: the filter is none.
    """
    declared = {field["key"]: field for field in world.store.docs("support.AssetField", _ALIVE)}
    # As of records, by which assets are kept.
    where = held(world, declared, call.body["filter"]) if call.body.get("filter") else Where()
    renamed = where.sql.replace("custom_object_fields", "custom_field_values")
    found = world.store.docs(Asset._meta.label, _ALIVE & evolve(where, sql=renamed))
    return _listed(found)


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that does something to up to a hundred assets.

    Raises:
        Refusal: there is no such action, or there are too many assets.
    """
    job = call.envelope("job")
    action, items = str(job.get("action")), job.get("items")
    if action not in {*_DONE, "delete_by_external_id"}:
        raise missing_parameter("action")
    if not isinstance(items, list):
        raise missing_parameter("items")
    title = f"Bulk {action.capitalize().replace('_', ' ')} Asset"
    order = Order(WORK, title, "Changing asset", items, {"action": action})
    return evolve(queue(world, order), status=201)


def work(world: World, pk: str, order: Order) -> list[dict[str, Any]]:
    """Do what was ordered, asset by asset."""
    action = order.more["action"]
    done = action.partition("_")[0]

    def told(index: int, asset: Any) -> dict[str, Any]:
        return {"action": done, "status": _DONE[done], "success": True, "id": asset}

    def failed(index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
        return {
            "index": index,
            "error": f"Asset{done.capitalize()}Failed",
            "details": said(refusal),
        }

    return one_by_one(
        world, enumerate(order.items), lambda item: _one(world, action, item), told, failed
    )


def _one(world: World, action: str, item: Any) -> Any:
    meta = Asset._meta
    if action == "create":
        return writes.create_one(world, meta, item).row["id"]
    if action == "update":
        return writes.update_one(world, meta, item.get("id"), item).row["id"]
    if action == "delete_by_external_id":
        where = _ALIVE & Where(f"{value_of('external_id')} = ?", (item,))
        found = world.store.docs(meta.label, where)
        if not found:
            raise not_found()
        item = found[0]["id"]
    return plain.delete(world, meta, plain.stored(world, meta, item)).row["id"]


def _listed(rows: list[dict[str, Any]]) -> Answer:
    return Answer(text=dumped({"assets": rows, "meta": {"has_more": False}, "links": {}}))


_PATH = "it_asset_management/assets"
_LABEL = "support.Asset"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", _PATH, _LABEL): list_rows,
    ("GET", f"{_PATH}/search", _LABEL): search,
    ("POST", f"{_PATH}/search", _LABEL): filtered,
    ("POST", f"{_PATH}/jobs", _LABEL): submit,
}
