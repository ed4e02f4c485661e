"""The rows of an emulator as they lie in its store, past everything that is tested; and many."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from weakref import WeakKeyDictionary

from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.store import ALIVE, ARCHIVED, DELETED, Stored, Where
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import stamp, words_of
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.support import Organization, Ticket, User


#: Seconds between one ticket and the next.
STEP = 60
#: What time it is where many tickets are.
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
#: The first id that is not a ticket's.
FIRST = 7_000_000_000_000

#: What was read of emulators that nobody changes, by model.
_KNOWN: WeakKeyDictionary[Emulator, dict[Any, dict[Any, Any]]] = WeakKeyDictionary()


def person(number: int) -> int:
    """Return the id of a person who writes tickets."""
    return FIRST + 1_000 + number


def stored(emulator: Emulator, model: Any = Ticket, *, archived: bool = True) -> list[Any]:
    """Return the rows of a model by id; the archived ones on demand, the deleted ones never."""
    where = Where("state < ?", (DELETED if archived else ARCHIVED,))
    return [json.loads(text) for text, *_ in emulator._store.texts(model._meta.label, where)]


def stored_by_id(emulator: Emulator, model: Any = Ticket) -> dict[Any, Any]:
    """Return the rows of a model under their ids; of an emulator that is only read."""
    known = _KNOWN.setdefault(emulator, {})
    if model not in known:
        known[model] = {row["id"]: row for row in stored(emulator, model)}
    return known[model]


def moment(row: Mapping[str, Any], key: str = "created_at") -> datetime:
    """Return a moment of a row."""
    return datetime.fromisoformat(row[key].replace("Z", "+00:00"))


def filled(
    tickets: int,
    *,
    now: datetime = NOON,
    more: Callable[[int], Mapping[str, Any]] = lambda _: {},
    of_user: Callable[[int], Mapping[str, Any]] = lambda _: {},
) -> Emulator:
    """Return an emulator with tickets 1, 2, 3, …, a minute apart, the last of them just now.

    Every second one is open and the others are new; ticket 3 is tagged `vip`. Ten people
    write them in turn, who belong to five organizations in turn.

    Args:
        tickets: how many.
        now: what time it is there.
        more: number -> what the ticket says besides, or instead.
        of_user: number -> the same of a person.
    """
    born = now.timestamp()
    emulator = Emulator(clock=VirtualClock(born))
    companies = [_row(Organization, FIRST + n, born, name=f"Org {n}") for n in range(5)]
    users = [_user(n, born, companies, of_user) for n in range(10)]
    _put(emulator, Organization, companies)
    _put(emulator, User, users)
    _put(emulator, Ticket, (_ticket(n, tickets, born, users, more) for n in range(1, tickets + 1)))
    emulator._store.skip_to(FIRST + 100_000, tickets)
    return emulator


def _user(
    number: int,
    born: float,
    companies: list[dict[str, Any]],
    more: Callable[[int], Mapping[str, Any]],
) -> dict[str, Any]:
    values = {
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "role": "end-user",
        "organization_id": companies[number % len(companies)]["id"],
    }
    return _row(User, person(number), born, **{**values, **more(number)})


def _ticket(
    number: int,
    tickets: int,
    now: float,
    users: list[dict[str, Any]],
    more: Callable[[int], Mapping[str, Any]],
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
    return _row(Ticket, number, born, **{**values, **more(number)})


def _row(model: Any, pk: int, born: float, **values: Any) -> dict[str, Any]:
    return {
        **blank(model._meta),
        "id": pk,
        "created_at": stamp(born),
        "updated_at": stamp(born),
        **values,
    }


def _put(emulator: Emulator, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    store = emulator._store
    with store.transaction():
        store.fill(
            (Stored(model._meta.label, row["id"], row, words_of(row), state=ALIVE) for row in rows),
            emulator.clock.now(),
        )
