"""Units of work: what is read once, what anew, and what threads and tasks share."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from zendesk_orm import (
    Comment,
    Group,
    Organization,
    Ticket,
    TicketField,
    User,
    cache_hit,
    cache_miss,
    connect,
    connections,
    receiver,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture
def ticket(emulator):
    """Return a ticket that was just created."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"))


def _in_a_thread(do):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result()


# -- what is kept, and for how long ------------------------------------------


def test_tickets_are_read_anew_each_time(ticket, emulator):
    """Outside an explicit unit of work they may have changed."""
    del emulator.requests[:]
    Ticket.objects.get(1)
    Ticket.objects.get(1)

    assert ["GET tickets/1"] * 2 == emulator.requests


@pytest.mark.parametrize("model", [User, Group, Organization, TicketField])
def test_reference_data_is_kept_for_minutes(demo_emulator, model):
    """A second reading by id is free, until some minutes have passed."""
    pk = next(iter(model.objects.fresh()[:1])).pk
    demo_emulator.connect()
    del demo_emulator.requests[:]

    names = []
    for seconds in (0, 200, model._meta.cache_seconds):
        demo_emulator.clock.sleep(seconds)
        model.objects.get(pk)
        names.append(len(demo_emulator.requests))

    assert [1, 1, 2] == names


def test_a_policy_of_ones_own_is_kept(demo_emulator):
    """`cache_seconds=` sets how long rows of a model are cached; also tickets; 0 disables it."""
    demo_emulator.connect(cache_seconds={Ticket: 60, User: 0})
    user = User.objects.first().pk
    del demo_emulator.requests[:]
    for _ in range(2):
        Ticket.objects.get(1)
        User.objects.get(user)

    assert ["GET tickets/1", *[f"GET users/{user}"] * 2] == demo_emulator.requests
    demo_emulator.clock.sleep(61)
    Ticket.objects.get(1)
    assert 4 == len(demo_emulator.requests)


def test_fresh_rows_are_read_whatever_is_kept(demo_emulator):
    """`fresh()` and `refresh_from_db()` ask."""
    user = User.objects.first()
    del demo_emulator.requests[:]

    User.objects.fresh().get(user.pk)
    user.refresh_from_db()

    assert [f"GET users/{user.pk}"] * 2 == demo_emulator.requests


def test_a_save_keeps_the_new_row(emulator):
    """What is kept is never older than what this account wrote."""
    user = User.objects.create(name="Ann")
    user.name = "Anna"
    user.save()

    assert "Anna" == _in_a_thread(lambda: User.objects.get(user.pk).name)


def test_hits_and_misses_are_announced(demo_emulator):
    """`cache_hit` and `cache_miss` tell the model, the id and the account."""
    told = []

    @receiver(cache_hit)
    def hit(sender, pk, using, **kwargs):
        told.append(("hit", sender, pk, using))

    @receiver(cache_miss)
    def miss(sender, pk, using, **kwargs):
        told.append(("miss", sender, pk, using))

    pk = Group.objects.fresh().first().pk
    demo_emulator.connect()
    del told[:]
    Group.objects.get(pk)
    Group.objects.get(pk)

    assert [("miss", Group, pk, "default"), ("hit", Group, pk, "default")] == told


# -- explicit units of work --------------------------------------------------


def test_what_was_read_by_id_is_not_read_again(ticket, emulator):
    """The same object is given, also when nobody else holds it."""
    del emulator.requests[:]
    account = emulator.connect()
    with account.session():
        first = id(Ticket.objects.get(1))
        again = Ticket.objects.get(1)
        many = Ticket.objects.in_bulk([1])

    assert first == id(again) == id(many[1])
    assert ["GET tickets/1"] == emulator.requests


def test_fresh_reads_again_in_a_unit_of_work(ticket, emulator):
    """When asked."""
    account = emulator.connect()
    del emulator.requests[:]
    with account.session():
        held = Ticket.objects.get(1)
        Ticket.objects.fresh().get(1)
        held.refresh_from_db()

    assert 3 == len(emulator.requests)


def test_a_unit_of_work_ends(ticket, emulator):
    """What it had read is read anew after it, and the object is another one."""
    account = emulator.connect()
    with account.session() as one:
        first = Ticket.objects.get(1)
        assert account.current() is one
    with account.session() as two:
        second = Ticket.objects.get(1)

    assert one is not two
    assert first is not second
    assert first == second


