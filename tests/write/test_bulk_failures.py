"""What becomes of a bulk operation when some of it, or all, fails."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    ConnectionLost,
    Organization,
    RetryPolicy,
    Ticket,
    User,
    post_bulk,
    receiver,
)
from zendesk_orm.emulator import Emulator


@pytest.fixture
def partly(emulator):
    """Return the error of a bulk creation in which 2 of 150 organizations fail, and those."""
    Organization.objects.create(name="Taken")
    organizations = [Organization(name=f"O{n}") for n in range(150)]
    organizations[7].name = organizations[120].name = "Taken"
    with pytest.raises(BulkError) as caught:
        Organization.objects.bulk_create(organizations)
    return caught.value, organizations


def test_all_is_run_before_the_failures_are_raised(partly):
    """148 organizations of both jobs are there."""
    error, _ = partly

    assert 148 == len(error.result)
    assert 149 == Organization.objects.count()


def test_the_error_says_how_many_failed_and_why(partly):
    """The message names the first failure."""
    error, _ = partly

    assert str(error).startswith("2 of 150 objects failed, the first (<Organization None: Taken>)")
    assert "already been taken" in str(error)


def test_failures_are_those_of_their_objects(partly):
    """Each outcome belongs to the object that failed, and tells Zendesk's reason."""
    error, organizations = partly

    assert [organizations[7], organizations[120]] == [each.object for each in error.result.failed]
    assert {"OrganizationCreateFailed"} == {each.error for each in error.result.failed}
    assert all("already been taken" in each.details for each in error.result.failed)


def test_the_others_have_their_ids(partly):
    """Those that worked are saved; those that failed are still new."""
    _, organizations = partly

    assert [7, 120] == [n for n, each in enumerate(organizations) if each.pk is None]
    assert {"name": (None, "Taken")} == organizations[7].changes()
    rows = {row.pk: row.name for row in Organization.objects.all()}
    assert all(rows[each.pk] == each.name for each in organizations if each.pk)


def test_what_failed_can_be_tried_again(partly):
    """After a correction `retry_failed()` does the rest, and only that."""
    error, organizations = partly
    organizations[7].name, organizations[120].name = "Free", "Free, too"

    again = error.result.retry_failed()

    assert 2 == len(again)
    assert 151 == Organization.objects.count()
    assert all(each.pk for each in organizations)


def test_trying_again_in_vain_raises_again(partly):
    """What still fails raises anew, with a result of its own."""
    error, organizations = partly
    organizations[7].name = "Free"

    with pytest.raises(BulkError, match="1 of 2 objects failed") as caught:
        error.result.retry_failed()

    assert [organizations[120]] == [each.object for each in caught.value.result.failed]


def test_a_result_tells_by_its_truth_whether_all_went_well(partly, emulator):
    """A result with a failure is false, one without is true."""
    error, _ = partly

    assert not error.result
    assert Organization.objects.bulk_create([Organization(name="New")])


def test_the_error_can_be_pickled(partly):
    """With its message and its outcomes; workers hand errors on so."""
    error, _ = partly

    copy = pickle.loads(pickle.dumps(error))

    assert str(error) == str(copy)
    assert [each.details for each in error.result.failed] == [
        each.details for each in copy.result.failed
    ]


def test_the_announcement_comes_before_the_error(emulator):
    """`post_bulk` is sent with the failures in it."""
    told = []

    @receiver(post_bulk, sender=Organization)
    def hear(sender, result, **kwargs):
        told.append((len(result), len(result.failed)))

    rows = [Organization(name="Same"), Organization(name="Same")]
    with pytest.raises(BulkError):
        Organization.objects.bulk_create(rows)

    assert [(1, 1)] == told


def test_updates_fail_one_by_one(emulator):
    """A ticket that is closed fails, the others change."""
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]
    Ticket.objects.bulk_create(tickets)
    Ticket.objects.filter(id=tickets[1].pk).update(status="closed")
    for ticket in tickets:
        ticket.priority = "high"

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_update(tickets)

    assert [tickets[1]] == [each.object for each in caught.value.result.failed]
    assert {"priority": (None, "high")} == tickets[1].changes()
    priorities = [Ticket.objects.get(ticket.pk).priority for ticket in tickets]
    assert ["high", None, "high"] == [
        priority if ticket is not tickets[1] else None
        for ticket, priority in zip(tickets, priorities, strict=True)
    ]


def test_deletes_fail_one_by_one(emulator):
    """A row that is gone fails, the others are deleted."""
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]
    Ticket.objects.bulk_create(tickets)
    rows = Ticket.objects.fresh()
    list(rows)
    tickets[1].delete()

    with pytest.raises(BulkError) as caught:
        rows.delete()

    assert [tickets[1].pk] == [each.id for each in caught.value.result.failed]
    assert 0 == Ticket.objects.fresh().count()


@pytest.mark.parametrize(
    ("status", "name"), [(422, "Unprocessable"), (403, "PermissionDenied"), (400, "BadRequest")]
)
def test_a_request_that_is_refused_as_a_whole_fails_its_objects(emulator, status, name):
    """Each of its hundred objects has an outcome, and the other hundred is done."""
    emulator.fail_next(status, body={"error": "Nope", "description": "not today"})
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(150)]

    with pytest.raises(BulkError, match="100 of 150") as caught:
        Ticket.objects.bulk_create(tickets)

    assert tickets[:100] == [each.object for each in caught.value.result.failed]
    assert {name} == {each.error for each in caught.value.result.failed}
    assert all("not today" in each.details for each in caught.value.result.failed)
    assert 50 == Ticket.objects.fresh().count()


def test_a_creation_whose_fate_is_unknown_is_not_sent_again(emulator):
    """A second sending could make a hundred tickets twice; the outcomes say what happened."""
    emulator.fail_next(None, after_applying=True, path="tickets/create_many")
    tickets = [Ticket(subject=f"T{n}", comment=Comment(body="x")) for n in range(3)]

    with pytest.raises(BulkError) as caught:
        Ticket.objects.bulk_create(tickets)

    assert {ConnectionLost.__name__} == {each.error for each in caught.value.result.failed}
    assert 1 == emulator.requests.count("POST tickets/create_many")


def test_a_look_that_fails_is_repeated(emulator):
    """The job goes on, so does looking at it."""
    emulator.fail_next(500, times=2, path="job_statuses")

    result = Ticket.objects.bulk_create([Ticket(subject="x", comment=Comment(body="y"))])

    assert 1 == len(result)
    assert 3 == sum("job_statuses" in each for each in emulator.requests)


def test_jobs_that_are_refused_for_their_number_are_sent_again():
    """Where others fill the queue, 429 is waited out and nothing fails."""
    with Emulator(most_jobs=1, job_seconds=30) as emulator:
        emulator.connect()

        result = User.objects.bulk_create(User(name=f"U{n}") for n in range(250))

        assert 250 == len(result)
        assert 251 == User.objects.count()


def test_what_cannot_be_sent_is_told_at_once(emulator):
    """With attempts used up, every object says that Zendesk was not there."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(503, times=2)

    with pytest.raises(BulkError, match="150 of 150"):
        Organization.objects.bulk_create(Organization(name=f"O{n}") for n in range(150))
