"""Cancelling an awaited operation: nothing is sent after the request that is under way."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
import tempfile
import threading
from functools import partial
from inspect import isclass, iscoroutinefunction

import pytest

import zendesk_orm
from tests.meta.code import models
from tests.queryset.stored import emulator_with_tickets
from tests.threads import Gate, Worker
from zendesk_orm import (
    ClientCredentials,
    Comment,
    Count,
    FileTokenStore,
    Group,
    MemoryCheckpointStore,
    RetryPolicy,
    Ticket,
    TicketField,
    Upload,
    User,
    ZendeskError,
    awatch,
    connect,
    connections,
    job_progress,
    request_finished,
    request_started,
)
from zendesk_orm.http.clock import (
    Cancellation,
    Clock,
    OperationCancelled,
    VirtualClock,
    check_cancelled,
    pause,
)
from zendesk_orm.session.threads import MAX_THREADS


@pytest.fixture
def emulator():
    """Return an emulator with 250 tickets, connected as the default account."""
    with emulator_with_tickets(250) as emulator:
        emulator.connect(read_ahead=1)
        yield emulator


def _tickets(number=250):
    return [Ticket(subject=f"New {i}", comment=Comment(body="b")) for i in range(number)]


async def _read_all(rows):
    return [row.pk async for row in rows]


async def _edited(*numbers):
    rows = [await Ticket.objects.aget(number) for number in numbers]
    for row in rows:
        row.subject = "Edited"
    return rows


#: For each method that can be awaited, a call that makes requests.
CALLS = {
    "__aiter__": lambda: _read_all(Ticket.objects.order_by("id").page_size(20)),
    "aiterator": lambda: _read_all(Ticket.objects.all().aiterator(chunk_size=50)),
    "aget": lambda: Ticket.objects.aget(3),
    "afirst": lambda: Ticket.objects.filter(status="new").select_related("requester").afirst(),
    "alast": lambda: Ticket.objects.filter(status="new").alast(),
    "alatest": lambda: Ticket.objects.alatest("created_at"),
    "aearliest": lambda: Ticket.objects.aearliest("created_at"),
    "acount": lambda: Ticket.objects.filter(status="new").acount(),
    "aexists": lambda: Ticket.objects.filter(status="new").aexists(),
    "acontains": lambda: Ticket.objects.filter(status="new").acontains(Ticket(id=1)),
    "aexplain": lambda: Ticket.objects.filter(status="new").aexplain(),
    "aaggregate": lambda: Ticket.objects.filter(status="new").aaggregate(Count("id")),
    "aexport": lambda: Ticket.objects.aexport(io.BytesIO(), format="csv"),
    "ato_arrow": lambda: Ticket.objects.ato_arrow(),
    "ato_arrow_batches": lambda: _read_batches(Ticket.objects.ato_arrow_batches()),
    "ato_pandas": lambda: Ticket.objects.ato_pandas(),
    "ato_polars": lambda: Ticket.objects.ato_polars(),
    "ain_bulk": lambda: Ticket.objects.ain_bulk(list(range(1, 251))),
    "acreate": lambda: Ticket.objects.acreate(subject="One", comment=Comment(body="b")),
    "aget_or_create": lambda: User.objects.aget_or_create(
        email="new@example.com", defaults={"name": "New"}
    ),
    "aupdate_or_create": lambda: User.objects.aupdate_or_create(
        email="new@example.com", defaults={"name": "New"}
    ),
    "abulk_create": lambda: Ticket.objects.abulk_create(_tickets()),
    "abulk_update": lambda: _bulk_update(),
    "aupdate": lambda: Ticket.objects.filter(status="new").aupdate(priority="high"),
    "adelete": lambda: Ticket.objects.filter(status="new").adelete(),
    "asave": lambda: _save(),
    "Model.adelete": lambda: Ticket(id=3).adelete(),
    "arefresh_from_db": lambda: _refresh(),
    "Groups.__aiter__": lambda: _read_groups(),
    "Groups.acount": lambda: _group().acount(),
    "Groups.aexists": lambda: _group().aexists(),
    "Groups.afirst": lambda: _group().afirst(),
    "Groups.alast": lambda: _group().alast(),
    "aupload": lambda: Upload.objects.aupload(b"x", "a.txt"),
    "aupload_all": lambda: Upload.objects.aupload_all([("a.txt", b"x"), ("b.txt", b"y")]),
    "adownload": lambda: _download(),
    "aread": lambda: _read_file(),
    # It ends when it is cancelled.
    "awatch": lambda: awatch(Ticket, User, checkpoints=MemoryCheckpointStore()),
}


def _group():
    return Ticket.objects.scan().values("status").annotate(number=Count("id"))


async def _read_groups():
    return [group async for group in _group()]


async def _attach():
    upload = await Upload.objects.aupload(b"x" * 200_000, "a.bin")
    comment = Comment(body="b", uploads=[upload.token])
    ticket = await Ticket.objects.acreate(subject="One", comment=comment)
    return (await ticket.comments.all().afirst()).attachments[0]


async def _read_file():
    assert len(await (await _attach()).aread()) == 200_000


async def _download():
    attachment = await _attach()
    with tempfile.TemporaryDirectory() as folder:
        try:
            await attachment.adownload(f"{folder}/a.bin")
        finally:
            files = [(entry.name, entry.stat().st_size) for entry in os.scandir(folder)]
            assert files in ([], [("a.bin", 200_000)])


async def _read_batches(batches):
    return [batch.num_rows async for batch in batches]


async def _bulk_update():
    tickets = [ticket async for ticket in Ticket.objects.filter(status="new")]
    for ticket in tickets:
        ticket.priority = "high"
    await Ticket.objects.abulk_update(tickets)


async def _save():
    ticket, *_ = await _edited(3)
    await ticket.asave()


async def _refresh():
    ticket = await Ticket.objects.aget(3)
    await ticket.arefresh_from_db()


def test_each_awaitable_method_has_a_call():
    """A new method that can be awaited is missing in the table until it is added."""
    models()
    modules = [module for name, module in sys.modules.items() if name.startswith("zendesk_orm.")]
    methods = [
        name
        for owner in {
            value for module in modules for value in vars(module).values() if isclass(value)
        }
        for name, method in vars(owner).items()
        if name.startswith("a") and hasattr(owner, name[1:]) and iscoroutinefunction(method)
    ]
    functions = [
        name for name in dir(zendesk_orm) if iscoroutinefunction(getattr(zendesk_orm, name))
    ]
    assert {*methods, *functions} - {"aclose"} == {*CALLS} - {"__aiter__", "aiterator"} - {
        name for name in CALLS if "." in name or name.startswith("ato_arrow_b")
    }


def _cancel_at(call, number):
    """Cancel a call during its request of a number; return how many requests were made.

    Returns:
        The number of requests, and whether the call was cancelled.
    """
    sent = []

    async def main():
        loop, task, ready = asyncio.get_running_loop(), None, threading.Event()

        def cancel():
            task.cancel()
            # The thread may go on once the task has had its turn.
            loop.call_soon(loop.call_soon, ready.set)

        def count(sender, request, **kwargs):
            sent.append(f"{request.method} {request.path}")
            if len(sent) == number:
                loop.call_soon_threadsafe(cancel)
                ready.wait(10)

        with request_started.connected_to(count):
            task = asyncio.ensure_future(call())
            with contextlib.suppress(ZendeskError):
                await task

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        return sent, True
    return sent, False


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_sent_after_the_request_under_way(emulator, name):
    """Cancelled during any of its requests, a call completes this one and sends no other.

    Other threads and event loops can use the account.
    """
    number = 1
    while True:
        with emulator_with_tickets(120) as fresh:
            fresh.connect()
            sent, cancelled = _cancel_at(CALLS[name], number)
            if len(sent) < number:
                break
            assert (len(sent), cancelled) == (number, True), sent
            assert Worker(lambda: asyncio.run(Group.objects.acount())).get()
            assert Worker(Group.objects.fresh().count).get()
        number += 1
        if number > 8:
            break
    # Explaining makes no request.
    assert number > 1 or name == "aexplain"


def test_pages_read_ahead_stop_as_well(emulator):
    """With pages fetched ahead, the two requests that can be under way are completed."""
    sent, cancelled = _cancel_at(CALLS["__aiter__"], 3)
    assert cancelled
    assert len(sent) in (3, 4), sent


def test_a_cancelled_query_is_read_again_from_its_beginning(emulator):
    """A QuerySet whose reading was cancelled returns all rows when it is read again."""
    rows = Ticket.objects.order_by("id").page_size(20)
    _, cancelled = _cancel_at(lambda: _read_all(rows), 3)
    assert cancelled
    assert len(asyncio.run(_read_all(rows))) == 250


def test_an_interrupted_query_is_read_again_from_its_beginning(emulator):
    """The same after Ctrl+C between two pages."""
    rows, pages = Ticket.objects.order_by("id").page_size(20), []

    def interrupt(sender, **kwargs):
        pages.append(1)
        if len(pages) == 3:
            raise KeyboardInterrupt

    with request_started.connected_to(interrupt), pytest.raises(KeyboardInterrupt):
        list(rows)
    assert len(list(rows)) == 250


def test_a_job_under_way_is_named(emulator):
    """The notes of the cancellation name the jobs that continue at Zendesk."""

    async def main():
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(Ticket.objects.abulk_create(_tickets(300)))
        done = []

        def cancel(sender, job, **kwargs):
            if not done:
                done.append(job.id)
                loop.call_soon_threadsafe(task.cancel)
                threading.Event().wait(0.05)

        with job_progress.connected_to(cancel):
            await task

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(main())
    notes = getattr(caught.value, "__notes__", None)
    assert notes is None or any("Job.load" in text for text in notes)


class Recording(Clock):
    """A real clock that reports when a wait begins."""

    def __init__(self):
        self.waiting = threading.Event()
        self.cut_short = []

    def wait(self, event, seconds):
        self.waiting.set()
        super().wait(event, seconds)
        self.cut_short.append(event.is_set())


def _connect(emulator, clock, **options):
    """Connect an account that waits by a clock, for as long as Zendesk asks to."""
    connect(
        subdomain="acme",
        session=emulator.session(),
        clock=clock,
        retry=RetryPolicy(attempts=3, longest=7200),
        **options,
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_ends_at_once(status):
    """A `Retry-After` of an hour does not outlive the task that waits for it."""
    clock = Recording()
    with emulator_with_tickets(5) as emulator:
        _connect(emulator, clock)
        emulator.fail_next(status, headers={"Retry-After": "3600"})

        async def main():
            task = asyncio.ensure_future(Ticket.objects.aget(3))
            await asyncio.to_thread(clock.waiting.wait, 30)
            task.cancel()
            await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(main())
    assert clock.cut_short == [True]


#: Functions that return a call, of which two tasks need the same response.
SHARED = {
    "query": lambda: partial(_read_all, Ticket.objects.page_size(2)),
    "new object": lambda: Ticket(subject="One", comment=Comment(body="b")).asave,
    "custom fields": lambda: Ticket.objects.filter(custom_fields__Size="S").acount,
    "row": lambda: lambda: Ticket.objects.aget(3),
}


@pytest.mark.parametrize("path", ["/api/v2/", "~/oauth/tokens"], ids=["response", "token"])
@pytest.mark.parametrize("name", SHARED)
def test_a_task_that_waits_for_another_can_be_cancelled(name, path):
    """If two tasks need the same response or token, and the first one waits for Zendesk, the
    second one can be cancelled at once, and the first one as well. A third one gets the response.
    """
    clock = Recording()
    with emulator_with_tickets(5) as emulator:
        emulator.connect()
        TicketField.objects.create(title="Size", type="text")
        client = emulator.oauth_client
        _connect(emulator, clock, oauth=ClientCredentials(client.identifier, client.secret))
        emulator.fail_next(503, path=path, headers={"Retry-After": "20"})
        call = SHARED[name]()

        async def main():
            first = asyncio.ensure_future(call())
            await asyncio.to_thread(clock.waiting.wait, 30)
            second = asyncio.ensure_future(call())
            await asyncio.sleep(0.1)
            second.cancel()
            await asyncio.wait([second], timeout=10)
            states = [first.done(), second.cancelled()]
            first.cancel()
            await asyncio.wait([first, second])
            return [*states, first.cancelled(), await call()]

        *states, result = asyncio.run(main())

    assert states == [False, True, True]
    assert result != []


def test_a_task_that_waits_for_another_process_can_be_cancelled(tmp_path):
    """A task that waits for the lock of a token store ends at once, and the next one has it."""
    with emulator_with_tickets(5) as emulator:
        client = emulator.oauth_client
        stores = [FileTokenStore(tmp_path / "tokens.json") for _ in range(2)]
        grant = ClientCredentials(client.identifier, client.secret, store=stores[0])
        connect(subdomain="acme", session=emulator.session(), clock=emulator.clock, oauth=grant)

        async def main():
            with stores[1].lock("any"):
                task = asyncio.ensure_future(Ticket.objects.aget(3))
                await asyncio.sleep(0.2)
                task.cancel()
                await asyncio.wait([task], timeout=20)
                states = task.cancelled(), len(emulator.requests)
            return *states, (await Ticket.objects.aget(3)).pk

        assert asyncio.run(main()) == (True, 0, 3)


def test_tasks_that_wait_for_a_thread_send_nothing():
    """All tasks are cancelled while some of them send a request, and the others need a thread."""
    begun = []
    with emulator_with_tickets(5) as emulator:
        _connect(emulator, Clock())
        gate = Gate(connections["default"], lambda request: begun.append(request) is None)
        before = len(emulator.requests)

        async def main():
            tasks = [asyncio.ensure_future(CALLS["acreate"]()) for _ in range(2 * MAX_THREADS)]
            while len(begun) < MAX_THREADS:  # noqa: ASYNC110 - other threads send the requests
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            gate.opened.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

        results = asyncio.run(main())

        assert {type(result) for result in results} == {asyncio.CancelledError}
        assert (len(begun), len(emulator.requests)) == (MAX_THREADS, before)


def test_the_default_executor_is_left_to_others(emulator):
    """Tasks that wait for Zendesk occupy no thread of the loop's default executor."""
    names = []

    async def main():
        def note(sender, **kwargs):
            names.append(threading.current_thread().name)

        with request_started.connected_to(note):
            await Ticket.objects.aget(3)

    asyncio.run(main())
    assert names
    assert all(name.startswith("zendesk_orm-async") for name in names)


