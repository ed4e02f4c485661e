"""Topics of the community, and their posts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, User, ValidationError
from zendesk_orm.help_center import Post, Topic


def test_topics_are_managed(account, count_requests):
    """Topics are created, changed and deleted in one request each."""
    with count_requests(account, 1):
        topic = Topic.objects.create(name="Cameras", description="All kinds")
    assert (topic.manageable_by, topic.get_manageable_by_display()) == ("staff", "Staff")
    topic.name = "Lenses"
    with count_requests(account, 1):
        topic.save()
    assert Topic.objects.get(topic.pk).name == "Lenses"
    with count_requests(account, 1):
        topic.delete()
    assert list(Topic.objects.all()) == []


def test_topics_are_filtered_client_side(topic, account, count_requests):
    """Topics are listed in one request and filtered by any field."""
    Topic.objects.create(name="Lenses")
    with count_requests(account, 1):
        assert list(Topic.objects.filter(name="Cameras")) == [topic]


def test_a_post_is_created_in_its_topic(topic, account, count_requests, sent):
    """A post that is created through its topic leads to the topic."""
    with count_requests(account, 1):
        post = topic.posts.create(title="Which tripod?", details="For low light")

    assert (sent[-1].path, sent[-1].json["post"]["topic_id"]) == (
        "/api/v2/community/posts",
        topic.pk,
    )
    with count_requests(account, 0):
        assert post.topic is topic
    with count_requests(account, 0), pytest.raises(ValidationError, match="title"):
        topic.posts.create(details="...")


def test_posts_are_listed_by_topic_and_author(post, topic, account, count_requests):
    """Posts are listed by topic, by author, or all, in one request each."""
    author = User.objects.get(post.author_id)
    other = Topic.objects.create(name="Lenses").posts.create(title="Which lens?")
    with count_requests(account, 1):
        assert list(topic.posts.all()) == [post]
    with count_requests(account, 1):
        assert set(Post.objects.filter(author=author)) == {post, other}
    with count_requests(account, 1):
        assert set(Post.objects.all()) == {post, other}


def test_select_related_loads_author_and_topic(post, account, count_requests):
    """`select_related()` loads author and topic of a post without a further request."""
    with account.session(), count_requests(account, 1):
        loaded = Post.objects.select_related("author", "topic").get(pk=post.pk)
        assert (loaded.author.name, loaded.topic.name) == ("Olivia Owner", "Cameras")


def test_a_post_is_changed(post, account, count_requests):
    """Status and pinning of a post are changed in one request; the status is validated."""
    post.status, post.pinned = "answered", True
    with count_requests(account, 1):
        post.save()

    saved = Post.objects.get(post.pk)
    assert (saved.status, saved.get_status_display(), saved.pinned) == (
        "answered",
        "Answered",
        True,
    )
    with pytest.raises(InvalidValue, match="planned"):
        post.status = "maybe"


def test_posts_are_filtered_by_status(post, topic, account, count_requests):
    """Zendesk filters posts by status, with or without a topic."""
    completed = topic.posts.create(title="Flash?", status="completed")
    for manager in (Post.objects, topic.posts):
        with count_requests(account, 1):
            assert list(manager.filter(status="completed")) == [completed]


def test_posts_are_sorted_by_votes_or_comments(post, topic, account, count_requests):
    """Zendesk sorts posts by votes or comments; other values of `sorted_by` raise."""
    liked, discussed = (topic.posts.create(title=title) for title in ("Liked", "Discussed"))
    liked.vote_up()
    discussed.comments.create(body="Yes")
    with count_requests(account, 1):
        assert Post.objects.filter(sorted_by="votes")[0] == liked
    with count_requests(account, 1):
        assert topic.posts.filter(sorted_by="comments")[0] == discussed
    with pytest.raises(InvalidValue, match="sorted_by"):
        Post.objects.filter(sorted_by="title")


@pytest.mark.parametrize("notify", [True, False])
def test_notify_subscribers_is_sent_at_the_root_of_the_body(topic, sent, notify):
    """`notify_subscribers` is sent at the root of the body."""
    topic.posts.create(title="Which tripod?", notify_subscribers=notify)

    assert sent[-1].json["notify_subscribers"] is notify


def test_an_update_rejects_notify_subscribers(post, account, count_requests):
    """Zendesk accepts `notify_subscribers` in no update, so it raises before any request."""
    post.title = "Which?"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
        post.save(notify_subscribers=True)


def test_searches_of_posts_are_filtered(post, topic, account, count_requests):
    """Posts are searched with the best match first, and filtered by topic and day."""
    other = Topic.objects.create(name="Lenses").posts.create(title="Lens", details="for a tripod")
    search = Post.objects.search("tripod")
    with count_requests(account, 1):
        assert list(search) == [post, other]
    tomorrow = post.created_at.date() + timedelta(days=1)
    with count_requests(account, 2):
        assert list(search.filter(topic=topic)) == [post]
        assert list(search.filter(created_after=tomorrow)) == []
    with count_requests(account, 0), pytest.raises(InvalidValue, match="search"):
        Post.objects.search("")


def test_unsupported_filters_raise(account, count_requests):
    """A filter that no endpoint supports raises `NoEndpoint` before any request."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="title"):
        list(Post.objects.filter(title="x"))
