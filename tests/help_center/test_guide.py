"""The newer paths of Guide: content tags, redirect rules, media, images, badges, the catalog."""

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


# -- content tags -------------------------------------------------------------


def test_a_content_tag_is_made_changed_and_deleted(account, count_requests):
    """A request each; its id is a word."""
    with count_requests(account, 1):
        tag = ContentTag.objects.create(name="cameras")
    assert isinstance(tag.pk, str)
    tag.name = "lenses"
    with count_requests(account, 1):
        tag.save()
    with count_requests(account, 1):
        assert "lenses" == ContentTag.objects.get(tag.pk).name
    with count_requests(account, 1):
        tag.delete()
    with pytest.raises(ContentTag.DoesNotExist):
        ContentTag.objects.get(tag.pk)
    with pytest.raises(ValidationError, match="name"):
        ContentTag.objects.create()


def test_deleting_no_tag_is_no_error(account, count_requests):
    """As recorded."""
    with count_requests(account, 1):
        ContentTag(id="01NONE").delete()


@pytest.mark.parametrize("links", [False, True])
def test_all_tags_are_read_with_links_or_without(links, count_requests):
    """Thirty to a page; a link that is not there is made of the cursor."""
    account = Emulator(guide_links=links).connect()
    names = [f"tag {number:02}" for number in range(65)]
    for name in names:
        ContentTag.objects.create(name=name)
    with count_requests(account, 3):
        found = list(ContentTag.objects.order_by("name"))
    assert names == [each.name for each in found]
    with count_requests(account, 1):
        assert names[::-1][:3] == [each.name for each in ContentTag.objects.order_by("-name")[:3]]


def test_tags_are_found_by_the_beginning_of_their_names(account, count_requests):
    """By Zendesk."""
    for name in ("feature one", "feature two", "bug"):
        ContentTag.objects.create(name=name)
    with count_requests(account, 1):
        assert 2 == len(ContentTag.objects.filter(name_prefix="feature"))


def test_an_article_has_tags(article, account, count_requests):
    """By their ids, and as objects."""
    tag = ContentTag.objects.create(name="cameras")
    article.content_tag_ids = [tag.pk]
    article.save()
    found = Article.objects.get(article.pk)

    assert [tag.pk] == found.content_tag_ids
    with account.session(), count_requests(account, 1):
        assert ["cameras"] == [each.name for each in found.content_tags.all()]


def test_one_tag_takes_the_place_of_others(article, account, count_requests):
    """Wherever they are named; in one request."""
    tags = [ContentTag.objects.create(name=name) for name in ("cam", "camera", "cameras")]
    article.content_tag_ids = [tags[0].pk, tags[1].pk]
    article.save()
    with count_requests(account, 1):
        ContentTag.objects.merge(tags[:2], tags[2])

    assert [tags[2].pk] == Article.objects.get(article.pk).content_tag_ids
    assert [tags[2]] == list(ContentTag.objects.all())


def test_tags_that_cannot_be_merged_are_refused(account, count_requests):
    """None, none that was saved, and one with itself."""
    tag = ContentTag.objects.create(name="cameras")
    for tags, into in (([], tag), ([ContentTag(name="x")], tag), ([tag], tag), ([tag], None)):
        with count_requests(account, 0), pytest.raises(InvalidValue, match="merge"):
            ContentTag.objects.merge(tags, into)


# -- redirect rules -----------------------------------------------------------


def test_an_address_leads_to_another(account, count_requests):
    """Until it leads to a third, or nowhere."""
    old, new = "/hc/en-us/articles/1", "/hc/en-us/articles/2"
    with count_requests(account, 1):
        RedirectRule.objects.redirect(old, new)
    with count_requests(account, 1):
        rule = RedirectRule.objects.get(prefix=old)
    assert (old, new, "301") == (rule.redirect_from, rule.redirect_to, rule.redirect_status)
    RedirectRule.objects.redirect(old, "https://example.com/", status=302)
    assert ["302"] == [each.redirect_status for each in RedirectRule.objects.all()]
    with count_requests(account, 1):
        rule.delete()
    assert [] == list(RedirectRule.objects.filter(prefix="/hc"))


