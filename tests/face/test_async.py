"""The twins for asyncio: the same rows, for the same requests, in the session of the task."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest

from tests.face.stored import filled, person, stored
from zendesk_orm import (
    Comment,
    Count,
    Group,
    Max,
    NoEndpoint,
    QuerySet,
    Ticket,
    User,
    connections,
    pre_save,
    receiver,
)


TWINS = {name for name in dir(QuerySet) if name.startswith("a") and hasattr(QuerySet, name[1:])}


@pytest.fixture
def emulator():
    """Return an emulator with 250 tickets, connected as the default account."""
    with filled(250) as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def account(emulator):
    """Return the default account, with 250 tickets."""
    return connections["default"]


@pytest.fixture
def new():
    """Return the ids of the new tickets, the newest first."""
    return list(range(249, 0, -2))


def _run(main):
    return asyncio.run(main())


# -- the same as the others --------------------------------------------------


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
def test_a_twin_gives_the_same_for_the_same(account, count_requests, rows, name, arguments):
    """What its method gives, for as many requests."""
    before = account.requests_sent
    expected = getattr(rows.all(), name)(*arguments)
    requests = account.requests_sent - before

    async def main():
        with count_requests(account, requests):
            return await getattr(rows.all(), f"a{name}")(*arguments)

    assert expected == _run(main)


@pytest.mark.parametrize("name", sorted(TWINS - {"aiterator", "alias", "all"}))
def test_a_twin_is_called_as_its_method_is(name):
    """With the same parameters, and a docstring that leads there."""
    method, twin = getattr(QuerySet, name[1:]), getattr(QuerySet, name)

    mine = inspect.signature(twin).parameters
    theirs = inspect.signature(method).parameters
    assert list(mine) == list(theirs)
    assert [p.default for p in mine.values()] == [p.default for p in theirs.values()]
    assert inspect.iscoroutinefunction(twin)
    assert f"see `{name[1:]}()`" in twin.__doc__


def test_errors_come_through(account, count_requests):
    """The model's own, and refusals before anything is sent."""

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


# -- loops -------------------------------------------------------------------


def test_a_loop_gives_all_rows_and_keeps_them(account, new, count_requests):
    """Three pages of a hundred; a second loop, a place and a length are free then."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, 3):
            first = [ticket.pk async for ticket in rows]
        with count_requests(account, 0):
            second = [ticket.pk async for ticket in rows]
            assert (250, 9) == (len(rows), rows[8].pk)
        return first, second

    first, second = _run(main)
    assert first == second == list(range(1, 251))


def test_a_loop_that_ends_early_has_read_so_much(account, count_requests):
    """A page for the first row, and the next when the loop goes on."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, 1):
            async for _ in rows:
                break
        with count_requests(account, 2):
            return [ticket.pk async for ticket in rows]

    assert list(range(1, 251)) == _run(main)


def test_two_loops_do_not_disturb_each_other(account, count_requests):
    """One within the other, over one QuerySet."""

    async def main():
        rows = Ticket.objects.fresh()[:20]
        with count_requests(account, 1):
            return [(one.pk, two.pk) async for one in rows async for two in rows]

    assert [(one, two) for one in range(1, 21) for two in range(1, 21)] == _run(main)


@pytest.mark.parametrize(("size", "requests"), [(None, 3), (100, 3), (40, 7), (250, 3)])
def test_a_stream_keeps_nothing(account, count_requests, size, requests):
    """Pages of the size asked for, at most a hundred; none of it is there afterwards."""

    async def main():
        rows = Ticket.objects.fresh()
        with count_requests(account, requests):
            found = [ticket.pk async for ticket in rows.aiterator(size)]
        assert "read" not in repr(rows)
        with count_requests(account, 1):
            assert await rows.aexists()
        return found

    assert list(range(1, 251)) == _run(main)


def test_a_stream_reads_no_further_than_the_loop(account, count_requests):
    """A break on the first page is one request."""

    async def main():
        with count_requests(account, 1):
            async for ticket in Ticket.objects.fresh().aiterator():
                return ticket.pk
        return None

    assert 1 == _run(main)


def test_loops_over_values_and_slices(account, new, count_requests):
    """What is looped over can be anything that a QuerySet is."""

    async def main():
        rows = Ticket.objects.filter(status="new")
        with count_requests(account, 3):
            assert new[5:9] == [pk async for pk in rows.values_list("id", flat=True)[5:9]]
            assert new[:2] == [row["id"] async for row in rows.values("id")[:2].aiterator()]
            both = rows.select_related("requester")[:3]
            assert all([ticket.requester.name async for ticket in both])
        with count_requests(account, 2):
            # Other people than those who are at hand already.
            wanted = Ticket.objects.filter(status="open").prefetch_related("requester")[:3]
            people = [ticket.requester.name async for ticket in wanted.aiterator()]
        assert ["User 0", "User 8", "User 6"] == people

    _run(main)


# -- sessions ----------------------------------------------------------------


