"""Options of bulk operations: batch size, progress, waiting, errors."""

from __future__ import annotations

import asyncio
import io
import sys

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    InvalidValue,
    JobStatus,
    Organization,
    Ticket,
    job_finished,
    job_progress,
    post_bulk,
    receiver,
)
from zendesk_orm.progress import Progress, ProgressBar


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _count_creations(emulator):
    return emulator.requests.count("POST tickets/create_many")


# -- batches -----------------------------------------------------------------


@pytest.mark.parametrize(("size", "requests"), [(10, 3), (25, 1), (100, 1), (1_000, 1), (None, 1)])
def test_batch_size_limits_the_objects_of_a_request(emulator, size, requests):
    """25 objects with `batch_size=10` are three requests."""
    result = Ticket.objects.bulk_create(_tickets(25), batch_size=size)

    assert (len(result), _count_creations(emulator), len(result.jobs)) == (25, requests, requests)


def test_a_request_has_at_most_a_hundred_objects(emulator):
    """A larger `batch_size` is limited to a hundred."""
    assert len(Ticket.objects.bulk_create(_tickets(101), batch_size=5_000)) == 101
    assert _count_creations(emulator) == 2


@pytest.mark.parametrize("size", [0, -1])
def test_batch_size_must_be_positive(emulator, size):
    """An invalid `batch_size` raises before anything is sent."""
    with pytest.raises(InvalidValue, match="batch_size"):
        Ticket.objects.bulk_create(_tickets(1), batch_size=size)
    assert emulator.requests == []


def test_bulk_update_accepts_batch_size(emulator):
    """`bulk_update(objs, fields, batch_size)` has the arguments of Django."""
    tickets = Ticket.objects.bulk_create(_tickets(5)).succeeded
    for ticket in tickets:
        ticket.priority = "low"

    Ticket.objects.bulk_update(tickets, ["priority"], 2)

    assert emulator.requests.count("PUT tickets/update_many") == 3


# -- generators --------------------------------------------------------------


def test_a_generator_is_read_request_by_request(emulator):
    """A hundred objects are read and sent before the generator is read further."""
    sent_when_asked = []

    def tickets():
        for n in range(250):
            sent_when_asked.append(_count_creations(emulator))
            yield Ticket(subject=f"T{n}", comment=Comment(body="x"))

    Ticket.objects.bulk_create(tickets())

    assert sent_when_asked == [0] * 100 + [1] * 100 + [2] * 50


def test_a_generator_of_changed_objects_is_read_request_by_request(emulator):
    """Unchanged objects among them have outcomes in their places."""
    tickets = Ticket.objects.bulk_create(_tickets(201)).succeeded
    seen = []

    def changed():
        for n, ticket in enumerate(tickets):
            seen.append(emulator.requests.count("PUT tickets/update_many"))
            if n % 2 == 0:
                ticket.priority = "low"
            yield ticket

    result = Ticket.objects.bulk_update(changed())

    assert tickets == [outcome.object for outcome in result]
    assert (len(result), emulator.requests.count("PUT tickets/update_many")) == (201, 2)
    assert seen == [0] * 199 + [1] * 2


def test_a_generator_waits_for_running_jobs(emulator):
    """The generator is not read further while 30 jobs run."""
    emulator.switches.job_seconds = 20
    ended, under_way = [], []
    receiver(job_finished)(lambda sender, job, **_: ended.append(job.id))

    def tickets():
        for n in range(350):
            under_way.append(_count_creations(emulator) - len(ended))
            yield Ticket(subject=f"T{n}", comment=Comment(body="x"))

    assert len(Ticket.objects.bulk_create(tickets(), batch_size=10)) == 350
    assert max(under_way) == 30


def test_an_error_in_the_generator_keeps_the_outcomes(emulator):
    """Objects that were sent are awaited, the others are not sent; the error is the cause."""
    reports = []

    @receiver(post_bulk)
    def hear(sender, result, **_):
        reports.append(result)

    def broken():
        yield from _tickets(130)
        raise OSError("the disk is gone")

    with pytest.raises(BulkError, match="disk") as caught:
        Ticket.objects.bulk_create(broken())

    result = caught.value.result
    assert isinstance(caught.value.__cause__, OSError)
    assert reports == [result]
    assert [outcome.state for outcome in result] == ["done"] * 100 + ["failed"] * 30
    assert {outcome.error for outcome in result.failed} == {"NotSent"}
    assert len(result.retry_failed()) == 30
    assert Ticket.objects.fresh().count() == 130


