"""The requests of a bulk operation are sent at the same time."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from tests.threads import Gate, Worker, wait_for_requests, wait_until
from zendesk_orm import (
    BulkError,
    Ticket,
    User,
    connections,
    post_bulk,
    receiver,
    request_finished,
    request_started,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.faults import Fault


MANY = "POST /api/v2/tickets/create_many"


@pytest.fixture
def emulator():
    """Return an emulator whose account sends four requests at the same time."""
    emulator = Emulator()
    emulator.connect(read_ahead=4)
    return emulator


def make_tickets(number, **values):
    """Return unsaved tickets."""
    return [Ticket(subject=f"T{n}", comment={"body": "x"}, **values) for n in range(number)]


def count_creations(emulator):
    """Return the number of requests that created tickets."""
    return sum(f"{entry.method} {entry.path}".startswith(MANY) for entry in emulator.log)


def test_four_requests_are_sent_at_the_same_time(emulator):
    """Four threads meet in the receiver of `request_started`."""
    barrier = threading.Barrier(4, timeout=30)

    @receiver(request_started)
    def meet(sender, request, **kwargs):
        if request.path.endswith("create_many"):
            barrier.wait()

    tickets = make_tickets(8)
    result = Ticket.objects.bulk_create(tickets, batch_size=1)

    assert [outcome.object for outcome in result] == tickets
    assert len(result) == len({ticket.pk for ticket in tickets}) == 8


def test_outcomes_belong_to_their_objects(emulator):
    """Each object gets the id of its own row, and failures are those of their objects."""
    taken = User.objects.create(name="A", email="taken@example.com")
    users = [User(name=f"U{n}", email=f"u{n}@example.com") for n in range(20)]
    users[3].email = users[17].email = taken.email
    with pytest.raises(BulkError) as caught:
        User.objects.bulk_create(users, batch_size=2)
    failed = [outcome.object for outcome in caught.value.result.failed]
    stored = {row.pk: row.email for row in User.objects.fresh().filter(role="end-user")}

    assert failed == [users[3], users[17]]
    assert all(stored[user.pk] == user.email for user in users if user not in failed)


def test_the_fault_of_a_request_concerns_its_objects(emulator):
    """A request that fails for good makes its objects fail, and all others are sent."""
    emulator.faults.add(Fault(MANY, status=422, skip=2, times=1))
    seen = []

    @receiver(post_bulk)
    def note(sender, result, **kwargs):
        seen.append(result)

    result = Ticket.objects.bulk_create(make_tickets(12), batch_size=2, raise_on_failure=False)

    assert (len(result), len(result.failed), len(seen)) == (10, 2, 1)
    assert Ticket.objects.count() == 10
    assert len(result.retry_failed()) == 2


def test_requests_wait_while_too_many_jobs_run(emulator):
    """Requests that are rejected because of too many jobs are sent again; nothing is lost."""
    body = {"error": "TooManyJobs", "description": "jobs are currently queued or running"}
    emulator.faults.add(Fault(MANY, status=429, body=body, times=3, skip=1))
    result = Ticket.objects.bulk_create(make_tickets(10), batch_size=1)

    assert len(result) == Ticket.objects.count() == 10


def test_an_iterable_that_fails_leaves_no_request_without_outcome(emulator):
    """The objects of all requests that were sent have their outcomes, the others are not sent."""

    def produce():
        yield from make_tickets(6)
        raise KeyError("x")

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create(produce(), batch_size=1)

    assert isinstance(caught.value.__cause__, KeyError)
    assert len(caught.value.result) == Ticket.objects.count() == 6


def test_a_generator_is_read_ahead_by_the_requests_in_flight(emulator):
    """At most four requests have been sent when the first response is still missing."""
    produced = []

    def produce():
        for ticket in make_tickets(40):
            produced.append(ticket)
            yield ticket

    account = connections["default"]
    gate = Gate(account, lambda request: request.method == "POST")
    worker = Worker(lambda: Ticket.objects.bulk_create(produce(), batch_size=1))
    assert gate.reached.wait(30)
    wait_until(lambda: len(produced) == 4)
    gate.opened.set()

    assert len(worker.get()) == 40


def test_requests_that_change_the_same_row_follow_each_other(emulator):
    """Objects of one row in several requests are sent one after the other."""
    account = connections["default"]
    pk = Ticket.objects.create(subject="A", comment={"body": "x"}).pk
    copies = []
    for number in range(6):
        with account.session():
            copies.append(Ticket.objects.get(id=pk))
            copies[-1].subject = f"new {number}"
    sending, most = [], []

    @receiver(request_started)
    def begin(sender, request, **kwargs):
        if request.method == "PUT":
            sending.append(1)
            most.append(len(sending))

    @receiver(request_finished)
    def end(sender, request, **kwargs):
        if request.method == "PUT":
            sending.pop()

    Ticket.objects.bulk_update(copies, batch_size=1)

    assert most == [1] * 6


def test_without_read_ahead_the_thread_of_the_caller_sends(emulator):
    """An account without `read_ahead` sends all requests in the thread of the caller."""
    emulator.connect(read_ahead=0)
    threads = set()

    @receiver(request_started)
    def note(sender, **kwargs):
        threads.add(threading.get_ident())

    Ticket.objects.bulk_create(make_tickets(8), batch_size=1)

    assert threads == {threading.get_ident()}


def test_few_remaining_requests_are_sent_one_by_one(emulator):
    """Near the rate limit, no request is sent before the response of another one."""
    emulator = Emulator(requests_per_minute=8)
    emulator.connect(read_ahead=4)
    result = Ticket.objects.bulk_create(make_tickets(30), batch_size=1)

    assert len(result) == 30
    assert all(entry.status != 429 for entry in emulator.log)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 does not support notes")
def test_interrupted_requests_name_their_jobs(emulator):
    """Ctrl+C while objects are produced: the error names the jobs that were started."""

    def produce():
        yield from make_tickets(3)
        wait_until(lambda: count_creations(emulator) == 3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        Ticket.objects.bulk_create(produce(), batch_size=1)
    notes = "".join(getattr(caught.value, "__notes__", ()))

    assert notes.count("V3-") == 3


def test_nothing_is_sent_after_a_cancellation(emulator):
    """A cancelled task waits for the requests that are being sent, and sends no other one."""
    gate = Gate(connections["default"], lambda request: request.method == "POST")

    async def cancel():
        task = asyncio.create_task(Ticket.objects.abulk_create(make_tickets(40), batch_size=1))
        await asyncio.to_thread(gate.reached.wait, 30)
        task.cancel()
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return count_creations(emulator)

    sent = asyncio.run(cancel())
    wait_for_requests()

    assert sent == count_creations(emulator) <= 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_a_forked_child_does_not_send_requests_again(emulator):
    """If an iterable forks, the child reports that requests of the parent are unknown."""
    account = connections["default"]
    gate = Gate(account, lambda request: request.method == "POST")
    children = []

    def produce():
        yield from make_tickets(2)
        children.append(os.fork())
        if children == [0]:
            return
        gate.opened.set()

    try:
        result = Ticket.objects.bulk_create(produce(), batch_size=1, raise_on_failure=False)
    finally:
        if children == [0]:
            os._exit(len(result.unknown) if gate else 1)
    _, status = os.waitpid(children[0], 0)

    assert (len(result), os.waitstatus_to_exitcode(status)) == (2, 2)
