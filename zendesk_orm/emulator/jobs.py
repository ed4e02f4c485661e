"""Bulk changes: a job is queued at once, works for a while, and holds its results at the end.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import writes
from zendesk_orm.emulator.refusals import (
    Refusal,
    missing_parameter,
    too_many_jobs,
    too_many_values,
)
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options
from zendesk_orm.support import JobStatus


#: Rows that one job takes.
MOST = 100
#: The account's number, which only the results of created tickets name.
ACCOUNT = 18_525_119

_VERBS = {Verb.CREATE_MANY: "Create", Verb.UPDATE_MANY: "Update", Verb.DESTROY_MANY: "Delete"}
#: Recorded: deleting these is called an update.
_CALLED_UPDATE = frozenset({"Ticket", "User"})
#: Resources whose rows are destroyed while the request waits, without a job.
_AT_ONCE = frozenset({"macros", "automations", "views"})


def submit(world: World, call: Call, target: Target) -> Answer:
    """Answer with a job that is queued.

    Raises:
        Refusal: there are too many rows, or too many jobs.
    """
    meta, verb = target.meta, target.endpoint.verb
    items = _items(call, target)
    if len(items) > MOST:
        raise too_many_values(meta.plural if verb is Verb.CREATE_MANY else "")
    if verb is Verb.CREATE_MANY and meta.plural == "users" and not world.switches.bulk_users:
        raise Refusal(403, {"error": "Forbidden", "description": "Bulk import is not enabled"})
    if verb is Verb.DESTROY_MANY and meta.plural in _AT_ONCE:
        for item in items:
            _one(world, meta, verb, item)
        return Answer(204)
    running = [pk for pk, *_ in _running(world)]
    if len(running) >= world.switches.most_jobs:
        name = f"{meta.object_name}Bulk{_called(meta, verb)}Job"
        raise too_many_jobs(world.switches.too_many_jobs_status, name, running)
    return Answer(text=dumped({"job_status": _queue(world, meta, verb, items)}))


def settle(world: World) -> None:
    """Bring the jobs up to now: those whose time has come are done, and say so."""
    for pk, order, queued, due in _running(world):
        if world.now() >= due:
            _run(world, pk, json.loads(order))
        elif world.now() > queued:
            share = (world.now() - queued) / (due - queued)
            _work(world, pk, json.loads(order), share)


def _queue(world: World, meta: Options, verb: Verb, items: list[Any]) -> dict[str, Any]:
    made = uuid.UUID(int=random.Random(world.store.next_id("job")).getrandbits(128))  # noqa: S311 - not secret
    pk = f"V3-{made.hex}"
    row = {
        "id": pk,
        "job_type": f"Bulk {_called(meta, verb)} {meta.object_name}",
        "url": f"{HOME}/api/v2/job_statuses/{pk}.json",
        "total": len(items),
        "progress": None,
        "status": "queued",
        "message": None,
        "results": None,
    }
    order = {"model": meta.label, "verb": verb.value, "items": items, "author": world.author}
    now = world.now()
    world.store.execute(
        "INSERT INTO jobs VALUES (?, ?, ?, ?, 0)",
        (pk, dumped(order), now, now + world.switches.job_seconds),
    )
    world.write(JobStatus._meta, row)
    return row


def _running(world: World) -> list[tuple[Any, ...]]:
    return world.store.execute(
        "SELECT id, order_, queued, due FROM jobs WHERE done = 0 ORDER BY rowid"
    )


def _work(world: World, pk: str, order: Mapping[str, Any], share: float) -> None:
    row = world.store.get(JobStatus._meta.label, pk) or {}
    done = int(len(order["items"]) * share)
    doing = {"create_many": "Creating", "update_many": "Updating", "destroy_many": "Deleting"}
    name = order["model"].rpartition(".")[2].lower()
    message = f"{doing[order['verb']]} {name} #{done}"
    world.write(JobStatus._meta, {**row, "status": "working", "progress": done, "message": message})


def _run(world: World, pk: str, order: Mapping[str, Any]) -> None:
    meta, verb = _meta(order["model"]), Verb(order["verb"])
    author, world.author = world.author, order["author"]
    items = list(enumerate(order["items"]))
    if verb is Verb.CREATE_MANY and meta.singular == "ticket":
        # Recorded: tickets are not made in the order given, and results say which is which.
        random.Random(pk).shuffle(items)  # noqa: S311 - not secret
    results = [(index, _result(world, meta, verb, index, item)) for index, item in items]
    world.author = author
    world.store.execute("UPDATE jobs SET done = 1 WHERE id = ?", (pk,))
    at = datetime.fromtimestamp(world.now(), timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")
    row = world.store.get(JobStatus._meta.label, pk) or {}
    done = {
        "status": "completed",
        "progress": len(items),
        "message": f"Completed at {at}",
        "results": [result for _, result in sorted(results, key=lambda each: each[0])],
    }
    world.write(JobStatus._meta, {**row, **done})


def _result(world: World, meta: Options, verb: Verb, index: int, item: Any) -> dict[str, Any]:
    try:
        with world.store.savepoint():
            pk = _one(world, meta, verb, item)
    except Refusal as refusal:
        return _failed(meta, verb, index, item, refusal)
    if verb is Verb.CREATE_MANY:
        if meta.singular == "ticket":
            return {"index": index, "id": pk, "account_id": ACCOUNT}
        return {"id": pk, "status": "Created"}
    action, status = ("update", "Updated") if verb is Verb.UPDATE_MANY else ("delete", "Deleted")
    return {"action": action, "status": status, "success": True, "id": pk}


def _one(world: World, meta: Options, verb: Verb, item: Any) -> Any:
    if verb is Verb.CREATE_MANY:
        return writes.create_one(world, meta, item).row["id"]
    if verb is Verb.UPDATE_MANY:
        payload = {key: value for key, value in item.items() if key != "id"}
        return writes.update_one(world, meta, item.get("id"), payload).row["id"]
    return writes.delete_one(world, meta, item).row["id"]


def _failed(meta: Options, verb: Verb, index: int, item: Any, refusal: Refusal) -> dict[str, Any]:
    """Return the result of an item that was refused, in the shape recorded for organizations."""
    action = {Verb.CREATE_MANY: "Create", Verb.UPDATE_MANY: "Update"}.get(verb, "Delete")
    complaints = refusal.body.get("details", {}) if refusal.status == 422 else {}
    said = [each["description"] for several in complaints.values() for each in several]
    result: dict[str, Any] = {"index": index, "error": f"{meta.object_name}{action}Failed"}
    if verb is not Verb.CREATE_MANY:
        result["id"] = item.get("id") if isinstance(item, dict) else item
    result["details"] = ", ".join(said) or refusal.body["description"]
    return result


def _items(call: Call, target: Target) -> list[Any]:
    """Return what a job works on: objects to make, objects with an id, or ids."""
    meta, verb = target.meta, target.endpoint.verb
    if verb is Verb.DESTROY_MANY:
        return call.ids()
    many = call.body.get(meta.plural)
    if isinstance(many, list):
        return [item if isinstance(item, dict) else {} for item in many]
    if verb is Verb.CREATE_MANY or "ids" not in call.params:
        raise missing_parameter(meta.plural)
    return _alike(call.ids(), call.envelope(meta.singular))


def _alike(ids: Iterable[Any], change: Mapping[str, Any]) -> list[Any]:
    return [{**change, "id": pk} for pk in ids]


def _called(meta: Options, verb: Verb) -> str:
    if verb is Verb.DESTROY_MANY and meta.object_name in _CALLED_UPDATE:
        return "Update"
    return _VERBS[verb]


def _meta(label: str) -> Options:
    app, _, name = label.partition(".")
    return registry.find(name, app)._meta
