"""SLA policies: the choice of the policy of a ticket, and of the targets of its metrics.

The audits of a ticket record its targets, under the name of each metric.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules import conditions
from zendesk_orm.emulator.rules.updates import TicketUpdate, rule_source
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.tickets import audits
from zendesk_orm.emulator.tickets.history import REL, list_targets
from zendesk_orm.support import SlaPolicy


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
