"""Addresses of the account, marked tickets, and mails that were sent."""

from __future__ import annotations

import pytest

from tests.support.kept import keep
from zendesk_orm import (
    Bookmark,
    Brand,
    Comment,
    EmailNotification,
    Engagement,
    InvalidValue,
    NoEndpoint,
    NotFound,
    RecipientAddress,
    Ticket,
    ValidationError,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ticket(account):
    """A ticket."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="y"))


def test_an_address_is_checked(account, count_requests):
    """Which takes a while: what came of it is read later."""
    with count_requests(account, 1):
        address = RecipientAddress.objects.create(email="help@acme.com", name="Help")
        assert ("waiting", "failed") == (address.forwarding_status, address.spf_status)
    assert Brand.objects.default() == address.brand

    with count_requests(account, 2):
        address.verify()
        address.verify("spf")
    assert "waiting" == address.forwarding_status
    address.refresh_from_db()
    assert ("verified", "verified") == (address.forwarding_status, address.spf_status)


def test_there_are_three_checks(account, count_requests):
    """Any other is refused before anything is sent."""
    address = RecipientAddress.objects.create(email="help@acme.com")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="forwarding, spf, dns"):
        address.verify("smtp")


def test_an_address_is_taken_once(account):
    """By one row."""
    RecipientAddress.objects.create(email="help@acme.com")

    with pytest.raises(ValidationError, match="taken"):
        RecipientAddress.objects.create(email="HELP@acme.com")


def test_a_ticket_is_marked(account, ticket, count_requests):
    """Once; the mark tells a little of it, and can be taken away."""
    with count_requests(account, 3):
        made = Bookmark.objects.create(ticket_id=ticket.pk)
        again = Bookmark.objects.create(ticket_id=ticket.pk)
        assert [made] == list(Bookmark.objects.all())
    assert made == again
    assert (ticket.pk, "Printer") == (made.ticket["id"], made.ticket["subject"])

    made.delete()
    assert [] == list(Bookmark.objects.all())


def test_what_is_marked_has_to_be_there(account, count_requests):
    """It is asked for, and looked for."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="ticket_id"):
        Bookmark.objects.create()
    with pytest.raises(NotFound):
        Bookmark.objects.create(ticket_id=77)


def _mail(pk, ticket, comment):
    return {
        "notification_id": pk,
        "ticket_id": ticket,
        "comment_id": comment,
        "recipients": [{"user_id": 1, "email_address": "a@example.com"}],
        "created_at": "2026-01-01T00:00:00Z",
    }


def test_mails_are_asked_for_by_ticket_or_comment(account, emulator, ticket, count_requests):
    """Or by their ids, many at once."""
    keep(emulator, EmailNotification, _mail(1, ticket.pk, 10), _mail(2, ticket.pk, 20))
    mails = EmailNotification.objects
    with count_requests(account, 5):
        assert {1, 2} == {each.pk for each in mails.filter(ticket=ticket)}
        (second,) = mails.filter(comment_id=20)
        assert {1, 2} == set(mails.in_bulk([1, 2]))
        assert {1, 2} == {each.pk for each in mails.filter(comment_id__in=[10, 20])}
        assert second == mails.get(2)
    assert (ticket, "a@example.com") == (second.ticket, second.recipients[0]["email_address"])


def test_all_mails_cannot_be_asked_for(account, count_requests):
    """The refusal says what has to be named."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="needs ticket"):
        list(EmailNotification.objects.all())


def _engagement(number, ticket):
    return {
        "engagement_id": f"E{number:02}",
        "ticket_id": ticket,
        "agent_id": 1,
        "channel": "MESSAGING",
        "engagement_start_time": f"2026-01-01T00:{number:02}:00",
    }


def test_engagements_come_page_by_page(account, emulator, ticket, count_requests):
    """By the links that Zendesk gives, ten to a page; one is known by its own word for an id."""
    keep(emulator, Engagement, *(_engagement(n, ticket.pk) for n in range(25)))
    with count_requests(account, 3):
        found = list(Engagement.objects.all())
    assert [f"E{n:02}" for n in range(25)] == [each.pk for each in found]

    with count_requests(account, 1):
        one = Engagement.objects.get("E07")
    assert (ticket, 7) == (one.ticket, one.engagement_start_time.minute)


def test_engagements_are_filtered_by_zendesk(account, emulator, ticket, count_requests):
    """By ticket, channel and time."""
    keep(emulator, Engagement, *(_engagement(n, ticket.pk) for n in range(3)))
    half_past = 1767225690
    with count_requests(account, 2):
        assert 3 == len(list(Engagement.objects.filter(ticket=ticket, channel="MESSAGING")))
        found = Engagement.objects.filter(start_time=half_past)
        assert ["E02"] == [each.pk for each in found]
