"""Threads that need the same row at the same time share one request."""

from __future__ import annotations

import itertools
import linecache
import os
import signal
import sys
import threading
from typing import Any

import pytest

from tests.threads import Gate, Worker, join, open_when_waiting
from zendesk_orm import (
    NotFound,
    PermissionDenied,
    RateLimited,
    RequestBudgetExceeded,
    ServerError,
    Ticket,
    User,
    connections,
    request_started,
)
from zendesk_orm.http.clock import Cancellation, OperationCancelled
from zendesk_orm.session import single_flight
from zendesk_orm.session.single_flight import SingleFlight


THREADS = 8
#: A ticket that can be changed.
OPEN = 2991


@pytest.fixture
def user(demo):
    """Return the id of a user of the demonstration whose row is not cached."""
    pk = User.objects.all()[:1][0].pk
    demo.cache.clear()
    return pk


def run_together(account: Any, function: Any, holds: Any = lambda request: True) -> list[Worker]:
    """Run a function in eight threads, the first of which sends its request last."""
    gate = Gate(account, holds)
    workers = [Worker(function) for _ in range(THREADS)]
    with open_when_waiting(gate, workers):
        pass
    return workers


def test_a_row_that_threads_get_is_requested_once(demo, user, count_requests):
    """Eight threads that get the same user make one request, and each has an object."""
    with count_requests(demo, 1):
        users = [worker.get() for worker in run_together(demo, lambda: User.objects.get(user))]

    assert {record.pk for record in users} == {user}
    assert len({id(record) for record in users}) == THREADS
    assert len({id(record._row) for record in users}) == 1


def test_edits_of_a_shared_row_stay_in_their_thread(demo):
    """The threads share a row, and never their unsaved edits."""
    tickets = [worker.get() for worker in run_together(demo, lambda: Ticket.objects.get(1))]
    subject = tickets[0].subject
    tickets[0].subject = "Edited"
    tickets[0].tags.append("edited")

    assert {ticket.subject for ticket in tickets[1:]} == {subject}
    assert not any("edited" in ticket.tags for ticket in tickets[1:])


def test_several_rows_are_requested_once(demo, count_requests):
    """Eight threads that read the same ids make one request."""
    ids = range(1, 51)
    with count_requests(demo, 1):
        workers = run_together(demo, lambda: [t.pk for t in Ticket.objects.filter(id__in=ids)])

    assert [worker.get() for worker in workers] == [list(ids)] * THREADS


def test_a_relation_is_requested_once(demo, count_requests):
    """Eight threads that follow the same relation of their objects make one request."""
    tickets = [Worker(lambda: Ticket.objects.get(1)).get() for _ in range(THREADS)]
    demo.cache.clear()
    waiting = iter(tickets)
    with count_requests(demo, 1):
        names = {w.get() for w in run_together(demo, lambda: next(waiting).requester.name)}

    assert len(names) == 1


def test_a_partial_row_is_loaded_once(demo, user, count_requests):
    """Eight threads that read a field of a partial row share a request."""
    with count_requests(demo, 1):
        workers = run_together(demo, lambda: demo.current().refer(User, user).name)

    assert len({worker.get() for worker in workers}) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda: Ticket.objects.fresh().get(1),
        lambda: Ticket(id=1).refresh_from_db(),
        lambda: list(Ticket.objects.fresh().filter(id__in=[1, 2])),
    ],
    ids=["get", "refresh_from_db", "filter"],
)
def test_fresh_rows_are_read_after_the_call(demo, count_requests, read):
    """A caller of fresh rows never uses a request that began before its call."""
    gate = Gate(demo)
    workers = [Worker(read) for _ in range(3)]
    with count_requests(demo, 3), open_when_waiting(gate, workers, waiting=0):
        pass
    [worker.get() for worker in workers]


def test_a_request_that_began_before_a_write_is_not_shared(demo_emulator):
    """After a save, through any alias, a thread reads the row while another one still reads it."""
    account, other = connections["default"], demo_emulator.connect(alias="other")
    gate = Gate(account, lambda request: not gate.reached.is_set())
    early = Worker(lambda: Ticket.objects.get(OPEN).subject)
    assert gate.reached.wait(30)
    Ticket(id=OPEN, subject="New").save(using=other.alias, safe=False)
    late = Worker(lambda: Ticket.objects.get(OPEN).subject)

    assert late.get() == "New"
    gate.opened.set()
    assert early.get()


def test_users_never_share_a_request(demo, user):
    """A block of `acting_as()` sends its own request for the same row."""
    acting = demo.for_user("someone@example.com")

    assert acting.flights is not demo.flights
    assert demo.for_user("someone@example.com").flights is acting.flights


def test_an_error_reaches_all_threads(demo, count_requests):
    """All threads raise the error of the shared request, each its own copy."""
    with count_requests(demo, 1):
        workers = run_together(demo, lambda: Ticket.objects.get(999_999))
    errors = [worker.error for worker in workers]

    assert [type(error) for error in errors] == [Ticket.DoesNotExist] * THREADS
    assert len({id(error) for error in errors}) == THREADS


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_error_of_zendesk_reaches_all_threads(demo, status):
    """An error response is raised in each thread, with the same details."""
    sent = []

    def fail(request):
        sent.append(request)
        gate.reached.set()
        assert gate.opened.wait(30)
        raise failures[status]("GET", request.path, status, description="No")

    failures = {403: PermissionDenied, 404: NotFound, 500: ServerError}
    gate = Gate(demo)
    demo.transport.send = fail
    workers = [Worker(lambda: list(Ticket.objects.filter(id__in=[1, 2]))) for _ in range(THREADS)]
    with open_when_waiting(gate, workers):
        pass
    for worker in workers:
        with pytest.raises(failures[status], match="No"):
            worker.get()

    assert len(sent) == 1


