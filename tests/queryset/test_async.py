"""Async methods of QuerySets and models, and the sessions of tasks."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from tests.queryset.stored import emulator_with_tickets, person, stored_rows
from zendesk_orm import (
    Comment,
    Count,
    Group,
    Max,
    NoEndpoint,
    QuerySet,
    Ticket,
    User,
    pre_save,
    receiver,
)


ASYNC_METHODS = {
    name for name in dir(QuerySet) if name.startswith("a") and hasattr(QuerySet, name[1:])
}


@pytest.fixture
def emulator():
    """Return an emulator with 250 tickets, connected as the default account."""
    with emulator_with_tickets(250) as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def new():
    """Return the ids of the new tickets, the newest first."""
    return list(range(249, 0, -2))


def _run(main):
    return asyncio.run(main())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get", (7,)),
        ("first", ()),
        ("last", ()),
        ("latest", ()),
        ("latest", ("updated_at",)),
        ("earliest", ()),
        ("count", ()),
        ("exists", ()),
        ("contains", (Ticket(id=7),)),
        ("contains", (Ticket(id=8),)),
        ("in_bulk", ([1, 7, 999],)),
        ("in_bulk", ()),
        ("aggregate", (Count("id"), Max("created_at"))),
        ("explain", ()),
    ],
)
@pytest.mark.parametrize("rows", [Ticket.objects.all(), Ticket.objects.filter(status="new")])
def test_async_methods_return_the_result_of_the_synchronous_method(
    account, count_requests, rows, name, arguments
):
    """An async method returns the result of the synchronous one, with as many requests."""
    before = account.requests_sent
    expected = getattr(rows.all(), name)(*arguments)
    requests = account.requests_sent - before

    async def main():
        with count_requests(account, requests):
            return await getattr(rows.all(), f"a{name}")(*arguments)

    assert _run(main) == expected


@pytest.mark.parametrize(
    "name", sorted(ASYNC_METHODS - {"aiterator", "alias", "all", "ato_arrow_batches"})
)
def test_async_methods_have_the_signature_of_the_synchronous_method(name):
    """Parameters and defaults are the same, and the docstring names the synchronous method."""
    method, async_method = getattr(QuerySet, name[1:]), getattr(QuerySet, name)

    async_parameters = inspect.signature(async_method).parameters
    parameters = inspect.signature(method).parameters
    assert list(async_parameters) == list(parameters)
    assert [item.default for item in async_parameters.values()] == [
        item.default for item in parameters.values()
    ]
    assert inspect.iscoroutinefunction(async_method)
    assert f"`{name[1:]}()`" in async_method.__doc__


def test_async_methods_raise_the_same_errors(account, count_requests):
    """Async methods raise the errors of the synchronous ones in the task."""

    async def main():
        with pytest.raises(Ticket.DoesNotExist, match="999"):
            await Ticket.objects.aget(999)
        with pytest.raises(Ticket.MultipleObjectsReturned):
            await Ticket.objects.aget(status="new")
        with count_requests(account, 0), pytest.raises(NoEndpoint):
            await Ticket.objects.filter(subject__contains="x").afirst()
        with count_requests(account, 0), pytest.raises(NoEndpoint):
            async for _ in Ticket.objects.filter(subject__contains="x"):
                pass

    _run(main)


def test_async_for_caches_rows(account, new, count_requests):
    """`async for` fetches three pages of a hundred rows, and caches them for later uses."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, 3):
            first = [ticket.pk async for ticket in rows]
        with count_requests(account, 0):
            second = [ticket.pk async for ticket in rows]
            assert (len(rows), rows[8].pk) == (250, 9)
        return first, second

    first, second = _run(main)
    assert first == second == list(range(1, 251))


def test_async_for_fetches_a_page_when_it_reaches_it(account, count_requests):
    """The first row takes one page; the next page is fetched when the loop continues."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, 1):
            async for _ in rows:
                break
        with count_requests(account, 2):
            return [ticket.pk async for ticket in rows]

    assert _run(main) == list(range(1, 251))


def test_nested_async_loops_are_independent(account, count_requests):
    """Each of two nested loops over one QuerySet iterates over all rows."""

    async def main():
        rows = Ticket.objects.fresh()[:20]
        with count_requests(account, 1):
            return [(one.pk, two.pk) async for one in rows async for two in rows]

    assert _run(main) == [(one, two) for one in range(1, 21) for two in range(1, 21)]


@pytest.mark.parametrize(("size", "requests"), [(None, 3), (100, 3), (40, 7), (250, 3)])
def test_aiterator_caches_nothing(account, count_requests, size, requests):
    """`aiterator()` fetches pages of the requested size, up to 100 rows, and caches nothing."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, requests):
            result = [ticket.pk async for ticket in rows.aiterator(size)]
        assert "read" not in repr(rows)
        with count_requests(account, 1):
            assert await rows.aexists()
        return result

    assert _run(main) == list(range(1, 251))


def test_aiterator_stops_with_the_loop(account, count_requests):
    """A loop that ends on the first page takes one request."""

    async def main():
        with count_requests(account, 1):
            async for ticket in Ticket.objects.fresh().aiterator():
                return ticket.pk
        return None

    assert _run(main) == 1


def test_async_for_supports_values_and_slices(account, new, count_requests):
    """Slices, `values()` and `values_list()` can be iterated over asynchronously."""

    async def main():
        rows = Ticket.objects.filter(status="new")
        with count_requests(account, 3):
            assert [pk async for pk in rows.values_list("id", flat=True)[5:9]] == new[5:9]
            assert [row["id"] async for row in rows.values("id")[:2].aiterator()] == new[:2]
            side_loaded = rows.select_related("requester")[:3]
            assert all([ticket.requester.name async for ticket in side_loaded])
        with count_requests(account, 2):
            # Open tickets have requesters that are not loaded yet.
            prefetched = Ticket.objects.filter(status="open").prefetch_related("requester")[:3]
            people = [ticket.requester.name async for ticket in prefetched.aiterator()]
        assert people == ["User 0", "User 8", "User 6"]

    _run(main)


