"""Batches and dry runs collect the saves of all aliases of an account."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from zendesk_orm import (
    Comment,
    CustomObject,
    CustomObjectRecord,
    DryRunError,
    Ticket,
    connections,
)
from zendesk_orm.help_center import Category


def _write_requests(emulator):
    return [request for request in emulator.requests if not request.startswith("GET ")]


@pytest.fixture
def ticket(emulator):
    """Return a ticket, and clear the request that created it."""
    created = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    emulator.requests.clear()
    return created


@pytest.fixture
def aliases(emulator, brand):
    """Return the names under which the account is known: itself, a brand and another alias."""
    emulator.connect(alias="again")
    emulator.requests.clear()
    return {"account": "default", "brand": brand.alias, "alias": "again"}


def _edit(alias, pk):
    edited = Ticket.objects.using(alias).get(pk)
    edited.subject = "edited"
    edited.save()


def _call_directly(work):
    work()


def _run_in_thread(work):
    failed = []

    def run():
        try:
            work()
        except DryRunError as error:
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _run_in_pool(work):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def _run_in_task(work):
    async def run():
        work()

    async def start():
        await asyncio.create_task(run())

    asyncio.run(start())


OWN = {"here": _call_directly, "task": _run_in_task}
OTHERS = {"thread": _run_in_thread, "pool": _run_in_pool}


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OWN.values(), ids=OWN)
def test_a_dry_run_collects_saves_of_its_task(emulator, ticket, aliases, name, runner):
    """A dry run collects saves through all aliases of the account, and sends nothing."""
    with connections["default"].dry_run(quiet=True) as diff:
        runner(lambda: _edit(aliases[name], ticket.pk))

    assert len(diff) == 1
    assert _write_requests(emulator) == []


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OTHERS.values(), ids=OTHERS)
def test_a_dry_run_stops_other_threads(emulator, ticket, aliases, name, runner):
    """A save in another thread during a dry run raises an error that names the dry run."""
    with connections["default"].dry_run(quiet=True) as diff:
        with pytest.raises(DryRunError, match="a dry run of this account is open"):
            runner(lambda: _edit(aliases[name], ticket.pk))

        runner(lambda: Ticket.objects.get(ticket.pk))

    assert len(diff) == 0
    assert diff.refused == [f"PUT /api/v2/tickets/{ticket.pk}"]
    assert f"PUT /api/v2/tickets/{ticket.pk}" in str(diff)
    assert _write_requests(emulator) == []


def test_a_dry_run_allows_post_requests_that_read(emulator):
    """A POST request that only reads is sent, also in another thread."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    CustomObjectRecord.objects.create(custom_object_key="car", name="a")
    emulator.requests.clear()

    def search():
        cars = CustomObjectRecord.objects.filter(custom_object_key="car", name__in=["a", "b"])
        assert [car.name for car in cars] == ["a"]

    with connections["default"].dry_run(quiet=True):
        _run_in_thread(search)

    assert any(request.startswith("POST ") for request in emulator.requests)


def test_a_dry_run_ends(emulator, ticket):
    """Threads can save after the block, even if it raised."""
    with pytest.raises(ZeroDivisionError), connections["default"].dry_run(quiet=True):
        raise ZeroDivisionError

    _run_in_thread(lambda: _edit("default", ticket.pk))

    assert _write_requests(emulator) == [f"PUT tickets/{ticket.pk}"]


def test_a_dry_run_does_not_affect_other_accounts(two):
    """A dry run stops only the requests of its account."""
    ticket = Ticket.objects.using("emea").filter(status="open")[0]
    two.clear()
    with connections["default"].dry_run(quiet=True):
        ticket.subject = "EMEA"
        ticket.save()

    assert two.writes == [f"PUT tickets/{ticket.pk}"]


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OWN.values(), ids=OWN)
def test_a_batch_collects_saves_of_its_task(emulator, ticket, aliases, name, runner):
    """At its end, a batch sends saves through all aliases of the account."""
    with connections["default"].batch() as batch:
        runner(lambda: _edit(aliases[name], ticket.pk))
        assert _write_requests(emulator) == []

    assert len(batch.result) == 1
    assert _write_requests(emulator) == [f"PUT tickets/{ticket.pk}"]


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
def test_a_batch_that_raises_sends_nothing(emulator, ticket, aliases, name):
    """An exception in the block drops the saves through all aliases of the account."""

    def work():
        with connections["default"].batch():
            _edit(aliases[name], ticket.pk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()

    assert _write_requests(emulator) == []


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OTHERS.values(), ids=OTHERS)
def test_a_batch_belongs_to_its_thread(emulator, ticket, aliases, name, runner):
    """Saves of other threads are sent at once."""
    with connections["default"].batch() as batch:
        runner(lambda: _edit(aliases[name], ticket.pk))
        assert _write_requests(emulator) == [f"PUT tickets/{ticket.pk}"]

    assert not batch.result.outcomes


def test_a_batch_sends_changes_to_their_hosts(emulator, brand):
    """Each change is sent to the host that it was saved through."""
    before = brand.requests_sent
    with connections["default"].batch():
        created = Category.objects.using(brand.alias).create(name="x", locale="en-us")

    assert created.pk is not None
    assert brand.requests_sent == before + 1
    assert created.using == brand.alias
