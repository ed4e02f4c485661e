"""Background jobs: queued by a request, and run when a later request finds them due.

The functions that do the work are registered with `@job`.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from attrs import asdict, field, frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import BASE_URL, Response
from zendesk_orm.emulator.server.bodies import parse_json
from zendesk_orm.emulator.server.errors import HTTPError, too_many_jobs, too_many_values
from zendesk_orm.emulator.server.routes import JOBS, JobFunction
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import JobStatus


_logger = logging.getLogger("zendesk_orm.emulator")

#: The maximum number of items of a job.
MAX_ITEMS = 100


@frozen
class JobSpec:
    """Description of a job.

    Attributes:
        name: the name with which its function is registered.
        title: the title in its status: `Bulk Update Ticket`.
        progress_label: the start of the message in its status: `Updating ticket`.
        items: the items that it processes one by one.
        options: further values for its function.
        user_id: the id of the user that requested it.
    """

    name: str
    title: str
    progress_label: str
    items: list[Any]
    options: dict[str, Any] = field(factory=dict)
    user_id: int = 0


def queue(context: Context, spec: JobSpec) -> Response:
    """Queue a job and return its status.

    Raises:
        HTTPError: 400, if there are too many items; 429, if there are too many jobs.
    """
    if len(spec.items) > MAX_ITEMS:
        raise too_many_values()
    pending = [pk for pk, *_ in _select_pending(context)]
    if len(pending) >= context.switches.max_jobs:
        name = spec.title.replace(" ", "") + "Job"
        raise too_many_jobs(context.switches.too_many_jobs_status, name, pending)
    return Response(text=dump_json({"job_status": _insert(context, spec)}))


def has_pending(context: Context) -> bool:
    """Return whether jobs are queued or running."""
    return bool(context.store.execute("SELECT 1 FROM jobs WHERE done = 0 LIMIT 1"))


def run_due_jobs(context: Context) -> None:
    """Run the jobs that are due, and update the progress of the others."""
    for pk, text, queued_at, due_at in _select_pending(context):
        spec = JobSpec(**parse_json(text))
        if context.now() >= due_at:
            # The clock may have advanced by hours, but the job ended in time.
            with context.backdate(due_at):
                _run(context, pk, spec, JOBS[spec.name], due_at)
        elif context.now() > queued_at:
            share = (context.now() - queued_at) / (due_at - queued_at)
            progress = int(len(spec.items) * share)
            message = f"{spec.progress_label} #{progress}"
            _update_status(context, pk, status="working", progress=progress, message=message)


def run_items(
    context: Context,
    items: Iterable[tuple[int, Any]],
    apply: Callable[[Any], Any],
    on_success: Callable[[int, Any], dict[str, Any]],
    on_error: Callable[[int, Any, HTTPError], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Process the items of a job, each in a savepoint, and return the results by index.

    Args:
        context: the account.
        items: pairs of index and item, in the order of processing.
        apply: processes an item and returns a value for `on_success`.
        on_success: returns the result for an index and the value of `apply`.
        on_error: returns the result for an index, the item and the error.
    """
    results: dict[int, dict[str, Any]] = {}
    for index, item in items:
        try:
            with context.savepoint():
                results[index] = on_success(index, apply(item))
        except HTTPError as error:  # noqa: PERF203 - each item may fail
            results[index] = on_error(index, item, error)
    return [results[index] for index in sorted(results)]


def describe_error(error: HTTPError) -> str:
    """Return the message of an error for the results of a job."""
    body = error.body if isinstance(error.body, dict) else {}
    errors = (one for several in body.get("details", {}).values() for one in several)
    descriptions = ", ".join(one["description"] for one in errors)
    code = body.get("error")
    message = code.get("message") if isinstance(code, dict) else code
    return descriptions or str(body.get("description") or message or error.status)


def _insert(context: Context, spec: JobSpec) -> dict[str, Any]:
    """Insert a job and return the row of its status."""
    bits = random.Random(context.store.next_id("job")).getrandbits(128)  # noqa: S311 - not secret
    pk = f"V3-{uuid.UUID(int=bits).hex}"
    row = {
        "id": pk,
        "job_type": spec.title,
        "url": f"{BASE_URL}/api/v2/job_statuses/{pk}.json",
        "total": len(spec.items),
        "progress": None,
        "status": "queued",
        "message": None,
        "results": None,
    }
    now = context.now()
    text = dump_json({**asdict(spec), "user_id": context.user_id})
    context.store.execute(
        "INSERT INTO jobs VALUES (?, ?, ?, ?, 0)",
        (pk, text, now, now + context.switches.job_seconds),
    )
    context.write(JobStatus._meta, row)
    return row


def _select_pending(context: Context) -> list[tuple[Any, ...]]:
    return context.store.execute(
        "SELECT id, order_, queued, due FROM jobs WHERE done = 0 ORDER BY rowid"
    )


def _run(context: Context, pk: str, spec: JobSpec, function: JobFunction, ended_at: float) -> None:
    """Run a job as the user that requested it."""
    user_id, context.user_id = context.user_id, spec.user_id
    context.store.execute("UPDATE jobs SET done = 1 WHERE id = ?", (pk,))
    try:
        with context.savepoint():
            results = function(context, pk, spec)
    except Exception as error:
        # It must not be run again by each later request.
        message = f"{spec.title} failed"
        if isinstance(error, HTTPError):
            message += f": {describe_error(error)}"
        else:
            # A fault of the emulator.
            _logger.exception("the job %r failed", spec.title)
        _update_status(context, pk, status="failed", message=message, results=[])
        return
    finally:
        context.user_id = user_id
    at = datetime.fromtimestamp(ended_at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000")
    _update_status(
        context,
        pk,
        status="completed",
        progress=len(spec.items),
        message=f"Completed at {at}",
        results=results,
    )


def _update_status(context: Context, pk: str, **changes: Any) -> None:
    row = context.store.get(JobStatus._meta.label, pk) or {}
    context.write(JobStatus._meta, {**row, **changes})