def test_one_task_has_one_object_for_a_row(account, count_requests):
    """All queries of a task return the same object for a row."""

    async def main():
        with count_requests(account, 4):
            one = await Ticket.objects.aget(7)
            two = await Ticket.objects.aget(7)
            three = next(iter((await Ticket.objects.ain_bulk([7])).values()))
            four = [t async for t in Ticket.objects.filter(status="new") if t.pk == 7]
        assert one is two is three is four[0]
        one.subject = "edited"
        assert (await Ticket.objects.aget(7)).subject == "edited"

    _run(main)


def test_two_tasks_have_two_objects_for_a_row(account):
    """An unsaved change in one task is not visible in another one."""

    async def edit(ready, go):
        ticket = await Ticket.objects.aget(7)
        ticket.subject = "edited"
        ready.set()
        await go.wait()
        return ticket

    async def read(ready, go):
        await ready.wait()
        ticket = await Ticket.objects.aget(7)
        go.set()
        return ticket

    async def main():
        ready, go = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(edit(ready, go), read(ready, go))

    edited, unchanged = _run(main)

    assert edited == unchanged
    assert edited is not unchanged
    assert (edited.subject, unchanged.subject) == ("edited", "Ticket 7")


def test_many_tasks_query_concurrently(account, count_requests):
    """Concurrent tasks get their own rows, and lookups by id at the same time share a request."""

    async def query(number):
        result = await Ticket.objects.aget(number)
        page = [t.pk async for t in Ticket.objects.fresh()[number : number + 5]]
        return result.pk, page

    async def main():
        with count_requests(account, 21):
            return await asyncio.gather(*(query(number) for number in range(1, 21)))

    expected = [(n, list(range(n + 1, n + 6))) for n in range(1, 21)]
    assert _run(main) == expected


def test_tasks_use_the_session_in_which_they_are_started(account, count_requests):
    """An object that a session has fetched by id is not fetched again in its tasks."""

    async def main():
        with account.session(), count_requests(account, 1):
            one = await Ticket.objects.aget(7)
            two = await asyncio.create_task(Ticket.objects.aget(7))
            return one, two

    one, two = _run(main)

    assert one is two


def test_async_methods_do_not_block_the_event_loop(account):
    """Async methods run in another thread, so that other tasks continue."""
    threads = []

    @receiver(pre_save, sender=Ticket)
    def record_thread(sender, **kwargs):
        threads.append(threading.get_ident())

    async def main():
        draft = {"subject": "x", "comment": Comment(body="y"), "requester_id": person(1)}
        await Ticket.objects.acreate(**draft)

    _run(main)

    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_async_methods_of_objects_take_one_request(account, count_requests):
    """`asave()`, `adelete()` and `arefresh_from_db()` take one request each."""

    async def main():
        with count_requests(account, 1):
            ticket = await Ticket.objects.aget(7)
        ticket.subject = "changed"
        with count_requests(account, 1):
            assert ticket is await ticket.asave()
        ticket.subject = "edited"
        with count_requests(account, 1):
            await ticket.arefresh_from_db()
        assert ticket.subject == "changed"
        with count_requests(account, 1):
            assert await ticket.adelete() == (1, {"support.Ticket": 1})
        with pytest.raises(Ticket.DoesNotExist):
            await Ticket.objects.aget(7)

    _run(main)


def test_async_bulk_methods_wait_for_jobs(emulator):
    """An async bulk method returns when its job is complete."""

    async def main():
        created = [
            Ticket(subject=f"x{n}", comment=Comment(body="y"), requester_id=person(1))
            for n in range(3)
        ]
        assert int(await Ticket.objects.abulk_create(created)) == 3
        assert sorted(ticket.pk for ticket in created) == [251, 252, 253]
        for ticket in created:
            ticket.priority = "high"
        assert int(await Ticket.objects.abulk_update(created, ["priority"])) == 3
        pair = Ticket.objects.filter(id__in=[251, 252])
        assert int(await pair.aupdate(priority="low")) == 2
        assert int(await Ticket.objects.filter(id=253).adelete()) == 1

    _run(main)

    priorities = {row["id"]: row["priority"] for row in stored_rows(emulator) if row["id"] > 250}
    assert priorities == {251: "low", 252: "low"}


def test_async_queries_use_the_account_of_using(account):
    """Async queries with `using()` are sent to that account only."""

    async def main():
        with emulator_with_tickets(3) as other_emulator:
            other = other_emulator.connect(alias="emea")
            before = account.requests_sent
            assert await Ticket.objects.using("emea").acount() == 3
            assert [g.name async for g in Group.objects.using("emea")] == ["Support"]
            result = await User.objects.db_manager("emea").afirst()
            assert (
                result.using,
                other.requests_sent,
                account.requests_sent - before,
            ) == ("emea", 3, 0)
            assert len(stored_rows(other_emulator)) == 3

    _run(main)


def test_none_makes_no_async_request(account, count_requests):
    """Async methods of `none()` return no rows without a request."""

    async def main():
        with count_requests(account, 0):
            assert [ticket async for ticket in Ticket.objects.none()] == []
            assert [ticket async for ticket in Ticket.objects.none().aiterator()] == []
            assert await Ticket.objects.none().acount() == 0
            assert await Ticket.objects.none().afirst() is None
            assert await Ticket.objects.ain_bulk([]) == {}

    _run(main)
