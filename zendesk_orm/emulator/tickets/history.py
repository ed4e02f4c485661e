"""History of a ticket, derived from its audits.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Audit, User


SOLVED = ("solved", "closed")
#: The metrics of group SLA policies.
GROUP_METRICS = ("group_ownership_time",)
#: The `rel` of the source of events that set targets of SLA policies.
REL = "sla_target_change"


@frozen
class SlaTarget:
    """The target of a metric of a ticket.

    Attributes:
        metric: the name of the metric in policies: `first_reply_time`.
        minutes: the minutes until a breach.
        in_business_hours: whether only business hours count.
        applied_at: the time at which the target was set.
        policy: `id` and `title` of the policy.
    """

    metric: str
    minutes: float
    in_business_hours: bool
    applied_at: str
    policy: Mapping[str, Any]


@frozen
class TargetChange:
    """A change of the target of a metric of a ticket.

    Attributes:
        metric: the name of the metric in policies.
        time: the time of the change.
        target: the new target, or None if the metric has none any more.
    """

    metric: str
    time: str
    target: SlaTarget | None


@frozen
class History:
    """The changes of a ticket over time. Times are timestamps in the format of Zendesk.

    Attributes:
        ticket: its row.
        audits: its audits, the oldest first.
        agents: the ids of all agents and administrators.
    """

    ticket: Mapping[str, Any]
    audits: tuple[Mapping[str, Any], ...]
    agents: Collection[Any]

    def values(self, name: str) -> list[tuple[str, Any]]:
        """Return the values of a field, each with the time at which it was set."""
        return [
            (audit["created_at"], event.get("value"))
            for audit in self.audits
            for event in audit["events"]
            if event.get("field_name") == name and event["type"] in ("Create", "Change")
        ]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """The statuses, each with the time at which it was set."""
        statuses = self.values("status")
        created = str(self.ticket["created_at"])
        if not statuses or statuses[0][0] != created:
            first = "new" if statuses else str(self.ticket["status"])
            statuses.insert(0, (created, first))
        return statuses

    def status_periods(self) -> Iterator[tuple[str, float, float]]:
        """Yield each status but the last with its start and end, in seconds since the epoch."""
        for (since, status), (until, _) in itertools.pairwise(self.statuses):
            yield status, to_seconds(since), to_seconds(until)

    def solve_times(self) -> list[str]:
        """Return the times at which the ticket was solved."""
        times, before = [], ""
        for time, status in self.statuses:
            if status in SOLVED and before not in SOLVED:
                times.append(time)
            before = status
        return times

    def reply_times(self) -> list[str]:
        """Return the times of public comments by agents, except for the first comment."""
        return [
            audit["created_at"]
            for audit in self.audits[1:]
            for event in audit["events"]
            if event["type"] == "Comment"
            and event.get("public")
            and event["author_id"] in self.agents
            and event["author_id"] != self.ticket["requester_id"]
        ]

    def comment_times(self) -> list[str]:
        """Return the times of all comments."""
        return [
            audit["created_at"]
            for audit in self.audits
            for event in audit["events"]
            if event["type"] == "Comment"
        ]

    def last_update_by(self, author: Any) -> str | None:
        """Return the time of a user's last update."""
        times = [audit["created_at"] for audit in self.audits if audit["author_id"] == author]
        return max(times, default=None) if author is not None else None


def load_histories(context: Context, tickets: Iterable[Mapping[str, Any]]) -> list[History]:
    """Return the histories of tickets, in their order."""
    tickets = list(tickets)
    audits: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    where = where_in("parent", [ticket["id"] for ticket in tickets])
    for audit in context.store.select(Audit._meta.label, where, f"{json_value('created_at')}, id"):
        audits[audit["ticket_id"]].append(audit)
    agents = _load_agent_ids(context)
    return [History(ticket, tuple(audits[ticket["id"]]), agents) for ticket in tickets]


def list_target_changes(history: History) -> list[TargetChange]:
    """Return the changes of the targets of a ticket, the oldest first."""
    changes = []
    for audit in history.audits:
        for event in audit["events"]:
            source = (event.get("via") or {}).get("source") or {}
            if source.get("rel") != REL:
                continue
            metric, value, at = event["field_name"], event.get("value"), audit["created_at"]
            target = value and SlaTarget(
                metric, value["minutes"], value["in_business_hours"], at, source["from"]
            )
            changes.append(TargetChange(metric, at, target or None))
    return changes


def list_targets(history: History, *, with_groups: bool = True) -> list[SlaTarget]:
    """Return the current targets of a ticket, with or without those of its group."""
    targets = {change.metric: change.target for change in list_target_changes(history)}
    return [
        target
        for target in targets.values()
        if target and (with_groups or target.metric not in GROUP_METRICS)
    ]


def to_seconds(timestamp: str) -> float:
    """Return a timestamp in seconds since the epoch."""
    return load_datetime(timestamp).timestamp()


def _load_agent_ids(context: Context) -> frozenset[Any]:
    where = Where(f"{json_value('role')} != 'end-user'")
    return frozenset(row[1] for row in context.store.select_texts(User._meta.label, where))