def test_units_of_work_nest(ticket, emulator):
    """The inner one has objects of its own, and the outer one is there after it."""
    account = emulator.connect()
    with account.session() as outer:
        mine = Ticket.objects.get(1)
        mine.subject = "mine"
        with account.session():
            assert "Printer" == Ticket.objects.get(1).subject
        assert account.current() is outer
        assert mine is Ticket.objects.get(1)


def test_a_missing_row_in_a_unit_of_work_raises_each_time(emulator):
    """What is not there is not remembered as something."""
    with emulator.connect().session():
        for _ in range(2):
            with pytest.raises(Ticket.DoesNotExist):
                Ticket.objects.get(1)


# -- threads and tasks -------------------------------------------------------


def test_two_threads_have_two_objects(ticket):
    """So that one never sees the other's unsaved edits."""
    ticket.subject = "mine"

    other = _in_a_thread(lambda: Ticket.objects.get(1))

    assert ticket is not other
    assert ticket == other
    assert "Printer" == other.subject


def test_two_threads_share_what_is_kept(demo_emulator):
    """Rows are facts; the second thread makes no request, and no edit leaks."""
    user = User.objects.first()
    user.name = "mine"
    user.tags.append("mine")
    del demo_emulator.requests[:]

    other = _in_a_thread(lambda: User.objects.get(user.pk))

    assert [] == demo_emulator.requests
    assert ("Olivia Owner", []) == (other.name, other.tags)


def test_a_unit_of_work_belongs_to_its_thread(emulator):
    """A thread begun within it has one of its own."""
    account = emulator.connect()
    with account.session() as mine:
        other = _in_a_thread(account.current)

    assert mine is not other
    assert not other.explicit


def test_each_task_has_objects_of_its_own(ticket, emulator):
    """Two asyncio tasks in one thread do not see each other's edits."""
    account = emulator.connect()

    async def work(name):
        mine = Ticket.objects.get(1)
        mine.subject = name
        await asyncio.sleep(0)
        again = Ticket.objects.get(1)
        return mine is again, mine.subject, account.current()

    async def both():
        return await asyncio.gather(work("one"), work("two"))

    (one, first, session), (two, second, other) = asyncio.run(both())

    assert one
    assert two
    assert ("one", "two") == (first, second)
    assert session is not other


def test_eight_threads_do_not_disturb_each_other():
    """Mixed reads and saves over one account: no errors, no lost writes, no leaked edits."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        tickets = [ticket.pk for ticket in Ticket.objects.filter(status="open")[:16]]
        users = [user.pk for user in User.objects.all()[:40]]
        barrier = threading.Barrier(8)

        def work(number):
            barrier.wait()
            mine = Ticket.objects.get(tickets[number])
            for turn in range(12):
                mine.tags.append(f"t{number}-{turn}")
                shared = User.objects.get(users[turn])
                assert "leak" not in (shared.notes or "")
                shared.notes = "leak"
                assert len(User.objects.in_bulk(users[turn : turn + 5])) == 5
                assert Ticket.objects.filter(status="open")[:5].count() == 5
                other = Ticket.objects.get(tickets[8 + turn % 8])
                assert {f"mine-{number}"} >= {tag for tag in other.tags if tag[:5] == "mine-"}
                other.tags.append(f"mine-{number}")
                mine.save()
                shared.refresh_from_db()
            return mine

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(work, range(8)))

        for number, ticket in enumerate(done):
            expected = {f"t{number}-{turn}" for turn in range(12)}
            assert expected <= set(Ticket.objects.get(ticket.pk).tags)
        assert "leak" not in [User.objects.fresh().get(pk).notes for pk in users[:12]]


def test_a_removed_account_is_not_kept_by_the_sessions_of_its_thread():
    """The account, its caches and its emulator are released, although the thread continues."""
    account = weakref.ref(connect("emulator://?seed=demo", alias="short-lived"))
    list(Ticket.objects.using("short-lived")[:5])
    with connections["short-lived"].acting_as("customer1@example.com"):
        pass

    connections.remove("short-lived")
    gc.collect()

    assert account() is None


def test_closing_an_account_keeps_an_open_session(account, ticket, count_requests):
    """The block goes on with its objects; a later request opens new connections."""
    with account.session():
        before = Ticket.objects.get(ticket.pk)
        account.close()

        assert Ticket.objects.get(ticket.pk) is before
