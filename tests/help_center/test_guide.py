"""Content tags, redirect rules, media, images, badges, sessions and the service catalog."""

from __future__ import annotations

import pytest

from zendesk_orm import Brand, InvalidValue, NotFound, ValidationError, errors
from zendesk_orm.emulator import Emulator
from zendesk_orm.help_center import (
    Article,
    Badge,
    BadgeAssignment,
    BadgeCategory,
    ContentTag,
    GuideMedia,
    HelpCenterSession,
    RedirectRule,
    ServiceCatalogItem,
    UserImage,
)


# Content tags


def test_content_tags_are_managed(account, count_requests):
    """Content tags have string ids, and are created, changed and deleted in one request each."""
    with count_requests(account, 1):
        tag = ContentTag.objects.create(name="cameras")
    assert isinstance(tag.pk, str)
    tag.name = "lenses"
    with count_requests(account, 1):
        tag.save()
    with count_requests(account, 1):
        assert ContentTag.objects.get(tag.pk).name == "lenses"
    with count_requests(account, 1):
        tag.delete()
    with pytest.raises(ContentTag.DoesNotExist):
        ContentTag.objects.get(tag.pk)
    with pytest.raises(ValidationError, match="name"):
        ContentTag.objects.create()


def test_deleting_a_missing_tag_succeeds(account, count_requests):
    """Deleting a content tag that does not exist raises nothing, as recorded."""
    with count_requests(account, 1):
        ContentTag(id="01NONE").delete()


@pytest.mark.parametrize("links", [False, True])
def test_content_tags_are_read_with_or_without_links(links, count_requests):
    """Pages of thirty tags are read by link, or by cursor if the response has no link."""
    account = Emulator(guide_links=links).connect()
    names = [f"tag {number:02}" for number in range(65)]
    for name in names:
        ContentTag.objects.create(name=name)
    with count_requests(account, 3):
        tags = list(ContentTag.objects.order_by("name"))
    assert [tag.name for tag in tags] == names
    with count_requests(account, 1):
        assert [tag.name for tag in ContentTag.objects.order_by("-name")[:3]] == names[::-1][:3]


def test_content_tags_are_found_by_prefix(account, count_requests):
    """Zendesk finds content tags by the beginning of their names."""
    for name in ("feature one", "feature two", "bug"):
        ContentTag.objects.create(name=name)
    with count_requests(account, 1):
        assert len(ContentTag.objects.filter(name_prefix="feature")) == 2


def test_content_tags_of_an_article_are_saved(article, account, count_requests):
    """Content tags of an article are saved as ids and listed as objects."""
    tag = ContentTag.objects.create(name="cameras")
    article.content_tag_ids = [tag.pk]
    article.save()
    saved = Article.objects.get(article.pk)

    assert saved.content_tag_ids == [tag.pk]
    with account.session(), count_requests(account, 1):
        assert [row.name for row in saved.content_tags.all()] == ["cameras"]


def test_merge_replaces_content_tags(article, account, count_requests):
    """`merge()` replaces content tags by another one in all articles, in one request."""
    tags = [ContentTag.objects.create(name=name) for name in ("cam", "camera", "cameras")]
    article.content_tag_ids = [tags[0].pk, tags[1].pk]
    article.save()
    with count_requests(account, 1):
        ContentTag.objects.merge(tags[:2], tags[2])

    assert Article.objects.get(article.pk).content_tag_ids == [tags[2].pk]
    assert list(ContentTag.objects.all()) == [tags[2]]


def test_invalid_merges_of_content_tags_are_rejected(account, count_requests):
    """Merging nothing, unsaved tags or a tag with itself raises before any request."""
    tag = ContentTag.objects.create(name="cameras")
    for tags, into in (([], tag), ([ContentTag(name="x")], tag), ([tag], tag), ([tag], None)):
        with count_requests(account, 0), pytest.raises(InvalidValue, match="save"):
            ContentTag.objects.merge(tags, into)


# Redirect rules


def test_redirect_creates_or_replaces_a_rule(account, count_requests):
    """`redirect()` creates a rule or replaces the target of a path."""
    old, new = "/hc/en-us/articles/1", "/hc/en-us/articles/2"
    with count_requests(account, 1):
        RedirectRule.objects.redirect(old, new)
    with count_requests(account, 1):
        rule = RedirectRule.objects.get(prefix=old)
    assert (rule.redirect_from, rule.redirect_to, rule.redirect_status) == (old, new, "301")
    RedirectRule.objects.redirect(old, "https://example.com/", status=302)
    assert [row.redirect_status for row in RedirectRule.objects.all()] == ["302"]
    with count_requests(account, 1):
        rule.delete()
    assert list(RedirectRule.objects.filter(prefix="/hc")) == []


