"""Translations of articles, sections and categories, and the locales of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.help_center.errors import invalid_field
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import creates, route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import (
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    Locales,
    Section,
    SectionTranslation,
)
from zendesk_orm.schema.options import Options


#: Models that have translations, by label.
_MODELS: Mapping[str, Any] = {model._meta.label: model for model in (Article, Category, Section)}


def get_locales(context: Context) -> list[str]:
    """Return the locales of the help center, the default locale first."""
    return context.switches.locales.split()


def check_locale(context: Context, locale: Any) -> None:
    """Raise `HTTPError` if the help center does not have the locale."""
    if str(locale).lower() not in get_locales(context):
        raise invalid_field("locale", f"{locale} is not enabled for this help center")


def translated_fields(meta: Options) -> Mapping[str, str]:
    """Return the fields of a translation by those of the translated model. The first is a title."""
    fields: Mapping[str, str] = _MODELS[meta.label]._translated_fields
    return fields


def translation_meta(meta: Options) -> Options:
    """Return the options of the translations of a model."""
    translation: Options = _MODELS[meta.label]._translations._meta
    return translation


def apply_translation(meta: Options, row: dict[str, Any], translation: Mapping[str, Any]) -> None:
    """Copy the texts of a translation into the row that it translates."""
    row.update({name: translation.get(wire) for name, wire in translated_fields(meta).items()})
    set_urls(meta, row)


def set_urls(meta: Options, row: dict[str, Any]) -> None:
    """Set the addresses of a row, which contain its locale and title."""
    title = next(iter(translated_fields(meta)))
    if meta.label == Article._meta.label:
        row["name"] = row["title"]
    slug = re.sub(r"[^\w]+", "-", str(row.get(title) or "")).strip("-")
    path = f"{meta.plural}/{row['id']}"
    path_with_slug = f"{path}-{slug}" if slug else path
    row["html_url"] = f"{BASE_URL}/hc/{row['locale']}/{path_with_slug}"
    # Recorded: only articles have the slug in `url` too.
    path = path_with_slug if meta.label == Article._meta.label else path
    row["url"] = f"{BASE_URL}/api/v2/help_center/{row['locale']}/{path}.json"


def find_translation(context: Context, meta: Options, source: Any, locale: Any) -> StoredRow | None:
    """Return the translation of a row into a locale, or None.

    Args:
        context: the state of the emulator.
        meta: the options of the translations.
        source: the id of the translated row.
        locale: the locale, in any case.
    """
    where = _where_of(source) & Where(f"{json_value('locale')} = ? COLLATE NOCASE", (locale,))
    for doc in context.store.select(meta.label, where):
        return StoredRow(meta.label, doc["id"], doc, parent=source)
    return None


def create_translation(
    context: Context, meta: Options, source: Any, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Create the translation of a row into a locale, and return it.

    Args:
        context: the state of the emulator.
        meta: the options of the translations.
        source: the id of the translated row.
        payload: the translation.

    Raises:
        HTTPError: 400, if the help center does not have the locale, or the row has a
            translation into it.
    """
    check_locale(context, payload.get("locale"))
    _check_no_translation(context, meta, source, payload["locale"])
    also = {
        "source_type": meta.relations["source"].model.__name__,
        "created_by_id": context.user_id,
        "updated_by_id": context.user_id,
        "draft": bool(payload.get("draft")),
        "outdated": bool(payload.get("outdated")),
        "body": payload.get("body") or "",
    }
    written = resources.create(context, meta, payload, {"source": source}, also)
    _write_translation(context, meta, written.row)
    return written.row


@creates(ArticleTranslation)
@creates(CategoryTranslation)
@creates(SectionTranslation)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a translation of the row in the path."""
    return WriteResult(create_translation(context, meta, path["source"], payload))


@route("GET", "help_center/articles/{source}/translations/{locale}", ArticleTranslation)
@route("GET", "help_center/categories/{source}/translations/{locale}", CategoryTranslation)
@route("GET", "help_center/sections/{source}/translations/{locale}", SectionTranslation)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return the translation into a locale."""
    return Response(text=dump_json({"translation": _get_translation(context, target).doc}))


