"""The clocks of ticket metrics: when each starts, pauses and stops, and when it breaches a target.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-metric-event-types-reference/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import define, field

from zendesk_orm.emulator.schedules.business_hours import BusinessHours
from zendesk_orm.emulator.tickets.history import GROUP_METRICS, SOLVED, History, to_seconds


ACTIVATE, PAUSE, FULFILL = "activate", "pause", "fulfill"

#: The metric of events, by that of SLA policies, if they differ.
EVENT_METRICS: Mapping[str, str] = {"total_resolution_time": "resolution_time"}
#: The metrics of SLA policies for replies, and whether they apply to the first one.
_REPLIES: Mapping[str, bool] = {"first_reply_time": True, "next_reply_time": False}


@define
class MetricClock:
    """One measurement of a metric.

    Attributes:
        metric: the metric.
        instance: the number of the measurement, from 1 on.
        changes: the time and type of each change, the oldest first.
        earlier: the measurements whose time counts, too: a ticket that is reopened has the
            remaining time.
    """

    metric: str
    instance: int
    changes: list[tuple[str, str]] = field(factory=list)
    earlier: tuple[MetricClock, ...] = ()

    @property
    def state(self) -> str:
        """The type of the last change; "" before the first."""
        return self.changes[-1][1] if self.changes else ""

    def change(self, time: str, kind: str) -> None:
        """Add a change, unless the clock is in this state or has stopped."""
        if self.state not in (kind, FULFILL) and (self.changes or kind == ACTIVATE):
            self.changes.append((time, kind))

    @property
    def start(self) -> str:
        """The time of the first change."""
        return self.changes[0][0]

    @property
    def end(self) -> str | None:
        """The time at which the clock stopped, or None while it can run."""
        return self.changes[-1][0] if self.state == FULFILL else None

    def is_measured_by(self, metric: str) -> bool:
        """Return True if targets for a metric of a policy apply to the clock."""
        if metric in _REPLIES:
            return self.metric == "reply_time" and (self.instance == 1) is _REPLIES[metric]
        return self.metric == EVENT_METRICS.get(metric, metric)

    def periods(self, now: float) -> Iterator[tuple[float, float]]:
        """Yield start and end of each period in which the clock runs, in seconds."""
        for clock in self.earlier:
            yield from clock.periods(now)
        start = None
        for time, kind in self.changes:
            if kind == ACTIVATE:
                start = to_seconds(time)
            elif start is not None:
                yield start, to_seconds(time)
                start = None
        if start is not None:
            yield start, max(now, start)

    def measure(self, now: float, hours: BusinessHours | None) -> float:
        """Return the seconds that the clock has run; in business hours if they are given."""
        return sum(_count(start, end, hours) for start, end in self.periods(now))

    def find_breach(self, seconds: float, now: float, hours: BusinessHours | None) -> float | None:
        """Return the time at which the clock has run for some seconds, or None.

        A clock that runs now breaches in the future if it is not stopped.
        """
        for start, end in self.periods(now):
            passed = _count(start, end, hours)
            if passed > seconds:
                return _add(start, seconds, hours)
            seconds -= passed
        return _add(now, seconds, hours) if self.state == ACTIVATE else None


def _count(start: float, end: float, hours: BusinessHours | None) -> float:
    return end - start if hours is None else hours.seconds_between(start, end)


def _add(start: float, seconds: float, hours: BusinessHours | None) -> float | None:
    return start + seconds if hours is None else hours.add(start, seconds)


def build_clocks(history: History, *, continues: bool) -> list[MetricClock]:
    """Return the clocks of a ticket.

    Args:
        history: its history.
        continues: whether the clocks of a reopened ticket continue, and do not start again.
    """
    clocks = []
    for metric, paused in _STATUS_METRICS.items():
        clocks += _follow_statuses(history, metric, paused, continues=continues)
    clocks += _follow_replies(history)
    clocks += _follow_groups(history)
    for metric, paused in _UPDATE_METRICS.items():
        clocks += _follow_updates(history, metric, paused)
    return clocks


#: Metrics that run until a ticket is solved, and the statuses in which they pause.
_STATUS_METRICS: Mapping[str, tuple[str, ...]] = {
    "agent_work_time": ("pending", "hold"),
    "requester_wait_time": ("pending",),
    "resolution_time": (),
}
#: Metrics that restart with each public comment of an agent, and the statuses in which they pause.
_UPDATE_METRICS: Mapping[str, tuple[str, ...]] = {
    "periodic_update_time": (),
    "pausable_update_time": ("pending",),
}
#: All metrics.
METRICS = (*_STATUS_METRICS, "reply_time", *_UPDATE_METRICS, *GROUP_METRICS)


def _follow_statuses(
    history: History, metric: str, paused: tuple[str, ...], *, continues: bool
) -> list[MetricClock]:
    """Return the clocks of a metric that follows the status; each reopening starts another."""
    clocks = [MetricClock(metric, 1)]
    for time, status in history.statuses:
        if clocks[-1].state == FULFILL and status not in SOLVED:
            earlier = (clocks[-1],) if continues else ()
            clocks.append(MetricClock(metric, len(clocks) + 1, earlier=earlier))
        clocks[-1].change(time, _get_kind(status, paused))
    return clocks


def _get_kind(status: str, paused: tuple[str, ...]) -> str:
    return FULFILL if status in SOLVED else PAUSE if status in paused else ACTIVATE


def _follow_replies(history: History) -> list[MetricClock]:
    """Return the clocks of replies: each waits for an agent since a comment of the requester."""
    clocks = [MetricClock("reply_time", 1, [(str(history.ticket["created_at"]), ACTIVATE)])]
    for audit in history.audits[1:]:
        for event in audit["events"]:
            if event["type"] != "Comment" or not event.get("public"):
                continue
            is_reply = _is_reply(history, event)
            if is_reply:
                clocks[-1].change(audit["created_at"], FULFILL)
            elif clocks[-1].state == FULFILL:
                clocks.append(MetricClock("reply_time", len(clocks) + 1))
                clocks[-1].change(audit["created_at"], ACTIVATE)
    return clocks


def _follow_updates(history: History, metric: str, paused: tuple[str, ...]) -> list[MetricClock]:
    """Return the clocks of updates, each of which ends with a public comment of an agent."""
    steps: list[tuple[str, str]] = [
        (time, _get_kind(status, paused)) for time, status in history.statuses
    ]
    steps += [(time, "comment") for time in history.reply_times()]
    clocks = [MetricClock(metric, 1)]
    kind = ACTIVATE
    for time, step in sorted(steps, key=lambda step: step[0]):
        if step == "comment":
            clocks[-1].change(time, FULFILL)
        else:
            kind = step
        if clocks[-1].state == FULFILL and kind != FULFILL:
            clocks.append(MetricClock(metric, len(clocks) + 1))
        clocks[-1].change(time, kind)
    return [clock for clock in clocks if clock.changes]


def _follow_groups(history: History) -> list[MetricClock]:
    """Return the clocks of groups: each runs until a group solves the ticket or passes it on.

    Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/group_sla_policies/
    """
    steps = [(time, "group", group) for time, group in history.values("group_id")]
    steps += [(time, "status", status) for time, status in history.statuses]
    clocks: list[MetricClock] = []
    group, is_solved = None, False
    for time, step, value in sorted(steps, key=lambda step: step[0]):
        if step == "status":
            is_solved = value in SOLVED
        is_passed = step == "group" and value != group
        group = value if step == "group" else group
        if clocks and (is_solved or is_passed):
            clocks[-1].change(time, FULFILL)
        if group and not is_solved and (not clocks or clocks[-1].state == FULFILL):
            clocks.append(MetricClock(GROUP_METRICS[0], len(clocks) + 1))
            clocks[-1].change(time, ACTIVATE)
    return clocks


def _is_reply(history: History, event: Mapping[str, Any]) -> bool:
    author = event["author_id"]
    return author in history.agents and author != history.ticket["requester_id"]


def find_clock(clocks: Iterable[MetricClock], metric: str) -> MetricClock | None:
    """Return the latest clock to which targets for a metric of a policy apply, or None."""
    return next((clock for clock in reversed([*clocks]) if clock.is_measured_by(metric)), None)
