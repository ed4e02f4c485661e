"""SLA policies: the choice of the policies of a ticket, and of the targets of its metrics.

The audits of a ticket record its targets, under the name of each metric.

Sources: https://developer.zendesk.com/api-reference/ticketing/business-rules/sla_policies/
and https://developer.zendesk.com/api-reference/ticketing/business-rules/group_sla_policies/
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
from zendesk_orm.emulator.tickets.history import GROUP_METRICS, REL, list_targets
from zendesk_orm.schema.record import Record
from zendesk_orm.support import GroupSlaPolicy, SlaPolicy


Targets = dict[str, dict[str, Any]]


def apply_policies(context: Context, update: TicketUpdate) -> None:
    """Set the targets of the first policies that a ticket matches, if they differ.

    One policy is for the ticket, and one for its group.
    """
    for model in (SlaPolicy, GroupSlaPolicy):
        _apply_policy(context, update, model)


def _apply_policy(context: Context, update: TicketUpdate, model: type[Record]) -> None:
    where = Where("state < ?", (DELETED,))
    order = f"{json_value('position')}, id"
    policies = context.store.select(model._meta.label, where, order)
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
    current = {} if update.is_creation else _load_values(context, update, model)
    via = rule_source(policy or {"title": None, "id": None}, REL)
    for metric in {**current, **targets}:
        old, new = current.get(metric), targets.get(metric)
        if old != new:
            previous = {} if update.is_creation else {"previous": old}
            kind = "Change" if previous else "Create"
            audits.add_event(context, update.audit, kind, metric, new, via=via, **previous)


def _build_targets(policy: Mapping[str, Any] | None, priority: str | None) -> Targets:
    """Return the targets of a policy for a priority, by metric."""
    metrics = (policy or {}).get("policy_metrics") or ()
    return {
        item["metric"]: {
            "minutes": _get_minutes(item),
            "in_business_hours": bool(item.get("business_hours")),
        }
        for item in metrics
        if item.get("priority") == priority and item.get("target") is not None
    }


def _get_minutes(metric: Mapping[str, Any]) -> float:
    """Return the target of a metric in minutes, which is whole unless it was given in seconds."""
    minutes: float = metric["target"]
    seconds = metric.get("target_in_seconds")
    return minutes if seconds is None or seconds % 60 == 0 else seconds / 60


def _load_values(context: Context, update: TicketUpdate, model: type[Record]) -> Targets:
    """Return the targets of a kind of policies that a ticket had before an update, by metric."""
    return {
        target.metric: {
            "minutes": target.minutes,
            "in_business_hours": target.in_business_hours,
        }
        for target in list_targets(update.load_history(context))
        if (target.metric in GROUP_METRICS) is (model is GroupSlaPolicy)
    }
