"""Ctrl+C at any line of the library: no row is lost or doubled, and no lock stays held."""

from __future__ import annotations

import contextlib
import itertools
import sys

import pytest

from tests.interrupts import Interruption
from tests.queryset.stored import emulator_with_tickets, stored_rows
from tests.threads import Worker
from zendesk_orm import Comment, InvalidValue, Ticket, ZendeskError
from zendesk_orm.fork import Lock
from zendesk_orm.http.clock import RequestLock


def interrupt_each(run, check, *paths, step=1):
    """Interrupt an operation at each of its lines in turn.

    Args:
        run: returns an operation: a function without arguments.
        check: checks what an operation has left behind, after its interruption.
        paths: the modules whose lines are interrupted.
        step: interrupt each line of this number of lines.
    """
    with Interruption(None, *paths) as all_lines:
        run()()
    for number in range(1, all_lines.count + 1, step):
        operation = run()
        place = None
        try:
            with Interruption(number, *paths):
                operation()
        except KeyboardInterrupt as interrupt:
            place = f"{number}: {interrupt}"
        check(place)
    assert all_lines.count > 10


def test_a_lock_is_free_after_an_interruption(monkeypatch):
    """An interruption between any two instructions of entering and leaving releases a lock."""
    for kind in (Lock, RequestLock):
        number, is_interrupted = 0, True
        while is_interrupted:
            lock, number = kind(), number + 1
            is_interrupted = _enter_and_leave(lock, number)
            worker = Worker(lambda lock=lock: lock._lock.acquire(timeout=0))
            assert worker.get(), (kind, number)
        assert number < 100


def _enter_and_leave(lock, number):
    """Interrupt a block with a lock before an instruction outside of this module."""
    count = 0

    def begin(frame, event, arg):
        frame.f_trace_opcodes = True
        return None if frame.f_code.co_filename == __file__ else step

    def step(frame, event, arg):
        nonlocal count
        count += event == "opcode"
        if count == number:
            raise KeyboardInterrupt
        return step

    sys.settrace(begin)
    try:
        with lock:
            pass
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


#: Modules that keep the position of an iteration.
POSITIONS = ("queryset/iteration.py", "queryset/queryset.py", "session/lists/bookmarks.py")


@pytest.mark.slow
@pytest.mark.parametrize("begin", [iter, lambda tickets: tickets.iterator()])
def test_an_interrupted_iteration_loses_no_row(begin):
    """The iterator continues with the next row or raises; its token and its query are complete."""
    with emulator_with_tickets(30) as emulator:
        emulator.connect(read_ahead=0)
        expected, result, parts = [*range(30, 0, -1)], [], {}

        def run():
            result.clear()
            parts["query"] = Ticket.objects.page_size(10)
            parts["rows"] = begin(parts["query"])
            return lambda: result.extend(parts["rows"])

        def check(number):
            rows = parts["rows"]
            with contextlib.suppress(ZendeskError):
                result.extend(rows)
                assert len(result) == 30, number
            ids = [ticket.pk for ticket in result]
            assert ids == expected[: len(ids)], number
            assert [ticket.pk for ticket in parts["query"]] == expected, number
            if (token := getattr(rows, "resume_token", None)) is not None:
                ids += [ticket.pk for ticket in Ticket.objects.page_size(10).resume(token)]
                assert ids == expected, number

        interrupt_each(run, check, *POSITIONS)


@pytest.mark.slow
def test_interrupted_pages_are_complete():
    """Another call of `pages()` continues with the rows of the page that was not yielded."""
    with emulator_with_tickets(30) as emulator:
        emulator.connect(read_ahead=0)
        result, parts = [], {}

        def run():
            result.clear()
            parts["rows"] = Ticket.objects.page_size(10).iterator()
            result.append(next(parts["rows"]))
            return read

        def read():
            for page in parts["rows"].pages():
                result.extend(page)

        def check(number):
            is_ended = False
            with contextlib.suppress(ZendeskError):
                read()
                is_ended = True
            ids = [ticket.pk for ticket in result]
            assert ids == [*range(30, 0, -1)][: len(ids)], number
            assert not is_ended or len(ids) == 30, number

        interrupt_each(run, check, *POSITIONS[:1], *POSITIONS[2:])


#: Modules between a request that changes a row and the object that has the row.
WRITES = ("write/save.py", "write/lost_responses.py", "session/session.py", "session/responses.py")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::zendesk_orm.NPlusOneWarning")
def test_an_interrupted_save_is_repeated_once():
    """After Ctrl+C, another `save()` creates no second ticket, and adds no second comment."""
    with emulator_with_tickets(3) as emulator:
        account, tickets = emulator.connect(), []

        def run():
            tickets.append(Ticket(subject="New", comment=Comment(body="First")))
            return save

        def save():
            ticket = tickets[-1]
            ticket.save()
            ticket.comment = Comment(body="Second")
            ticket.save()

        def check(number):
            ticket = tickets[-1]
            ticket.save()
            assert len(stored_rows(emulator)) == 3 + len(tickets), number
            data = account.raw.get(f"/api/v2/tickets/{ticket.pk}/comments")
            comments = [comment["body"] for comment in data["comments"]]
            assert comments in (["First"], ["First", "Second"]), number
            assert ticket.changes() == {}, number

        interrupt_each(run, check, *WRITES)


@pytest.mark.slow
def test_an_interrupted_bulk_creation_doubles_no_row():
    """The same objects are created once, or creating them again is an error."""
    paths = "write/bulk/operation.py", "write/bulk/in_flight.py"
    with emulator_with_tickets(0) as emulator:
        emulator.connect(read_ahead=2)
        tickets, numbers = [], itertools.count()

        def run():
            subjects = [f"{next(numbers)}" for _ in range(4)]
            tickets[:] = [Ticket(subject=text, comment=Comment(body="?")) for text in subjects]
            return create

        def create():
            Ticket.objects.bulk_create([t for t in tickets if t.pk is None], batch_size=2)

        def check(number):
            emulator.clock.sleep(60)
            with contextlib.suppress(InvalidValue):
                create()
            subjects = [row["subject"] for row in stored_rows(emulator)]
            assert len(subjects) == len({*subjects}), number

        interrupt_each(run, check, *paths, step=3)


@pytest.mark.slow
def test_an_interrupted_block_ends():
    """After Ctrl+C in a batch or a dry run, saves are sent again."""
    with emulator_with_tickets(3) as emulator:
        account = emulator.connect()
        for open_block in (account.batch, account.dry_run):

            def run(open_block=open_block):
                def save():
                    with open_block():
                        Ticket(id=1, subject="Inside").save()

                return save

            def check(number):
                ticket = Ticket.objects.fresh().get(id=2)
                ticket.subject = f"After {number}"
                ticket.save()
                assert Ticket.objects.fresh().get(id=2).subject == f"After {number}"

            interrupt_each(run, check, "account.py", "session/sender.py", "write/batch.py")