def test_the_session_of_a_cancelled_task_can_be_used(emulator):
    """After a timeout, the next call of the same task works and sees what was completed."""

    async def main():
        ticket = await Ticket.objects.aget(3)
        ticket.subject = "After the timeout"
        loop, task, done = asyncio.get_running_loop(), None, threading.Event()

        def cancel(sender, request, **kwargs):
            if request.method == "PUT" and not done.is_set():
                done.set()
                loop.call_soon_threadsafe(task.cancel)

        with request_started.connected_to(cancel):
            task = asyncio.ensure_future(ticket.asave())
            with contextlib.suppress(asyncio.CancelledError):
                await task
        return (await Ticket.objects.fresh().aget(3)).subject

    assert asyncio.run(main()) == "After the timeout"


def test_a_part_is_cancelled_with_its_operation():
    """Cancelling reaches parts that were added before and after it, and not the reverse."""
    parent, part, late = Cancellation(), Cancellation(), Cancellation()
    parent.add(part)
    part.cancel()
    assert not parent.is_cancelled
    second = Cancellation()
    parent.add(second)
    parent.cancel()
    parent.add(late)
    assert second.is_cancelled
    assert late.is_cancelled


def test_a_task_cancelled_between_two_calls_sends_nothing_more(emulator):
    """A task that is cancelled while it does something else stops at its next call."""

    async def main():
        await Ticket.objects.aget(3)
        asyncio.current_task().cancel()
        await Ticket.objects.aget(4)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert connections["default"].requests_sent == 1


