"""The work that SQLite does for a request does not depend on the number of other rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.queryset.stored import emulator_with_tickets, person
from zendesk_orm import User
from zendesk_orm.emulator import Emulator


#: The instructions after which SQLite calls the progress handler.
_STEP = 50
_HOST = "https://emulator.zendesk.com/api/v2"
_LAST_USER = person(9)
#: A body is that of an update or a creation.
_REQUESTS = {
    "tickets/3.json": None,
    "tickets/2.json": {"ticket": {"status": "pending"}},
    "tickets.json": {"ticket": {"comment": {"body": "Help!"}, "requester_id": _LAST_USER}},
    f"users/{_LAST_USER}.json": None,
    "users/show_many.json?external_ids=x-1,x-2": None,
    "users/search.json?external_id=x-1": None,
    "users/me.json": None,
    "users.json": {"user": {"name": "Ada", "email": "ada@example.com"}},
    "users/create_or_update.json": {"user": {"name": "Ada", "email": "user1@example.com"}},
    "organizations.json": {"organization": {"name": "New"}},
    "organizations/search.json?name=Org 1": None,
    "search.json?query=type:user email:user1@example.com": None,
}


def _make_emulator(number: int) -> Emulator:
    """Return an emulator with a number of tickets and of users."""
    emulator = emulator_with_tickets(100)
    emulator.make_ids(User, number)
    return emulator


@contextmanager
def _count_steps(emulator: Emulator) -> Iterator[Iterator[int]]:
    """Return a context manager with a counter, whose next value is the number of calls."""
    counter = itertools.count()
    connection = emulator._store._connection
    connection.set_progress_handler(lambda: next(counter) and None, _STEP)
    try:
        yield counter
    finally:
        connection.set_progress_handler(None, 0)


def _measure(emulator: Emulator) -> dict[str, int]:
    """Return the steps of each request."""
    session, steps = emulator.session(), {}
    for path, body in _REQUESTS.items():
        method = "GET" if body is None else "PUT" if path == "tickets/2.json" else "POST"
        with _count_steps(emulator) as counter:
            response = session.request(
                method, f"{_HOST}/{path}", json=body, auth=("owner@example.com/token", "emulated")
            )
        assert response.status_code < 300, response.text
        steps[path] = next(counter)
    return steps


@pytest.mark.slow
def test_requests_do_not_read_other_rows() -> None:
    """The steps of a request grow by less than one per further user."""
    few, many = (_measure(_make_emulator(number)) for number in (50, 450))
    growing = {path: (few[path], many[path]) for path in few if many[path] > few[path] + 20}
    assert growing == {}
