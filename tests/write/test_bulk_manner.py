"""How a bulk operation is run: in smaller requests, watched, left alone, without raising."""

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
from zendesk_orm.write.progress import Bar, Progress


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _created(emulator):
    return emulator.requests.count("POST tickets/create_many")


# -- batches -----------------------------------------------------------------


@pytest.mark.parametrize(("size", "requests"), [(10, 3), (25, 1), (100, 1), (1_000, 1), (None, 1)])
def test_batch_size_narrows_requests(emulator, size, requests):
    """25 objects by the ten are three requests; more than a hundred is a hundred."""
    result = Ticket.objects.bulk_create(_tickets(25), batch_size=size)

    assert (25, requests, requests) == (len(result), _created(emulator), len(result.jobs))


def test_no_request_carries_more_than_a_hundred(emulator):
    """Whatever batch_size says."""
    assert 101 == len(Ticket.objects.bulk_create(_tickets(101), batch_size=5_000))
    assert 2 == _created(emulator)


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_has_at_least_one_object(emulator, size):
    """Nothing is sent otherwise."""
    with pytest.raises(InvalidValue, match="batch_size"):
        Ticket.objects.bulk_create(_tickets(1), batch_size=size)
    assert [] == emulator.requests


def test_updates_have_batches_too(emulator):
    """`bulk_update(objs, fields, batch_size)`, as in Django."""
    tickets = Ticket.objects.bulk_create(_tickets(5)).succeeded
    for ticket in tickets:
        ticket.priority = "low"

    Ticket.objects.bulk_update(tickets, ["priority"], 2)

    assert 3 == emulator.requests.count("PUT tickets/update_many")


# -- streams -----------------------------------------------------------------


def test_objects_are_sent_as_they_come(emulator):
    """A generator is asked for a hundred, which are sent, before it is asked for more."""
    sent_when_asked = []

    def tickets():
        for n in range(250):
            sent_when_asked.append(_created(emulator))
            yield Ticket(subject=f"T{n}", comment=Comment(body="x"))

    Ticket.objects.bulk_create(tickets())

    assert [0] * 100 + [1] * 100 + [2] * 50 == sent_when_asked


def test_changed_objects_are_sent_as_they_come(emulator):
    """Of a generator of objects to update, too; unchanged ones have outcomes in their places."""
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
    assert (201, 2) == (len(result), emulator.requests.count("PUT tickets/update_many"))
    assert [0] * 199 + [1] * 2 == seen


def test_no_more_is_read_than_jobs_may_run(emulator):
    """A generator waits for room: 30 jobs at most are under way while it is asked."""
    emulator.switches.job_seconds = 20
    ended, under_way = [], []
    receiver(job_finished)(lambda sender, job, **_: ended.append(job.id))

    def tickets():
        for n in range(350):
            under_way.append(_created(emulator) - len(ended))
            yield Ticket(subject=f"T{n}", comment=Comment(body="x"))

    assert 350 == len(Ticket.objects.bulk_create(tickets(), batch_size=10))
    assert 30 == max(under_way)


def test_objects_that_stop_coming_lose_nothing(emulator):
    """What was sent is waited for, what was not is said to be; the cause is kept."""
    told = []

    @receiver(post_bulk)
    def hear(sender, result, **_):
        told.append(result)

    def broken():
        yield from _tickets(130)
        raise OSError("the disk is gone")

    with pytest.raises(BulkError, match="stopped after 130 objects: the disk is gone") as caught:
        Ticket.objects.bulk_create(broken())

    result = caught.value.result
    assert isinstance(caught.value.__cause__, OSError)
    assert [result] == told
    assert ["done"] * 100 + ["failed"] * 30 == [each.state for each in result]
    assert {"NotSent"} == {each.error for each in result.failed}
    assert 30 == len(result.retry_failed())
    assert 130 == Ticket.objects.fresh().count()


