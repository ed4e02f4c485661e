"""User segments and permission groups."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, User, ValidationError
from zendesk_orm.help_center import Article, PermissionGroup, Section, Topic, UserSegment


@pytest.fixture
def staff(account):
    """Return a segment of agents."""
    return UserSegment.objects.create(name="Staff", user_type="staff")


def test_user_segments_are_managed(account, count_requests):
    """Segments are created, changed and deleted; an edited list is fetched before it is saved."""
    with count_requests(account, 1):
        segment = UserSegment.objects.create(name="VIPs", user_type="signed_in_users", tags=["vip"])
    segment.or_tags = ["gold"]
    with count_requests(account, 2):
        segment.save()
    assert (segment.tags, segment.or_tags) == (["vip"], ["gold"])
    with count_requests(account, 1):
        segment.delete()
    assert list(UserSegment.objects.all()) == []


def test_a_user_segment_requires_a_name_and_a_type(account, count_requests):
    """A missing name or type, or an unknown type, raises before any request."""
    with count_requests(account, 0):
        with pytest.raises(ValidationError) as caught:
            UserSegment.objects.create()
        with pytest.raises(InvalidValue, match="staff"):
            UserSegment(name="x", user_type="agents")

    assert set(caught.value.error_dict) == {"name", "user_type"}


def test_applicable_and_built_in_segments_are_listed(staff, sent):
    """Applicable segments have a path of their own, built-in ones a parameter."""
    assert list(UserSegment.objects.filter(applicable=True)) == [staff]
    assert sent[-1].path == "/api/v2/help_center/user_segments/applicable"
    list(UserSegment.objects.filter(built_in=True))
    assert ("built_in", "true") in sent[-1].params


def test_segments_of_a_user_are_listed(staff, ann, account, count_requests):
    """The segments that a user belongs to are listed in one request."""
    everybody = UserSegment.objects.create(name="All", user_type="signed_in_users")
    owner = User.objects.get(email="owner@example.com")
    with count_requests(account, 1):
        assert list(UserSegment.objects.filter(user=ann)) == [everybody]
    with count_requests(account, 1):
        assert set(UserSegment.objects.filter(user=owner)) == {everybody, staff}


def test_contents_of_a_segment_are_listed(staff, account, count_requests):
    """The topics and sections that are restricted to a segment are listed."""
    topic = Topic.objects.create(name="Internal", user_segment=staff)
    with count_requests(account, 1):
        assert list(staff.topics.all()) == [topic]
    with count_requests(account, 0):
        assert topic.user_segment is staff
    with count_requests(account, 1):
        assert list(Section.objects.filter(user_segment=staff)) == []


def test_an_article_is_restricted_to_a_segment(article, staff, sent):
    """The segment of an article is saved, and removed by None."""
    article.user_segment = staff
    article.save()
    assert sent[-1].json == {"article": {"user_segment_id": staff.pk}}
    assert Article.objects.get(article.pk).user_segment_ids == [staff.pk]
    article.user_segment = None
    article.save()
    assert Article.objects.get(article.pk).user_segment_ids == []


def test_permission_groups_are_managed(staff, account, count_requests):
    """Permission groups are created, changed and deleted, with ids of segments."""
    with count_requests(account, 1):
        group = PermissionGroup.objects.create(name="Editors", edit=[staff.pk], publish=[staff.pk])
    group.publish = []
    with count_requests(account, 2):
        group.save()
    saved = PermissionGroup.objects.get(group.pk)
    assert (saved.edit, saved.publish) == ([staff.pk], [])
    group.delete()
    assert list(PermissionGroup.objects.all()) == []
    with pytest.raises(ValidationError, match="name"):
        PermissionGroup.objects.create()


def test_permission_groups_are_cached(article, group, account, count_requests):
    """The permission group of an article is read from the cache."""
    fetched = Article.objects.get(article.pk)
    with count_requests(account, 0):
        assert (fetched.permission_group.name, fetched.permission_group) == ("Writers", group)
