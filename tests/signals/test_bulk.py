"""Signals of bulk operations: `post_bulk`, `job_progress` and `job_finished`."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    Job,
    Organization,
    Ticket,
    job_finished,
    job_progress,
    post_bulk,
    post_delete,
    post_save,
    pre_delete,
    pre_save,
    receiver,
)


def _build_tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _create_changed_tickets(number):
    tickets = _build_tickets(number)
    Ticket.objects.bulk_create(tickets)
    for ticket in tickets:
        ticket.priority = "low"
    return tickets


# The end of an operation


@pytest.mark.parametrize(
    ("action", "write"),
    [
        ("create", lambda: Ticket.objects.bulk_create(_build_tickets(150))),
        ("update", lambda: Ticket.objects.fresh().update(priority="low")),
        ("delete", lambda: Ticket.objects.fresh().delete()),
    ],
)
def test_post_bulk_is_sent_once(emulator, listen, action, write):
    """`post_bulk` is sent once with action and result, however many jobs there are."""
    Ticket.objects.bulk_create(_build_tickets(101))
    events = listen(post_bulk)

    result = write()

    assert events == [{"sender": Ticket, "action": action, "result": result, "using": "default"}]
    assert events[0]["result"] is result
    assert len(result) > 100


def test_post_bulk_is_sent_after_objects_are_updated(emulator):
    """When `post_bulk` is sent, the objects have their ids and no unsaved edits."""
    events = []

    @receiver(post_bulk)
    def record(sender, result, **arguments):
        events.extend((record.pk is not None, record.changes()) for record in result.succeeded)

    Ticket.objects.bulk_create(_build_tickets(3))

    assert events == [(True, {})] * 3


def test_post_bulk_is_sent_before_the_error(emulator, listen):
    """The result of `post_bulk` contains the failures, and the error is raised afterwards."""
    events = listen(post_bulk)

    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create([Organization(name="Same"), Organization(name="Same")])

    assert [(event["sender"], event["result"]) for event in events] == [
        (Organization, caught.value.result)
    ]
    assert (len(events[0]["result"]), len(events[0]["result"].failed)) == (1, 1)


def test_bulk_operations_send_no_signals_of_single_objects(emulator, listen):
    """As in Django, bulk operations send no `pre_save` or `post_save` for each object."""
    events = listen([pre_save, post_save, pre_delete, post_delete])

    Ticket.objects.bulk_update(_create_changed_tickets(3))
    Ticket.objects.fresh().delete()

    assert events == []


@pytest.mark.parametrize(
    "write",
    [
        lambda: Ticket.objects.bulk_create([]),
        lambda: Ticket.objects.bulk_update(list(Ticket.objects.fresh())),
        lambda: Ticket.objects.filter(id=4711, subject="x").update(priority="low"),
    ],
)
def test_an_operation_without_requests_sends_no_signal(ticket, listen, write):
    """Operations without objects or changes send no signal, in particular no `post_bulk`."""
    events = listen([post_bulk, job_progress, job_finished])

    write()

    assert events == []


def test_post_bulk_of_a_rejected_operation_contains_failures(emulator, listen):
    """If Zendesk rejects the request, `post_bulk` has a failed outcome for every object."""
    tickets = _create_changed_tickets(3)
    events = listen(post_bulk)
    emulator.fail_next(403, path="/api/v2/tickets/update_many")

    with pytest.raises(BulkError):
        Ticket.objects.bulk_update(tickets)

    assert [(len(event["result"]), len(event["result"].failed)) for event in events] == [(0, 3)]


# Jobs


def test_job_progress_is_sent_for_each_poll(emulator, listen):
    """`job_progress` is sent for each job with every poll, until the job has ended."""
    emulator.switches.job_seconds = 10
    events = listen(job_progress)

    result = Ticket.objects.bulk_create(_build_tickets(150))

    polls = [request for request in emulator.requests if "job_statuses" in request]
    assert set().union(*events) == {"sender", "job", "using"}
    assert {(event["sender"], event["using"]) for event in events} == {(Job, "default")}
    assert {event["job"].id for event in events} == {job.id for job in result.jobs}
    assert not any(event["job"].ended for event in events)
    assert len(polls) <= len(events) < 2 * len(polls)


def test_job_finished_is_sent_after_objects_are_updated(emulator, listen):
    """`job_finished` is sent once per job, after its objects have their ids."""
    emulator.switches.job_seconds = 10
    events, tickets = [], _build_tickets(150)

    @receiver(job_finished)
    def record(sender, job, using, **kwargs):
        events.append((sender, job, using, sum(ticket.pk is not None for ticket in tickets)))

    result = Ticket.objects.bulk_create(tickets)

    assert sorted(job.id for _, job, _, _ in events) == sorted(job.id for job in result.jobs)
    assert [(sender, job.status, using, saved) for sender, job, using, saved in events] == [
        (Job, "completed", "default", 150)
    ] * 2


def test_a_job_that_ends_at_once_sends_no_progress(emulator, listen):
    """A job that has ended at the first poll sends no `job_progress`."""
    emulator.switches.job_seconds = 0
    progress, finished = listen(job_progress), listen(job_finished)

    Ticket.objects.bulk_create(_build_tickets(3))

    assert (progress, len(finished)) == ([], 1)


def test_a_save_sends_no_signals_of_jobs(ticket, listen):
    """A save runs no job, and sends neither `job_progress` nor `job_finished`."""
    events = listen([job_progress, job_finished])

    ticket.priority = "high"
    ticket.save()

    assert events == []
