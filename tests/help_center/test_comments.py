"""Comments on articles and on posts."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, User, ValidationError
from zendesk_orm.help_center import ArticleComment, PostComment


@pytest.fixture
def comment(article):
    """Return a comment on an article."""
    return article.comments.create(body="Thanks!", locale="en-us")


@pytest.fixture
def answer(post):
    """Return a comment on a post."""
    return post.comments.create(body="This one")


def test_a_comment_is_made_read_changed_and_deleted(comment, article, account, count_requests):
    """By paths below the article, of which it knows which it is."""
    with count_requests(account, 0):
        assert article is comment.source
        assert "Article" == comment.source_type
    with count_requests(account, 1):
        assert [comment] == list(article.comments.all())
    with count_requests(account, 1):
        assert "Thanks!" == article.comments.get(pk=comment.pk).body
    comment.body = "Thank you!"
    with count_requests(account, 1):
        comment.save()
    assert "Thank you!" == article.comments.get().body
    with count_requests(account, 1):
        comment.delete()
    assert [] == list(article.comments.all())


def test_a_comment_on_an_article_wants_a_locale(article, account, count_requests):
    """It belongs to a translation."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="locale"):
        article.comments.create(body="Thanks!")


def test_comments_are_read_in_a_locale(comment, german, account, emulator, count_requests):
    """Those on the translation."""
    other = german.comments.create(body="Danke!", locale="de")
    with count_requests(account, 1):
        assert ["Danke!"] == [each.body for each in german.comments.filter(locale="de")]
    assert f"GET help_center/de/articles/{german.pk}/comments" == emulator.requests[-1]
    assert {comment, other} == set(german.comments.all())


def test_a_comment_is_made_in_a_locale(german, emulator):
    """By its path, as end users have to; the comment is of that locale."""
    made = german.comments.filter(locale="de").create(body="Danke!")

    assert "de" == made.locale
    assert f"POST help_center/de/articles/{german.pk}/comments" == emulator.requests[-1]


def test_comments_of_a_user_are_read(comment, answer, account, count_requests):
    """On all articles, and on all posts."""
    owner = User.objects.get(comment.author_id)
    with count_requests(account, 1):
        assert [comment] == list(ArticleComment.objects.filter(author=owner))
    with count_requests(account, 1):
        assert [answer] == list(PostComment.objects.filter(author=owner))


def test_comments_come_with_their_authors(comment, answer, account, count_requests):
    """Side-loaded, in the request of the list."""
    for one, place in ((comment, comment.source.comments), (answer, answer.post.comments)):
        with account.session(), count_requests(account, 1):
            found = list(place.select_related("author"))
            assert [one] == found
            assert "Olivia Owner" == found[0].author.name


@pytest.mark.parametrize("told", [True, False])
def test_subscribers_are_told_or_not(article, post, sent, told):
    """Beside the comment, as of articles."""
    article.comments.create(body="Thanks!", locale="en-us", notify_subscribers=told)
    assert told is sent[-1].json["notify_subscribers"]
    post.comments.create(body="This one", notify_subscribers=told)
    assert told is sent[-1].json["notify_subscribers"]


def test_subscribers_are_told_of_what_is_new_alone(comment, answer, account, count_requests):
    """Zendesk takes it with no update."""
    for each in (comment, answer):
        each.body = "x"
        with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
            each.save(notify_subscribers=False)


def test_comments_of_nothing_are_refused(account, count_requests):
    """Zendesk has no list of all comments."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="source"):
        list(ArticleComment.objects.all())
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="post"):
        list(PostComment.objects.all())


def test_a_post_counts_its_comments(post, answer, account, count_requests):
    """And one of them may be the answer."""
    post.refresh_from_db()
    assert 1 == post.comment_count
    answer.official = True
    with count_requests(account, 1):
        answer.save()
    assert post.comments.get().official is True
    answer.delete()
    post.refresh_from_db()
    assert 0 == post.comment_count
