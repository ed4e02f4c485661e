"""Satisfaction ratings, and the reasons of bad ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.people import person, signed_in
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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ada(account):
    """A verified end user."""
    return person("Ada", verified=True)


@pytest.fixture
def mine(emulator, ada):
    """The tickets of the end user, as she sees them."""
    with signed_in(emulator, ada) as other:
        yield Ticket.objects.using(other.alias)


def _solved(ada, **values):
    ticket = Ticket.objects.create(subject="Printer", comment=Comment(body="x"), requester=ada)
    ticket.assignee = User.objects.me()
    return ticket.solve()


def test_the_requester_rates_a_ticket(account, ada, mine, count_requests):
    """One request; the ticket tells of it, and so does the list."""
    solved = _solved(ada)
    ticket = mine.get(solved.pk)
    with count_requests(mine._session.account, 1):
        rating = ticket.rate("good", "Awesome")

    assert ("good", "Awesome") == (rating.score, rating.comment)
    assert (solved.pk, ada.pk) == (rating.ticket_id, rating.requester_id)
    assert "good" == ticket.satisfaction_rating["score"]
    with count_requests(account, 3):
        assert [rating.pk] == [each.pk for each in SatisfactionRating.objects.all()]
        assert "good" == SatisfactionRating.objects.get(rating.pk).score
        assert 1 == SatisfactionRating.objects.count()
    assert solved == SatisfactionRating.objects.get(rating.pk).ticket


def test_a_rating_is_made_as_any_object(ada, mine):
    """`create()` names the ticket; a second rating takes the place of the first."""
    solved = _solved(ada)
    ratings = SatisfactionRating.objects.using(mine._session.alias)
    first = ratings.create(ticket=solved.pk, score="good")
    second = ratings.create(ticket=solved.pk, score="bad", reason_code=1001)

    assert first.pk == second.pk
    reason = SatisfactionReason.objects.get(second.reason_id)
    assert (1001, reason.value) == (reason.reason_code, second.reason)
    with pytest.raises(FieldError):
        second.delete()


def test_ratings_are_filtered_by_zendesk(account, emulator, ada, mine, count_requests, sent):
    """By score, by whether there is a comment, and by moments: one request each."""
    begin = emulator.clock.now()
    for score, comment in (("good", "Yes"), ("good", None), ("bad", None)):
        mine.get(_solved(ada).pk).rate(score, comment)
        emulator.clock.sleep(60)
    ratings = SatisfactionRating.objects
    with count_requests(account, 6):
        assert 2 == len(ratings.filter(score="good"))
        assert 1 == len(ratings.filter(rated="received_with_comment"))
        assert 1 == len(ratings.filter(rated="good_without_comment"))
        found = list(ratings.all())
        later = found[0].created_at + timedelta(seconds=30)
        assert 2 == len(ratings.filter(start_time=later))
        assert 1 == len(ratings.filter(end_time=later))

    assert str(int(later.timestamp())) == dict(sent[-1].params)["end_time"]
    assert begin <= later.timestamp()


def test_bad_ratings_are_refused(account, ada, mine):
    """Before anything is sent, or by Zendesk: only the requester rates what was solved."""
    solved = _solved(ada)
    with pytest.raises(InvalidValue, match="'good', 'bad'"):
        solved.rate("offered")
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket().rate("good")
    with pytest.raises(PermissionDenied):
        solved.rate("good")
    fresh = Ticket.objects.create(subject="x", comment=Comment(body="x"), requester=ada)
    with pytest.raises(ValidationError):
        mine.get(fresh.pk).rate("good")


def test_reasons_are_kept(account, count_requests):
    """The list is read once; a reason that was read is at hand for minutes."""
    with count_requests(account, 1):
        found = list(SatisfactionReason.objects.all())
        assert found[0] is SatisfactionReason.objects.get(found[0].pk)
    assert 1001 in {each.reason_code for each in found}
