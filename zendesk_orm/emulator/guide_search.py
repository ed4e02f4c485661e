"""Search in the help center: articles, posts, and both at once.

What holds all words is found; what is found first has most of them in its title.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.guide_lookups import TRANSLATIONS
from zendesk_orm.emulator.guide_translations import refused
from zendesk_orm.emulator.paging import numbered, whole_number
from zendesk_orm.emulator.refusals import search_wall
from zendesk_orm.emulator.store import ALIVE, DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.help_center import Article, Post, Section


#: Rows that a search gives at most.
WALL = 1000

_WORD = re.compile(r"\w+")


def search_articles(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the articles that hold words.

    Raises:
        Refusal: nothing is asked, or it reaches too far.
    """
    asked = call.params
    if not any(asked.get(name) for name in ("query", "category", "section", "label_names")):
        raise refused("query", "one of query, category, section and label_names is wanted")
    rows = [row for row in _articles(world, asked.get("locale")) if _among(world, asked, row)]
    found = _found(asked.get("query", ""), rows, ("title", "body"))
    results = [
        {**row, "result_type": "article", "snippet": _snippet(row, asked.get("query", ""))}
        for row in _sorted(call, found)
    ]
    return _numbered(call, results)


def search_posts(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the posts that hold words."""
    asked = call.params
    if not asked.get("query"):
        raise refused("query", "cannot be blank")
    rows = [
        row
        for row in world.store.docs(Post._meta.label, Where("state = ?", (ALIVE,)))
        if asked.get("topic") in (None, str(row["topic_id"])) and _dated(asked, row)
    ]
    return _numbered(call, _sorted(call, _found(asked["query"], rows, ("title", "details"))))


def search_all(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what holds words, articles and posts, in some locales.

    Raises:
        Refusal: no locale is named, or the cursor is none.
    """
    asked = call.params
    if not asked.get("filter[locales]"):
        raise refused("filter[locales]", "is missing")
    types = set(asked.get("filter[content_types]", "ARTICLE,POST").split(","))
    results: list[dict[str, Any]] = []
    if "ARTICLE" in types:
        for locale in asked["filter[locales]"].split(","):
            rows = [r for r in _articles(world, locale) if _in_parts(world, asked, r)]
            found = _found(asked.get("query", ""), rows, ("title", "body"))
            results += (_result(row, "ARTICLE", row["title"]) for row in found)
    if "POST" in types:
        topics = set(filter(None, asked.get("filter[topic_ids]", "").split(",")))
        rows = world.store.docs(Post._meta.label, Where("state = ?", (ALIVE,)))
        rows = [row for row in rows if not topics or str(row["topic_id"]) in topics]
        found = _found(asked.get("query", ""), rows, ("title", "details"))
        results += (_result(row, "POST", row["title"]) for row in found)
    size = min(whole_number(call, "page[size]", 10), 50)
    start = _position(asked.get("page[after]"))
    more = start + size < len(results)
    meta = {
        "has_more": more,
        "after_cursor": _cursor(start + size),
        "before_cursor": _cursor(start),
    }
    return Answer(text=dumped({"results": results[start : start + size], "meta": meta}))


def suggest(world: World, call: Call, target: Target) -> Answer:
    """Answer with the articles that may answer a question: those that hold any of its words."""
    words = set(_words(call.params.get("query", "")))
    rows = [row for row in _articles(world, None) if words & set(_words(row["title"]))]
    results = [{"html_url": row["html_url"], "name": row["title"]} for row in rows]
    return Answer(text=dumped({"results": results}))


def featured(world: World, call: Call, target: Target) -> Answer:
    """Answer with the articles that are promoted."""
    results = [
        {
            "title": row["title"],
            "stripped_title": row["title"],
            "url": row["html_url"],
            "breadcrumbs": [],
            "multibrand": False,
        }
        for row in _articles(world, call.params.get("locale"))
        if row["promoted"]
    ]
    return Answer(text=dumped({"results": results}))


def _articles(world: World, locale: str | None) -> Iterable[dict[str, Any]]:
    """Yield articles as they are in a locale; in their own without one."""
    rows = world.store.docs(Article._meta.label, Where("state = ?", (ALIVE,)))
    if locale is None:
        yield from rows
        return
    where = Where(f"{value_of('locale')} = ? COLLATE NOCASE AND state < ?", (locale, DELETED))
    words = world.store.docs(TRANSLATIONS[Article._meta.label], where)
    told = {each["source_id"]: each for each in words}
    for row in rows:
        if row["id"] in told:
            said = told[row["id"]]
            shown = {"title": said["title"], "name": said["title"], "body": said["body"]}
            place = row["html_url"].replace(f"/hc/{row['locale']}/", f"/hc/{said['locale']}/")
            yield {**row, **shown, "locale": said["locale"], "html_url": place}


def _among(world: World, asked: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    labels = set(filter(None, asked.get("label_names", "").split(",")))
    section = world.store.get(Section._meta.label, row["section_id"]) or {}
    return (
        asked.get("section") in (None, str(row["section_id"]))
        and asked.get("category") in (None, str(section.get("category_id")))
        and (not labels or bool(labels & set(row["label_names"])))
        and _dated(asked, row)
    )


def _in_parts(world: World, asked: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    section = world.store.get(Section._meta.label, row["section_id"]) or {}
    for name, pk in (
        ("category_ids", section.get("category_id")),
        ("section_ids", row["section_id"]),
    ):
        ids = set(filter(None, asked.get(f"filter[{name}]", "").split(",")))
        if ids and str(pk) not in ids:
            return False
    return True


def _dated(asked: Mapping[str, str], row: Mapping[str, Any]) -> bool:
    for name in ("created", "updated"):
        day = row[f"{name}_at"][:10]
        if asked.get(f"{name}_after", "") and not day > asked[f"{name}_after"]:
            return False
        if asked.get(f"{name}_before", "") and not day < asked[f"{name}_before"]:
            return False
    return True


def _found(
    query: str, rows: Iterable[dict[str, Any]], wires: tuple[str, ...]
) -> list[dict[str, Any]]:
    words = _words(query)
    found = [row for row in rows if set(words) <= set(_words(" ".join(str(row[w]) for w in wires)))]
    return sorted(found, key=lambda row: -len(set(words) & set(_words(row[wires[0]]))))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(re.sub(r"<[^>]*>", " ", str(text)))]


def _snippet(row: Mapping[str, Any], query: str) -> str:
    words = set(_words(query))
    text = re.sub(r"<[^>]*>", " ", str(row["body"] or ""))
    return _WORD.sub(lambda m: f"<em>{m[0]}</em>" if m[0].lower() in words else m[0], text).strip()


def _sorted(call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wire = call.params.get("sort_by")
    if wire not in ("created_at", "updated_at"):
        return rows
    descending = call.params.get("sort_order", "desc") == "desc"
    return sorted(rows, key=lambda row: (row[wire], row["id"]), reverse=descending)


def _numbered(call: Call, results: list[dict[str, Any]]) -> Answer:
    number = whole_number(call, "page", 1)
    size = whole_number(call, "per_page", 25, most=100)
    if number * size > WALL:
        raise search_wall()
    start = (number - 1) * size
    shown = results[start : start + size]
    about = numbered(call, number, size, min(len(results), WALL))
    return Answer(text=dumped({"results": shown, **about}))


def _result(row: Mapping[str, Any], kind: str, title: str) -> dict[str, Any]:
    updated = {"updated_at": row["updated_at"], "url": row["html_url"]}
    return {"title": title, "type": kind, **updated}


def _cursor(position: int) -> str:
    return base64.b64encode(str(position).encode()).decode()


def _position(cursor: str | None) -> int:
    try:
        return max(0, int(base64.b64decode(cursor, validate=True))) if cursor else 0
    except (binascii.Error, ValueError):
        raise refused("page[after]", "is not valid") from None


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "help_center/articles/search", "help_center.Article"): search_articles,
    ("GET", "help_center/community_posts/search", "help_center.Post"): search_posts,
    ("GET", "guide/search", "help_center.SearchResult"): search_all,
    ("GET", "help_center/deflection/suggestions", "help_center.SuggestedArticle"): suggest,
    ("GET", "~/hc/api/v2/articles/featured", "help_center.FeaturedArticle"): featured,
}