def test_an_error_before_the_first_request_is_raised_unchanged(emulator):
    """If nothing was sent, the error has no outcomes."""

    def broken():
        yield from _tickets(30)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        Ticket.objects.bulk_create(broken())
    assert emulator.requests == []


@pytest.mark.parametrize("times", [1, 3])
def test_an_error_in_the_callback_keeps_the_outcomes(emulator, times):
    """All jobs are awaited, whether the callback raises at the first request or later."""
    reports = []

    def callback(progress):
        reports.append(progress)
        if len(reports) == times:
            raise ValueError("no terminal")

    tickets = _tickets(150)
    with pytest.raises(BulkError, match="terminal") as caught:
        Ticket.objects.bulk_create(tickets, progress=callback)

    count = 100 if times == 1 else 150
    assert len(reports) == times
    assert len(caught.value.result) == count
    assert Ticket.objects.fresh().count() == count


def test_objects_have_ids_if_a_receiver_raises(emulator):
    """Objects get their ids before `post_bulk` is sent."""
    receiver(job_finished)(lambda sender, **_: 1 / 0)
    tickets = _tickets(3)

    with pytest.raises(BulkError, match="division") as caught:
        Ticket.objects.bulk_create(tickets)

    assert len(caught.value.result) == 3
    assert all(ticket.pk for ticket in tickets)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
@pytest.mark.parametrize("when", ["sending", "waiting"])
def test_an_interruption_reports_running_jobs(emulator, when):
    """Ctrl+C ends the process, but not the jobs; a note of the exception contains their ids."""
    started = []

    @receiver(job_progress)
    def hear(sender, job, **_):
        started.append(job.id)
        raise KeyboardInterrupt

    def rows():
        yield from _tickets(100)
        if when == "sending":
            started.extend(job.pk for job in JobStatus.objects.all())
            raise KeyboardInterrupt

    emulator.switches.job_seconds = 60
    with pytest.raises(KeyboardInterrupt) as caught:
        Ticket.objects.bulk_create(rows())

    (note,) = caught.value.__notes__
    assert note.endswith(f"by Job.load(): {started[0]}")


# -- progress ----------------------------------------------------------------


def test_a_callback_receives_the_progress(emulator):
    """After each request, it receives the numbers of objects, failures and jobs."""
    emulator.switches.job_seconds = 4
    reports = []
    rows = [Organization(name=f"O{n}") for n in range(150)]
    rows[3].name = "O4"

    with pytest.raises(BulkError):
        Organization.objects.bulk_create(rows, progress=reports.append)

    assert reports[:2] == [Progress(0, 0, 150, 1), Progress(0, 0, 150, 2)]
    assert reports[-1] == Progress(149, 1, 150, 0)
    done = [event.done for event in reports]
    assert sorted(done) == done
    assert any(0 < item < 149 for item in done)


def test_a_generator_has_no_total(emulator):
    """The total of a generator's progress is None."""
    reports = []

    Ticket.objects.bulk_create(iter(_tickets(3)), progress=reports.append)

    assert {event.total for event in reports} == {None}
    assert reports[-1].done == 3


def test_a_query_has_a_total(emulator):
    """`update()` and `delete()` read all rows first, so that the total is known."""
    Ticket.objects.bulk_create(_tickets(3))
    reports = []

    Ticket.objects.fresh().update(priority="low", progress=reports.append)
    Ticket.objects.fresh().delete(progress=reports.append)

    assert [event.done for event in reports if not event.jobs and event.total == 3] == [3, 3]


def test_progress_can_be_a_bar(emulator, capsys):
    """`progress=True` draws to standard error on a terminal, and ends the line."""
    Ticket.objects.bulk_create(_tickets(3), progress=True)

    reports = capsys.readouterr()
    assert reports.out == ""
    assert "100% 3 of 3" in reports.err
    assert reports.err.endswith("\n")


def test_a_bar_without_a_total_shows_counts():
    """The bar contains the number of failures."""
    at = io.StringIO()

    ProgressBar(at)(Progress(1_200, 7, None, 3))
    ProgressBar(at, width=10)(Progress(5, 0, 10, 1))

    counted, drawn = [part.removesuffix("\x1b[K") for part in at.getvalue().split("\r")[1:]]
    assert counted == "1,200, 7 failed, 3 jobs running"
    assert drawn == "[#####-----]  50% 5 of 10, 1 jobs running"


