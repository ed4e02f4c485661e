"""What a batch and a dry run collect, whoever saves."""

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


def _writes(emulator):
    return [each for each in emulator.requests if not each.startswith("GET ")]


@pytest.fixture
def ticket(emulator):
    """Return a ticket, and forget the request that made it."""
    made = Ticket.objects.create(subject="x", comment=Comment(body="x"))
    emulator.requests.clear()
    return made


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


def _here(work):
    work()


def _thread(work):
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


def _pool(work):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def _task(work):
    async def run():
        work()

    async def start():
        await asyncio.create_task(run())

    asyncio.run(start())


OWN = {"here": _here, "task": _task}
OTHERS = {"thread": _thread, "pool": _pool}


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OWN.values(), ids=OWN)
def test_a_dry_run_collects_what_its_task_saves(emulator, ticket, aliases, name, runner):
    """A dry run of the account holds back saves through all its names; nothing is sent."""
    with connections["default"].dry_run(quiet=True) as diff:
        runner(lambda: _edit(aliases[name], ticket.pk))

    assert len(diff) == 1
    assert _writes(emulator) == []


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OTHERS.values(), ids=OTHERS)
def test_a_dry_run_stops_other_threads(emulator, ticket, aliases, name, runner):
    """What other threads save during a dry run raises, and is named by the dry run."""
    with connections["default"].dry_run(quiet=True) as diff:
        with pytest.raises(DryRunError, match="a dry run of this account is open"):
            runner(lambda: _edit(aliases[name], ticket.pk))

        runner(lambda: Ticket.objects.get(ticket.pk))

    assert len(diff) == 0
    assert diff.refused == [f"PUT /api/v2/tickets/{ticket.pk}"]
    assert f"PUT /api/v2/tickets/{ticket.pk}" in str(diff)
    assert _writes(emulator) == []


def test_a_search_with_a_body_is_reading(emulator):
    """A dry run lets a POST pass that only reads, also in another thread."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    CustomObjectRecord.objects.create(custom_object_key="car", name="a")
    emulator.requests.clear()

    def search():
        cars = CustomObjectRecord.objects.filter(custom_object_key="car", name__in=["a", "b"])
        assert [each.name for each in cars] == ["a"]

    with connections["default"].dry_run(quiet=True):
        _thread(search)

    assert any(each.startswith("POST ") for each in emulator.requests)


def test_a_dry_run_ends(emulator, ticket):
    """Threads can save again when the block has ended, also by an exception."""
    with pytest.raises(ZeroDivisionError), connections["default"].dry_run(quiet=True):
        raise ZeroDivisionError

    _thread(lambda: _edit("default", ticket.pk))

    assert _writes(emulator) == [f"PUT tickets/{ticket.pk}"]


def test_a_dry_run_leaves_other_accounts_alone(two):
    """A dry run stops the requests of its own account only."""
    ticket = Ticket.objects.using("emea").filter(status="open")[0]
    two.clear()
    with connections["default"].dry_run(quiet=True):
        ticket.subject = "EMEA"
        ticket.save()

    assert two.writes == [f"PUT tickets/{ticket.pk}"]


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OWN.values(), ids=OWN)
def test_a_batch_collects_what_its_task_saves(emulator, ticket, aliases, name, runner):
    """A batch sends saves through all names of the account at its end."""
    with connections["default"].batch() as batch:
        runner(lambda: _edit(aliases[name], ticket.pk))
        assert _writes(emulator) == []

    assert len(batch.result) == 1
    assert _writes(emulator) == [f"PUT tickets/{ticket.pk}"]


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
def test_a_batch_that_raises_sends_nothing(emulator, ticket, aliases, name):
    """An exception in the block drops what was saved through any name of the account."""

    def work():
        with connections["default"].batch():
            _edit(aliases[name], ticket.pk)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()

    assert _writes(emulator) == []


@pytest.mark.parametrize("name", ["account", "brand", "alias"])
@pytest.mark.parametrize("runner", OTHERS.values(), ids=OTHERS)
def test_a_batch_belongs_to_its_thread(emulator, ticket, aliases, name, runner):
    """What other threads save is sent at once, and is no part of the batch."""
    with connections["default"].batch() as batch:
        runner(lambda: _edit(aliases[name], ticket.pk))
        assert _writes(emulator) == [f"PUT tickets/{ticket.pk}"]

    assert not batch.result.outcomes


def test_a_batch_sends_what_a_brand_saved_to_the_brand(emulator, brand):
    """Each change of a batch goes to the host that it was saved through."""
    before = brand.requests_sent
    with connections["default"].batch():
        made = Category.objects.using(brand.alias).create(name="x", locale="en-us")

    assert made.pk is not None
    assert brand.requests_sent == before + 1
    assert made.using == brand.alias
