"""Searches across articles and posts, suggested articles and featured articles."""

from __future__ import annotations

import pytest

from zendesk_orm import InvalidValue, NoEndpoint
from zendesk_orm.help_center import FeaturedArticle, SearchResult, SuggestedArticle


@pytest.fixture
def search():
    """Return a search for a word in two locales."""
    return SearchResult.objects.search("tripod").filter(locales="en-us,de")


def test_search_finds_articles_and_posts(article, german, post, search, account, count_requests):
    """One request finds articles and posts in the given locales, identified by URL."""
    with count_requests(account, 1):
        results = list(search)

    assert {(result.type, result.title) for result in results} == {
        ("ARTICLE", "Low light"),
        ("POST", "Which tripod?"),
    }
    assert {result.pk for result in results} == {article.html_url, post.html_url}
    assert results[0].get_type_display() == "Article"


def test_searches_are_filtered_by_zendesk(article, section, topic, post, search, account,
                                          count_requests):  # fmt: skip
    """Zendesk filters searches by type, section, category and topic."""
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
            assert len(search.filter(**lookups)) == count


def test_a_search_reads_all_pages(topic, search, account, count_requests):
    """A search reads fifty rows per page, by cursors without links."""
    for number in range(60):
        topic.posts.create(title=f"tripod {number:02}")
    with count_requests(account, 2):
        assert len(search) == 60
    with count_requests(account, 1):
        assert len(search.all()[:3]) == 3


def test_a_search_requires_locales_and_text(account, count_requests):
    """A search without locales or text raises before any request."""
    with count_requests(account, 0):
        with pytest.raises(NoEndpoint, match="locales"):
            list(SearchResult.objects.search("tripod"))
        with pytest.raises(InvalidValue, match="the text of search"):
            SearchResult.objects.search("")


def test_articles_are_suggested(article, account, count_requests):
    """Articles are suggested for a question of 1 to 200 characters."""
    with count_requests(account, 1):
        suggestions = list(SuggestedArticle.objects.search("How much light do I need?"))

    assert [(suggestion.pk, suggestion.name) for suggestion in suggestions] == [
        (article.html_url, "Low light")
    ]
    for question in (" ", "x" * 201):
        with count_requests(account, 0), pytest.raises(InvalidValue, match="the text of search"):
            SuggestedArticle.objects.search(question)


def test_featured_articles_are_listed_by_locale(article, german, account, count_requests):
    """Featured articles are listed, and fetched in a locale."""
    article.promoted = True
    article.save()
    with count_requests(account, 1):
        assert [row.pk for row in FeaturedArticle.objects.all()] == [article.html_url]
    with count_requests(account, 1):
        featured = FeaturedArticle.objects.get(locale="de")
    assert featured.title == "Wenig Licht"
