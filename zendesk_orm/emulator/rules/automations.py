"""Automations, which run once an hour on all tickets that are not closed.

Source: https://support.zendesk.com/hc/en-us/articles/4408832701850
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules import conditions
from zendesk_orm.emulator.rules.actions import run_actions
from zendesk_orm.emulator.rules.triggers import select_active_rules
from zendesk_orm.emulator.rules.view_conditions import compile_known_conditions
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import ALIVE, Store
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.support import Automation, Ticket


#: Seconds between two runs.
INTERVAL = 3_600
#: The number of tickets that an automation updates in one run.
MAX_TICKETS = 1_000


def run_due_automations(context: Context) -> None:
    """Run the automations once for each hour that has passed, as of that time."""
    now = context.now()
    if now < context.automations_due_at:
        return
    rules = select_active_rules(context, Automation)
    while context.automations_due_at <= now:
        at = context.automations_due_at
        context.automations_due_at += INTERVAL
        for rule in rules:
            _run(context, rule, at)
        if not rules:
            skipped = (now - context.automations_due_at) // INTERVAL + 1
            context.automations_due_at += max(0, skipped) * INTERVAL


def _run(context: Context, rule: Mapping[str, Any], at: float) -> None:
    """Run an automation on the tickets that meet its conditions at a time."""
    where = Where(f"state = ? AND {json_value('status')} != 'closed'", (ALIVE,))
    where &= compile_known_conditions(context, rule["conditions"])
    number = 0
    # Generated tickets are left out: they would have to be built, each hour again.
    for (pk,) in _select_ids(context, where):
        number += _run_on_ticket(context, rule, pk, at)
        if number == MAX_TICKETS:
            return


def _select_ids(context: Context, where: Where) -> list[tuple[Any, ...]]:
    rows = Store.select_texts(context.store, Ticket._meta.label, where, doc="NULL")
    return [(pk,) for _, pk, _ in rows]


def _run_on_ticket(context: Context, rule: Mapping[str, Any], pk: Any, at: float) -> bool:
    """Run an automation on a ticket if it meets the conditions, and return whether it does."""
    stored = context.store.get_row(Ticket._meta.label, pk)
    if stored is None:
        return False
    with context.backdate(at):
        update = tickets.open_update(context, stored, audits.SYSTEM, at)
        if not conditions.match(context, rule["conditions"], update, f"automation {rule['id']}"):
            return False
        run_actions(context, rule, "automation", update, tickets.apply_changes)
        if update.audit["events"]:
            tickets.finish_update(context, stored, update)
    return True
