"""Searches whose results contain the URLs of articles and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import FIFTY, GuideManager
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Lookup, ReadOnly


Type = Literal["ARTICLE", "POST", "EXTERNAL_RECORD"]


def _search_endpoints() -> Api:
    return listing(
        "guide/search",
        key="results",
        filters={
            "query": "query",
            "locales": "filter[locales]",
            "category_ids": "filter[category_ids]",
            "section_ids": "filter[section_ids]",
            "topic_ids": "filter[topic_ids]",
            "external_source_ids": "filter[external_source_ids]",
            "brand_ids": "filter[brand_ids]",
            "content_types": "filter[content_types]",
        },
        required=("locales",),
        default_order=None,
        fresh=False,
        paging=(FIFTY,),
    )


class SearchResultManager(GuideManager["SearchResult"]):
    """`SearchResult.objects`: a search of articles, posts and external records."""

    def search(self, text: str) -> Self:
        """Search by a text; the best matches come first, and `.filter()` must set locales.

        `SearchResult.objects.search("fish").filter(locales="en-us,de")`. Further lookups are
        `category_ids`, `section_ids`, `topic_ids`, `brand_ids`, `external_source_ids` and
        `content_types` (`ARTICLE`, `POST`), with one value, or several separated by commas.

        Raises:
            InvalidValue: the text is empty.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#unified-search
        """
        return self.filter(query=require_text("the text of search()", text))


class SearchResult(StringIdModel):
    """An article, post or external record as a search result; its id is its URL."""

    objects = SearchResultManager.as_manager()

    url: ReadOnly[str]
    title: ReadOnly[str]
    type: ReadOnly[Type]
    updated_at: ReadOnly[datetime]

    query: Lookup[str]
    locales: Lookup[str]
    category_ids: Lookup[str]
    section_ids: Lookup[str]
    topic_ids: Lookup[str]
    external_source_ids: Lookup[str]
    brand_ids: Lookup[str]
    content_types: Lookup[str]

    get_type_display = Display()

    class Meta:
        pk_key = "url"
        plural = "search_results"
        api = _search_endpoints()


class SuggestionManager(Manager["SuggestedArticle"]):
    """`SuggestedArticle.objects`: suggestions for a question."""

    def search(self, text: str) -> Self:
        """Search articles that may answer a question; the best matches come first.

        Args:
            text: the question, of 200 characters at most.

        Raises:
            InvalidValue: the text is empty or too long.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#list-suggested-articles
        """
        if len(require_text("the text of search()", text)) > 200:
            raise InvalidValue("the text of search() must have 1 to 200 characters")
        return self.filter(query=text)


class SuggestedArticle(StringIdModel):
    """An article that may answer a question; its id is its URL."""

    objects = SuggestionManager.as_manager()

    html_url: ReadOnly[str]
    name: ReadOnly[str]

    query: Lookup[str]

    class Meta:
        pk_key = "html_url"
        plural = "suggested_articles"
        api = listing(
            "help_center/deflection/suggestions",
            key="results",
            filters=("query",),
            required=("query",),
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )


class FeaturedArticle(StringIdModel):
    """A featured article of the help center's search page; its id is its URL."""

    url: ReadOnly[str]
    title: ReadOnly[str]
    stripped_title: ReadOnly[str]
    breadcrumbs: ReadOnly[list[str]]
    multibrand: ReadOnly[bool]

    locale: Lookup[str]

    class Meta:
        pk_key = "url"
        plural = "featured_articles"
        api = listing(
            "/hc/api/v2/articles/featured",
            key="results",
            filters=("locale",),
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )
