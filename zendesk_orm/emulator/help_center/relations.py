"""Lookups of the Help Center: the rows that belong to the row or locale named in a path."""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.server.routes import lookup
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_items,
    json_value,
    where_equal,
    where_in,
    where_in_rows,
)
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.help_center import (
    Article,
    ArticleAttachment,
    Category,
    Label,
    Section,
    UserSegment,
    Vote,
)


@lookup(Article, "locale")
def _where_article_in_locale(context: Context, locale: Any) -> Where:
    """Return the condition for the articles that have a translation in a locale."""
    return _where_in_locale(Article, locale)


@lookup(Category, "locale")
def _where_category_in_locale(context: Context, locale: Any) -> Where:
    """Return the condition for the categories that have a translation in a locale."""
    return _where_in_locale(Category, locale)


@lookup(Section, "locale")
def _where_section_in_locale(context: Context, locale: Any) -> Where:
    """Return the condition for the sections that have a translation in a locale."""
    return _where_in_locale(Section, locale)


def _where_in_locale(model: Any, locale: Any) -> Where:
    where = Where(f"state < ? AND {json_value('locale')} = ? COLLATE NOCASE", (DELETED, locale))
    return where_in_rows("id", model._translations._meta.label, where, "parent")


@lookup(Article, "category")
def _where_in_category(context: Context, pk: Any) -> Where:
    """Return the condition for the articles in the sections of a category."""
    where = Where("state < ?", (DELETED,)) & where_equal("category_id", pk)
    return where_in_rows(json_value("section_id"), "help_center.Section", where)


@lookup(Label, "article")
def _where_label_of_article(context: Context, pk: Any) -> Where:
    """Return the condition for the labels of an article."""
    sql = (
        f"{json_value('name')} IN (SELECT items.value FROM rows AS articles, "  # noqa: S608 - values are bound
        f"{json_items('label_names', 'articles.doc')} AS items "
        "WHERE articles.kind = ? AND articles.id = ?)"
    )
    return Where(sql, ("help_center.Article", pk))


@lookup(Vote, "article")
def _where_vote_on_article(context: Context, pk: Any) -> Where:
    """Return the condition for the votes on an article."""
    return where_equal("item_type", "Article") & where_equal("item_id", pk)


@lookup(Vote, "post")
def _where_vote_on_post(context: Context, pk: Any) -> Where:
    """Return the condition for the votes on a post."""
    return where_equal("item_type", "Post") & where_equal("item_id", pk)


@lookup(ArticleAttachment, "locale")
@lookup(Label, "locale")
@lookup(Vote, "locale")
def _where_any(context: Context, value: Any) -> Where:
    """Return a condition that every row matches: the locale in the path makes no difference."""
    return Where()


@lookup(Section, "user_segment")
def _where_none(context: Context, value: Any) -> Where:
    """Return a condition that no row matches: sections no longer have a user segment."""
    return Where("0")


@lookup(UserSegment, "user")
def _where_segment_of_user(context: Context, pk: Any) -> Where:
    """Return the condition for the built-in segments that a user belongs to."""
    user = context.store.get("support.User", pk) or {}
    types = ["signed_in_users", *(["staff"] if user.get("role") in ("agent", "admin") else [])]
    return where_in(json_value("user_type"), types)
