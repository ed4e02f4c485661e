"""Imported tickets: one by one, or a hundred per job."""

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


def test_an_import_sets_times_and_comments(account, count_requests):
    """A ticket is imported with its times and comments in one request."""
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
        assert (ticket.subject, ticket.status, ticket.created_at, ticket.updated_at) == (
            "Printer",
            "solved",
            THEN,
            LATER,
        )

    comments = list(ticket.comments.all())
    assert [(comment.created_at, comment.public) for comment in comments] == [
        (THEN, True),
        (LATER, False),
    ]
    assert comments[0].author_id == ada.pk
    assert Ticket.objects.get(ticket.pk) is ticket


def test_an_unsaved_ticket_is_imported(account, count_requests):
    """Importing an unsaved ticket saves the object and sends `pre_save` and `post_save`."""
    events = []

    @receiver(pre_save, sender=Ticket)
    def add_tag(sender, instance, **kwargs):
        instance.tags = ["imported"]

    @receiver(post_save, sender=Ticket)
    def record_event(sender, instance, created, **kwargs):
        events.append((instance, created))

    ticket = Ticket(subject="Printer", comment=Comment(body="It smokes."))
    with count_requests(account, 1):
        assert Ticket.objects.import_ticket(ticket) is ticket
        assert ticket.pk
        assert ticket.changes() == {}

    assert events == [(ticket, True)]
    assert Ticket.objects.get(ticket.pk).tags == ["imported"]


def test_closed_tickets_are_archived_immediately(account, count_requests):
    """`archive_immediately=True` archives a closed ticket, which lists then omit."""
    values = {"subject": "Old", "status": "closed", "comments": ["It smokes."]}
    with count_requests(account, 1):
        ticket = Ticket.objects.import_ticket(values, archive_immediately=True)

    assert list(Ticket.objects.fresh()) == []
    assert ticket.related().from_archive


def test_invalid_imports_are_rejected(account, count_requests):
    """Missing comments, invalid times, saved tickets and unknown fields raise beforehand."""
    saved = Ticket.objects.create(subject="Printer", comment=Comment(body="It smokes."))
    naive = {"description": "x", "created_at": datetime(2019, 5, 1)}
    with count_requests(account, 0):
        for values, message in [
            ({"subject": "x"}, "an import needs comments"),
            ({"description": "x", "created_at": "2019-05-01"}, "created_at"),
            (naive, "aware|time zone|timezone"),
            (saved, "exists already"),
        ]:
            with pytest.raises(InvalidValue, match=message):
                Ticket.objects.import_ticket(values)
        with pytest.raises(FieldError):
            Ticket.objects.import_ticket({"subjekt": "x", "description": "x"})


def test_import_many_sends_chunks_to_jobs(account, count_requests):
    """`import_many()` imports a hundred tickets per job and sends one `post_bulk`."""
    events = []

    @receiver(post_bulk, sender=Ticket)
    def record_event(sender, action, result, **kwargs):
        events.append((action, len(result)))

    values = (
        {"subject": f"Ticket {number}", "created_at": THEN, "comments": ["Help!"]}
        for number in range(150)
    )
    with count_requests(account, 4):  # Two jobs, and two polls for both.
        result = Ticket.objects.import_many(values)

    assert len(result) == 150
    assert events == [("create", 150)]
    ticket = result.outcomes[120].object
    assert (ticket.subject, ticket.created_at) == ("Ticket 120", THEN)


def test_failed_imports_can_be_retried(account, count_requests):
    """A failed ticket is reported with its reason and can be retried; the others are imported."""
    values = [
        {"subject": "Good", "description": "It smokes.", "created_at": THEN},
        {"subject": "Bad", "description": "It smokes.", "created_at": THEN, "group_id": 12},
    ]
    with pytest.raises(BulkError, match="Group: 12 was not found") as caught:
        Ticket.objects.import_many(values)

    result = caught.value.result
    assert [record.subject for record in result.succeeded] == ["Good"]
    bad = result.failed[0].object
    assert bad.subject == "Bad"
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

    assert [outcome.state for outcome in again] == ["done"] * 100
    assert all(outcome.object.pk == outcome.id for outcome in again)
    imported = [ticket.external_id for ticket in Ticket.objects.fresh()]
    assert sorted(imported) == sorted(f"k{n}" for n in range(250))


def test_ignore_conflicts_requires_unique_fields(account, count_requests):
    """Zendesk accepts duplicate tickets, so `ignore_conflicts` requires `unique_fields`."""
    with count_requests(account, 0):
        with pytest.raises(FieldError, match="needs unique_fields"):
            Ticket.objects.import_many([], ignore_conflicts=True)
        with pytest.raises(FieldError, match="unique_fields needs"):
            Ticket.objects.import_many([], unique_fields=["external_id"])
        with pytest.raises(InvalidValue, match="a dictionary of values by field"):
            Ticket.objects.import_many(["T1"])


def test_a_batch_rejects_an_import(account, count_requests):
    """An import cannot be delayed by a batch; a dry run describes it."""
    values = {"subject": "Printer", "description": "x"}
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="cannot be delayed"), account.batch():
            Ticket.objects.import_many([values])
        with account.dry_run(quiet=True) as diff:
            Ticket.objects.import_many([values])
            Ticket.objects.import_ticket(values)
    assert str(diff).count("Printer") == 2


def test_mark_many_as_spam_deletes_and_suspends(account, count_requests):
    """One job deletes the tickets and suspends their requesters."""
    spammer = User.objects.create(name="Spam", email="spam@example.com")
    tickets = [
        Ticket.objects.create(subject="Buy", comment=Comment(body="!"), requester=spammer)
        for _ in range(3)
    ]
    with count_requests(account, 3):
        result = Ticket.objects.mark_many_as_spam([*tickets, tickets[0].pk])

    assert result.succeeded == tickets
    assert list(Ticket.objects.fresh()) == []
    spammer.refresh_from_db()
    assert spammer.suspended
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Ticket.objects.mark_many_as_spam([Ticket(subject="New")])
    with pytest.raises(BulkError):
        Ticket.objects.mark_many_as_spam([tickets[0].pk])