def test_what_breaks_before_anything_is_sent_is_raised_as_it_is(emulator):
    """Nothing was done, so that there is nothing to tell."""

    def broken():
        yield from _tickets(30)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        Ticket.objects.bulk_create(broken())
    assert [] == emulator.requests


@pytest.mark.parametrize("times", [1, 3])
def test_a_callback_that_fails_loses_nothing(emulator, times):
    """Whether at the first request or while waiting: all that was sent is waited for."""
    told = []

    def callback(progress):
        told.append(progress)
        if len(told) == times:
            raise ValueError("no terminal")

    tickets = _tickets(150)
    with pytest.raises(BulkError, match="no terminal") as caught:
        Ticket.objects.bulk_create(tickets, progress=callback)

    assert times == len(told)
    assert (100 if times == 1 else 150) == len(caught.value.result)
    assert len(caught.value.result) == Ticket.objects.fresh().count()


def test_a_receiver_that_fails_loses_nothing(emulator):
    """Objects have their ids when it is called."""
    receiver(job_finished)(lambda sender, **_: 1 / 0)
    tickets = _tickets(3)

    with pytest.raises(BulkError, match="division") as caught:
        Ticket.objects.bulk_create(tickets)

    assert 3 == len(caught.value.result)
    assert all(ticket.pk for ticket in tickets)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions take no notes")
@pytest.mark.parametrize("when", ["sending", "waiting"])
def test_an_interruption_names_the_jobs_that_go_on(emulator, when):
    """Ctrl+C ends the process, not the jobs; their ids are said with it."""
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
    assert note.endswith(f"with Job.load(): {started[0]}")


# -- progress ----------------------------------------------------------------


def test_a_callback_is_told_how_far_it_is(emulator):
    """After each request: what is done and failed, of how many, in how many jobs."""
    emulator.switches.job_seconds = 4
    told = []
    rows = [Organization(name=f"O{n}") for n in range(150)]
    rows[3].name = "O4"

    with pytest.raises(BulkError):
        Organization.objects.bulk_create(rows, progress=told.append)

    assert [Progress(0, 0, 150, 1), Progress(0, 0, 150, 2)] == told[:2]
    assert Progress(149, 1, 150, 0) == told[-1]
    done = [each.done for each in told]
    assert sorted(done) == done
    assert any(0 < each < 149 for each in done)


def test_a_generator_has_no_total(emulator):
    """How many there will be is not known."""
    told = []

    Ticket.objects.bulk_create(iter(_tickets(3)), progress=told.append)

    assert {None} == {each.total for each in told}
    assert 3 == told[-1].done


def test_what_a_query_finds_has_a_total(emulator):
    """`update()` and `delete()` read the rows first."""
    Ticket.objects.bulk_create(_tickets(3))
    told = []

    Ticket.objects.fresh().update(priority="low", progress=told.append)
    Ticket.objects.fresh().delete(progress=told.append)

    assert [3, 3] == [each.done for each in told if not each.jobs and each.total == 3]


def test_a_bar_shows_how_far_it_is(emulator, capsys):
    """`progress=True` draws at the terminal's standard error, and ends the line at the end."""
    Ticket.objects.bulk_create(_tickets(3), progress=True)

    told = capsys.readouterr()
    assert "" == told.out
    assert "100% 3 of 3" in told.err
    assert told.err.endswith("\n")


def test_a_bar_without_a_total_counts():
    """And says how many failed."""
    at = io.StringIO()

    Bar(at)(Progress(1_200, 7, None, 3))
    Bar(at, width=10)(Progress(5, 0, 10, 1))

    counted, drawn = [each.removesuffix("\x1b[K") for each in at.getvalue().split("\r")[1:]]
    assert "1,200, 7 failed, 3 jobs running" == counted
    assert "[#####-----]  50% 5 of 10, 1 jobs running" == drawn


# -- not waited for ----------------------------------------------------------


