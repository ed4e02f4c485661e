"""Triggers, which run when a ticket is created or updated.

Source: https://support.zendesk.com/hc/en-us/articles/4408822236058
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules import conditions
from zendesk_orm.emulator.rules.actions import run_actions
from zendesk_orm.emulator.rules.updates import ApplyChanges, TicketUpdate
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema.record import Record
from zendesk_orm.support import Trigger


def run_triggers(context: Context, update: TicketUpdate, apply: ApplyChanges) -> None:
    """Run the triggers whose conditions an update meets, in the order of their positions.

    A trigger that changes the ticket lets all of them be checked again, except for those that have
    already run.

    Args:
        context: the account.
        update: the update, whose row and audit are extended.
        apply: applies changes to the ticket of the update.
    """
    waiting = select_active_rules(context, Trigger)
    position = 0
    while position < len(waiting):
        trigger = waiting[position]
        if not conditions.match(context, trigger["conditions"], update, f"trigger {trigger['id']}"):
            position += 1
            continue
        before = update.row
        run_actions(context, trigger, "trigger", update, apply)
        del waiting[position]
        if update.row != before:
            position = 0


def select_active_rules(context: Context, model: type[Record]) -> list[dict[str, Any]]:
    """Return the active rules of a model in the order of their positions."""
    where = Where(f"state < ? AND {json_value('active')}", (DELETED,))
    return context.store.select(model._meta.label, where, f"{json_value('position')}, id")
