"""Who may see, and who may publish."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, User, ValidationError
from zendesk_orm.help_center import Article, PermissionGroup, Section, Topic, UserSegment


@pytest.fixture
def staff(account):
    """Return a segment of agents."""
    return UserSegment.objects.create(name="Staff", user_type="staff")


def test_a_segment_is_made_changed_and_deleted(account, count_requests):
    """A request each."""
    with count_requests(account, 1):
        segment = UserSegment.objects.create(name="VIPs", user_type="signed_in_users", tags=["vip"])
    segment.or_tags = ["gold"]
    with count_requests(account, 1):
        segment.save()
    assert (["vip"], ["gold"]) == (segment.tags, segment.or_tags)
    with count_requests(account, 1):
        segment.delete()
    assert [] == list(UserSegment.objects.all())


def test_what_a_segment_cannot_do_without(account, count_requests):
    """A name, and one of two types."""
    with count_requests(account, 0):
        with pytest.raises(ValidationError) as caught:
            UserSegment.objects.create()
        with pytest.raises(InvalidValue, match="staff"):
            UserSegment(name="x", user_type="agents")

    assert {"name", "user_type"} == set(caught.value.error_dict)


def test_segments_that_are_applicable_or_built_in_are_asked_for(staff, sent):
    """By their own path, and by a parameter."""
    assert [staff] == list(UserSegment.objects.filter(applicable=True))
    assert "/api/v2/help_center/user_segments/applicable" == sent[-1].path
    list(UserSegment.objects.filter(built_in=True))
    assert ("built_in", "true") in sent[-1].params


def test_segments_of_a_user_are_read(staff, ann, account, count_requests):
    """Those that the user belongs to."""
    everybody = UserSegment.objects.create(name="All", user_type="signed_in_users")
    owner = User.objects.get(email="owner@example.com")
    with count_requests(account, 1):
        assert [everybody] == list(UserSegment.objects.filter(user=ann))
    with count_requests(account, 1):
        assert {everybody, staff} == set(UserSegment.objects.filter(user=owner))


def test_what_is_seen_by_a_segment(staff, account, count_requests):
    """Its topics, and its sections by a lookup."""
    topic = Topic.objects.create(name="Internal", user_segment=staff)
    with count_requests(account, 1):
        assert [topic] == list(staff.topics.all())
    with count_requests(account, 0):
        assert staff is topic.user_segment
    with count_requests(account, 1):
        assert [] == list(Section.objects.filter(user_segment=staff))


def test_an_article_is_seen_by_a_segment(article, staff, sent):
    """By one, or by several."""
    article.user_segment = staff
    article.save()
    assert {"article": {"user_segment_id": staff.pk}} == sent[-1].json
    assert [staff.pk] == Article.objects.get(article.pk).user_segment_ids
    article.user_segment = None
    article.save()
    assert [] == Article.objects.get(article.pk).user_segment_ids


def test_a_group_says_who_may_publish(staff, account, count_requests):
    """By the ids of segments."""
    with count_requests(account, 1):
        group = PermissionGroup.objects.create(name="Editors", edit=[staff.pk], publish=[staff.pk])
    group.publish = []
    with count_requests(account, 1):
        group.save()
    found = PermissionGroup.objects.get(group.pk)
    assert ([staff.pk], []) == (found.edit, found.publish)
    group.delete()
    assert [] == list(PermissionGroup.objects.all())
    with pytest.raises(ValidationError, match="name"):
        PermissionGroup.objects.create()


def test_the_group_of_an_article_is_read(article, group, account, count_requests):
    """Groups are few and seldom change, so that they are kept for a while."""
    found = Article.objects.get(article.pk)
    with count_requests(account, 0):
        assert ("Writers", group) == (found.permission_group.name, found.permission_group)
