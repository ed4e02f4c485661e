"""What happens to tickets as time passes, whatever the automations of the account.

Sources: https://support.zendesk.com/hc/en-us/articles/4408894213018 (closing),
https://support.zendesk.com/hc/en-us/articles/4408887617050 (archiving) and
https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, Store
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.emulator.tickets.history import History, load_histories, to_seconds
from zendesk_orm.support import SuspendedTicket, Ticket


_DAY = 86_400
#: Seconds after which solved tickets are closed, closed ones are archived, and suspended ones are
#: deleted.
CLOSED_AFTER, ARCHIVED_AFTER, DROPPED_AFTER = 28 * _DAY, 120 * _DAY, 14 * _DAY
_META = Ticket._meta
_VIA = {
    "channel": "rule",
    "source": {"from": {"id": None, "title": "System"}, "to": {}, "rel": "automation"},
}


def age_tickets(context: Context) -> None:
    """Close, archive and delete the tickets that have become old enough since the last time."""
    _close(context)
    closed = where_equal("status", "closed") & _where_at_age(context, "updated_at", ARCHIVED_AFTER)
    for pk in _select_ids(context, _META.label, closed):
        context.store.set_state(_META.label, pk, ARCHIVED)
    old = _where_at_age(context, "created_at", DROPPED_AFTER)
    for pk in _select_ids(context, SuspendedTicket._meta.label, old):
        context.store.drop(SuspendedTicket._meta.label, pk)
    context.aged_at = context.now()


def _close(context: Context) -> None:
    """Close the tickets that were solved long ago, as of the time at which it was due."""
    oldest = context.timestamp(context.aged_at - CLOSED_AFTER)
    where = where_equal("status", "solved") & Where(f"{json_value('updated_at')} > ?", (oldest,))
    ids = _select_ids(context, _META.label, where)
    rows = [context.store.get_row(_META.label, pk) for pk in ids]
    stored_rows = [row for row in rows if row is not None]
    histories = load_histories(context, [row.doc for row in stored_rows])
    for stored, history in zip(stored_rows, histories, strict=True):
        at = _find_solve_time(history) + CLOSED_AFTER
        if not context.aged_at < at <= context.now():
            continue
        with context.backdate(at):
            update = tickets.open_update(context, stored, audits.SYSTEM, at)
            tickets.apply_changes(context, update, {"status": "closed"}, _VIA)
            tickets.finish_update(context, stored, update)


def _find_solve_time(history: History) -> float:
    """Return the time since which a ticket is solved, in seconds since the epoch."""
    times = history.solve_times()
    return to_seconds(times[-1] if times else str(history.ticket["updated_at"]))


def _select_ids(context: Context, label: str, where: Where) -> list[Any]:
    # Generated rows are left out: they would have to be built, each hour again.
    alive = where & Where("state = ?", (ALIVE,))
    return [pk for _, pk, _ in Store.select_texts(context.store, label, alive, doc="NULL")]


def _where_at_age(context: Context, wire: str, seconds: float) -> Where:
    """Return the condition for rows that have reached an age since the last time."""
    bounds = [context.timestamp(at - seconds) for at in (context.aged_at, context.now())]
    return Where(f"{json_value(wire)} > ? AND {json_value(wire)} <= ?", bounds)
