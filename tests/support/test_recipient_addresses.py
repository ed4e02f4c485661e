"""Recipient addresses, bookmarks, email notifications and engagements."""

from __future__ import annotations

import pytest

from tests.support.seeding import seed_rows
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
def ticket(account):
    """Create a ticket."""
    return Ticket.objects.create(subject="Printer", comment=Comment(body="y"))


def test_an_address_is_verified(account, count_requests):
    """`verify()` starts a check, whose result is read with the next refresh."""
    with count_requests(account, 1):
        address = RecipientAddress.objects.create(email="help@acme.com", name="Help")
        assert (address.forwarding_status, address.spf_status) == ("waiting", "failed")
    assert address.brand == Brand.objects.default()

    with count_requests(account, 2):
        address.verify()
        address.verify("spf")
    assert address.forwarding_status == "waiting"
    address.refresh_from_db()
    assert (address.forwarding_status, address.spf_status) == ("verified", "verified")


def test_an_unknown_check_is_rejected(account, count_requests):
    """A check other than forwarding, SPF and DNS raises `InvalidValue` before any request."""
    address = RecipientAddress.objects.create(email="help@acme.com")
    with count_requests(account, 0), pytest.raises(InvalidValue, match="forwarding, spf, dns"):
        address.verify("smtp")


def test_an_address_is_unique(account):
    """A second row with the same address, in any case, raises `ValidationError`."""
    RecipientAddress.objects.create(email="help@acme.com")

    with pytest.raises(ValidationError, match="taken"):
        RecipientAddress.objects.create(email="HELP@acme.com")


def test_a_ticket_is_bookmarked_once(account, ticket, count_requests):
    """Bookmarking a ticket twice returns one bookmark, which can be deleted."""
    with count_requests(account, 3):
        bookmark = Bookmark.objects.create(ticket_id=ticket.pk)
        again = Bookmark.objects.create(ticket_id=ticket.pk)
        assert list(Bookmark.objects.all()) == [bookmark]
    assert bookmark == again
    assert (bookmark.ticket["id"], bookmark.ticket["subject"]) == (ticket.pk, "Printer")

    bookmark.delete()
    assert list(Bookmark.objects.all()) == []


def test_a_bookmark_requires_a_ticket(account, count_requests):
    """A bookmark without a ticket, or of a missing ticket, raises."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="ticket_id"):
        Bookmark.objects.create()
    with pytest.raises(NotFound):
        Bookmark.objects.create(ticket_id=77)


def _build_notification(pk, ticket, comment):
    return {
        "notification_id": pk,
        "ticket_id": ticket,
        "comment_id": comment,
        "recipients": [{"user_id": 1, "email_address": "a@example.com"}],
        "created_at": "2026-01-01T00:00:00Z",
    }


def test_notifications_are_filtered_by_ticket_or_comment(account, emulator, ticket, count_requests):
    """Email notifications are filtered by ticket, comment or ids."""
    seed_rows(
        emulator,
        EmailNotification,
        _build_notification(1, ticket.pk, 10),
        _build_notification(2, ticket.pk, 20),
    )
    notifications = EmailNotification.objects
    with count_requests(account, 5):
        assert {notification.pk for notification in notifications.filter(ticket=ticket)} == {1, 2}
        (second,) = notifications.filter(comment_id=20)
        assert set(notifications.in_bulk([1, 2])) == {1, 2}
        assert {
            notification.pk for notification in notifications.filter(comment_id__in=[10, 20])
        } == {1, 2}
        assert notifications.get(2) == second
    assert (second.ticket, second.recipients[0]["email_address"]) == (ticket, "a@example.com")


def test_notifications_require_a_filter(account, count_requests):
    """Listing all email notifications raises `NoEndpoint`, which names the required filter."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="needs ticket"):
        list(EmailNotification.objects.all())


def _build_engagement(number, ticket):
    return {
        "engagement_id": f"E{number:02}",
        "ticket_id": ticket,
        "agent_id": 1,
        "channel": "MESSAGING",
        "engagement_start_time": f"2026-01-01T00:{number:02}:00",
    }


def test_engagements_are_read_page_by_page(account, emulator, ticket, count_requests):
    """Engagements are read by following links, ten per page, and fetched by a string id."""
    seed_rows(emulator, Engagement, *(_build_engagement(n, ticket.pk) for n in range(25)))
    with count_requests(account, 3):
        engagements = list(Engagement.objects.all())
    assert [row.pk for row in engagements] == [f"E{n:02}" for n in range(25)]

    with count_requests(account, 1):
        engagement = Engagement.objects.get("E07")
    assert (engagement.ticket, engagement.engagement_start_time.minute) == (ticket, 7)


def test_engagements_are_filtered_by_zendesk(account, emulator, ticket, count_requests):
    """Zendesk filters engagements by ticket, channel and time."""
    seed_rows(emulator, Engagement, *(_build_engagement(n, ticket.pk) for n in range(3)))
    half_past = 1767225690
    with count_requests(account, 2):
        assert len(list(Engagement.objects.filter(ticket=ticket, channel="MESSAGING"))) == 3
        later = Engagement.objects.filter(start_time=half_past)
        assert [row.pk for row in later] == ["E02"]
