"""Rows that tasks of an event loop look up by id at the same time are requested together."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.queryset.stored import emulator_with_tickets, person
from zendesk_orm import (
    Group,
    ServerError,
    Ticket,
    User,
    cache_hit,
    connections,
    request_started,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture(params=[0, 3])
def account(request):
    """Return an account with 250 tickets, read with and without threads that read ahead."""
    with emulator_with_tickets(250) as emulator:
        yield emulator.connect(read_ahead=request.param)


async def gather(*lookups: Any) -> list[Any]:
    """Await lookups at the same time, and return their results or errors."""
    return await asyncio.gather(*lookups, return_exceptions=True)


def run(*lookups: Any) -> list[Any]:
    """Run lookups at the same time in a new event loop."""
    return asyncio.run(gather(*lookups))


def test_lookups_are_sent_a_hundred_at_once(account, count_requests):
    """200 lookups at the same time take two requests, and each returns its row."""
    with count_requests(account, 2):
        tickets = run(*(Ticket.objects.aget(id=pk) for pk in range(1, 201)))

    assert [ticket.pk for ticket in tickets] == list(range(1, 201))
    assert [ticket.subject for ticket in tickets] == [
        ticket.subject for ticket in Ticket.objects.filter(id__in=range(1, 201))
    ]


def test_a_single_lookup_is_sent_as_usual(account, sent):
    """One lookup alone requests its row, not a list of one."""
    assert run(Ticket.objects.aget(1))[0].pk == 1
    assert [(request.path, request.params) for request in sent] == [("/api/v2/tickets/1", ())]


def test_equal_lookups_need_one_row(account, sent):
    """Lookups of the same id take one request, and each has an object."""
    tickets = run(*(Ticket.objects.aget(pk=7) for _ in range(5)), Ticket.objects.aget(8))

    assert [ticket.pk for ticket in tickets] == [7] * 5 + [8]
    assert len({id(ticket) for ticket in tickets}) == 6
    assert len(sent) == 1


def test_each_missing_row_raises_its_error(account, count_requests):
    """Each lookup of a row that does not exist raises `DoesNotExist`; the others return rows."""
    with count_requests(account, 1):
        results = run(*(Ticket.objects.aget(pk) for pk in (1, 999_998, 2, 999_999)))

    assert [getattr(result, "pk", None) for result in results] == [1, None, 2, None]
    assert type(results[1]) is type(results[3]) is Ticket.DoesNotExist
    assert "999998" in str(results[1])
    assert "999999" in str(results[3])


def test_a_failure_reaches_all_lookups(account, monkeypatch):
    """If the request fails, each lookup raises the error."""

    def fail(request):
        raise ServerError("GET", request.path, 500, description="No")

    monkeypatch.setattr(account.transport, "send", fail)
    results = run(*(Ticket.objects.aget(pk) for pk in range(1, 4)))

    assert [type(result) for result in results] == [ServerError] * 3
    assert len({id(result) for result in results}) == 3


def test_rows_without_show_many_are_requested_one_by_one(account, sent):
    """If Zendesk has no list of rows by id, each lookup sends its own request."""
    groups = [Group.objects.create(name=str(number)).pk for number in range(3)]
    account.cache.clear()
    sent.clear()
    results = run(*(Group.objects.aget(pk) for pk in groups))

    assert [group.pk for group in results] == groups
    assert sorted(request.path for request in sent) == [f"/api/v2/groups/{pk}" for pk in groups]


def test_queries_are_not_mixed(account, count_requests):
    """Lookups of different queries are different requests, each with its conditions."""
    ids = range(1, 5)
    with count_requests(account, 2):
        results = run(
            *(Ticket.objects.filter(status="open").aget(pk) for pk in ids),
            *(Ticket.objects.fresh().aget(pk) for pk in ids),
        )
    is_open = [getattr(result, "pk", None) for result in results[:4]]

    assert is_open == [pk if Ticket.objects.get(pk).status == "open" else None for pk in ids]
    assert [ticket.pk for ticket in results[4:]] == list(ids)


def test_related_objects_come_along(account, count_requests):
    """Side-loads of the lookups are side-loaded."""
    with count_requests(account, 1):
        tickets = run(*(Ticket.objects.select_related("requester").aget(pk) for pk in (1, 2, 3)))
        names = [ticket.requester.name for ticket in tickets]

    assert len(set(names)) == 3


def test_cached_rows_are_not_requested(account, sent):
    """Rows in the cache are not requested, and count as one hit each."""
    hits: list[Any] = []
    users = [person(number) for number in range(4)]
    cached = list(User.objects.filter(id__in=users[:2]))
    sent.clear()

    def note(sender, pk, **kwargs):
        hits.append(pk)

    cache_hit.connect(note)
    results = run(*(User.objects.aget(pk) for pk in users))

    assert [user.pk for user in results] == users
    assert cached
    assert sorted(hits) == users[:2]
    assert [dict(request.params) for request in sent] == [{"ids": f"{users[2]},{users[3]}"}]


def test_each_task_has_its_own_objects(account):
    """Tasks share rows, and never their unsaved edits."""

    async def edit(pk):
        ticket = await Ticket.objects.aget(pk)
        ticket.tags.append("edited")
        return await Ticket.objects.aget(pk)

    async def main():
        return await asyncio.gather(*(edit(1 + number % 2) for number in range(6)))

    tickets = asyncio.run(main())

    assert len({id(ticket) for ticket in tickets}) == 6
    assert all("edited" in ticket.tags for ticket in tickets)
    assert not any("edited" in ticket.tags for ticket in Ticket.objects.filter(id__in=[1, 2]))


def test_lookups_after_a_write_contain_it(account):
    """A lookup that follows a save in its task contains the saved value."""

    async def save(pk):
        ticket = await Ticket.objects.aget(pk)
        ticket.subject = f"New {pk}"
        await ticket.asave()
        return (await Ticket.objects.aget(pk)).subject

    async def main():
        return await asyncio.gather(*(save(pk) for pk in range(1, 9)))

    assert asyncio.run(main()) == [f"New {pk}" for pk in range(1, 9)]


def test_users_are_not_mixed():
    """Lookups of different accounts and users are different requests, as each of them."""
    paths: list[tuple[str, Any]] = []

    def note(sender, request, **kwargs):
        paths.append((sender, request.path))

    with Emulator(seed="demo") as one, Emulator(seed="demo") as two:
        one.connect()
        two.connect(alias="two")
        request_started.connect(note)
        results = run(
            *(Ticket.objects.aget(pk) for pk in (1, 2)),
            *(Ticket.objects.using("two").aget(pk) for pk in (1, 2)),
        )

    assert [ticket.pk for ticket in results] == [1, 2, 1, 2]
    assert sorted(paths) == [
        ("default", "/api/v2/tickets/show_many"),
        ("two", "/api/v2/tickets/show_many"),
    ]


def test_nothing_is_sent_after_all_lookups_were_cancelled(account, sent):
    """Cancelling the lookups before the request is sent sends nothing, and leaves nothing."""

    async def main():
        tasks = [asyncio.create_task(Ticket.objects.aget(pk)) for pk in range(1, 4)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(main())

    assert [type(result) for result in results] == [asyncio.CancelledError] * 3
    assert sent == []
    assert connections["default"].lookups == {}


def test_lookups_after_a_cancelled_one_are_sent(account):
    """A lookup that was cancelled before its request takes no later lookup with it."""

    async def main():
        first = asyncio.create_task(Ticket.objects.aget(1))
        # The lookup is made in this iteration of the loop, and the request in the next one.
        asyncio.get_running_loop().call_soon(first.cancel)
        asyncio.get_running_loop().call_soon(others.append, Ticket.objects.aget(2))
        await asyncio.wait([first])
        return await others[0]

    others: list[Any] = []

    assert asyncio.run(main()).pk == 2
    assert connections["default"].lookups == {}


def test_other_lookups_go_on_if_one_is_cancelled(account, sent):
    """Cancelling one lookup does not affect those that are read together with it."""

    async def main():
        tasks = [asyncio.create_task(Ticket.objects.aget(pk)) for pk in range(1, 4)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(main())

    assert isinstance(first, asyncio.CancelledError)
    assert [ticket.pk for ticket in others] == [2, 3]
    assert len(sent) == 1