def test_addresses_that_are_none_are_refused(account, count_requests):
    """And answers that do not redirect."""
    redirect = RedirectRule.objects.redirect
    with count_requests(account, 0):
        for arguments in (("hc/1", "/hc/2"), ("/hc/1", "hc/2")):
            with pytest.raises(InvalidValue, match="path"):
                redirect(*arguments)
        with pytest.raises(InvalidValue, match="301"):
            redirect("/hc/1", "/hc/2", status=200)


# -- media and images ---------------------------------------------------------


def test_media_are_registered_read_and_deleted(account, count_requests):
    """After they were put where Zendesk says; the headers are no text, as they were sent."""
    with count_requests(account, 1):
        place = GuideMedia.objects.upload_url("image/png", 5)
    assert "image/png" == place["headers"]["Content-Type"]
    with count_requests(account, 1):
        media = GuideMedia.objects.register(place["asset_upload_id"], "lens.png")
    assert ("lens.png", 5, "image/png") == (media.name, media.size, media.content_type)
    with count_requests(account, 1):
        assert [media] == list(GuideMedia.objects.all())
    assert media == GuideMedia.objects.get(media.pk)
    media.delete()
    assert [] == list(GuideMedia.objects.all())
    with pytest.raises(errors.BadRequest):
        GuideMedia.objects.register("none", "lens.png")


def test_images_of_posts_are_registered(account, count_requests):
    """They are known by their paths."""
    with count_requests(account, 1):
        place = UserImage.objects.upload_url("image/jpeg", 7)
    with count_requests(account, 1):
        image = UserImage.objects.register(place["token"], 5)

    assert (image.path, 7, "image/jpeg") == (image.pk, image.size, image.content_type)
    with pytest.raises(NotFound):
        UserImage.objects.register("none", 5)


# -- badges -------------------------------------------------------------------


@pytest.fixture
def badges(account):
    """Return a category of badges."""
    brand = Brand.objects.all()[0]
    return BadgeCategory.objects.create(brand=brand, name="Titles", slug="titles")


def test_a_badge_is_made_changed_and_deleted(badges, account, count_requests):
    """A request each; its icon is put where Zendesk says."""
    place = Badge.objects.icon_upload("image/png", 100)
    with count_requests(account, 1):
        badge = Badge.objects.create(badge_category_id=badges.pk, name="Expert")
    assert badge.icon_url is None
    badge.icon_upload_id = place["id"]
    with count_requests(account, 1):
        badge.save()
    assert place["id"] in Badge.objects.get(badge.pk).icon_url
    with count_requests(account, 2):
        assert [badge] == list(Badge.objects.filter(brand=badges.brand_id))
        assert [] == list(Badge.objects.filter(brand=6))
    badge.delete()
    assert [] == list(Badge.objects.all())


def test_a_category_that_holds_badges_stays(badges):
    """Zendesk refuses to delete it."""
    badge = Badge.objects.create(badge_category_id=badges.pk, name="Expert")
    with pytest.raises(errors.Unprocessable):
        badges.delete()
    badge.delete()
    badges.delete()
    assert [] == list(BadgeCategory.objects.all())


def test_a_badge_is_given_and_taken(badges, ann, account, count_requests):
    """Users and badges are named by texts here."""
    badge = Badge.objects.create(badge_category_id=badges.pk, name="Expert")
    with count_requests(account, 1):
        given = BadgeAssignment.objects.create(badge_id=badge.pk, user_id=str(ann.pk))
    with count_requests(account, 1):
        assert [given] == list(BadgeAssignment.objects.filter(user_id=str(ann.pk)))
    with count_requests(account, 1):
        given.delete()
    assert [] == list(BadgeAssignment.objects.filter(badge_id=badge.pk))


# -- what there is one of, or none --------------------------------------------


def test_the_session_of_a_page_has_a_token(account, count_requests):
    """Which calls from a page have to send."""
    with count_requests(account, 1):
        found = HelpCenterSession.objects.get()

    assert 32 == len(found.csrf_token)


def test_the_catalog_is_read_and_searched(account, sent):
    """An account without one has nothing in it."""
    assert [] == list(ServiceCatalogItem.objects.all())
    assert [] == list(ServiceCatalogItem.objects.search("laptop"))
    assert "/api/v2/help_center/service_catalog/items/search" == sent[-1].path
    assert ("query", "laptop") in sent[-1].params
    with pytest.raises(ServiceCatalogItem.DoesNotExist):
        ServiceCatalogItem.objects.get("none")
    with pytest.raises(InvalidValue, match="words"):
        ServiceCatalogItem.objects.search(" ")
