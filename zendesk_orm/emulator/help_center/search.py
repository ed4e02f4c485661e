"""Search in the Help Center: articles, posts, and both.

Results contain all words of the query. Those with more of the words in their title come first.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import build_offset_links, parse_count
from zendesk_orm.emulator.help_center.errors import invalid_field
from zendesk_orm.emulator.help_center.translations import translation_meta
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import search_depth_limit, unsupported_endpoint
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, dump_json
from zendesk_orm.help_center import (
    Article,
    FeaturedArticle,
    Post,
    SearchResult,
    Section,
    SuggestedArticle,
)


Row = Mapping[str, Any]

#: The largest number of results.
MAX_RESULTS = 1000

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]*>")


@route("GET", "help_center/articles/search", Article)
def search_articles(context: Context, request: Request, target: Target) -> Response:
    """Return a page of articles that match a query, a category, a section or labels.

    Raises:
        HTTPError: 400, if none of them is given; 422, if the page is beyond 1,000 results.
    """
    params = request.params
    query = params.get("query", "")
    if not any(params.get(name) for name in ("query", "category", "section", "label_names")):
        raise invalid_field("query", "must be given unless category, section or label_names is")
    rows = [
        row
        for row in _select_articles(context, params.get("locale"))
        if _has_place_and_labels(context, params, row) and _has_dates(params, row)
    ]
    results = [
        {**row, "result_type": "article", "snippet": _build_snippet(row, query)}
        for row in _sort(request, _match(query, rows, ("title", "body")))
    ]
    return _respond_with_page(request, results)


@route("GET", "help_center/articles/embeddable_search", Article)
def search_embedded(context: Context, request: Request, target: Target) -> Response:
    """Raise an error: the search of widgets is not emulated.

    Raises:
        HTTPError: 501.
    """
    raise unsupported_endpoint(f"{request.method} {request.path}")


@route("GET", "help_center/community_posts/search", Post)
def search_posts(context: Context, request: Request, target: Target) -> Response:
    """Return a page of posts that match a query.

    Raises:
        HTTPError: 400, if the query is missing; 422, if the page is beyond 1,000 results.
    """
    params = request.params
    if not params.get("query"):
        raise invalid_field("query", "cannot be blank")
    rows = [
        row
        for row in context.store.select(Post._meta.label, Where("state = ?", (ALIVE,)))
        if params.get("topic") in (None, str(row["topic_id"])) and _has_dates(params, row)
    ]
    matches = _match(params["query"], rows, ("title", "details"))
    return _respond_with_page(request, _sort(request, matches))


@route("GET", "guide/search", SearchResult)
def search_all(context: Context, request: Request, target: Target) -> Response:
    """Return a page of articles in some locales, and of posts, that match a query.

    Raises:
        HTTPError: 400, if the locales are missing or the cursor is invalid.
    """
    params = request.params
    query = params.get("query", "")
    if not params.get("filter[locales]"):
        raise invalid_field("filter[locales]", "is missing")
    types = set(params.get("filter[content_types]", "ARTICLE,POST").split(","))
    results: list[dict[str, Any]] = []
    if "ARTICLE" in types:
        for locale in params["filter[locales]"].split(","):
            articles = _select_articles(context, locale)
            articles = (row for row in articles if _has_parents(context, params, row))
            matches = _match(query, articles, ("title", "body"))
            results += (_build_result(row, "ARTICLE") for row in matches)
    if "POST" in types:
        topics = _parse_list(params, "filter[topic_ids]")
        posts = context.store.select(Post._meta.label, Where("state = ?", (ALIVE,)))
        posts = [row for row in posts if not topics or str(row["topic_id"]) in topics]
        matches = _match(query, posts, ("title", "details"))
        results += (_build_result(row, "POST") for row in matches)
    size = min(parse_count(request, "page[size]", 10), 50)
    start = _decode_cursor(params.get("page[after]"))
    end = start + size
    if "page[before]" in params:
        end = _decode_cursor(params["page[before]"])
        start = max(end - size, 0)
    meta = {
        "has_more": end < len(results),
        "after_cursor": _encode_cursor(end),
        "before_cursor": _encode_cursor(start),
    }
    return Response(text=dump_json({"results": results[start:end], "meta": meta}))


@route("GET", "help_center/deflection/suggestions", SuggestedArticle)
def suggest_articles(context: Context, request: Request, target: Target) -> Response:
    """Return the articles whose title contains any word of a question."""
    words = set(_split_words(request.params.get("query", "")))
    results = [
        {"html_url": row["html_url"], "name": row["title"]}
        for row in _select_articles(context, None)
        if words & set(_split_words(row["title"]))
    ]
    return Response(text=dump_json({"results": results}))


@route("GET", "~/hc/api/v2/articles/featured", FeaturedArticle)
def list_featured_articles(context: Context, request: Request, target: Target) -> Response:
    """Return the promoted articles."""
    results = [
        {
            "title": row["title"],
            "stripped_title": row["title"],
            "url": row["html_url"],
            "breadcrumbs": [],
            "multibrand": False,
        }
        for row in _select_articles(context, request.params.get("locale"))
        if row["promoted"]
    ]
    return Response(text=dump_json({"results": results}))


def _select_articles(context: Context, locale: str | None) -> Iterable[dict[str, Any]]:
    """Yield all articles in their source locale, or those that are translated into a locale."""
    rows = context.store.select(Article._meta.label, Where("state = ?", (ALIVE,)))
    if locale is None:
        yield from rows
        return
    where = Where(f"{json_value('locale')} = ? COLLATE NOCASE AND state < ?", (locale, DELETED))
    translations = {
        row["source_id"]: row
        for row in context.store.select(translation_meta(Article._meta).label, where)
    }
    for row in rows:
        if row["id"] in translations:
            texts = translations[row["id"]]
            url = row["html_url"].replace(f"/hc/{row['locale']}/", f"/hc/{texts['locale']}/")
            yield {
                **row,
                "title": texts["title"],
                "name": texts["title"],
                "body": texts["body"],
                "locale": texts["locale"],
                "html_url": url,
            }


def _has_place_and_labels(context: Context, params: Mapping[str, str], row: Row) -> bool:
    """Return True if an article is in the given section and category, and has one of the labels."""
    labels = _parse_list(params, "label_names")
    section = context.store.get(Section._meta.label, row["section_id"]) or {}
    return (
        params.get("section") in (None, str(row["section_id"]))
        and params.get("category") in (None, str(section.get("category_id")))
        and (not labels or bool(labels & set(row["label_names"])))
    )


def _has_parents(context: Context, params: Mapping[str, str], row: Row) -> bool:
    """Return True if an article is in one of the given sections and categories."""
    section = context.store.get(Section._meta.label, row["section_id"]) or {}
    parents = {
        "filter[category_ids]": section.get("category_id"),
        "filter[section_ids]": row["section_id"],
    }
    for name, pk in parents.items():
        ids = _parse_list(params, name)
        if ids and str(pk) not in ids:
            return False
    return True


def _has_dates(params: Mapping[str, str], row: Row) -> bool:
    """Return True if a row was created and updated after, before and on the given days."""
    for wire, names in _DATES.items():
        day = row[wire][:10]
        after, before, on = (params.get(name) for name in names)
        if (after and day <= after) or (before and day >= before) or (on and day != on[:10]):
            return False
    return True


#: The parameters of the first and the last day, and of one day, by the field that they compare.
_DATES = {
    "created_at": ("created_after", "created_before", "created_at"),
    "updated_at": ("updated_after", "updated_before", "updated_at"),
}


def _match(
    query: str, rows: Iterable[dict[str, Any]], wires: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the rows that contain all words of a query, the best matches first.

    Args:
        query: the words.
        rows: the rows to search.
        wires: the fields to search; the first one is the title.
    """
    words = set(_split_words(query))
    matches = [
        row for row in rows if words <= set(_split_words(" ".join(str(row[w]) for w in wires)))
    ]
    return sorted(matches, key=lambda row: -len(words & set(_split_words(row[wires[0]]))))


