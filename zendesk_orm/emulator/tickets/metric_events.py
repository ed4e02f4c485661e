"""Ticket metric events, computed from the clocks of metrics and the targets of SLA policies.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-metric-event-types-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.schedules.business_hours import BusinessHours, load_business_hours
from zendesk_orm.emulator.tickets.history import (
    GROUP_METRICS,
    History,
    SlaTarget,
    TargetChange,
    list_target_changes,
    list_targets,
    to_seconds,
)
from zendesk_orm.emulator.tickets.metric_clocks import (
    ACTIVATE,
    FULFILL,
    METRICS,
    PAUSE,
    MetricClock,
    build_clocks,
    find_clock,
)


#: The numbers of metrics, of instances of each and of events of an instance for which ids are
#: unique.
_MAX_METRICS, _MAX_INSTANCES, _MAX_EVENTS = 10, 10_000, 1_000
#: The order of events of the same second.
_ORDER = (ACTIVATE, "apply_sla", "apply_group_sla", "breach", PAUSE, FULFILL, "update_status")
_STAGES = {FULFILL: "achieved", PAUSE: "paused"}


def build_rows(context: Context, histories: Iterable[History]) -> list[dict[str, Any]]:
    """Return the metric events of tickets."""
    hours = load_business_hours(context)
    return [row for history in histories for row in _build_ticket_rows(context, history, hours)]


def build_slas(context: Context, history: History) -> dict[str, Any]:
    """Return the states of a ticket's targets, as `include=slas` adds them."""
    hours, clocks = load_business_hours(context), _build_clocks(context, history)
    now, metrics = context.now(), []
    for target in list_targets(history, with_groups=False):
        clock = find_clock(clocks, target.metric)
        if clock is None:
            continue
        breach = _find_breach(clock, target, now, hours)
        left = 0 if breach is None else (breach - now) / 60
        metrics.append(
            {
                "breach_at": None if breach is None else format_timestamp(breach),
                "stage": _STAGES.get(clock.state, "active"),
                "metric": target.metric,
                "minutes": int(left),
            }
        )
    return {"policy_metrics": metrics}


def list_breaches(context: Context, history: History, now: float) -> list[float]:
    """Return the times at which the targets of running clocks are breached, the first one first."""
    hours, clocks = load_business_hours(context), _build_clocks(context, history)
    times = []
    for target in list_targets(history, with_groups=False):
        clock = find_clock(clocks, target.metric)
        if clock is not None and clock.state == ACTIVATE:
            times.append(_find_breach(clock, target, now, hours))
    return sorted(time for time in times if time is not None)


def _build_clocks(context: Context, history: History) -> list[MetricClock]:
    return build_clocks(history, continues=context.switches.reopened_clocks_continue)


def _build_ticket_rows(
    context: Context, history: History, hours: BusinessHours | None
) -> Iterator[dict[str, Any]]:
    """Yield the events of a ticket, the oldest first of each clock."""
    clocks, changes = _build_clocks(context, history), list_target_changes(history)
    now = context.now()
    for metric in dict.fromkeys(clock.metric for clock in clocks):
        event = {"type": "measure", "time": history.ticket["created_at"]}
        yield _build_row(history, metric, 0, 0, event)
    for clock in clocks:
        events = _build_clock_events(clock, changes, now, hours)
        for position, event in enumerate(events):
            yield _build_row(history, clock.metric, clock.instance, position, event)


def _build_row(
    history: History, metric: str, instance: int, position: int, event: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an event, whose id later events of the ticket do not change."""
    ticket, number = history.ticket["id"], METRICS.index(metric)
    pk = ((ticket * _MAX_METRICS + number) * _MAX_INSTANCES + instance) * _MAX_EVENTS + position
    common = {"id": pk, "ticket_id": ticket, "metric": metric, "instance_id": instance}
    return {**common, **event}


def _build_clock_events(
    clock: MetricClock, changes: Iterable[TargetChange], now: float, hours: BusinessHours | None
) -> list[dict[str, Any]]:
    """Return the events of a clock, the oldest first. Later changes of the ticket append others."""
    targets = _list_applied(clock, changes)
    events: list[dict[str, Any]] = []
    for number, (kind, time) in enumerate((kind, time) for time, kind in clock.changes):
        events.append({"type": kind, "time": time})
        # Documented: the status is only updated when a metric is fulfilled.
        if kind == FULFILL and any(target and since <= time for since, target in targets):
            status = _measure_until(clock, number, hours)
            events.append({"type": "update_status", "time": time, "status": status})
    ends = [*(since for since, _ in targets[1:]), clock.end]
    for (since, target), until in zip(targets, ends[: len(targets)], strict=True):
        if target is None:
            continue
        name = "group_sla" if target.metric in GROUP_METRICS else "sla"
        details = {name: _describe_target(target)}
        events.append({"type": f"apply_{name}", "time": since, **details})
        breach = _find_breach(clock, target, now, hours)
        was_breached = breach is not None and clock.earlier and breach < to_seconds(clock.start)
        if breach is None or breach > now or was_breached:
            continue
        # A target that is breached when it is set is breached at that time.
        at = max(format_timestamp(breach), since)
        if until is None or at <= until:
            events.append({"type": "breach", "time": at, "deleted": False})
    return sorted(events, key=lambda event: (event["time"], _ORDER.index(event["type"])))


def _list_applied(
    clock: MetricClock, changes: Iterable[TargetChange]
) -> list[tuple[str, SlaTarget | None]]:
    """Return the targets of a clock, each with the time from which on it applies."""
    targets: list[tuple[str, SlaTarget | None]] = []
    for change in changes:
        if not clock.is_measured_by(change.metric):
            continue
        if change.time <= clock.start:
            targets = [(clock.start, change.target)]
        elif clock.end is None or change.time < clock.end:
            targets.append((change.time, change.target))
    return targets


def _measure_until(clock: MetricClock, number: int, hours: BusinessHours | None) -> dict[str, int]:
    """Return the minutes that a clock has run until one of its changes."""
    changes = clock.changes[: number + 1]
    end, earlier = to_seconds(changes[-1][0]), evolve(clock, changes=changes)
    return {
        "calendar": int(earlier.measure(end, None) // 60),
        "business": int(earlier.measure(end, hours) // 60),
    }


def _describe_target(target: SlaTarget) -> dict[str, Any]:
    policy = {"id": target.policy["id"], "title": target.policy["title"], "description": None}
    return {
        "target": int(target.minutes),
        "business_hours": target.in_business_hours,
        "policy": policy,
        "target_in_seconds": int(target.minutes * 60),
    }


def _find_breach(
    clock: MetricClock, target: SlaTarget, now: float, hours: BusinessHours | None
) -> float | None:
    used = hours if target.in_business_hours else None
    return clock.find_breach(target.minutes * 60, now, used)
