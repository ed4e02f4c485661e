"""Tickets with a past: imported one by one, or a hundred to a job."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zendesk_orm import (
    BulkError,
    Comment,
    FieldError,
    InvalidValue,
    Ticket,
    User,
    post_bulk,
    post_save,
    pre_save,
    receiver,
)


THEN = datetime(2019, 5, 1, 12, tzinfo=timezone.utc)
LATER = THEN + timedelta(days=1)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def test_a_ticket_is_imported_with_its_past(account, count_requests):
    """In one request: dates of its own, and comments with theirs."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    with count_requests(account, 1):
        ticket = Ticket.objects.import_ticket(
            {
                "subject": "Printer",
                "requester": ada,
                "status": "solved",
                "created_at": THEN,
                "updated_at": LATER,
                "comments": [
                    {"body": "It smokes.", "author": ada, "created_at": THEN},
                    {"body": "Paper only!", "public": False, "created_at": LATER},
                ],
            }
        )
        assert ("Printer", "solved", THEN, LATER) == (
            ticket.subject,
            ticket.status,
            ticket.created_at,
            ticket.updated_at,
        )

    comments = list(ticket.comments.all())
    assert [(THEN, True), (LATER, False)] == [(each.created_at, each.public) for each in comments]
    assert ada.pk == comments[0].author_id
    assert ticket is Ticket.objects.get(ticket.pk)


def test_a_new_ticket_is_imported(account, count_requests):
    """The object that is given is the one that comes back, saved, and told of."""
    told = []

    @receiver(pre_save, sender=Ticket)
    def tagged(sender, instance, **kwargs):
        instance.tags = ["imported"]

    @receiver(post_save, sender=Ticket)
    def saved(sender, instance, created, **kwargs):
        told.append((instance, created))

    ticket = Ticket(subject="Printer", comment=Comment(body="It smokes."))
    with count_requests(account, 1):
        assert ticket is Ticket.objects.import_ticket(ticket)
        assert ticket.pk
        assert {} == ticket.changes()

    assert [(ticket, True)] == told
    assert ["imported"] == Ticket.objects.get(ticket.pk).tags


def test_closed_tickets_go_right_into_the_archive(account, count_requests):
    """Where they are found by their id, and the list leaves them out."""
    values = {"subject": "Old", "status": "closed", "comments": ["It smokes."]}
    with count_requests(account, 1):
        ticket = Ticket.objects.import_ticket(values, archive_immediately=True)

    assert [] == list(Ticket.objects.fresh())
    assert ticket.related().from_archive


def test_an_import_wants_something_said(account, count_requests):
    """Before anything is sent: a comment, moments that are some, a ticket that is new."""
    known = Ticket.objects.create(subject="Printer", comment=Comment(body="It smokes."))
    naive = {"description": "x", "created_at": datetime(2019, 5, 1)}
    with count_requests(account, 0):
        for given, told in [
            ({"subject": "x"}, "an import needs comments"),
            ({"description": "x", "created_at": "2019-05-01"}, "wants a datetime"),
            (naive, "aware|time zone|timezone"),
            (known, "exists already"),
        ]:
            with pytest.raises(InvalidValue, match=told):
                Ticket.objects.import_ticket(given)
        with pytest.raises(FieldError):
            Ticket.objects.import_ticket({"subjekt": "x", "description": "x"})


def test_many_are_imported(account, count_requests):
    """A hundred to a job, one outcome each, and one signal for all."""
    told = []

    @receiver(post_bulk, sender=Ticket)
    def done(sender, action, result, **kwargs):
        told.append((action, len(result)))

    values = (
        {"subject": f"Ticket {number}", "created_at": THEN, "comments": ["Help!"]}
        for number in range(150)
    )
    with count_requests(account, 4):  # Two jobs, and two looks at both.
        result = Ticket.objects.import_many(values)

    assert 150 == len(result)
    assert [("create", 150)] == told
    ticket = result.outcomes[120].object
    assert ("Ticket 120", THEN) == (ticket.subject, ticket.created_at)


def test_those_that_fail_are_told(account, count_requests):
    """And the others are there all the same; what failed can be tried again."""
    values = [
        {"subject": "Good", "description": "It smokes.", "created_at": THEN},
        {"subject": "Bad", "description": "It smokes.", "created_at": THEN, "group_id": 12},
    ]
    with pytest.raises(BulkError, match="Group: 12 was not found") as caught:
        Ticket.objects.import_many(values)

    result = caught.value.result
    assert ["Good"] == [each.subject for each in result.succeeded]
    bad = result.failed[0].object
    assert "Bad" == bad.subject
    with count_requests(account, 3), pytest.raises(BulkError):
        result.retry_failed()


@pytest.mark.parametrize("created_at", [None, THEN])
def test_an_import_whose_response_was_lost_is_finished(emulator, created_at):
    """`retry_failed(unknown=True)` looks up the tickets of the lost job by external id."""
    emulator.switches.index_lag = 240
    dates = {} if created_at is None else {"created_at": created_at}
    values = [
        {"subject": f"T{n}", "external_id": f"k{n}", "comments": ["Help!"], **dates}
        for n in range(250)
    ]
    emulator.fail_next(None, method="POST", path="imports/tickets/create_many", after_applying=True)
    with pytest.raises(BulkError) as caught:
        Ticket.objects.import_many(iter(values))

    again = caught.value.result.retry_failed(unknown=True)

    assert ["done"] * 100 == [each.state for each in again]
    assert all(each.object.pk == each.id for each in again)
    found = [ticket.external_id for ticket in Ticket.objects.fresh()]
    assert sorted(f"k{n}" for n in range(250)) == sorted(found)


def test_an_import_needs_a_field_to_look_tickets_up_by(account, count_requests):
    """Zendesk never refuses a ticket as a duplicate, so `ignore_conflicts` alone does nothing."""
    with count_requests(account, 0):
        with pytest.raises(FieldError, match="needs unique_fields"):
            Ticket.objects.import_many([], ignore_conflicts=True)
        with pytest.raises(FieldError, match="unique_fields goes with"):
            Ticket.objects.import_many([], unique_fields=["external_id"])
        with pytest.raises(InvalidValue, match="a dictionary of values by field"):
            Ticket.objects.import_many(["T1"])


def test_a_batch_refuses_an_import(account, count_requests):
    """It cannot wait for the end; a dry run takes note of it."""
    values = {"subject": "Printer", "description": "x"}
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="cannot wait"), account.batch():
            Ticket.objects.import_many([values])
        with account.dry_run(quiet=True) as diff:
            Ticket.objects.import_many([values])
            Ticket.objects.import_ticket(values)
    assert 2 == str(diff).count("Printer")


def test_spam_of_many(account, count_requests):
    """One job for all: deleted, and their requesters suspended."""
    spammer = User.objects.create(name="Spam", email="spam@example.com")
    tickets = [
        Ticket.objects.create(subject="Buy", comment=Comment(body="!"), requester=spammer)
        for _ in range(3)
    ]
    with count_requests(account, 3):
        result = Ticket.objects.mark_many_as_spam([*tickets, tickets[0].pk])

    assert tickets == result.succeeded
    assert [] == list(Ticket.objects.fresh())
    spammer.refresh_from_db()
    assert spammer.suspended
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Ticket.objects.mark_many_as_spam([Ticket(subject="New")])
    with pytest.raises(BulkError):
        Ticket.objects.mark_many_as_spam([tickets[0].pk])
