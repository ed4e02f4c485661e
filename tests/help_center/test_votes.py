"""Votes on articles, posts, and the comments on both."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, User
from zendesk_orm.help_center import Vote


@pytest.fixture(params=["article", "article comment", "post", "post comment"])
def thing(request):
    """Return what can be voted on."""
    kind, _, comment = request.param.partition(" ")
    found = request.getfixturevalue(kind)
    if comment:
        more = {"locale": "en-us"} if kind == "article" else {}
        return found.comments.create(body="Thanks!", **more)
    return found


def test_votes_are_cast_and_counted(thing, account, count_requests):
    """One request; the counts are read anew when somebody asks."""
    with count_requests(account, 1):
        vote = thing.vote_up()

    assert (1, thing.pk) == (vote.value, vote.item_id)
    with count_requests(account, 1):
        assert (1, 1) == (thing.vote_sum, thing.vote_count)


def test_whoever_votes_again_has_changed_the_vote(thing):
    """There is one vote of a user on a thing."""
    first, second = thing.vote_up(), thing.vote_down()

    assert first.pk == second.pk
    assert (-1, 1) == (thing.vote_sum, thing.vote_count)


def test_a_vote_is_taken_back(thing, account, count_requests):
    """By deleting it."""
    vote = thing.vote_up()
    with count_requests(account, 1):
        vote.delete()
    thing.refresh_from_db()

    assert (0, 0) == (thing.vote_sum, thing.vote_count)


def test_votes_are_read_from_what_they_are_cast_on(thing, account, count_requests):
    """And of each is known what it is cast on."""
    vote = thing.vote_up()
    with count_requests(account, 1):
        found = thing.votes.get()
        assert vote == found
        assert (type(thing), thing.pk) == (type(found.item), found.item.pk)


def test_what_a_vote_is_cast_on_is_read_when_it_is_used(article, account, count_requests):
    """Once in a session."""
    vote = article.vote_up()
    with account.session():
        found = Vote.objects.get(vote.pk)
        with count_requests(account, 1):
            assert "Low light" == found.item.title
            assert found.item is found.item


def test_votes_of_a_user_are_read(article, account, count_requests):
    """With all that he voted on."""
    vote = article.vote_up()
    owner = User.objects.get(vote.user_id)
    with count_requests(account, 1):
        assert [vote] == list(Vote.objects.filter(user=owner))
    assert [vote] == list(Vote.objects.all())
    with account.session(), count_requests(account, 1):
        found = Vote.objects.select_related("user").get(pk=vote.pk)
        assert "Olivia Owner" == found.user.name


def test_an_edit_survives_a_vote(article):
    """Voting takes over nothing that somebody assigned."""
    article.promoted = True
    article.vote_up()

    assert {"promoted": (False, True)} == article.changes()


def test_what_was_never_saved_gets_no_vote(article, account, count_requests):
    """There is no path to it."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="saved"):
        type(article)(title="New").vote_up()
