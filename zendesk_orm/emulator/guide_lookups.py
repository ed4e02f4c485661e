"""Which rows of the help center belong to the one that a path names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.store import DELETED, Where, value_of
from zendesk_orm.emulator.world import World


#: The kinds of translations, by the label of what they are of.
TRANSLATIONS: Mapping[str, str] = {
    "help_center.Article": "help_center.ArticleTranslation",
    "help_center.Category": "help_center.CategoryTranslation",
    "help_center.Section": "help_center.SectionTranslation",
}


def _translated(label: str) -> Callable[[World, Any], Where]:
    def where(world: World, locale: Any) -> Where:
        sql = (
            "id IN (SELECT parent FROM rows WHERE kind = ? AND state < ? "  # noqa: S608 - values are bound
            f"AND {value_of('locale')} = ? COLLATE NOCASE)"
        )
        return Where(sql, (TRANSLATIONS[label], DELETED, locale))

    return where


def _in_category(world: World, pk: Any) -> Where:
    sql = (
        f"{value_of('section_id')} IN (SELECT id FROM rows WHERE kind = ? AND state < ? "  # noqa: S608 - values are bound
        f"AND {value_of('category_id')} = ?)"
    )
    return Where(sql, ("help_center.Section", DELETED, pk))


def _labelling(world: World, pk: Any) -> Where:
    sql = (
        f"{value_of('name')} IN (SELECT each.value FROM rows AS articles, "  # noqa: S608 - values are bound
        "json_each(articles.doc, '$.label_names') AS each "
        "WHERE articles.kind = ? AND articles.id = ?)"
    )
    return Where(sql, ("help_center.Article", pk))


def _voted(item_type: str) -> Callable[[World, Any], Where]:
    def where(world: World, pk: Any) -> Where:
        found = Where(f"{value_of('item_type')} = ?", (item_type,))
        return found & Where(f"{value_of('item_id')} = ?", (pk,))

    return where


def _anywhere(world: World, value: Any) -> Where:
    """Hold for every row: the place in the path is told by another, or makes no difference."""
    return Where()


def _nowhere(world: World, value: Any) -> Where:
    """Hold for no row: sections do not say any more who may see them."""
    return Where("0")


def _segments_of(world: World, pk: Any) -> Where:
    user = world.store.get("support.User", pk) or {}
    types = ["signed_in_users", *(["staff"] if user.get("role") in ("agent", "admin") else [])]
    marks = ", ".join("?" * len(types))
    return Where(f"{value_of('user_type')} IN ({marks})", types)


LOOKUPS: Mapping[tuple[str, str], Callable[[World, Any], Where]] = {
    ("help_center.Article", "category"): _in_category,
    ("help_center.Article", "locale"): _translated("help_center.Article"),
    ("help_center.ArticleAttachment", "locale"): _anywhere,
    ("help_center.Category", "locale"): _translated("help_center.Category"),
    ("help_center.Label", "article"): _labelling,
    ("help_center.Label", "locale"): _anywhere,
    ("help_center.Section", "locale"): _translated("help_center.Section"),
    ("help_center.Section", "user_segment"): _nowhere,
    ("help_center.UserSegment", "user"): _segments_of,
    ("help_center.Vote", "article"): _voted("Article"),
    ("help_center.Vote", "locale"): _anywhere,
    ("help_center.Vote", "post"): _voted("Post"),
}
