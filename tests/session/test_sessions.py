"""Sessions: which rows are read once, which again, and what threads and tasks share."""

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


# -- the row cache -----------------------------------------------------------


def test_tickets_are_fetched_each_time(ticket, emulator):
    """Outside an explicit session, each `get()` of a ticket sends a request."""
    del emulator.requests[:]
    Ticket.objects.get(1)
    Ticket.objects.get(1)

    assert emulator.requests == ["GET tickets/1"] * 2


@pytest.mark.parametrize("model", [User, Group, Organization, TicketField])
def test_reference_data_is_cached_for_minutes(demo_emulator, model):
    """A second `get()` sends no request until `Meta.cache_seconds` have passed."""
    pk = next(iter(model.objects.fresh()[:1])).pk
    demo_emulator.connect()
    del demo_emulator.requests[:]

    counts = []
    for seconds in (0, 200, model._meta.cache_seconds):
        demo_emulator.clock.sleep(seconds)
        model.objects.get(pk)
        counts.append(len(demo_emulator.requests))

    assert counts == [1, 1, 2]


def test_cache_seconds_overrides_the_models(demo_emulator):
    """`cache_seconds=` sets how long rows of a model are cached; 0 disables caching."""
    demo_emulator.connect(cache_seconds={Ticket: 60, User: 0})
    user = User.objects.first().pk
    del demo_emulator.requests[:]
    for _ in range(2):
        Ticket.objects.get(1)
        User.objects.get(user)

    assert demo_emulator.requests == ["GET tickets/1", *[f"GET users/{user}"] * 2]
    demo_emulator.clock.sleep(61)
    Ticket.objects.get(1)
    assert len(demo_emulator.requests) == 4


def test_fresh_ignores_cached_rows(demo_emulator):
    """`fresh()` and `refresh_from_db()` send a request although the row is cached."""
    user = User.objects.first()
    del demo_emulator.requests[:]

    User.objects.fresh().get(user.pk)
    user.refresh_from_db()

    assert demo_emulator.requests == [f"GET users/{user.pk}"] * 2


def test_a_save_replaces_the_cached_row(emulator):
    """After a save, another thread reads the saved value."""
    user = User.objects.create(name="Ann")
    user.name = "Anna"
    user.save()

    assert _in_a_thread(lambda: User.objects.get(user.pk).name) == "Anna"


def test_hits_and_misses_send_signals(demo_emulator):
    """`cache_hit` and `cache_miss` contain the model, the id and the account."""
    received = []

    @receiver(cache_hit)
    def hit(sender, pk, using, **kwargs):
        received.append(("hit", sender, pk, using))

    @receiver(cache_miss)
    def miss(sender, pk, using, **kwargs):
        received.append(("miss", sender, pk, using))

    pk = Group.objects.fresh().first().pk
    demo_emulator.connect()
    del received[:]
    Group.objects.get(pk)
    Group.objects.get(pk)

    assert received == [("miss", Group, pk, "default"), ("hit", Group, pk, "default")]


# -- explicit sessions -------------------------------------------------------


def test_a_session_fetches_a_row_once(ticket, emulator):
    """Inside an explicit session, `get()` and `in_bulk()` return the object fetched before."""
    del emulator.requests[:]
    account = emulator.connect()
    with account.session():
        first = id(Ticket.objects.get(1))
        again = Ticket.objects.get(1)
        many = Ticket.objects.in_bulk([1])

    assert id(again) == first
    assert id(many[1]) == first
    assert emulator.requests == ["GET tickets/1"]


def test_fresh_sends_a_request_inside_a_session(ticket, emulator):
    """`fresh()` and `refresh_from_db()` fetch a row again that the session holds."""
    account = emulator.connect()
    del emulator.requests[:]
    with account.session():
        ticket = Ticket.objects.get(1)
        Ticket.objects.fresh().get(1)
        ticket.refresh_from_db()

    assert len(emulator.requests) == 3


def test_a_session_ends_with_its_block(ticket, emulator):
    """The next session fetches the row again, as another object."""
    account = emulator.connect()
    with account.session() as one:
        first = Ticket.objects.get(1)
        assert account.current() is one
    with account.session() as two:
        second = Ticket.objects.get(1)

    assert one is not two
    assert first is not second
    assert first == second


def test_sessions_can_be_nested(ticket, emulator):
    """An inner session has other objects; after it, the outer session is the current one again."""
    account = emulator.connect()
    with account.session() as outer:
        mine = Ticket.objects.get(1)
        mine.subject = "mine"
        with account.session():
            assert Ticket.objects.get(1).subject == "Printer"
        assert account.current() is outer
        assert Ticket.objects.get(1) is mine


def test_a_missing_row_raises_each_time_in_a_session(emulator):
    """A session does not store that a row is missing as a row."""
    with emulator.connect().session():
        for _ in range(2):
            with pytest.raises(Ticket.DoesNotExist):
                Ticket.objects.get(1)


# -- threads and tasks -------------------------------------------------------


def test_threads_do_not_share_objects(ticket):
    """Another thread gets another object, without the unsaved edits of the first."""
    ticket.subject = "mine"

    other = _in_a_thread(lambda: Ticket.objects.get(1))

    assert other is not ticket
    assert other == ticket
    assert other.subject == "Printer"


def test_threads_share_cached_rows(demo_emulator):
    """The second thread sends no request, and its object has no edits of the first thread."""
    user = User.objects.first()
    user.name = "mine"
    user.tags.append("mine")
    del demo_emulator.requests[:]

    other = _in_a_thread(lambda: User.objects.get(user.pk))

    assert demo_emulator.requests == []
    assert (other.name, other.tags) == ("Olivia Owner", [])


def test_a_session_belongs_to_its_thread(emulator):
    """A thread that is started inside a session has another session, which is not explicit."""
    account = emulator.connect()
    with account.session() as mine:
        other = _in_a_thread(account.current)

    assert other is not mine
    assert not other.explicit


def test_tasks_do_not_share_objects(ticket, emulator):
    """Two asyncio tasks of one thread do not see each other's edits."""
    account = emulator.connect()

    async def work(name):
        mine = Ticket.objects.get(1)
        mine.subject = name
        await asyncio.sleep(0)
        again = Ticket.objects.get(1)
        return mine is again, mine.subject, account.current()

    async def gather():
        return await asyncio.gather(work("one"), work("two"))

    (one, first, session), (two, second, other) = asyncio.run(gather())

    assert one
    assert two
    assert (first, second) == ("one", "two")
    assert session is not other


@pytest.mark.slow
def test_threads_can_share_an_account():
    """Eight threads that read and save have no errors, no lost writes and no edits of others."""
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


@pytest.mark.slow
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
