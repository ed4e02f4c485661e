"""Votes on articles, posts and comments."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, User
from zendesk_orm.help_center import Vote


@pytest.fixture(params=["article", "article comment", "post", "post comment"])
def item(request):
    """Return an object that users can vote on."""
    kind, _, comment = request.param.partition(" ")
    record = request.getfixturevalue(kind)
    if comment:
        values = {"locale": "en-us"} if kind == "article" else {}
        return record.comments.create(body="Thanks!", **values)
    return record


def test_votes_are_cast_and_counted(item, account, count_requests):
    """A vote takes one request, and the counts are fetched when they are read."""
    with count_requests(account, 1):
        vote = item.vote_up()

    assert (vote.value, vote.item_id) == (1, item.pk)
    with count_requests(account, 1):
        assert (item.vote_sum, item.vote_count) == (1, 1)


def test_a_second_vote_replaces_the_first(item):
    """A second vote of a user on an object replaces the first."""
    first, second = item.vote_up(), item.vote_down()

    assert first.pk == second.pk
    assert (item.vote_sum, item.vote_count) == (-1, 1)


def test_deleting_a_vote_withdraws_it(item, account, count_requests):
    """Deleting a vote withdraws it."""
    vote = item.vote_up()
    with count_requests(account, 1):
        vote.delete()
    item.refresh_from_db()

    assert (item.vote_sum, item.vote_count) == (0, 0)


def test_votes_of_an_object_lead_to_it(item, account, count_requests):
    """Votes are listed from their object, and lead to it without a further request."""
    vote = item.vote_up()
    with count_requests(account, 1):
        fetched = item.votes.get()
        assert vote == fetched
        assert (type(fetched.item), fetched.item.pk) == (type(item), item.pk)


def test_the_item_of_a_vote_is_fetched_once(article, account, count_requests):
    """The item of a vote is fetched when it is first read."""
    vote = article.vote_up()
    with account.session():
        fetched = Vote.objects.get(vote.pk)
        with count_requests(account, 1):
            assert fetched.item.title == "Low light"
            assert fetched.item is fetched.item


def test_votes_of_a_user_are_listed(article, account, count_requests):
    """Votes of a user are listed in one request, and users can be side-loaded."""
    vote = article.vote_up()
    owner = User.objects.get(vote.user_id)
    with count_requests(account, 1):
        assert list(Vote.objects.filter(user=owner)) == [vote]
    assert list(Vote.objects.all()) == [vote]
    with account.session(), count_requests(account, 1):
        loaded = Vote.objects.select_related("user").get(pk=vote.pk)
        assert loaded.user.name == "Olivia Owner"


def test_a_vote_preserves_edits(article):
    """Voting preserves the unsaved edits of the object."""
    article.promoted = True
    article.vote_up()

    assert article.changes() == {"promoted": (False, True)}


def test_a_vote_requires_a_saved_object(article, account, count_requests):
    """Voting on an unsaved object raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="saved"):
        type(article)(title="New").vote_up()