def _split_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_TAG.sub(" ", str(text)))]


def _build_snippet(row: Row, query: str) -> str:
    """Return the body of an article as text, in which the words of a query are marked."""
    words = set(_split_words(query))
    text = _TAG.sub(" ", str(row["body"] or ""))
    return _WORD.sub(lambda m: f"<em>{m[0]}</em>" if m[0].lower() in words else m[0], text).strip()


def _sort(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows in the order that the parameters request, by default the best ones first."""
    wire = request.params.get("sort_by")
    descending = request.params.get("sort_order", "desc") == "desc"
    if wire not in ("created_at", "updated_at"):
        return rows if descending else rows[::-1]
    return sorted(rows, key=lambda row: (row[wire], row["id"]), reverse=descending)


def _respond_with_page(request: Request, results: list[dict[str, Any]]) -> Response:
    number = parse_count(request, "page", 1)
    size = parse_count(request, "per_page", 25, limit=100)
    if number * size > MAX_RESULTS:
        raise search_depth_limit()
    start = (number - 1) * size
    links = build_offset_links(request, number, size, min(len(results), MAX_RESULTS))
    return Response(text=dump_json({"results": results[start : start + size], **links}))


def _build_result(row: Row, kind: str) -> dict[str, Any]:
    return {
        "title": row["title"],
        "type": kind,
        "updated_at": row["updated_at"],
        "url": row["html_url"],
    }


def _parse_list(params: Mapping[str, str], name: str) -> set[str]:
    return set(filter(None, params.get(name, "").split(",")))


def _encode_cursor(position: int) -> str:
    return base64.b64encode(str(position).encode()).decode()


def _decode_cursor(cursor: str | None) -> int:
    try:
        return max(0, int(base64.b64decode(cursor, validate=True))) if cursor else 0
    except (binascii.Error, ValueError):
        raise invalid_field("page[after]", "is not valid") from None
