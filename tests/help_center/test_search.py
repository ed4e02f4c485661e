"""Searches over articles and posts, suggestions, and what is shown first."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, NoEndpoint
from zendesk_orm.help_center import FeaturedArticle, SearchResult, SuggestedArticle


@pytest.fixture
def found():
    """Return a search for a word that articles and posts may hold."""
    return SearchResult.objects.search("tripod").filter(locales="en-us,de")


def test_articles_and_posts_are_found_at_once(
    article, german, post, found, account, count_requests
):
    """In one request, each in the locales that were named, by their addresses."""
    with count_requests(account, 1):
        results = list(found)

    assert {("ARTICLE", "Low light"), ("POST", "Which tripod?")} == {
        (each.type, each.title) for each in results
    }
    assert {article.html_url, post.html_url} == {each.pk for each in results}
    assert "Article" == results[0].get_type_display()


def test_searches_are_narrowed_by_zendesk(article, section, topic, post, found, account,
                                          count_requests):  # fmt: skip
    """By type, by where it is, and by locale."""
    other = section.category.sections.create(name="Other")
    expected = [
        ({"content_types": "POST"}, 1),
        ({"section_ids": str(section.pk), "content_types": "ARTICLE"}, 1),
        ({"section_ids": f"{other.pk}", "content_types": "ARTICLE"}, 0),
        ({"category_ids": str(section.category_id), "content_types": "ARTICLE"}, 1),
        ({"topic_ids": str(topic.pk), "content_types": "POST"}, 1),
    ]
    for lookups, count in expected:
        with count_requests(account, 1):
            assert count == len(found.filter(**lookups))


def test_a_search_goes_on_over_pages(topic, found, account, count_requests):
    """Fifty to a page, behind cursors that come without links."""
    for number in range(60):
        topic.posts.create(title=f"tripod {number:02}")
    with count_requests(account, 2):
        assert 60 == len(found)
    with count_requests(account, 1):
        assert 3 == len(found.all()[:3])


def test_a_search_names_its_locales(account, count_requests):
    """Zendesk wants them."""
    with count_requests(account, 0):
        with pytest.raises(NoEndpoint, match="locales"):
            list(SearchResult.objects.search("tripod"))
        with pytest.raises(InvalidValue, match="words"):
            SearchResult.objects.search("")


def test_articles_are_suggested(article, account, count_requests):
    """For a question, of any of its words."""
    with count_requests(account, 1):
        found = list(SuggestedArticle.objects.search("How much light do I need?"))

    assert [(article.html_url, "Low light")] == [(each.pk, each.name) for each in found]
    for question in (" ", "x" * 201):
        with count_requests(account, 0), pytest.raises(InvalidValue, match="200"):
            SuggestedArticle.objects.search(question)


def test_what_is_shown_first_is_read(article, german, account, count_requests):
    """In one locale or another."""
    article.promoted = True
    article.save()
    with count_requests(account, 1):
        assert [article.html_url] == [each.pk for each in FeaturedArticle.objects.all()]
    with count_requests(account, 1):
        found = FeaturedArticle.objects.get(locale="de")
    assert "Wenig Licht" == found.title
