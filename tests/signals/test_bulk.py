"""What bulk operations announce: their end, and their jobs."""

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


def _tickets(number):
    return [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(number)]


def _changed(number):
    tickets = _tickets(number)
    Ticket.objects.bulk_create(tickets)
    for ticket in tickets:
        ticket.priority = "low"
    return tickets


# -- the end -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "write"),
    [
        ("create", lambda: Ticket.objects.bulk_create(_tickets(150))),
        ("update", lambda: Ticket.objects.fresh().update(priority="low")),
        ("delete", lambda: Ticket.objects.fresh().delete()),
    ],
)
def test_the_end_of_a_bulk_operation_is_announced(emulator, heard, action, write):
    """`post_bulk` tells the action and the result, once, however many its jobs are."""
    Ticket.objects.bulk_create(_tickets(101))
    told = heard(post_bulk)

    result = write()

    assert [{"sender": Ticket, "action": action, "result": result, "using": "default"}] == told
    assert result is told[0]["result"]
    assert 100 < len(result)


def test_the_end_is_announced_when_objects_have_taken_it_over(emulator):
    """They have their ids, and no edits."""
    told = []

    @receiver(post_bulk)
    def hear(sender, result, **arguments):
        told.extend((each.pk is not None, each.changes()) for each in result.succeeded)

    Ticket.objects.bulk_create(_tickets(3))

    assert [(True, {})] * 3 == told


def test_failures_are_announced_with_the_rest(emulator, heard):
    """The result has them; the error comes afterwards."""
    told = heard(post_bulk)

    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create([Organization(name="Same"), Organization(name="Same")])

    assert [(Organization, caught.value.result)] == [(e["sender"], e["result"]) for e in told]
    assert (1, 1) == (len(told[0]["result"]), len(told[0]["result"].failed))


def test_no_row_is_announced_by_itself(emulator, heard):
    """As in Django, bulk operations send no signal for each row."""
    told = heard([pre_save, post_save, pre_delete, post_delete])

    Ticket.objects.bulk_update(_changed(3))
    Ticket.objects.fresh().delete()

    assert [] == told


@pytest.mark.parametrize(
    "write",
    [
        lambda: Ticket.objects.bulk_create([]),
        lambda: Ticket.objects.bulk_update(list(Ticket.objects.fresh())),
        lambda: Ticket.objects.filter(id=4711, subject="x").update(priority="low"),
    ],
)
def test_an_operation_that_sends_nothing_is_not_announced(ticket, heard, write):
    """Without objects, or without changes, nothing happens."""
    told = heard([post_bulk, job_progress, job_finished])

    write()

    assert [] == told


def test_a_refused_operation_is_announced_with_its_failures(emulator, heard):
    """It was sent, and every outcome is a failure."""
    tickets = _changed(3)
    told = heard(post_bulk)
    emulator.fail_next(403, path="/api/v2/tickets/update_many")

    with pytest.raises(BulkError):
        Ticket.objects.bulk_update(tickets)

    assert [(0, 3)] == [(len(each["result"]), len(each["result"].failed)) for each in told]


# -- jobs --------------------------------------------------------------------


def test_jobs_are_announced_while_they_run(emulator, heard):
    """`job_progress` tells each job at each look until it has ended."""
    emulator.switches.job_seconds = 10
    told = heard(job_progress)

    result = Ticket.objects.bulk_create(_tickets(150))

    looks = [each for each in emulator.requests if "job_statuses" in each]
    assert {"sender", "job", "using"} == set().union(*told)
    assert {(Job, "default")} == {(each["sender"], each["using"]) for each in told}
    assert {job.id for job in result.jobs} == {each["job"].id for each in told}
    assert not any(each["job"].ended for each in told)
    assert len(looks) <= len(told) < 2 * len(looks)


def test_jobs_are_announced_when_they_have_ended(emulator, heard):
    """`job_finished` tells each job once, after its objects have taken over what it says."""
    emulator.switches.job_seconds = 10
    told, tickets = [], _tickets(150)

    @receiver(job_finished)
    def hear(sender, job, using, **kwargs):
        told.append((sender, job, using, sum(ticket.pk is not None for ticket in tickets)))

    result = Ticket.objects.bulk_create(tickets)

    assert sorted(job.id for job in result.jobs) == sorted(job.id for _, job, _, _ in told)
    assert [(Job, "completed", "default", 150)] * 2 == [
        (sender, job.status, using, known) for sender, job, using, known in told
    ]


def test_a_job_that_is_done_at_the_first_look_makes_no_progress(emulator, heard):
    """It has ended, and that is all there is to tell."""
    emulator.switches.job_seconds = 0
    under_way, ended = heard(job_progress), heard(job_finished)

    Ticket.objects.bulk_create(_tickets(3))

    assert ([], 1) == (under_way, len(ended))


def test_what_is_changed_without_a_job_announces_none(ticket, heard):
    """A save is answered at once."""
    told = heard([job_progress, job_finished])

    ticket.priority = "high"
    ticket.save()

    assert [] == told
