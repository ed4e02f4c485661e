"""The targets of SLA policies that a ticket has had, as its audits record them.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.tickets.history import History


#: The `rel` of the source of events that set targets.
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


def list_targets(history: History) -> list[SlaTarget]:
    """Return the current targets of a ticket."""
    targets = {change.metric: change.target for change in list_target_changes(history)}
    return [target for target in targets.values() if target]
