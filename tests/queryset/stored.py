"""Helpers that read rows directly from the store of an emulator, or create many of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from weakref import WeakKeyDictionary

from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.context import format_timestamp
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, DELETED, StoredRow
from zendesk_orm.emulator.storage.words import collect_words
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.support import Organization, Ticket, User


#: Seconds between one ticket and the next.
STEP = 60
#: The time of emulators with many tickets.
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
#: The first id that is not a ticket's.
FIRST = 7_000_000_000_000

#: Rows of emulators that are not changed, by model.
_CACHED_ROWS: WeakKeyDictionary[Emulator, dict[Any, dict[Any, Any]]] = WeakKeyDictionary()


def person(number: int) -> int:
    """Return the id of the requester with a number."""
    return FIRST + 1_000 + number


def stored_rows(emulator: Emulator, model: Any = Ticket, *, archived: bool = True) -> list[Any]:
    """Return the rows of a model, without deleted ones, and without archived ones on request."""
    where = Where("state < ?", (DELETED if archived else ARCHIVED,))
    return [json.loads(text) for text, *_ in emulator._store.select_texts(model._meta.label, where)]


def stored_rows_by_id(emulator: Emulator, model: Any = Ticket) -> dict[Any, Any]:
    """Return the rows of a model by id, for an emulator that is not changed."""
    rows = _CACHED_ROWS.setdefault(emulator, {})
    if model not in rows:
        rows[model] = {row["id"]: row for row in stored_rows(emulator, model)}
    return rows[model]


def moment(row: Mapping[str, Any], key: str = "created_at") -> datetime:
    """Return a datetime of a row."""
    return datetime.fromisoformat(row[key].replace("Z", "+00:00"))


def emulator_with_tickets(
    tickets: int,
    *,
    now: datetime = NOON,
    of_ticket: Callable[[int], Mapping[str, Any]] = lambda _: {},
    of_user: Callable[[int], Mapping[str, Any]] = lambda _: {},
) -> Emulator:
    """Return an emulator with tickets 1, 2, 3, …, one created each minute, the last one now.

    Every second ticket is open and the others are new; ticket 3 has the tag `vip`. Their
    requesters are ten users in turn, of five organizations in turn.

    Args:
        tickets: the number of tickets.
        now: the time of the emulator.
        of_ticket: further or other values of the ticket with a number.
        of_user: further or other values of the user with a number.
    """
    born = now.timestamp()
    emulator = Emulator(clock=VirtualClock(born))
    companies = [_row(Organization, FIRST + n, born, name=f"Org {n}") for n in range(5)]
    users = [_user(n, born, companies, of_user) for n in range(10)]
    _put(emulator, Organization, companies)
    _put(emulator, User, users)
    _put(
        emulator,
        Ticket,
        (_ticket(n, tickets, born, users, of_ticket) for n in range(1, tickets + 1)),
    )
    emulator._store.set_sequences(FIRST + 100_000, tickets)
    return emulator


def _user(
    number: int,
    born: float,
    companies: list[dict[str, Any]],
    of_user: Callable[[int], Mapping[str, Any]],
) -> dict[str, Any]:
    values = {
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "role": "end-user",
        "organization_id": companies[number % len(companies)]["id"],
    }
    return _row(User, person(number), born, **{**values, **of_user(number)})


def _ticket(
    number: int,
    tickets: int,
    now: float,
    users: list[dict[str, Any]],
    of_ticket: Callable[[int], Mapping[str, Any]],
) -> dict[str, Any]:
    requester = users[number % len(users)]
    values = {
        "subject": f"Ticket {number}",
        "description": f"What ticket {number} is about.",
        "status": "new" if number % 2 else "open",
        "requester_id": requester["id"],
        "submitter_id": requester["id"],
        "organization_id": requester["organization_id"],
        "tags": ["vip"] if number == 3 else [],
    }
    born = now - (tickets - number) * STEP
    return _row(Ticket, number, born, **{**values, **of_ticket(number)})


def _row(model: Any, pk: int, born: float, **values: Any) -> dict[str, Any]:
    return {
        **build_row(model._meta),
        "id": pk,
        "created_at": format_timestamp(born),
        "updated_at": format_timestamp(born),
        **values,
    }


def _put(emulator: Emulator, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    store = emulator._store
    with store.transaction():
        store.insert(
            (
                StoredRow(model._meta.label, row["id"], row, collect_words(row), state=ALIVE)
                for row in rows
            ),
            emulator.clock.now(),
        )
