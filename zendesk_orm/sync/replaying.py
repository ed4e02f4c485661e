"""`replay()`: earlier changes of tickets, for receivers that did not exist yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from attrs import evolve

from zendesk_orm.account import Account
from zendesk_orm.announcement import unwrap
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import require_bool
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import aware
from zendesk_orm.session.connection import Connection
from zendesk_orm.support.ticket_management.ticket_events import TicketEvent
from zendesk_orm.support.tickets.history import FieldEvent, read_child_events, undo_event
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.sync.changes import Kind, RemoteChange
from zendesk_orm.sync.delivery import find_account
from zendesk_orm.sync.export_changes import event_change
from zendesk_orm.sync.feeds import DELAY, Feed
from zendesk_orm.sync.receivers import (
    Listener,
    build_instance,
    call_with,
    find_listeners,
    require_receivers,
)
from zendesk_orm.write.dry_run import DryRun


class ReplayedChange(NamedTuple):
    """A change of the past, and the effect of the receivers.

    >>> from datetime import timedelta
    >>> replay(timedelta(hours=1), [])
    []

    Attributes:
        change: the change.
        diff: the changes that the receivers would have made; of a replay without a dry run, those
            that they have made are not collected, and it is None.
    """

    change: RemoteChange
    diff: DryRun | None


def replay(
    since: datetime | timedelta,
    receivers: Iterable[Callable[..., Any]] | None = None,
    *,
    model: Any = Ticket,
    until: datetime | None = None,
    dry_run: bool = True,
    account: Connection | str | None = None,
) -> list[ReplayedChange]:
    """Call receivers with the changes of tickets of a period, and return what they would do.

    >>> from datetime import timedelta
    >>> def escalate(sender, instance, created, **kwargs):
    ...     if not created:
    ...         instance.priority = "urgent"
    ...         instance.save()
    >>> _ = account.raw.put("/api/v2/tickets/2990", {"ticket": {"subject": "It burns"}})
    >>> account.transport.clock.sleep(90)
    >>> for change, diff in replay(timedelta(minutes=5), [escalate]):
    ...     print(change.changes, len(diff))
    {'subject': ('Export of report 2990 fails', 'It burns')} 1

    The receivers are called as by `watch()`, with the ticket as it was after the change. Their
    saves are collected, and nothing is sent. Saves of other threads raise `DryRunError` meanwhile.

    The updates are read from the export of ticket events, 1,000 per request, and the tickets by
    100 per request.

    Args:
        since: the beginning: an aware datetime, or a `timedelta` before now.
        receivers: functions that accept the arguments of `remote_changed`. If one is connected
            with `when=`, its condition applies. By default, the connected receivers of the model.
        model: `Ticket`, or a proxy of it.
        until: the end; by default now. The changes of the last minute are not exported yet.
        dry_run: False sends the changes that the receivers make. They get the present ticket then.
        account: the account, or its alias; the default account if None.

    Returns:
        The changes for which receivers would have done something; without a dry run, all of them.

    Raises:
        InvalidValue: the period, the model or a receiver is invalid.
        Exception: the exception of a receiver.
        ApiError, TransportError.

    Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/#incremental-ticket-event-export
    """
    require_bool("dry_run", dry_run)
    if getattr(getattr(model, "_meta", None), "concrete", None) is not Ticket:
        raise InvalidValue("replay() needs model=Ticket: only tickets have a history")
    functions = None if receivers is None else require_receivers(receivers)
    used: Any = find_account(account)
    start, end = _find_period(used, since, until)
    changes = [event_change(model, row) for row in _read_updates(used, start)]
    results = []
    for change in _with_instances(used, changes, end, past=dry_run):
        result = _run(used, change, functions, dry_run=dry_run)
        if result.diff is None or not result.diff.is_empty:
            results.append(result)
    return results


def _find_period(account: Connection, since: Any, until: Any) -> tuple[float, float]:
    """Return beginning and end of a period, in seconds since the epoch."""
    now = account.transport.clock.now()
    start = (
        now - since.total_seconds() if isinstance(since, timedelta) else aware(since).timestamp()
    )
    end = now if until is None else aware(until).timestamp()
    if start > end:
        raise InvalidValue("replay(): since must be before until")
    return min(start, now - DELAY - 1), end


def _read_updates(account: Connection, start: float) -> list[Row]:
    """Return the exported updates since a time, in their order."""
    feed = Feed.of(TicketEvent, include="comment_events")
    return [row for page in feed.read(account, start) for row in page.rows]


def _with_instances(
    account: Connection, changes: list[RemoteChange], end: float, *, past: bool
) -> Iterator[RemoteChange]:
    """Yield the changes until a time with their tickets; in the past, as they were after it."""
    ids = {change.pk: None for change in changes}
    session = account.current()
    tickets = {ticket.pk: ticket for ticket in session.get_many(Ticket, list(ids))}
    later: dict[Any, list[list[FieldEvent]]] = {pk: [] for pk in ids}
    for change in changes:
        later[change.pk].append(list(read_child_events(change.payload)))
    for change in changes:
        del later[change.pk][0]
        if change.moment is not None and change.moment.timestamp() > end:
            continue
        ticket = tickets.get(change.pk)
        if ticket is None:
            yield evolve(change, instance=build_instance(account, change, deleted=True))
        elif past:
            row = dict(ticket._row)
            for events in reversed(later[change.pk]):
                for event in reversed(events):
                    undo_event(row, event)
            row["updated_at"] = change.payload.get("created_at") or row["updated_at"]
            yield evolve(change, instance=change.model.from_row(row, session))
        else:
            yield evolve(change, instance=ticket)


def _run(
    account: Account,
    change: RemoteChange,
    functions: tuple[Callable[..., Any], ...] | None,
    *,
    dry_run: bool,
) -> ReplayedChange:
    """Call the receivers of a change."""
    chosen = list(_choose_listeners(change, functions))
    if not dry_run:
        for listener in chosen:
            call_with(account, listener, change)
        return ReplayedChange(change, None)
    with account.dry_run(quiet=True) as diff:
        for listener in chosen:
            call_with(account, listener, change, past=True)
    return ReplayedChange(change, diff)


def _choose_listeners(
    change: RemoteChange, functions: tuple[Callable[..., Any], ...] | None
) -> Iterator[Listener]:
    """Yield the receivers to call for a change; connected ones only for their own signals."""
    connected = list(find_listeners(change).values())
    if functions is None:
        yield from connected
        return
    kinds: tuple[Kind, ...] = ("created", "changed", "deleted")
    others = [find_listeners(evolve(change, kind=kind)).values() for kind in kinds]
    elsewhere = {unwrap(item.function) for listeners in others for item in listeners}
    for function in functions:
        if function in elsewhere:
            yield from (item for item in connected if unwrap(item.function) == function)
        else:
            yield Listener(function, change.model)
