"""Lists, people and skips of tickets; deleted and suspended tickets."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from tests.support.seeding import build_suspended_row, seed_rows
from zendesk_orm import (
    BulkError,
    Comment,
    DeletedTicket,
    InvalidValue,
    NotFound,
    SuspendedTicket,
    Ticket,
    User,
    ValidationError,
)
from zendesk_orm.support import TicketSkip


def _create_ticket(subject="Printer", **values):
    return Ticket.objects.create(subject=subject, comment=Comment(body="Help!"), **values)


# Lists


def test_problems_are_listed_and_filtered(account, count_requests):
    """Problems are listed by last change, and can be filtered further."""
    one, two = _create_ticket("One", type="problem"), _create_ticket("Two", type="problem")
    _create_ticket("Three", type="incident", problem=one)
    with count_requests(account, 2):
        assert set(Ticket.objects.problems()) == {one, two}
        assert list(Ticket.objects.problems().filter(subject="Two").scan()) == [two]


def test_problems_are_found_by_subject(account, count_requests):
    """`autocomplete_problems()` finds problems by a part of the subject."""
    fire = _create_ticket("Fire in Berlin", type="problem")
    _create_ticket("Fire in Paris", type="incident")
    with count_requests(account, 1):
        assert Ticket.objects.autocomplete_problems("fire") == [fire]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="autocomplete_problems"):
        Ticket.objects.autocomplete_problems("")


def test_recent_returns_five_tickets(account, count_requests):
    """`recent()` returns the last five tickets in one request."""
    tickets = [_create_ticket(f"Ticket {number}") for number in range(6)]
    with count_requests(account, 1):
        assert list(Ticket.objects.recent()) == tickets[:0:-1]


def test_the_ticket_of_a_conversation_is_found(emulator, account, count_requests):
    """`of_conversation()` finds the active ticket of a conversation."""
    ticket = _create_ticket()
    source = {"channel": "native_messaging", "source": {"from": {"conversation_id": "abc"}}}
    row = {**ticket._row, "via": source}
    seed_rows(emulator, Ticket, row)
    with count_requests(account, 1):
        assert Ticket.objects.of_conversation("abc") is ticket
    with pytest.raises(Ticket.DoesNotExist, match="no active ticket"):
        Ticket.objects.of_conversation("xyz")


def test_related_returns_incidents_and_follow_up_sources(account, count_requests):
    """`related()` returns the number of incidents and the sources of a follow-up."""
    problem = _create_ticket(type="problem")
    _create_ticket(type="incident", problem=problem)
    closed = _create_ticket(status="solved")
    closed.status = "closed"
    closed.save()
    reopened = closed.create_follow_up("Again.")
    with count_requests(account, 2):
        related, follow_up = problem.related(), reopened.related()

    assert (related.incidents, related.from_archive) == (1, False)
    assert follow_up.followup_source_ids == (str(closed.pk),)


def test_people_of_a_ticket_are_queries(account, count_requests):
    """Followers, users in copy and collaborators of a ticket are queries of one request."""
    ada, bob, eve = create_user("Ada", role="agent"), create_user("Bob"), create_user("Eve")
    ticket = _create_ticket(followers=[ada], email_ccs=[bob], collaborators=[eve])
    with count_requests(account, 3):
        assert list(User.objects.filter(follows=ticket)) == [ada]
        assert list(User.objects.filter(copied_in_on=ticket)) == [eve, bob]
        assert list(User.objects.filter(collaborates_on=ticket.pk)) == [eve, bob, ada]


# Skips


def test_skips_are_listed_by_ticket_and_user(account, count_requests):
    """Skips of the caller are created, and listed by ticket, by user and in total."""
    ticket, other, me = _create_ticket(), _create_ticket(), User.objects.me()
    with count_requests(account, 1):
        skip = ticket.skips.create(reason="I have no idea.")
    TicketSkip.objects.create(ticket=other, reason="Lunch.")

    assert (skip.ticket, skip.user) == (ticket, me)
    with count_requests(account, 3):
        assert list(ticket.skips.all()) == [skip]
        assert [row.reason for row in me.skips.all()] == ["I have no idea.", "Lunch."]
        assert len(TicketSkip.objects.all()) == 2


def test_a_skip_requires_a_ticket_and_a_reason(account, count_requests):
    """A skip without ticket and reason raises `ValidationError` before any request."""
    with count_requests(account, 0), pytest.raises(ValidationError) as caught:
        TicketSkip.objects.create()
    assert caught.value.error_dict.keys() >= {"ticket", "reason"}


# Deleted tickets


def test_many_deleted_tickets_are_restored(account, count_requests):
    """`restore()` takes tickets, deleted tickets or ids, and sends a hundred per request."""
    one, two, three = _create_ticket("One"), _create_ticket("Two"), _create_ticket("Three")
    for ticket in (one, two, three):
        ticket.delete()
    (deleted,) = [row for row in Ticket.deleted.all() if row.pk == two.pk]
    with count_requests(account, 1):
        Ticket.deleted.restore([one, deleted, three.pk, one.pk])

    assert list(Ticket.deleted.all()) == []
    assert set(Ticket.objects.fresh()) == {one, two, three}
    with pytest.raises(BulkError) as caught:
        Ticket.deleted.restore([one])
    assert [item.error for item in caught.value.result] == ["NotFound"]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Ticket.deleted.restore([Ticket(subject="New")])


def test_many_deleted_tickets_are_destroyed(account, count_requests):
    """`destroy()` deletes tickets permanently in a job, with an outcome for each."""
    one, two = _create_ticket("One"), _create_ticket("Two")
    one.delete()
    two.delete()
    with count_requests(account, 3):
        result = Ticket.deleted.destroy([one, two.pk])

    assert [outcome.id for outcome in result] == [one.pk, two.pk]
    assert all(isinstance(record, DeletedTicket) for record in result.succeeded)
    assert list(Ticket.deleted.all()) == []


def test_one_deleted_ticket_is_destroyed(account, count_requests):
    """A deleted ticket is destroyed by a job, and cannot be restored afterwards."""
    _create_ticket().delete()
    (deleted,) = Ticket.deleted.all()
    with count_requests(account, 3):
        assert deleted.destroy().status == "completed"
    with pytest.raises(NotFound):
        deleted.restore()


# Suspended tickets


@pytest.fixture
def suspend_ticket(emulator, account):
    """Return a function that creates a suspended ticket."""

    def make(pk=1, **values):
        seed_rows(emulator, SuspendedTicket, build_suspended_row(pk, **values))
        return SuspendedTicket.objects.get(pk)

    return make


def test_a_suspended_ticket_is_recovered(account, suspend_ticket, count_requests):
    """A recovered ticket is requested by its author, or by the caller with `as_me=True`."""
    one, two = suspend_ticket(1), suspend_ticket(2)
    with count_requests(account, 1):
        ticket = one.recover()
    assert (ticket.subject, ticket.requester.email) == ("Message 1", "styx@example.com")
    with count_requests(account, 1):
        mine = two.recover(as_me=True)

    assert mine.requester == User.objects.me()
    assert list(SuspendedTicket.objects.all()) == []
    assert Ticket.objects.get(ticket.pk) is ticket


def test_a_suspended_reply_is_recovered_as_a_comment(account, suspend_ticket):
    """A suspended reply to a ticket becomes a comment of the ticket."""
    ticket = _create_ticket()
    suspended = suspend_ticket(ticket_id=ticket.pk)
    assert suspended.ticket == ticket

    assert suspended.recover() == ticket
    assert list(ticket.comments.all())[-1].body == "Domo arigato"


def test_many_suspended_tickets_are_recovered(account, suspend_ticket, count_requests):
    """`recover_many()` recovers tickets in one request and reports those that stay suspended."""
    one, two = suspend_ticket(1), suspend_ticket(2)
    with count_requests(account, 1):
        assert [
            ticket.subject for ticket in SuspendedTicket.objects.recover_many([one, two.pk])
        ] == [
            "Message 1",
            "Message 2",
        ]
    three, bad = suspend_ticket(3), suspend_ticket(4, error_messages=[{"error": "no room"}])
    with count_requests(account, 1), pytest.raises(BulkError, match="no room") as caught:
        SuspendedTicket.objects.recover_many([three, bad])

    result = caught.value.result
    assert (result.succeeded, [outcome.object for outcome in result.failed]) == ([three], [bad])
    assert list(SuspendedTicket.objects.all()) == [bad]
    with pytest.raises(ValidationError):
        bad.recover(as_me=True)


def test_bulk_recover_runs_a_job(account, suspend_ticket, count_requests):
    """`bulk_recover()` recovers tickets in a job, with any user as their author."""
    ada = create_user("Ada")
    one, two = suspend_ticket(1), suspend_ticket(2)
    with count_requests(account, 3):
        result = SuspendedTicket.objects.bulk_recover([one, two], author=ada)

    assert result.succeeded == [one, two]
    assert [ticket.requester for ticket in Ticket.objects.fresh()] == [ada, ada]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="author"):
        SuspendedTicket.objects.bulk_recover([one], author=User(name="Bob"))


def test_suspended_tickets_are_deleted(account, suspend_ticket, count_requests):
    """One, several or the suspended tickets of a query are deleted without a job."""
    one, two = suspend_ticket(1), suspend_ticket(2)
    suspend_ticket(3, cause="Automated response mail")
    suspend_ticket(4)
    with count_requests(account, 1):
        one.delete()
    with count_requests(account, 1):
        assert SuspendedTicket.objects.destroy_many([two]).succeeded == [two]
    with count_requests(account, 2):
        SuspendedTicket.objects.filter(cause="Automated response mail").delete()

    assert [ticket.pk for ticket in SuspendedTicket.objects.all()] == [4]
    with count_requests(account, 1):
        SuspendedTicket.objects.request_export()
