"""Problems, people, skips and conversations of tickets; deleted ones, and suspended ones."""

from __future__ import annotations

import pytest

from tests.support.kept import keep
from tests.support.people import person
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


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


def _make(subject="Printer", **values):
    return Ticket.objects.create(subject=subject, comment=Comment(body="Help!"), **values)


# -- lists -------------------------------------------------------------------


def test_problems_are_listed(account, count_requests):
    """Those changed last first; narrowed further as any query, by reading them all."""
    one, two = _make("One", type="problem"), _make("Two", type="problem")
    _make("Three", type="incident", problem=one)
    with count_requests(account, 2):
        assert {one, two} == set(Ticket.objects.problems())
        assert [two] == list(Ticket.objects.problems().filter(subject="Two").scan())


def test_problems_are_completed(account, count_requests):
    """By a part of the subject."""
    fire = _make("Fire in Berlin", type="problem")
    _make("Fire in Paris", type="incident")
    with count_requests(account, 1):
        assert [fire] == Ticket.objects.autocomplete_problems("fire")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="must be a text"):
        Ticket.objects.autocomplete_problems("")


def test_recent_tickets_are_up_to_five(account, count_requests):
    """In one request."""
    made = [_make(f"Ticket {number}") for number in range(6)]
    with count_requests(account, 1):
        assert made[:0:-1] == list(Ticket.objects.recent())


def test_a_conversation_has_a_ticket(emulator, account, count_requests):
    """While it goes on."""
    ticket = _make()
    source = {"channel": "native_messaging", "source": {"from": {"conversation_id": "abc"}}}
    row = {**ticket._row, "via": source}
    keep(emulator, Ticket, row)
    with count_requests(account, 1):
        assert ticket is Ticket.objects.of_conversation("abc")
    with pytest.raises(Ticket.DoesNotExist, match="no ticket is active"):
        Ticket.objects.of_conversation("xyz")


def test_what_is_related_is_told(account, count_requests):
    """Incidents, and the tickets that it goes on from."""
    problem = _make(type="problem")
    _make(type="incident", problem=problem)
    closed = _make(status="solved")
    closed.status = "closed"
    closed.save()
    again = closed.create_follow_up("Again.")
    with count_requests(account, 2):
        related, follow_up = problem.related(), again.related()

    assert (1, False) == (related.incidents, related.from_archive)
    assert (str(closed.pk),) == follow_up.followup_source_ids


def test_people_of_a_ticket_are_users(account, count_requests):
    """Each kind in one request, as queries."""
    ada, bob, eve = person("Ada", role="agent"), person("Bob"), person("Eve")
    ticket = _make(followers=[ada], email_ccs=[bob], collaborators=[eve])
    with count_requests(account, 3):
        assert [ada] == list(User.objects.filter(follows=ticket))
        assert [bob] == list(User.objects.filter(copied_in_on=ticket))
        assert [eve] == list(User.objects.filter(collaborates_on=ticket.pk))


# -- skips -------------------------------------------------------------------


def test_skips_are_recorded(account, count_requests):
    """For whoever is asking; told of from the ticket, from the user, and all."""
    ticket, other, me = _make(), _make(), User.objects.me()
    with count_requests(account, 1):
        skip = ticket.skips.create(reason="I have no idea.")
    TicketSkip.objects.create(ticket=other, reason="Lunch.")

    assert (ticket, me) == (skip.ticket, skip.user)
    with count_requests(account, 3):
        assert [skip] == list(ticket.skips.all())
        assert ["I have no idea.", "Lunch."] == [each.reason for each in me.skips.all()]
        assert 2 == len(TicketSkip.objects.all())


def test_a_skip_wants_a_ticket_and_a_reason(account, count_requests):
    """Told before anything is sent."""
    with count_requests(account, 0), pytest.raises(ValidationError) as caught:
        TicketSkip.objects.create()
    assert {"ticket", "reason"} <= caught.value.error_dict.keys()


# -- deleted tickets ---------------------------------------------------------


def test_many_deleted_tickets_are_restored(account, count_requests):
    """A hundred to a request, by tickets, deleted tickets or ids; and read anew then."""
    one, two, three = _make("One"), _make("Two"), _make("Three")
    for each in (one, two, three):
        each.delete()
    (deleted,) = [each for each in Ticket.deleted.all() if each.pk == two.pk]
    with count_requests(account, 1):
        Ticket.deleted.restore([one, deleted, three.pk, one.pk])

    assert [] == list(Ticket.deleted.all())
    assert {one, two, three} == set(Ticket.objects.fresh())
    with pytest.raises(NotFound):
        Ticket.deleted.restore([one])
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        Ticket.deleted.restore([Ticket(subject="New")])


