"""Changes of tickets that follow from changes of users, groups and organizations.

Source: https://support.zendesk.com/hc/en-us/articles/4408887695898
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED
from zendesk_orm.emulator.tickets import audits
from zendesk_orm.support import Ticket


_META = Ticket._meta


def where_active_tickets(wire: str, pk: Any) -> Where:
    """Return the condition for tickets that are not closed, and have a user or a group."""
    unclosed = Where(f"state = ? AND {json_value('status')} != 'closed'", (ALIVE,))
    return where_equal(wire, pk) & unclosed


def change_tickets(
    context: Context, wire: str, value: Any, where: Where, *, is_audited: bool = True
) -> None:
    """Set a field of tickets. No triggers run; incremental exports and webhooks have the changes.

    Args:
        context: the account.
        wire: the field.
        value: its new value.
        where: the tickets.
        is_audited: whether audits record the changes, which are updates of the tickets then.
    """
    rows = context.store.select_texts(_META.label, where & Where("state < ?", (DELETED,)), doc="''")
    for _, pk, _ in list(rows):
        stored = context.store.get_row(_META.label, pk)
        if stored is None or stored.doc[wire] == value:
            continue
        row = {**stored.doc, wire: value, "generated_timestamp": int(context.now())}
        if is_audited:
            audit = audits.create(context, stored.doc)
            audits.add_event(context, audit, "Change", wire, value, previous=stored.doc[wire])
            audits.save(context, audit)
            row["updated_at"] = context.timestamp()
        context.write(_META, row, state=stored.state, words=stored.words)