@route("PUT", "help_center/articles/{source}/translations/{locale}", ArticleTranslation)
@route("PUT", "help_center/categories/{source}/translations/{locale}", CategoryTranslation)
@route("PUT", "help_center/sections/{source}/translations/{locale}", SectionTranslation)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a translation, and the translated row if it is the one in the source locale."""
    meta, stored = target.meta, _get_translation(context, target)
    payload = {**request.get_object("translation")}
    locale = payload.get("locale", stored.doc["locale"])
    if locale != stored.doc["locale"]:
        check_locale(context, locale)
        _check_no_translation(context, meta, stored.parent, locale)
    also = {"updated_by_id": context.user_id}
    written = resources.update(context, meta, stored, payload, also)
    if written.row != stored.doc:
        _write_translation(context, meta, written.row)
        _update_source(context, meta, stored, written.row)
    return Response(text=dump_json({"translation": written.row}))


@route("DELETE", "help_center/translations/{id}", ArticleTranslation)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a translation of an article, a category or a section.

    Raises:
        HTTPError: 404, if the translation does not exist; 400, if it is the only one.
    """
    for model in (ArticleTranslation, CategoryTranslation, SectionTranslation):
        meta = model._meta
        stored = context.store.get_row(meta.label, target.kwargs["id"])
        if stored is None:
            continue
        if context.store.count(meta.label, _where_of(stored.parent)) < 2:
            raise invalid_field("base", "the only translation cannot be deleted")
        resources.delete(context, meta, stored)
        return Response(204)
    raise not_found()


@route("GET", "help_center/articles/{source}/translations/missing", ArticleTranslation)
@route("GET", "help_center/categories/{source}/translations/missing", CategoryTranslation)
@route("GET", "help_center/sections/{source}/translations/missing", SectionTranslation)
def list_missing(context: Context, request: Request, target: Target) -> Response:
    """Return the locales that a row is not translated into."""
    source = target.kwargs["source"]
    resources.check_path(context, target.meta, {"source": source})
    rows = context.store.select(target.meta.label, _where_of(source))
    existing = {row["locale"].lower() for row in rows}
    missing = [locale for locale in get_locales(context) if locale not in existing]
    return Response(text=dump_json({"locales": missing}))


@route("GET", "help_center/locales", Locales)
def list_locales(context: Context, request: Request, target: Target) -> Response:
    """Return the locales of the help center, and its default locale."""
    locales = get_locales(context)
    return Response(text=dump_json({"locales": locales, "default_locale": locales[0]}))


def _where_of(source: Any) -> Where:
    """Return the condition for the translations of a row."""
    return Where("parent = ? AND state < ?", (source, DELETED))


def _get_translation(context: Context, target: Target) -> StoredRow:
    source, locale = target.kwargs["source"], target.kwargs["locale"]
    translation = find_translation(context, target.meta, source, locale)
    if translation is None:
        raise not_found()
    return translation


def _check_no_translation(context: Context, meta: Options, source: Any, locale: Any) -> None:
    if find_translation(context, meta, source, locale) is not None:
        raise invalid_field("locale", "has already been taken")


def _write_translation(context: Context, meta: Options, row: dict[str, Any]) -> None:
    """Write a translation with its addresses."""
    path = f"{meta.relations['source'].model._meta.plural}/{row['source_id']}"
    row["url"] = f"{BASE_URL}/api/v2/help_center/{path}/translations/{row['locale']}.json"
    row["html_url"] = f"{BASE_URL}/hc/{row['locale']}/{path}"
    context.write(meta, row, parent=row["source_id"])


def _update_source(
    context: Context, meta: Options, before: StoredRow, translation: Mapping[str, Any]
) -> None:
    """Update the row whose translation has changed."""
    source = meta.relations["source"].model._meta
    stored = context.store.get_row(source.label, before.parent)
    if stored is None:
        return
    row = dict(stored.doc)
    if row["source_locale"] == before.doc["locale"]:
        row["source_locale"] = row["locale"] = translation["locale"]
        apply_translation(source, row, translation)
        if "edited_at" in row:
            row["edited_at"] = context.timestamp()
    row["updated_at"] = context.timestamp()
    context.write(source, row, state=stored.state)
