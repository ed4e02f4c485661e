"""Receivers that raise while a bulk operation runs, or at its end: its result is not lost."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    Organization,
    Ticket,
    job_finished,
    job_progress,
    post_bulk,
    receiver,
    request_started,
)


class Broken(Exception):
    """Raised by receivers."""


@pytest.fixture
def breaks():
    """Return a function that connects a receiver that raises, and gives the list of its calls."""

    def connect(signal):
        calls = []

        @receiver(signal)
        def break_down(sender, **arguments):
            calls.append(arguments)
            raise Broken(f"call {len(calls)}")

        return calls

    return connect


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _logged(caplog):
    return [(each.name, str(each.exc_info[1])) for each in caplog.records]


# -- jobs --------------------------------------------------------------------


@pytest.mark.parametrize("signal", [job_progress, job_finished], ids=["progress", "finished"])
def test_a_receiver_of_jobs_that_always_raises_loses_nothing(emulator, breaks, caplog, signal):
    """All jobs are told of and waited for; the first exception is the cause, the rest is logged."""
    emulator.switches.job_seconds = 10
    calls, tickets = breaks(signal), _tickets(150)

    with pytest.raises(BulkError, match="call 1; those that were sent are done") as caught:
        Ticket.objects.bulk_create(tickets)

    assert isinstance(caught.value.__cause__, Broken)
    assert (150, 0) == (len(caught.value.result), len(caught.value.result.failed))
    assert all(ticket.pk for ticket in tickets)
    assert 2 <= len(calls)
    assert {job.id for job in caught.value.result.jobs} == {each["job"].id for each in calls}
    assert [("zendesk_orm.signals", f"call {n}") for n in range(2, len(calls) + 1)] == _logged(
        caplog
    )


def test_no_more_is_sent_after_a_receiver_raised(emulator, breaks):
    """What was sent is done, what was not is said to be."""
    emulator.switches.job_seconds = 20
    breaks(job_progress)

    with pytest.raises(BulkError, match="call 1") as caught:
        Ticket.objects.bulk_create(_tickets(400), batch_size=10)

    result = caught.value.result
    assert 300 == len(result) == Ticket.objects.fresh().count()
    assert {"NotSent"} == {each.error for each in result.failed}


def test_a_budget_that_is_spent_while_jobs_run_loses_nothing(emulator):
    """The jobs cannot be looked at: their objects are of unknown fate, and their ids are known."""
    sent = []

    @receiver(request_started)
    def limit(sender, request, **kwargs):
        sent.append(request)
        if len(sent) > 2:
            raise Broken("two requests and no more")

    with pytest.raises(BulkError, match="two requests and no more") as caught:
        Ticket.objects.bulk_create(_tickets(150))

    result = caught.value.result
    assert isinstance(caught.value.__cause__, Broken)
    assert 150 == len(result.unknown)
    assert {"Broken"} == {each.error for each in result.unknown}
    assert 2 == len(result.jobs) == len([each for each in emulator.requests if "many" in each])


# -- the end -----------------------------------------------------------------


def test_a_receiver_of_the_end_that_raises_loses_nothing(emulator, breaks):
    """`BulkError` carries the result, and comes from what was raised."""
    breaks(post_bulk)
    tickets = _tickets(3)

    with pytest.raises(BulkError, match="a receiver of post_bulk raised: call 1") as caught:
        Ticket.objects.bulk_create(tickets)

    assert isinstance(caught.value.__cause__, Broken)
    assert (3, []) == (len(caught.value.result), caught.value.result.failed)
    assert all(ticket.pk for ticket in tickets)


def test_a_result_that_was_waited_for_can_be_had_again(emulator, breaks):
    """The end is announced once."""
    calls = breaks(post_bulk)
    left = Ticket.objects.bulk_create(_tickets(3), wait=False)

    with pytest.raises(BulkError) as caught:
        left.wait()

    assert caught.value.result is left.wait()
    assert 1 == len(calls)


@pytest.mark.parametrize("raises", [True, False])
def test_failures_are_in_the_result_of_what_a_receiver_broke(emulator, breaks, raises):
    """Whether failures are raised or not."""
    breaks(post_bulk)

    with pytest.raises(BulkError, match="a receiver of post_bulk") as caught:
        Organization.objects.bulk_create(
            [Organization(name="Same"), Organization(name="Same")], raise_on_failure=raises
        )

    assert (1, 1) == (len(caught.value.result), len(caught.value.result.failed))


def test_all_hear_of_the_end(emulator, breaks, caplog):
    """The first exception is raised, the others are logged."""
    calls, more, told = breaks(post_bulk), breaks(post_bulk), []
    receiver(post_bulk)(lambda sender, **arguments: told.append(sender))

    with pytest.raises(BulkError):
        Ticket.objects.bulk_create(_tickets(1))

    assert (1, 1, [Ticket]) == (len(calls), len(more), told)
    assert [("zendesk_orm.signals", "call 1")] == _logged(caplog)


def test_what_broke_first_is_raised(emulator, breaks, caplog):
    """A receiver of the end that raises, too, is logged."""

    def objects():
        yield from _tickets(100)
        raise OSError("the disk is gone")

    breaks(post_bulk)
    with pytest.raises(BulkError, match="the disk is gone") as caught:
        Ticket.objects.bulk_create(objects())

    assert 100 == len(caught.value.result)
    assert [("zendesk_orm.signals", "call 1")] == _logged(caplog)