def test_one_task_has_one_object_for_a_row(account, count_requests):
    """However often it is read, and in whichever thread that is done."""

    async def main():
        with count_requests(account, 4):
            one = await Ticket.objects.aget(7)
            two = await Ticket.objects.aget(7)
            three = next(iter((await Ticket.objects.ain_bulk([7])).values()))
            four = [t async for t in Ticket.objects.filter(status="new") if t.pk == 7]
        assert one is two is three is four[0]
        one.subject = "edited"
        assert "edited" == (await Ticket.objects.aget(7)).subject

    _run(main)


def test_two_tasks_have_two_objects_for_a_row(account):
    """An edit in one is not seen in the other, whatever the order."""

    async def edit(ready, go):
        ticket = await Ticket.objects.aget(7)
        ticket.subject = "edited"
        ready.set()
        await go.wait()
        return ticket

    async def look(ready, go):
        await ready.wait()
        ticket = await Ticket.objects.aget(7)
        go.set()
        return ticket

    async def main():
        ready, go = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(edit(ready, go), look(ready, go))

    edited, seen = _run(main)

    assert edited == seen
    assert edited is not seen
    assert ("edited", "Ticket 7") == (edited.subject, seen.subject)


def test_many_tasks_read_at_once(account, count_requests):
    """None gets the rows of another, and all requests are made."""

    async def one(number):
        found = await Ticket.objects.aget(number)
        page = [t.pk async for t in Ticket.objects.fresh()[number : number + 5]]
        return found.pk, page

    async def main():
        with count_requests(account, 40):
            return await asyncio.gather(*(one(number) for number in range(1, 21)))

    expected = [(n, list(range(n + 1, n + 6))) for n in range(1, 21)]
    assert expected == _run(main)


def test_a_session_that_was_opened_is_that_of_its_tasks(account, count_requests):
    """What was read by id in a unit of work is at hand for the tasks that it starts."""

    async def main():
        with account.session(), count_requests(account, 1):
            one = await Ticket.objects.aget(7)
            two = await asyncio.create_task(Ticket.objects.aget(7))
            return one, two

    one, two = _run(main)

    assert one is two


def test_the_loop_goes_on_meanwhile(account):
    """Reading is done in a thread, so that the loop is free."""
    threads = []

    @receiver(pre_save, sender=Ticket)
    def look(sender, **kwargs):
        threads.append(threading.get_ident())

    async def main():
        draft = {"subject": "x", "comment": Comment(body="y"), "requester_id": person(1)}
        await Ticket.objects.acreate(**draft)

    _run(main)

    assert 1 == len(threads)
    assert threads[0] != threading.get_ident()


# -- changes -----------------------------------------------------------------


def test_objects_are_saved_deleted_and_fetched_anew(account, count_requests):
    """The twins of the object's own methods, a request each."""

    async def main():
        with count_requests(account, 1):
            ticket = await Ticket.objects.aget(7)
        ticket.subject = "changed"
        with count_requests(account, 1):
            assert ticket is await ticket.asave()
        ticket.subject = "edited"
        with count_requests(account, 1):
            await ticket.arefresh_from_db()
        assert "changed" == ticket.subject
        with count_requests(account, 1):
            assert (1, {"support.Ticket": 1}) == await ticket.adelete()
        with pytest.raises(Ticket.DoesNotExist):
            await Ticket.objects.aget(7)

    _run(main)


def test_jobs_are_awaited(emulator):
    """Their results are there when the task goes on."""

    async def main():
        made = [
            Ticket(subject=f"x{n}", comment=Comment(body="y"), requester_id=person(1))
            for n in range(3)
        ]
        assert 3 == int(await Ticket.objects.abulk_create(made))
        assert [251, 252, 253] == sorted(ticket.pk for ticket in made)
        for ticket in made:
            ticket.priority = "high"
        assert 3 == int(await Ticket.objects.abulk_update(made, ["priority"]))
        some = Ticket.objects.filter(id__in=[251, 252])
        assert 2 == int(await some.aupdate(priority="low"))
        assert 1 == int(await Ticket.objects.filter(id=253).adelete())

    _run(main)

    kept = {row["id"]: row["priority"] for row in stored(emulator) if row["id"] > 250}
    assert {251: "low", 252: "low"} == kept


def test_a_short_list_and_another_account(account):
    """Whatever is asked, it is asked where it was said."""

    async def main():
        with filled(3) as there:
            other = there.connect(alias="emea")
            before = account.requests_sent
            assert 3 == await Ticket.objects.using("emea").acount()
            assert ["Support"] == [g.name async for g in Group.objects.using("emea")]
            found = await User.objects.db_manager("emea").afirst()
            assert ("emea", 3, 0) == (
                found.using,
                other.requests_sent,
                account.requests_sent - before,
            )
            assert 3 == len(stored(there))

    _run(main)


def test_nothing_is_nothing(account, count_requests):
    """Without a request."""

    async def main():
        with count_requests(account, 0):
            assert [] == [ticket async for ticket in Ticket.objects.none()]
            assert [] == [ticket async for ticket in Ticket.objects.none().aiterator()]
            assert 0 == await Ticket.objects.none().acount()
            assert await Ticket.objects.none().afirst() is None
            assert {} == await Ticket.objects.ain_bulk([])

    _run(main)
