"""Who follows what, and whom."""

from __future__ import annotations

import pytest

from zendesk_orm import Conflict, InvalidValue, User, ValidationError
from zendesk_orm.help_center import Subscription, UserSubscription


@pytest.fixture(params=["article", "section", "topic", "post"])
def thing(request):
    """Return what can be followed."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def more(thing):
    """Return what a subscription to it has to say."""
    translated = type(thing).__name__ in ("Article", "Section")
    return {"source_locale": "en-us"} if translated else {}


def test_a_user_follows_something_until_it_ends(thing, more, ann, account, count_requests):
    """A request each, by paths below what is followed."""
    with count_requests(account, 1):
        subscription = thing.subscriptions.create(user=ann, **more)
    with count_requests(account, 1):
        assert [subscription] == list(thing.subscriptions.all())
    with count_requests(account, 0):
        assert thing is subscription.content
        assert type(thing).__name__ == subscription.content_type
    with count_requests(account, 1):
        assert ann == thing.subscriptions.get(pk=subscription.pk).user
    with count_requests(account, 1):
        subscription.delete()
    assert [] == list(thing.subscriptions.all())


def test_whoever_asks_follows_by_default(thing, more):
    """Without a user."""
    subscription = thing.subscriptions.create(**more)

    assert "Olivia Owner" == User.objects.get(subscription.user_id).name


def test_all_that_a_user_follows_is_read(article, section, post, ann, account, count_requests):
    """In one request, whatever it is; and from there on to what it is."""
    article.subscriptions.create(user=ann, source_locale="en-us")
    section.subscriptions.create(user=ann, source_locale="en-us", include_comments=True)
    post.subscriptions.create(user=ann)
    article.subscriptions.create(source_locale="en-us")
    with count_requests(account, 1):
        found = list(Subscription.objects.filter(user=ann))

    assert {("Article", False), ("Section", True), ("Post", False)} == {
        (each.content_type, each.include_comments) for each in found
    }
    assert {article, section, post} == {each.content for each in found}
    assert "Low light" in {getattr(each.content, "title", "") for each in found}


def test_a_subscription_to_words_wants_their_locale(article, section, account, count_requests):
    """Nothing is asked without."""
    for each in (article, section):
        with count_requests(account, 0), pytest.raises(ValidationError, match="source_locale"):
            each.subscriptions.create()


def test_subscriptions_are_read_in_a_locale(german, account, emulator, count_requests):
    """By the path of the article in that locale."""
    german.subscriptions.create(source_locale="de")
    with count_requests(account, 1):
        assert 1 == len(german.subscriptions.filter(locale="de"))
    assert f"GET help_center/de/articles/{german.pk}/subscriptions" == emulator.requests[-1]


def test_a_subscription_to_a_topic_is_changed(topic, ann, account, count_requests):
    """It says whether comments are followed, too."""
    subscription = topic.subscriptions.create(user=ann)
    subscription.include_comments = True
    with count_requests(account, 1):
        subscription.save()

    assert topic.subscriptions.get().include_comments is True


def test_topics_and_posts_count_who_follows(topic, post):
    """And whoever follows no longer is counted no longer."""
    for each in (topic, post):
        subscription = each.subscriptions.create()
        each.refresh_from_db()
        assert 1 == each.follower_count
        subscription.delete()
        each.refresh_from_db()
        assert 0 == each.follower_count


def test_subscriptions_come_with_their_users(post, ann, account, count_requests):
    """Side-loaded, in the request of the list."""
    post.subscriptions.create(user=ann)
    with account.session(), count_requests(account, 1):
        found = list(post.subscriptions.select_related("user"))
        assert ["Ann Archer"] == [each.user.name for each in found]


# -- users --------------------------------------------------------------------


@pytest.fixture
def bob(account):
    """Return another end user."""
    return User.objects.create(name="Bob Baker", email="bob@example.com")


def test_a_user_follows_another(ann, bob, account, count_requests):
    """Until it ends; it is read from either."""
    with count_requests(account, 1):
        subscription = UserSubscription.objects.follow(ann, bob)
    with count_requests(account, 0):
        assert (ann, bob) == (subscription.follower, subscription.followed)
    with count_requests(account, 1):
        assert [subscription] == list(UserSubscription.objects.filter(user=bob))
    with count_requests(account, 1):
        followings = UserSubscription.objects.filter(user=ann, type="followings")
        assert [subscription] == list(followings)
    assert [] == list(UserSubscription.objects.filter(user=ann, type="followers"))
    with count_requests(account, 1):
        subscription.delete()
    assert [] == list(UserSubscription.objects.filter(user=bob))


def test_nobody_is_followed_twice(ann, bob, sent):
    """Zendesk refuses it; ids are as good as users."""
    UserSubscription.objects.follow(ann.pk, bob.pk, include_comments=True)

    assert {"followed_id": bob.pk, "include_comments": True} == sent[-1].json["user_subscription"]
    with pytest.raises(Conflict):
        UserSubscription.objects.follow(ann, bob)


def test_whoever_was_never_saved_follows_nobody(ann, account, count_requests):
    """There is no id yet."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        UserSubscription.objects.follow(ann, User(name="New"))