def test_many_deleted_tickets_are_destroyed(account, count_requests):
    """In a job that is waited for, with an outcome for each."""
    one, two = _make("One"), _make("Two")
    one.delete()
    two.delete()
    with count_requests(account, 3):
        result = Ticket.deleted.destroy([one, two.pk])

    assert [one.pk, two.pk] == [outcome.id for outcome in result]
    assert all(isinstance(each, DeletedTicket) for each in result.succeeded)
    assert [] == list(Ticket.deleted.all())


def test_one_deleted_ticket_is_destroyed(account, count_requests):
    """In a job, too."""
    _make().delete()
    (deleted,) = Ticket.deleted.all()
    with count_requests(account, 3):
        assert "completed" == deleted.destroy().status
    with pytest.raises(NotFound):
        deleted.restore()


# -- suspended tickets -------------------------------------------------------


@pytest.fixture
def held_back(emulator, account):
    """Makes a suspended ticket."""

    def make(pk=1, **values):
        row = {
            "id": pk,
            "author": {"id": None, "name": "Styx", "email": "styx@example.com"},
            "subject": f"Message {pk}",
            "content": "Domo arigato",
            "cause": "Detected as spam",
            "cause_id": 0,
            "ticket_id": None,
            "brand_id": None,
            "error_messages": None,
            "attachments": [],
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
        keep(emulator, SuspendedTicket, {**row, **values})
        return SuspendedTicket.objects.get(pk)

    return make


def test_a_suspended_ticket_is_recovered(account, held_back, count_requests):
    """Who wrote it asks; or whoever recovers it."""
    one, two = held_back(1), held_back(2)
    with count_requests(account, 1):
        ticket = one.recover()
    assert ("Message 1", "styx@example.com") == (ticket.subject, ticket.requester.email)
    with count_requests(account, 1):
        mine = two.recover(as_me=True)

    assert User.objects.me() == mine.requester
    assert [] == list(SuspendedTicket.objects.all())
    assert ticket is Ticket.objects.get(ticket.pk)


def test_an_answer_to_a_ticket_is_recovered_as_its_comment(account, held_back):
    """The ticket is told with the suspended message."""
    ticket = _make()
    suspended = held_back(ticket_id=ticket.pk)
    assert ticket == suspended.ticket

    assert ticket == suspended.recover()
    assert "Domo arigato" == list(ticket.comments.all())[-1].body


def test_many_suspended_tickets_are_recovered(account, held_back, count_requests):
    """In one request; those that stay suspended are told, with the reason."""
    one, two = held_back(1), held_back(2)
    with count_requests(account, 1):
        assert ["Message 1", "Message 2"] == [
            each.subject for each in SuspendedTicket.objects.recover_many([one, two.pk])
        ]
    three, bad = held_back(3), held_back(4, error_messages=[{"error": "no room"}])
    with count_requests(account, 1), pytest.raises(BulkError, match="no room") as caught:
        SuspendedTicket.objects.recover_many([three, bad])

    result = caught.value.result
    assert ([three], [bad]) == (result.succeeded, [each.object for each in result.failed])
    assert [bad] == list(SuspendedTicket.objects.all())
    with pytest.raises(ValidationError):
        bad.recover(as_me=True)


def test_many_are_recovered_in_a_job(account, held_back, count_requests):
    """For an author of one's choice."""
    ada = person("Ada")
    one, two = held_back(1), held_back(2)
    with count_requests(account, 3):
        result = SuspendedTicket.objects.bulk_recover([one, two], author=ada)

    assert [one, two] == result.succeeded
    assert [ada, ada] == [each.requester for each in Ticket.objects.fresh()]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="author"):
        SuspendedTicket.objects.bulk_recover([one], author=User(name="Bob"))


def test_suspended_tickets_are_deleted(account, held_back, count_requests):
    """One, many, or those of a query, without a job."""
    one, two = held_back(1), held_back(2)
    held_back(3, cause="Automated response mail")
    held_back(4)
    with count_requests(account, 1):
        one.delete()
    with count_requests(account, 1):
        assert [two] == SuspendedTicket.objects.destroy_many([two]).succeeded
    with count_requests(account, 2):
        SuspendedTicket.objects.filter(cause="Automated response mail").delete()

    assert [4] == [each.pk for each in SuspendedTicket.objects.all()]
    with count_requests(account, 1):
        SuspendedTicket.objects.export()
