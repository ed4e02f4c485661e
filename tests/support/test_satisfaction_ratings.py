"""Satisfaction ratings and their reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.people import connect_as, create_user
from zendesk_orm import (
    Comment,
    FieldError,
    InvalidValue,
    PermissionDenied,
    Ticket,
    User,
    ValidationError,
)
from zendesk_orm.support import SatisfactionRating, SatisfactionReason


@pytest.fixture
def ada(account):
    """Create a verified end user."""
    return create_user("Ada", verified=True)


@pytest.fixture
def ada_tickets(emulator, ada):
    """Yield the tickets of the end user, as she sees them."""
    with connect_as(emulator, ada) as other:
        yield Ticket.objects.using(other.alias)


def _create_solved_ticket(ada, **values):
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="x"), requester=ada)
    ticket.assignee = User.objects.me()
    return ticket.solve()


def test_the_requester_rates_a_ticket(account, ada, ada_tickets, count_requests):
    """`rate()` creates a rating in one request, which the ticket and the list contain."""
    solved = _create_solved_ticket(ada)
    ticket = ada_tickets.get(solved.pk)
    with count_requests(ada_tickets._session.account, 1):
        rating = ticket.rate("good", "Awesome")

    assert (rating.score, rating.comment) == ("good", "Awesome")
    assert (rating.ticket_id, rating.requester_id) == (solved.pk, ada.pk)
    assert ticket.satisfaction_rating["score"] == "good"
    with count_requests(account, 3):
        assert [row.pk for row in SatisfactionRating.objects.all()] == [rating.pk]
        assert SatisfactionRating.objects.get(rating.pk).score == "good"
        assert SatisfactionRating.objects.count() == 1
    assert SatisfactionRating.objects.get(rating.pk).ticket == solved


def test_a_second_rating_replaces_the_first(ada, ada_tickets):
    """`create()` rates a ticket, and a second rating replaces the first."""
    solved = _create_solved_ticket(ada)
    ratings = SatisfactionRating.objects.using(ada_tickets._session.alias)
    first = ratings.create(ticket=solved.pk, score="good")
    second = ratings.create(ticket=solved.pk, score="bad", reason_code=1001)

    assert first.pk == second.pk
    reason = SatisfactionReason.objects.get(second.reason_id)
    assert (reason.reason_code, second.reason) == (1001, reason.value)
    with pytest.raises(FieldError):
        second.delete()


def test_ratings_are_filtered_by_zendesk(account, emulator, ada, ada_tickets, count_requests, sent):
    """Zendesk filters ratings by score, comment and time, in one request each."""
    begin = emulator.clock.now()
    for score, comment in (("good", "Yes"), ("good", None), ("bad", None)):
        ada_tickets.get(_create_solved_ticket(ada).pk).rate(score, comment)
        emulator.clock.sleep(60)
    ratings = SatisfactionRating.objects
    with count_requests(account, 6):
        assert len(ratings.filter(score="good")) == 2
        assert len(ratings.filter(rated="received_with_comment")) == 1
        assert len(ratings.filter(rated="good_without_comment")) == 1
        ratings_found = list(ratings.all())
        later = ratings_found[0].created_at + timedelta(seconds=30)
        assert len(ratings.filter(start_time=later)) == 2
        assert len(ratings.filter(end_time=later)) == 1

    assert dict(sent[-1].params)["end_time"] == str(int(later.timestamp()))
    assert begin <= later.timestamp()


def test_invalid_ratings_are_rejected(account, ada, ada_tickets):
    """Only the requester rates a solved ticket, as good or bad; anything else raises."""
    solved = _create_solved_ticket(ada)
    with pytest.raises(InvalidValue, match="'good' or 'bad'"):
        solved.rate("offered")
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket().rate("good")
    with pytest.raises(PermissionDenied):
        solved.rate("good")
    fresh = Ticket.objects.create(subject="x", comment=Comment(body="x"), requester=ada)
    with pytest.raises(ValidationError):
        ada_tickets.get(fresh.pk).rate("good")


def test_reasons_are_cached(account, count_requests):
    """Reasons are read once, and then fetched from the cache."""
    with count_requests(account, 1):
        reasons = list(SatisfactionReason.objects.all())
        assert reasons[0] is SatisfactionReason.objects.get(reasons[0].pk)
    assert 1001 in {reason.reason_code for reason in reasons}
