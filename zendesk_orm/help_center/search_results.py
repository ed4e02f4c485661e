"""Searches that give no articles or posts, but where they are.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import FIFTY, GuideManager
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Lookup, ReadOnly


if TYPE_CHECKING:
    from typing_extensions import Self

Type = Literal["ARTICLE", "POST", "EXTERNAL_RECORD"]


def _unified() -> Api:
    found = listed(
        "guide/search",
        key="results",
        takes={
            "query": "query",
            "locales": "filter[locales]",
            "category_ids": "filter[category_ids]",
            "section_ids": "filter[section_ids]",
            "topic_ids": "filter[topic_ids]",
            "external_source_ids": "filter[external_source_ids]",
            "brand_ids": "filter[brand_ids]",
            "content_types": "filter[content_types]",
        },
        needs="locales",
        natural=None,
        paging=(FIFTY,),
    )
    return Api(tuple(evolve(each, fresh=False) for each in found))


class SearchResultManager(GuideManager["SearchResult"]):
    """`SearchResult.objects`: articles, posts and external records in one search."""

    def search(self, text: str) -> Self:
        """Return what Zendesk finds by a text, the best first; `.filter()` has to name locales.

        `SearchResult.objects.search("fish").filter(locales="en-us,de")`. Further lookups are
        `category_ids`, `section_ids`, `topic_ids`, `brand_ids`, `external_source_ids` and
        `content_types` (`ARTICLE`, `POST`), each with one value, or several with commas.

        Raises:
            InvalidValue: there is no word in the text.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#unified-search
        """
        if not text.strip():
            raise InvalidValue(f"search() wants words, not {text!r}")
        return self.filter(query=text)


class SearchResult(Model):
    """What a search over articles, posts and external records found; its id is its address."""

    objects = SearchResultManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the address, in the place of an id
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
        known_by = "url"
        plural = "search_results"
        api = _unified()


class SuggestionManager(Manager["SuggestedArticle"]):
    """`SuggestedArticle.objects`: articles that may answer a question."""

    def search(self, text: str) -> Self:
        """Return the articles that may answer a question, the best first.

        Args:
            text: the question, of 200 characters at most.

        Raises:
            InvalidValue: it is empty, or longer.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#list-suggested-articles
        """
        if not text.strip() or len(text) > 200:
            raise InvalidValue("search() wants a question of 1 to 200 characters")
        return self.filter(query=text)


class SuggestedArticle(Model):
    """An article that may answer a question; its id is its address."""

    objects = SuggestionManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the address, in the place of an id
    html_url: ReadOnly[str]
    name: ReadOnly[str]

    query: Lookup[str]

    class Meta:
        known_by = "html_url"
        plural = "suggested_articles"
        api = listed(
            "help_center/deflection/suggestions",
            key="results",
            takes="query",
            needs="query",
            natural=None,
            small=True,
            paging=(ONCE,),
        )


class FeaturedArticle(Model):
    """An article that the search page of the help center shows first; its id is its address."""

    id: ReadOnly[str]  # type: ignore[assignment] # the address, in the place of an id
    url: ReadOnly[str]
    title: ReadOnly[str]
    stripped_title: ReadOnly[str]
    breadcrumbs: ReadOnly[list[str]]
    multibrand: ReadOnly[bool]

    locale: Lookup[str]

    class Meta:
        known_by = "url"
        plural = "featured_articles"
        api = listed(
            "/hc/api/v2/articles/featured",
            key="results",
            takes="locale",
            natural=None,
            small=True,
            paging=(ONCE,),
        )
