"""An asynchronous iteration that was cancelled loses no row when it is continued."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.threads import Gate
from zendesk_orm import Ticket, ZendeskError, request_finished, request_started
from zendesk_orm.http.clock import Cancellation, OperationCancelled, is_of_earlier_call


ROWS = Ticket.objects.filter(status__in=["new", "open"]).page_size(20)

#: Iterations, and the ids of the rows that each of their steps returns.
ITERATIONS = {
    "async for": (lambda: aiter(ROWS.all()), lambda row: [row.pk]),
    "aiterator": (lambda: ROWS.aiterator(), lambda row: [row.pk]),
    "values": (lambda: ROWS.values("id").aiterator(), lambda row: [row["id"]]),
    "related": (lambda: ROWS.prefetch_related("comments").aiterator(), lambda row: [row.pk]),
    "pages": (lambda: ROWS.aiterator().pages(), lambda page: [row.pk for row in page]),
    "batches": (lambda: ROWS.ato_arrow_batches(), lambda batch: batch.column("id").to_pylist()),
}


async def _read(iterator, find_ids, signal, number):
    """Continue an iteration, of which a step is cancelled during the request of a number.

    Returns:
        The ids of its rows, the error that has ended it, and whether a step was cancelled.
    """
    loop, step, sent = asyncio.get_running_loop(), None, []

    def cancel(ready):
        step.cancel()
        # The thread may go on once the task has had its turn.
        loop.call_soon(loop.call_soon, ready.set)

    def count(sender, **kwargs):
        sent.append(1)
        if len(sent) == number:
            ready = threading.Event()
            loop.call_soon_threadsafe(cancel, ready)
            ready.wait(10)

    ids, is_cancelled = [], False
    with signal.connected_to(count):
        while True:
            step = asyncio.ensure_future(anext(iterator))
            try:
                ids += find_ids(await step)
            except asyncio.CancelledError:
                is_cancelled = True
            except StopAsyncIteration:
                return ids, None, is_cancelled
            except ZendeskError as error:
                return ids, error, is_cancelled


@pytest.mark.slow
@pytest.mark.parametrize("name", ITERATIONS)
def test_a_continued_iteration_is_complete_or_raises(name):
    """After a cancelled step, an iteration returns each row once, or raises instead of ending."""
    begin, find_ids = ITERATIONS[name]
    with emulator_with_tickets(100) as emulator:
        for read_ahead in (0, 2):
            emulator.connect(read_ahead=read_ahead)
            expected = [ticket.pk for ticket in ROWS.all()]
            for signal in (request_started, request_finished):
                for number in (1, 2, 3):
                    read = _read(begin(), find_ids, signal, number)
                    ids, error, is_cancelled = asyncio.run(read)
                    case = (read_ahead, signal.name, number)
                    assert is_cancelled, case
                    assert ids == expected[: len(ids)], case
                    assert len(ids) == len(expected) or "a cancellation" in str(error), case


@pytest.mark.slow
def test_a_cancelled_iteration_can_be_resumed():
    """The token of an iteration whose step was cancelled leads to the rows that are left."""
    with emulator_with_tickets(100) as emulator:
        emulator.connect(read_ahead=2)
        expected = [ticket.pk for ticket in ROWS.all()]
        for number in (1, 2, 3, 4):

            async def read(number=number):
                rows = ROWS.aiterator()
                begun, _, _ = await _read(rows, lambda row: [row.pk], request_finished, number)
                remaining = ROWS.resume(rows.resume_token)
                return begun, [row.pk async for row in remaining.aiterator()]

            begun, remaining = asyncio.run(read())
            assert begun + remaining == expected, number


def test_a_query_that_a_cancelled_task_has_begun_can_be_read():
    """Other code reads it from its beginning, although its pages were read ahead by the task."""
    with emulator_with_tickets(100) as emulator:
        emulator.connect(read_ahead=2)
        expected = [ticket.pk for ticket in ROWS.all()]
        rows = ROWS.all()

        async def begin():
            asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)
            async for _ in rows:
                await asyncio.sleep(0)

        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(begin())
        assert [ticket.pk for ticket in rows] == expected


def test_a_cancellation_belongs_to_its_operation():
    """An exception of a cancelled operation is that of an earlier call for any other one."""
    running, cancelled = Cancellation(), Cancellation()
    cancelled.cancel()
    assert is_of_earlier_call(OperationCancelled())
    with running.active():
        assert is_of_earlier_call(OperationCancelled())
        assert not is_of_earlier_call(KeyboardInterrupt())
    with cancelled.active():
        assert not is_of_earlier_call(OperationCancelled())


@pytest.mark.slow
@pytest.mark.parametrize("name", ITERATIONS)
def test_an_iteration_goes_on_after_two_cancellations(name):
    """A step that was cancelled twice is not waited for: the next step is complete or raises, and a
    closed iteration has ended."""
    begin, find_ids = ITERATIONS[name]
    for closes in (False, True):
        with emulator_with_tickets(60) as emulator:
            account = emulator.connect(read_ahead=0)
            expected = [ticket.pk for ticket in ROWS.all()]
            sent = []
            gate = Gate(account, lambda request, sent=sent: sent.append(1) or len(sent) == 2)

            async def read(closes=closes, gate=gate):
                iterator, ids = begin(), []

                async def read_on():
                    async for row in iterator:
                        ids.extend(find_ids(row))

                first = asyncio.ensure_future(read_on())
                await asyncio.to_thread(gate.reached.wait, 30)
                for _ in range(2):
                    first.cancel()
                    await asyncio.sleep(0.05)
                assert first.done()
                if closes and hasattr(iterator, "aclose"):
                    await iterator.aclose()
                second = asyncio.ensure_future(read_on())
                asyncio.get_running_loop().call_later(0.05, gate.opened.set)
                (error,) = await asyncio.gather(second, return_exceptions=True)
                return ids, error

            ids, error = asyncio.run(read())
            assert error is None or "a cancellation" in str(error)
            assert ids == expected[: len(ids)]
            assert closes or error is not None or ids == expected
