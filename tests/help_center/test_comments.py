"""Comments on articles and posts."""

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


def test_comments_are_managed_through_their_article(comment, article, account, count_requests):
    """Comments are listed, changed and deleted below their article, in one request each."""
    with count_requests(account, 0):
        assert comment.source is article
        assert comment.source_type == "Article"
    with count_requests(account, 1):
        assert list(article.comments.all()) == [comment]
    with count_requests(account, 1):
        assert article.comments.get(pk=comment.pk).body == "Thanks!"
    comment.body = "Thank you!"
    with count_requests(account, 1):
        comment.save()
    assert article.comments.get().body == "Thank you!"
    with count_requests(account, 1):
        comment.delete()
    assert list(article.comments.all()) == []


def test_a_comment_on_an_article_requires_a_locale(article, account, count_requests):
    """A comment on an article without a locale raises `ValidationError` before any request."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="locale"):
        article.comments.create(body="Thanks!")


def test_comments_are_listed_in_a_locale(comment, german, account, emulator, count_requests):
    """With a locale, the comments on that translation are listed by its path."""
    other = german.comments.create(body="Danke!", locale="de")
    with count_requests(account, 1):
        assert [row.body for row in german.comments.filter(locale="de")] == ["Danke!"]
    assert emulator.requests[-1] == f"GET help_center/de/articles/{german.pk}/comments"
    assert set(german.comments.all()) == {comment, other}


def test_a_comment_is_created_in_a_locale(german, emulator):
    """With a locale, a comment is created by the path that end users have to use."""
    comment = german.comments.filter(locale="de").create(body="Danke!")

    assert comment.locale == "de"
    assert emulator.requests[-1] == f"POST help_center/de/articles/{german.pk}/comments"


def test_comments_of_a_user_are_listed(comment, answer, account, count_requests):
    """Comments of a user are listed for all articles and for all posts."""
    owner = User.objects.get(comment.author_id)
    with count_requests(account, 1):
        assert list(ArticleComment.objects.filter(author=owner)) == [comment]
    with count_requests(account, 1):
        assert list(PostComment.objects.filter(author=owner)) == [answer]


def test_select_related_loads_authors(comment, answer, account, count_requests):
    """`select_related("author")` loads authors without a further request."""
    for expected, manager in ((comment, comment.source.comments), (answer, answer.post.comments)):
        with account.session(), count_requests(account, 1):
            comments = list(manager.select_related("author"))
            assert comments == [expected]
            assert comments[0].author.name == "Olivia Owner"


@pytest.mark.parametrize("notify", [True, False])
def test_notify_subscribers_is_sent_at_the_root_of_the_body(article, post, sent, notify):
    """`notify_subscribers` is sent at the root of the body."""
    article.comments.create(body="Thanks!", locale="en-us", notify_subscribers=notify)
    assert sent[-1].json["notify_subscribers"] is notify
    post.comments.create(body="This one", notify_subscribers=notify)
    assert sent[-1].json["notify_subscribers"] is notify


def test_an_update_rejects_notify_subscribers(comment, answer, account, count_requests):
    """Zendesk accepts `notify_subscribers` in no update, so it raises before any request."""
    for item in (comment, answer):
        item.body = "x"
        with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
            item.save(notify_subscribers=False)


def test_listing_comments_requires_a_source(account, count_requests):
    """Listing all comments raises `NoEndpoint`, as Zendesk has no such list."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="source"):
        list(ArticleComment.objects.all())
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="post"):
        list(PostComment.objects.all())


def test_the_comment_count_of_a_post_is_updated(post, answer, account, count_requests):
    """The comment count of a post follows its comments, one of which may be official."""
    post.refresh_from_db()
    assert post.comment_count == 1
    answer.official = True
    with count_requests(account, 1):
        answer.save()
    assert post.comments.get().official is True
    answer.delete()
    post.refresh_from_db()
    assert post.comment_count == 0