# -- without waiting ---------------------------------------------------------


def test_wait_false_returns_pending_outcomes(emulator):
    """`wait=False` returns when all requests are sent; the result has the ids of the jobs."""
    tickets = _tickets(150)

    result = Ticket.objects.bulk_create(tickets, wait=False)

    assert (len(result.jobs), {job.status for job in result.jobs}) == (2, {"queued"})
    assert emulator.requests == ["POST tickets/create_many"] * 2
    assert (len(result.pending), len(result), result.failed) == (150, 0, [])
    assert {ticket.pk for ticket in tickets} == {None}


def test_a_pending_result_can_be_awaited(emulator):
    """`wait()` returns the final result, and sends `post_bulk` once."""
    reports = []
    receiver(post_bulk)(lambda sender, **arguments: reports.append(arguments["result"]))
    tickets = _tickets(150)
    left = Ticket.objects.bulk_create(tickets, wait=False)
    assert reports == []

    result = left.wait()

    assert (len(result), result.pending) == (150, [])
    assert all(ticket.pk for ticket in tickets)
    assert reports == [result]
    assert result is left.wait() is result.wait()


def test_wait_false_respects_the_limit_of_jobs(emulator):
    """The 31st job is sent when another one has ended; none is rejected."""
    emulator.switches.job_seconds = 60

    left = Ticket.objects.bulk_create(_tickets(301), batch_size=10, wait=False)

    assert _count_creations(emulator) == 31
    assert 30 >= sum(not job.ended for job in left.jobs)
    assert len(left.wait()) == 301


def test_wait_raises_failures(emulator):
    """`wait()` raises as the call would have without `wait=False`."""
    left = Organization.objects.bulk_create(
        [Organization(name="Same"), Organization(name="Same")], wait=False
    )

    with pytest.raises(BulkError) as caught:
        left.wait()

    assert sorted(outcome.state for outcome in caught.value.result) == ["done", "failed"]


def test_a_retry_is_awaited(emulator):
    """`retry_failed()` waits for its jobs, also after `wait=False`."""
    rows = [Organization(name="Same"), Organization(name="Same")]
    left = Organization.objects.bulk_create(rows, wait=False, raise_on_failure=False)
    result = left.wait()
    rows[1].name = "Other"

    again = result.retry_failed()

    assert (len(again), again.pending) == (1, [])


@pytest.mark.parametrize(
    "write",
    [
        lambda: Ticket.objects.fresh().update(priority="low", wait=False),
        lambda: Ticket.objects.fresh().delete(wait=False),
        lambda: Ticket.objects.bulk_update(
            [_with_priority(ticket) for ticket in Ticket.objects.fresh()], wait=False
        ),
    ],
    ids=["update", "delete", "bulk_update"],
)
def test_every_bulk_operation_accepts_wait_false(emulator, write):
    """Updates and deletions accept it, too."""
    Ticket.objects.bulk_create(_tickets(3))

    left = write()

    assert len(left.pending) == 3
    assert len(left.wait()) == 3


def _with_priority(ticket):
    ticket.priority = "high"
    return ticket


# -- without raising ---------------------------------------------------------


def test_raise_on_failure_false_returns_the_result(emulator):
    """The returned result is the one that the error would contain."""
    rows = [Organization(name="Same"), Organization(name="Same")]

    result = Organization.objects.bulk_create(rows, raise_on_failure=False)

    assert (len(result), len(result.failed)) == (1, 1)
    rows[1].name = "Other"
    assert len(result.retry_failed()) == 1


# -- asyncio -----------------------------------------------------------------


def test_async_methods_accept_the_same_options(emulator):
    """`abulk_create()`, `abulk_update()`, `aupdate()` and `adelete()` accept these options."""
    reports = []

    async def main():
        tickets = _tickets(3)
        left = await Ticket.objects.abulk_create(tickets, 2, progress=reports.append, wait=False)
        created = await asyncio.to_thread(left.wait)
        tickets[0].priority = "low"
        changed = await Ticket.objects.abulk_update(tickets, ["priority"], 1, wait=True)
        alike = await Ticket.objects.fresh().aupdate(priority="high", raise_on_failure=False)
        gone = await Ticket.objects.fresh().adelete(progress=reports.append)
        return created, changed, alike, gone

    assert [len(item) for item in asyncio.run(main())] == [3, 3, 3, 3]
    assert reports