def test_a_rate_limit_concerns_only_its_caller(demo):
    """A thread whose own waiting ends with `RateLimited` hands the request over to another one."""
    send, failed = demo.transport.send, []

    def limit_first(request):
        gate.reached.set()
        assert gate.opened.wait(30)
        if not failed:
            failed.append(request)
            raise RateLimited("GET", request.path, 429)
        return send(request)

    gate = Gate(demo)
    demo.transport.send = limit_first
    workers = [Worker(lambda: Ticket.objects.get(1).pk) for _ in range(THREADS)]
    with open_when_waiting(gate, workers):
        pass
    results = [worker.error or worker.result for worker in workers]

    assert sum(isinstance(result, RateLimited) for result in results) == 1
    assert results.count(1) == THREADS - 1


def test_a_cancelled_thread_hands_over(demo, count_requests):
    """If the operation that sends the request is cancelled, another thread sends it."""
    send, operation = demo.transport.send, Cancellation()

    def cancel_first(request):
        gate.reached.set()
        assert gate.opened.wait(30)
        if not operation.is_cancelled:
            operation.cancel()
            raise OperationCancelled
        return send(request)

    def read():
        with operation.active():
            return Ticket.objects.get(1)

    gate = Gate(demo)
    demo.transport.send = cancel_first
    first = Worker(read)
    assert gate.reached.wait(30)
    others = [Worker(lambda: Ticket.objects.get(1).pk) for _ in range(3)]
    with count_requests(demo, 1), open_when_waiting(gate, [first, *others]):
        pass
    join([first, *others])

    assert isinstance(first.error, OperationCancelled)
    assert [worker.get() for worker in others] == [1, 1, 1]


def test_a_waiting_thread_can_be_cancelled(demo):
    """A thread that waits for the request of another one stops when it is cancelled."""
    operation = Cancellation()

    def read():
        with operation.active():
            return Ticket.objects.get(1)

    gate = Gate(demo)
    first = Worker(lambda: Ticket.objects.get(1).pk)
    assert gate.reached.wait(30)
    second = Worker(read)
    with open_when_waiting(gate, [first, second]):
        operation.cancel()
        join([second])

    assert isinstance(second.error, OperationCancelled)
    assert first.get() == 1


def test_a_shared_request_counts_in_each_budget(demo, count_requests):
    """`max_requests()` allows the same whether or not another thread sends the request."""
    with count_requests(demo, 1):
        workers = run_together(
            demo, lambda: list(Ticket.objects.max_requests(1).filter(id__in=[1, 2]))
        )
        [worker.get() for worker in workers]
    budget = Ticket.objects.filter(id__in=range(1, 151)).max_requests(1)
    with pytest.raises(RequestBudgetExceeded):
        list(budget)


def test_a_receiver_may_get_the_row_that_is_being_requested(demo):
    """A receiver of the request's signal that gets the same row does not wait for itself."""
    results = []

    def get_again(sender, **kwargs):
        if not results:
            results.append(None)
            results.append(Ticket.objects.get(1).pk)

    request_started.connect(get_again)

    assert Ticket.objects.get(1).pk == 1
    assert results == [None, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_does_not_wait_for_its_parent(demo):
    """A child that was forked during a request sends the request itself."""
    gate = Gate(demo)
    worker = Worker(lambda: Ticket.objects.get(1).pk)
    assert gate.reached.wait(30)
    pid = os.fork()
    if not pid:  # pragma: no cover - coverage is not measured in the child
        signal.alarm(20)
        gate.opened.set()
        os._exit(0 if Ticket.objects.get(1).pk == 1 else 1)
    status = os.waitpid(pid, 0)[1]
    gate.opened.set()

    assert status == 0
    assert worker.get() == 1


def test_an_interruption_at_any_line_before_the_request_leaves_it_to_others():
    """Ctrl+C between two steps of sharing a request does not make others wait for ever."""
    lines = 0
    for number in itertools.count():
        flights, sent = SingleFlight(lambda: 1), []
        tracer = _Interruption(number)
        sys.settrace(tracer)
        try:
            flights.share("key", lambda tracer=tracer: tracer.stop() or "page", list)
        except KeyboardInterrupt:
            lines += 1
        finally:
            sys.settrace(None)
        if not tracer.was_raised:
            break
        other = threading.Thread(
            target=flights.share,
            args=("key", lambda sent=sent: sent.append(1) or "page", list),
            daemon=True,
        )
        other.start()
        other.join(10)
        assert sent == [1], f"line {tracer.line} of single_flight.py"

    assert lines > 10


class _Interruption:
    """A tracing function that raises `KeyboardInterrupt` at a line of the module."""

    def __init__(self, remaining):
        self.remaining, self.was_raised, self.line = remaining, False, 0

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename != single_flight.__file__ or self.remaining < 0:
            return None
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        # Tracing visits a `with` again at its end, where the lock would be kept.
        if event == "line" and not text.startswith("with "):
            self.remaining -= 1
            if self.remaining < 0:
                self.was_raised, self.line = True, frame.f_lineno
                raise KeyboardInterrupt
        return self

    def stop(self):
        """Raise no more."""
        self.remaining = -1
