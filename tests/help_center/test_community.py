"""Topics of the community, and the posts under them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, User, ValidationError
from zendesk_orm.help_center import Post, Topic


def test_a_topic_is_made_changed_and_deleted(account, count_requests):
    """A request each."""
    with count_requests(account, 1):
        topic = Topic.objects.create(name="Cameras", description="All kinds")
    assert ("staff", "Staff") == (topic.manageable_by, topic.get_manageable_by_display())
    topic.name = "Lenses"
    with count_requests(account, 1):
        topic.save()
    assert "Lenses" == Topic.objects.get(topic.pk).name
    with count_requests(account, 1):
        topic.delete()
    assert [] == list(Topic.objects.all())


def test_topics_are_few_and_filtered_here(topic, account, count_requests):
    """By any field."""
    Topic.objects.create(name="Lenses")
    with count_requests(account, 1):
        assert [topic] == list(Topic.objects.filter(name="Cameras"))


def test_a_post_is_made_under_its_topic(topic, account, count_requests, sent):
    """And knows it."""
    with count_requests(account, 1):
        post = topic.posts.create(title="Which tripod?", details="For low light")

    assert ("/api/v2/community/posts", topic.pk) == (
        sent[-1].path,
        sent[-1].json["post"]["topic_id"],
    )
    with count_requests(account, 0):
        assert topic is post.topic
    with count_requests(account, 0), pytest.raises(ValidationError, match="title"):
        topic.posts.create(details="...")


def test_posts_are_read_in_their_places(post, topic, account, count_requests):
    """Of a topic, of an author, and of all: a request each."""
    author = User.objects.get(post.author_id)
    other = Topic.objects.create(name="Lenses").posts.create(title="Which lens?")
    with count_requests(account, 1):
        assert [post] == list(topic.posts.all())
    with count_requests(account, 1):
        assert {post, other} == set(Post.objects.filter(author=author))
    with count_requests(account, 1):
        assert {post, other} == set(Post.objects.all())


def test_a_post_is_read_with_whom_it_belongs_to(post, account, count_requests):
    """Its author and its topic are side-loaded."""
    with account.session(), count_requests(account, 1):
        found = Post.objects.select_related("author", "topic").get(pk=post.pk)
        assert ("Olivia Owner", "Cameras") == (found.author.name, found.topic.name)


def test_a_post_is_changed(post, account, count_requests):
    """Only what changed is sent."""
    post.status, post.pinned = "answered", True
    with count_requests(account, 1):
        post.save()

    found = Post.objects.get(post.pk)
    assert ("answered", "Answered", True) == (
        found.status,
        found.get_status_display(),
        found.pinned,
    )
    with pytest.raises(InvalidValue, match="planned"):
        post.status = "maybe"


def test_posts_are_filtered_by_their_status(post, topic, account, count_requests):
    """By Zendesk, also under a topic."""
    done = topic.posts.create(title="Flash?", status="completed")
    for place in (Post.objects, topic.posts):
        with count_requests(account, 1):
            assert [done] == list(place.filter(status="completed"))


def test_posts_are_ordered_in_zendesks_ways(post, topic, account, count_requests):
    """By votes, or by comments, and by nothing that Zendesk has not."""
    liked, discussed = (topic.posts.create(title=each) for each in ("Liked", "Discussed"))
    liked.vote_up()
    discussed.comments.create(body="Yes")
    with count_requests(account, 1):
        assert liked == Post.objects.filter(sorted_by="votes")[0]
    with count_requests(account, 1):
        assert discussed == topic.posts.filter(sorted_by="comments")[0]
    with pytest.raises(InvalidValue, match="sorted_by"):
        Post.objects.filter(sorted_by="title")


@pytest.mark.parametrize("told", [True, False])
def test_subscribers_are_told_or_not(topic, sent, told):
    """Beside the post, as of articles."""
    topic.posts.create(title="Which tripod?", notify_subscribers=told)

    assert told is sent[-1].json["notify_subscribers"]


def test_a_post_there_already_tells_nobody(post, account, count_requests):
    """Zendesk takes it with no update."""
    post.title = "Which?"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
        post.save(notify_subscribers=True)


def test_posts_are_searched_for(post, topic, account, count_requests):
    """The best first; narrowed by topic and by days."""
    other = Topic.objects.create(name="Lenses").posts.create(title="Lens", details="for a tripod")
    found = Post.objects.search("tripod")
    with count_requests(account, 1):
        assert [post, other] == list(found)
    tomorrow = post.created_at.date() + timedelta(days=1)
    with count_requests(account, 2):
        assert [post] == list(found.filter(topic=topic))
        assert [] == list(found.filter(created_after=tomorrow))
    with count_requests(account, 0), pytest.raises(InvalidValue, match="words"):
        Post.objects.search("")


def test_conditions_that_no_path_answers_are_refused(account, count_requests):
    """There may be any number of posts."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="title"):
        list(Post.objects.filter(title="x"))
