"""Receivers that raise during or after a bulk operation: its result is preserved."""

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
def connect_broken():
    """Return a function that connects a receiver that raises, and returns the list of its calls."""

    def connect(signal):
        calls = []

        @receiver(signal)
        def raise_broken(sender, **arguments):
            calls.append(arguments)
            raise Broken(f"call {len(calls)}")

        return calls

    return connect


def _build_tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _read_log(caplog):
    return [(record.name, str(record.exc_info[1])) for record in caplog.records]


# Jobs


@pytest.mark.parametrize("signal", [job_progress, job_finished], ids=["progress", "finished"])
def test_all_jobs_are_polled_if_a_receiver_raises(emulator, connect_broken, caplog, signal):
    """All jobs are polled to the end; the first exception is the cause, others are logged."""
    emulator.switches.job_seconds = 10
    calls, tickets = connect_broken(signal), _build_tickets(150)

    with pytest.raises(BulkError, match="call 1; see") as caught:
        Ticket.objects.bulk_create(tickets)

    assert isinstance(caught.value.__cause__, Broken)
    assert (len(caught.value.result), len(caught.value.result.failed)) == (150, 0)
    assert all(ticket.pk for ticket in tickets)
    assert len(calls) >= 2
    assert {call["job"].id for call in calls} == {job.id for job in caught.value.result.jobs}
    assert _read_log(caplog) == [
        ("zendesk_orm.signals", f"call {n}") for n in range(2, len(calls) + 1)
    ]


def test_nothing_more_is_sent_after_a_receiver_raised(emulator, connect_broken):
    """After a receiver raised, jobs that were sent are polled to the end, and no more are sent."""
    emulator.switches.job_seconds = 20
    connect_broken(job_progress)

    with pytest.raises(BulkError, match="call 1") as caught:
        Ticket.objects.bulk_create(_build_tickets(400), batch_size=10)

    result = caught.value.result
    assert len(result) == Ticket.objects.fresh().count() == 300
    assert {outcome.error for outcome in result.failed} == {"NotSent"}


def test_jobs_that_cannot_be_polled_are_unknown(emulator):
    """If polling is no longer possible, outcomes are unknown and the jobs are in the result."""
    sent = []

    @receiver(request_started)
    def limit_requests(sender, request, **kwargs):
        sent.append(request)
        if len(sent) > 2:
            raise Broken("two requests and no more")

    with pytest.raises(BulkError, match="two requests and no more") as caught:
        Ticket.objects.bulk_create(_build_tickets(150))

    result = caught.value.result
    assert isinstance(caught.value.__cause__, Broken)
    assert len(result.unknown) == 150
    assert {outcome.error for outcome in result.unknown} == {"Broken"}
    assert len(result.jobs) == len([line for line in emulator.requests if "many" in line]) == 2


# The end of an operation


def test_an_exception_in_post_bulk_keeps_the_result(emulator, connect_broken):
    """If a receiver of `post_bulk` raises, `BulkError` has the result and the cause."""
    connect_broken(post_bulk)
    tickets = _build_tickets(3)

    with pytest.raises(BulkError, match="a receiver of post_bulk raised") as caught:
        Ticket.objects.bulk_create(tickets)

    assert isinstance(caught.value.__cause__, Broken)
    assert (len(caught.value.result), caught.value.result.failed) == (3, [])
    assert all(ticket.pk for ticket in tickets)


def test_wait_sends_post_bulk_once(emulator, connect_broken):
    """A second `wait()` returns the result without sending `post_bulk` again."""
    calls = connect_broken(post_bulk)
    pending = Ticket.objects.bulk_create(_build_tickets(3), wait=False)

    with pytest.raises(BulkError) as caught:
        pending.wait()

    assert caught.value.result is pending.wait()
    assert len(calls) == 1


@pytest.mark.parametrize("raises", [True, False])
def test_an_exception_in_post_bulk_keeps_the_failures(emulator, connect_broken, raises):
    """If a receiver of `post_bulk` raises, the result contains the failures."""
    connect_broken(post_bulk)

    with pytest.raises(BulkError, match="a receiver of post_bulk") as caught:
        Organization.objects.bulk_create(
            [Organization(name="Same"), Organization(name="Same")], raise_on_failure=raises
        )

    assert (len(caught.value.result), len(caught.value.result.failed)) == (1, 1)


def test_post_bulk_is_sent_to_all_receivers(emulator, connect_broken, caplog):
    """All receivers of `post_bulk` are called; exceptions after the first are logged."""
    calls, other_calls, senders = connect_broken(post_bulk), connect_broken(post_bulk), []
    receiver(post_bulk)(lambda sender, **arguments: senders.append(sender))

    with pytest.raises(BulkError):
        Ticket.objects.bulk_create(_build_tickets(1))

    assert (len(calls), len(other_calls), senders) == (1, 1, [Ticket])
    assert _read_log(caplog) == [("zendesk_orm.signals", "call 1")]


def test_an_earlier_exception_is_raised(emulator, connect_broken, caplog):
    """If the operation itself failed, an exception of a receiver is only logged."""

    def objects():
        yield from _build_tickets(100)
        raise OSError("the disk is gone")

    connect_broken(post_bulk)
    with pytest.raises(BulkError, match="the disk is gone") as caught:
        Ticket.objects.bulk_create(objects())

    assert len(caught.value.result) == 100
    assert _read_log(caplog) == [("zendesk_orm.signals", "call 1")]