def test_jobs_can_be_left_alone(emulator):
    """`wait=False` returns once all is sent: outcomes are pending, the jobs have their ids."""
    tickets = _tickets(150)

    result = Ticket.objects.bulk_create(tickets, wait=False)

    assert (2, {"queued"}) == (len(result.jobs), {job.status for job in result.jobs})
    assert ["POST tickets/create_many"] * 2 == emulator.requests
    assert (150, 0, []) == (len(result.pending), len(result), result.failed)
    assert {None} == {ticket.pk for ticket in tickets}


def test_what_was_left_alone_can_be_waited_for(emulator):
    """`.wait()` gives the result of all, once, and announces it then."""
    told = []
    receiver(post_bulk)(lambda sender, **arguments: told.append(arguments["result"]))
    tickets = _tickets(150)
    left = Ticket.objects.bulk_create(tickets, wait=False)
    assert [] == told

    result = left.wait()

    assert (150, []) == (len(result), result.pending)
    assert all(ticket.pk for ticket in tickets)
    assert [result] == told
    assert result is left.wait() is result.wait()


def test_jobs_that_are_left_alone_wait_for_each_other(emulator):
    """The 31st is sent when there is room; none is refused."""
    emulator.switches.job_seconds = 60

    left = Ticket.objects.bulk_create(_tickets(301), batch_size=10, wait=False)

    assert 31 == _created(emulator)
    assert 30 >= sum(not job.ended for job in left.jobs)
    assert 301 == len(left.wait())


def test_waiting_raises_what_failed(emulator):
    """As it would have been without `wait=False`."""
    left = Organization.objects.bulk_create(
        [Organization(name="Same"), Organization(name="Same")], wait=False
    )

    with pytest.raises(BulkError, match="1 of 2"):
        left.wait()


def test_a_second_attempt_is_waited_for(emulator):
    """What failed is sent again, and its outcomes are told at once."""
    rows = [Organization(name="Same"), Organization(name="Same")]
    left = Organization.objects.bulk_create(rows, wait=False, raise_on_failure=False)
    result = left.wait()
    rows[1].name = "Other"

    again = result.retry_failed()

    assert (1, []) == (len(again), again.pending)


@pytest.mark.parametrize(
    "write",
    [
        lambda: Ticket.objects.fresh().update(priority="low", wait=False),
        lambda: Ticket.objects.fresh().delete(wait=False),
        lambda: Ticket.objects.bulk_update(
            [_edited(each) for each in Ticket.objects.fresh()], wait=False
        ),
    ],
    ids=["update", "delete", "bulk_update"],
)
def test_every_bulk_operation_can_be_left_alone(emulator, write):
    """Updates and deletes, too."""
    Ticket.objects.bulk_create(_tickets(3))

    left = write()

    assert 3 == len(left.pending)
    assert 3 == len(left.wait())


def _edited(ticket):
    ticket.priority = "high"
    return ticket


# -- failures that are not raised --------------------------------------------


def test_failures_need_not_be_raised(emulator):
    """`raise_on_failure=False` returns the result that the error would carry."""
    rows = [Organization(name="Same"), Organization(name="Same")]

    result = Organization.objects.bulk_create(rows, raise_on_failure=False)

    assert (1, 1) == (len(result), len(result.failed))
    rows[1].name = "Other"
    assert 1 == len(result.retry_failed())


# -- asyncio -----------------------------------------------------------------


def test_the_twins_take_the_same(emulator):
    """`abulk_create`, `abulk_update`, `aupdate` and `adelete` are run so, too."""
    told = []

    async def main():
        tickets = _tickets(3)
        left = await Ticket.objects.abulk_create(tickets, 2, progress=told.append, wait=False)
        made = await asyncio.to_thread(left.wait)
        tickets[0].priority = "low"
        changed = await Ticket.objects.abulk_update(tickets, ["priority"], 1, wait=True)
        alike = await Ticket.objects.fresh().aupdate(priority="high", raise_on_failure=False)
        gone = await Ticket.objects.fresh().adelete(progress=told.append)
        return made, changed, alike, gone

    assert [3, 3, 3, 3] == [len(each) for each in asyncio.run(main())]
    assert told
