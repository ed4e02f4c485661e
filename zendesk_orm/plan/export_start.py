"""The start of an incremental export: it must be in the past, and often a minute ago."""

from __future__ import annotations

from datetime import datetime, timezone

from attrs import evolve

from zendesk_orm.errors import InvalidValue, Unprocessable
from zendesk_orm.http.request import Request
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.checkpoint import Checkpoint, export_label, is_number
from zendesk_orm.query.predicate import Condition, Predicate, conditions, map_conditions


#: The rows of the last seconds are withheld, and a later start is rejected.
#: Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
WITHHELD_SECONDS = 60
#: Paths of exports that withhold nothing.
_IMMEDIATE = ("channels/", "chat/")


def begin_export(plan: Plan, now: float) -> Plan:
    """Return the plan of an export that begins at a time which Zendesk accepts.

    A start within the last minute is replaced by one a minute ago: Zendesk withholds the rows since
    then, so that the export begins with the first rows that are new.

    Args:
        plan: the plan.
        now: the time in seconds since the epoch.

    Raises:
        InvalidValue: the start is in the future, or the checkpoint belongs to another export.
    """
    latest = int(now)
    if not plan.endpoint.path.startswith(_IMMEDIATE):
        latest -= WITHHELD_SECONDS

    def begin(condition: Condition) -> Predicate:
        value = condition.value
        if isinstance(value, Checkpoint):
            value.require_export(plan.query.meta, plan.path)
            return evolve(condition, value=_begin_at(value, latest * plan.endpoint.paging.ticks))
        if isinstance(value, datetime) and value.timestamp() > latest:
            if value.timestamp() > now:
                raise InvalidValue(
                    f"{condition.name}={dump_datetime(value)} is in the future: exports contain "
                    "past changes; pass the time of the last run, or its checkpoint"
                )
            return evolve(condition, value=datetime.fromtimestamp(latest, tz=timezone.utc))
        return condition

    return evolve(plan, pushed=map_conditions(plan.pushed, begin))


def begin_earlier(request: Request, error: Unprocessable) -> Request | None:
    """Return the request that begins an export at the last moment that Zendesk accepts.

    The clock of this machine may be ahead of Zendesk's, so that the start seemed to be a minute
    ago; the response has the time of the clock that counts.

    Args:
        request: the request that Zendesk rejected.
        error: the response.

    Returns:
        The request, or None if its start is not the reason.
    """
    start = dict(request.params).get("start_time", "")
    if error.served_at is None or not is_number(start):
        return None
    # The time of a response has no fractions.
    latest = int(error.served_at) - WITHHELD_SECONDS - 1
    if int(start) <= latest:
        return None
    params = ((key, str(latest) if key == "start_time" else text) for key, text in request.params)
    return evolve(request, params=tuple(params))


def first_checkpoint(plan: Plan, account: str) -> Checkpoint | None:
    """Return the checkpoint of the place at which an export begins; None without one."""
    if not plan.endpoint.is_export:
        return None
    values = (condition.value for condition in conditions(plan.pushed))
    for value in values:
        if isinstance(value, Checkpoint):
            return value
    first = next(plan.first())
    start = tuple(pair for pair in first.params if pair[0] == "start_time")
    label = export_label(plan.query.meta)
    return Checkpoint(label, plan.path, account, start) if start else None


def _begin_at(checkpoint: Checkpoint, latest: int) -> Checkpoint:
    """Return a checkpoint that begins at a moment or before."""
    start = checkpoint.end_time
    if start is None or start <= latest:
        return checkpoint
    params = (*(pair for pair in checkpoint.params if pair[0] != "start_time"),)
    return evolve(checkpoint, params=(("start_time", str(latest)), *params))
