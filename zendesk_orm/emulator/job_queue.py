"""Jobs in the background: queued at once, and brought up to date as time goes by.

What each kind of job does is in `jobs.WORKS`; this module knows the queue alone.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from attrs import asdict, field, frozen

from zendesk_orm.emulator.parameters import parse_json
from zendesk_orm.emulator.refusals import Refusal, too_many_jobs, too_many_values
from zendesk_orm.emulator.store import dumped
from zendesk_orm.emulator.world import HOME, Answer, World
from zendesk_orm.support import JobStatus


_logger = logging.getLogger("zendesk_orm.emulator")

#: Items that one job takes.
MOST = 100


@frozen
class Order:
    """What a job is to do.

    Attributes:
        work: the name of what is done, in `jobs.WORKS`.
        title: what the job says it is: `Bulk Update Ticket`.
        doing: what it says meanwhile: `Updating ticket`.
        items: what it is done to, one by one.
        more: what else it needs to know.
        author: who ordered it.
    """

    work: str
    title: str
    doing: str
    items: list[Any]
    more: dict[str, Any] = field(factory=dict)
    author: int = 0


#: Does the work of a job, and returns its results.
Work = Callable[[World, str, Order], Any]


def queue(world: World, order: Order) -> Answer:
    """Answer with a job that is queued.

    Raises:
        Refusal: there are too many items, or too many jobs.
    """
    if len(order.items) > MOST:
        raise too_many_values()
    waiting = [pk for pk, *_ in _running(world)]
    if len(waiting) >= world.switches.most_jobs:
        name = order.title.replace(" ", "") + "Job"
        raise too_many_jobs(world.switches.too_many_jobs_status, name, waiting)
    row = _put(world, order)
    return Answer(text=dumped({"job_status": row}))


def settle(world: World, works: Mapping[str, Work]) -> None:
    """Bring the jobs up to now: those whose time has come are done, and say so."""
    for pk, text, queued, due in _running(world):
        order = Order(**parse_json(text))
        if world.now() >= due:
            _run(world, pk, order, works[order.work])
        elif world.now() > queued:
            done = int(len(order.items) * (world.now() - queued) / (due - queued))
            message = f"{order.doing} #{done}"
            _tell(world, pk, status="working", progress=done, message=message)


def one_by_one(
    world: World,
    items: Iterable[tuple[int, Any]],
    do: Callable[[Any], Any],
    told: Callable[[int, Any], dict[str, Any]],
    failed: Callable[[int, Any, Refusal], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Do something to each item, undo what is refused, and return the results by index.

    Args:
        world: where.
        items: with the index of each, in the order in which they are done.
        do: does it, and returns what there is to tell.
        told: index, and what `do` returned, to the result.
        failed: index, item and refusal to the result.
    """
    results: dict[int, dict[str, Any]] = {}
    for index, item in items:
        try:
            with world.store.savepoint():
                results[index] = told(index, do(item))
        except Refusal as refusal:  # noqa: PERF203 - each item may be refused
            results[index] = failed(index, item, refusal)
    return [results[index] for index in sorted(results)]


def said(refusal: Refusal) -> str:
    """Return in words what a refusal says."""
    body = refusal.body if isinstance(refusal.body, dict) else {}
    details = body.get("details", {})
    lines = [each["description"] for several in details.values() for each in several]
    error = body.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return ", ".join(lines) or str(body.get("description") or message or refusal.status)


def _put(world: World, order: Order) -> dict[str, Any]:
    made = uuid.UUID(int=random.Random(world.store.next_id("job")).getrandbits(128))  # noqa: S311 - not secret
    pk = f"V3-{made.hex}"
    row = {
        "id": pk,
        "job_type": order.title,
        "url": f"{HOME}/api/v2/job_statuses/{pk}.json",
        "total": len(order.items),
        "progress": None,
        "status": "queued",
        "message": None,
        "results": None,
    }
    now = world.now()
    world.store.execute(
        "INSERT INTO jobs VALUES (?, ?, ?, ?, 0)",
        (
            pk,
            dumped({**asdict(order), "author": world.author}),
            now,
            now + world.switches.job_seconds,
        ),
    )
    world.write(JobStatus._meta, row)
    return row


def _running(world: World) -> list[tuple[Any, ...]]:
    return world.store.execute(
        "SELECT id, order_, queued, due FROM jobs WHERE done = 0 ORDER BY rowid"
    )


def _run(world: World, pk: str, order: Order, work: Work) -> None:
    author, world.author = world.author, order.author
    world.store.execute("UPDATE jobs SET done = 1 WHERE id = ?", (pk,))
    try:
        with world.store.savepoint():
            results = work(world, pk, order)
    except Exception:
        # A fault of the emulator: the job must not run again with each later request.
        _logger.exception("the job %r failed", order.title)
        _tell(world, pk, status="failed", message=f"{order.title} failed", results=[])
        return
    finally:
        world.author = author
    at = datetime.fromtimestamp(world.now(), timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")
    _tell(
        world,
        pk,
        status="completed",
        progress=len(order.items),
        message=f"Completed at {at}",
        results=results,
    )


def _tell(world: World, pk: str, **changed: Any) -> None:
    row = world.store.get(JobStatus._meta.label, pk) or {}
    world.write(JobStatus._meta, {**row, **changed})
