"""SLA policies: the choice of the policy of a ticket, and of the targets of its metrics.

The audits of a ticket record its targets, under the name of each metric.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules import conditions
from zendesk_orm.emulator.rules.updates import TicketUpdate, rule_source
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.tickets import audits
from zendesk_orm.emulator.tickets.history import History
from zendesk_orm.support import SlaPolicy


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


def apply_policy(context: Context, update: TicketUpdate) -> None:
    """Set the targets of the first policy that a ticket matches, if they differ."""
    where = Where("state < ?", (DELETED,))
    order = f"{json_value('position')}, id"
    policies = context.store.select(SlaPolicy._meta.label, where, order)
    if not policies:
        return
    policy = next(
        (
            policy
            for policy in policies
            if conditions.match(context, policy["filter"], update, f"SLA policy {policy['id']}")
        ),
        None,
    )
    targets = _build_targets(policy, update.row.get("priority"))
    current = {} if update.is_creation else _load_values(context, update)
    via = rule_source(policy or {"title": None, "id": None}, REL)
    for metric in {**current, **targets}:
        old, new = current.get(metric), targets.get(metric)
        if old != new:
            previous = {} if update.is_creation else {"previous": old}
            kind = "Change" if previous else "Create"
            audits.add_event(context, update.audit, kind, metric, new, via=via, **previous)


def list_targets(history: History) -> list[SlaTarget]:
    """Return the current targets of a ticket."""
    targets: dict[str, SlaTarget | None] = {}
    for audit in history.audits:
        for event in audit["events"]:
            source = (event.get("via") or {}).get("source") or {}
            if source.get("rel") != REL:
                continue
            metric, value = event["field_name"], event.get("value")
            targets[metric] = value and SlaTarget(
                metric,
                value["minutes"],
                value["in_business_hours"],
                audit["created_at"],
                source["from"],
            )
    return [target for target in targets.values() if target]


def _build_targets(
    policy: Mapping[str, Any] | None, priority: str | None
) -> dict[str, dict[str, Any]]:
    """Return the targets of a policy for a priority, by metric."""
    metrics = (policy or {}).get("policy_metrics") or ()
    return {
        item["metric"]: {
            "minutes": item.get("target"),
            "in_business_hours": bool(item.get("business_hours")),
        }
        for item in metrics
        if item.get("priority") == priority and item.get("target") is not None
    }


def _load_values(context: Context, update: TicketUpdate) -> dict[str, dict[str, Any]]:
    """Return the targets that a ticket had before an update, by metric."""
    return {
        target.metric: {
            "minutes": target.minutes,
            "in_business_hours": target.in_business_hours,
        }
        for target in list_targets(update.load_history(context))
    }