def test_pages_are_read_ahead_for_tasks(emulator):
    """A query that is read to its end by a task is not taken for a cancelled one."""
    for _ in range(5):
        assert len(asyncio.run(_read_all(Ticket.objects.order_by("id").page_size(20)))) == 250


def test_waiting_without_an_operation_sleeps():
    """Code that no task awaits waits by the clock alone, and is not stopped."""
    clock = VirtualClock(0.0)
    pause(clock, 5)
    check_cancelled()
    assert clock.now() == 5


def test_a_cancelled_operation_does_not_wait():
    """A wait of a cancelled operation raises, and virtual time does not pass."""
    clock, operation = VirtualClock(0.0), Cancellation()
    operation.cancel()
    with operation.active(), pytest.raises(OperationCancelled):
        pause(clock, 5)
    assert clock.now() == 0


def test_requests_are_finished_before_the_task_ends(emulator):
    """When `CancelledError` arrives, the request that was under way has ended."""
    events = []

    async def main():
        loop, task = asyncio.get_running_loop(), None

        def started(sender, **kwargs):
            events.append("started")
            loop.call_soon_threadsafe(task.cancel)

        def finished(sender, **kwargs):
            events.append("finished")

        with request_started.connected_to(started), request_finished.connected_to(finished):
            task = asyncio.ensure_future(Ticket.objects.aget(3))
            try:
                await task
            except asyncio.CancelledError:
                events.append("cancelled")

    asyncio.run(main())
    assert events == ["started", "finished", "cancelled"]
    assert connections["default"].requests_sent == 1