def test_invalid_redirects_are_rejected(account, count_requests):
    """Relative paths, and statuses that do not redirect, raise before any request."""
    redirect = RedirectRule.objects.redirect
    with count_requests(account, 0):
        for arguments in (("hc/1", "/hc/2"), ("/hc/1", "hc/2")):
            with pytest.raises(InvalidValue, match="path"):
                redirect(*arguments)
        with pytest.raises(InvalidValue, match="301"):
            redirect("/hc/1", "/hc/2", status=200)


# Media and images


def test_media_are_registered_after_the_upload(account, count_requests):
    """Media are registered after the upload to the URL that Zendesk returns."""
    with count_requests(account, 1):
        upload = GuideMedia.objects.upload_url("image/png", 5)
    assert upload["headers"]["Content-Type"] == "image/png"
    with count_requests(account, 1):
        media = GuideMedia.objects.register(upload["asset_upload_id"], "lens.png")
    assert (media.name, media.size, media.content_type) == ("lens.png", 5, "image/png")
    with count_requests(account, 1):
        assert list(GuideMedia.objects.all()) == [media]
    assert GuideMedia.objects.get(media.pk) == media
    media.delete()
    assert list(GuideMedia.objects.all()) == []
    with pytest.raises(errors.BadRequest):
        GuideMedia.objects.register("none", "lens.png")


def test_images_of_posts_are_identified_by_path(account, count_requests):
    """Images of posts are registered after the upload, and identified by path."""
    with count_requests(account, 1):
        upload = UserImage.objects.upload_url("image/jpeg", 7)
    with count_requests(account, 1):
        image = UserImage.objects.register(upload["token"], 5)

    assert (image.pk, image.size, image.content_type) == (image.path, 7, "image/jpeg")
    with pytest.raises(NotFound):
        UserImage.objects.register("none", 5)


# Badges


@pytest.fixture
def badge_category(account):
    """Return a category of badges."""
    brand = Brand.objects.all()[0]
    return BadgeCategory.objects.create(brand=brand, name="Titles", slug="titles")


def test_badges_are_managed(badge_category, account, count_requests):
    """Badges are created, given an icon, filtered by brand and deleted."""
    upload = Badge.objects.icon_upload("image/png", 100)
    with count_requests(account, 1):
        badge = Badge.objects.create(badge_category_id=badge_category.pk, name="Expert")
    assert badge.icon_url is None
    badge.icon_upload_id = upload["id"]
    with count_requests(account, 1):
        badge.save()
    assert upload["id"] in Badge.objects.get(badge.pk).icon_url
    with count_requests(account, 2):
        assert list(Badge.objects.filter(brand=badge_category.brand_id)) == [badge]
        assert list(Badge.objects.filter(brand=6)) == []
    badge.delete()
    assert list(Badge.objects.all()) == []


def test_a_category_with_badges_cannot_be_deleted(badge_category):
    """A badge category can only be deleted when it has no badges."""
    badge = Badge.objects.create(badge_category_id=badge_category.pk, name="Expert")
    with pytest.raises(errors.Unprocessable):
        badge_category.delete()
    badge.delete()
    badge_category.delete()
    assert list(BadgeCategory.objects.all()) == []


def test_a_badge_is_assigned_and_withdrawn(badge_category, ann, account, count_requests):
    """Badge assignments name users and badges by strings."""
    badge = Badge.objects.create(badge_category_id=badge_category.pk, name="Expert")
    with count_requests(account, 1):
        assignment = BadgeAssignment.objects.create(badge_id=badge.pk, user_id=str(ann.pk))
    with count_requests(account, 1):
        assert list(BadgeAssignment.objects.filter(user_id=str(ann.pk))) == [assignment]
    with count_requests(account, 1):
        assignment.delete()
    assert list(BadgeAssignment.objects.filter(badge_id=badge.pk)) == []


# Session and service catalog


def test_the_help_center_session_has_a_csrf_token(account, count_requests):
    """The help center session has the token that requests from web pages send."""
    with count_requests(account, 1):
        session = HelpCenterSession.objects.get()

    assert len(session.csrf_token) == 32


def test_an_empty_service_catalog_is_listed_and_searched(account, sent):
    """The service catalog of an account without items is empty; items are searched by words."""
    assert list(ServiceCatalogItem.objects.all()) == []
    assert list(ServiceCatalogItem.objects.search("laptop")) == []
    assert sent[-1].path == "/api/v2/help_center/service_catalog/items/search"
    assert ("query", "laptop") in sent[-1].params
    with pytest.raises(ServiceCatalogItem.DoesNotExist):
        ServiceCatalogItem.objects.get("none")
    with pytest.raises(InvalidValue, match="search"):
        ServiceCatalogItem.objects.search(" ")
