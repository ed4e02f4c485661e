"""Subscriptions to content and to users."""

from __future__ import annotations

import pytest

from zendesk_orm import Conflict, InvalidValue, User, ValidationError
from zendesk_orm.help_center import Subscription, UserSubscription


@pytest.fixture(params=["article", "section", "topic", "post"])
def content(request):
    """Return an object that users can subscribe to."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def values(content):
    """Return the values that a subscription to the object requires."""
    translated = type(content).__name__ in ("Article", "Section")
    return {"source_locale": "en-us"} if translated else {}


def test_subscriptions_are_managed_through_their_content(
    content, values, ann, account, count_requests
):
    """Subscriptions are created, listed and deleted below their content, in one request each."""
    with count_requests(account, 1):
        subscription = content.subscriptions.create(user=ann, **values)
    with count_requests(account, 1):
        assert list(content.subscriptions.all()) == [subscription]
    with count_requests(account, 0):
        assert subscription.content is content
        assert subscription.content_type == type(content).__name__
    with count_requests(account, 1):
        assert content.subscriptions.get(pk=subscription.pk).user == ann
    with count_requests(account, 1):
        subscription.delete()
    assert list(content.subscriptions.all()) == []


def test_the_subscriber_is_the_caller_by_default(content, values):
    """Without a user, the authenticated user subscribes."""
    subscription = content.subscriptions.create(**values)

    assert User.objects.get(subscription.user_id).name == "Olivia Owner"


def test_subscriptions_of_a_user_lead_to_their_content(
    article, section, post, ann, account, count_requests
):
    """All subscriptions of a user are listed in one request and lead to their content."""
    article.subscriptions.create(user=ann, source_locale="en-us")
    section.subscriptions.create(user=ann, source_locale="en-us", include_comments=True)
    post.subscriptions.create(user=ann)
    article.subscriptions.create(source_locale="en-us")
    with count_requests(account, 1):
        subscriptions = list(Subscription.objects.filter(user=ann))

    assert {
        (subscription.content_type, subscription.include_comments) for subscription in subscriptions
    } == {
        ("Article", False),
        ("Section", True),
        ("Post", False),
    }
    assert {subscription.content for subscription in subscriptions} == {article, section, post}
    assert "Low light" in {
        getattr(subscription.content, "title", "") for subscription in subscriptions
    }


def test_a_subscription_to_translated_content_requires_a_locale(
    article, section, account, count_requests
):
    """Subscribing to an article or section without a locale raises before any request."""
    for item in (article, section):
        with count_requests(account, 0), pytest.raises(ValidationError, match="source_locale"):
            item.subscriptions.create()


def test_subscriptions_are_listed_in_a_locale(german, account, emulator, count_requests):
    """With a locale, the subscriptions to an article are listed by the path of that locale."""
    german.subscriptions.create(source_locale="de")
    with count_requests(account, 1):
        assert len(german.subscriptions.filter(locale="de")) == 1
    assert emulator.requests[-1] == f"GET help_center/de/articles/{german.pk}/subscriptions"


def test_a_subscription_to_a_topic_is_changed(topic, ann, account, count_requests):
    """A subscription to a topic can be changed to include comments."""
    subscription = topic.subscriptions.create(user=ann)
    subscription.include_comments = True
    with count_requests(account, 1):
        subscription.save()

    assert topic.subscriptions.get().include_comments is True


def test_follower_counts_are_updated(topic, post):
    """The follower counts of topics and posts follow their subscriptions."""
    for item in (topic, post):
        subscription = item.subscriptions.create()
        item.refresh_from_db()
        assert item.follower_count == 1
        subscription.delete()
        item.refresh_from_db()
        assert item.follower_count == 0


def test_select_related_loads_users(post, ann, account, count_requests):
    """`select_related("user")` loads subscribers without a further request."""
    post.subscriptions.create(user=ann)
    with account.session(), count_requests(account, 1):
        subscriptions = list(post.subscriptions.select_related("user"))
        assert [subscription.user.name for subscription in subscriptions] == ["Ann Archer"]


# Users


@pytest.fixture
def bob(account):
    """Return another end user."""
    return User.objects.create(name="Bob Baker", email="bob@example.com")


def test_a_user_follows_another(ann, bob, account, count_requests):
    """`follow()` subscribes a user to another; the subscription is listed from both sides."""
    with count_requests(account, 1):
        subscription = UserSubscription.objects.follow(ann, bob)
    with count_requests(account, 0):
        assert (subscription.follower, subscription.followed) == (ann, bob)
    with count_requests(account, 1):
        assert list(UserSubscription.objects.filter(user=bob)) == [subscription]
    with count_requests(account, 1):
        followings = UserSubscription.objects.filter(user=ann, type="followings")
        assert list(followings) == [subscription]
    assert list(UserSubscription.objects.filter(user=ann, type="followers")) == []
    with count_requests(account, 1):
        subscription.delete()
    assert list(UserSubscription.objects.filter(user=bob)) == []


def test_a_user_is_followed_once(ann, bob, sent):
    """`follow()` takes users or ids, and a second call raises `Conflict`."""
    UserSubscription.objects.follow(ann.pk, bob.pk, include_comments=True)

    assert sent[-1].json["user_subscription"] == {"followed_id": bob.pk, "include_comments": True}
    with pytest.raises(Conflict):
        UserSubscription.objects.follow(ann, bob)


def test_follow_requires_saved_users(ann, account, count_requests):
    """`follow()` with an unsaved user raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        UserSubscription.objects.follow(ann, User(name="New"))
