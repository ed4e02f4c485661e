"""Articles, sections and categories.

Their texts are those of the translation into their source locale. As recorded, `name` in the
update of a category is ignored.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import exports, reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.help_center import labels
from zendesk_orm.emulator.help_center.errors import invalid_field
from zendesk_orm.emulator.help_center.translations import (
    apply_translation,
    check_locale,
    create_translation,
    find_translation,
    get_locales,
    set_urls,
    translated_fields,
    translation_meta,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sideloads import embed_translations, render_sideloads
from zendesk_orm.emulator.storage.sql import Where, where_contains
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import Article, Category, Section
from zendesk_orm.schema.options import Options


#: Default values by label.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "help_center.Article": {"position": 0, "vote_sum": 0, "vote_count": 0},
    "help_center.Category": {"position": 0, "description": ""},
    "help_center.Section": {"position": 0, "description": "", "sorting": "manual"},
}
#: Children by label: their model, and the field with the id of the parent.
_CHILDREN: Mapping[str, tuple[Any, str]] = {
    "help_center.Category": (Section, "category_id"),
    "help_center.Section": (Article, "section_id"),
}
#: Fields that only search results have.
_SEARCH_FIELDS = ("snippet", "result_type")


@creates(Article)
@creates(Category)
@creates(Section)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an article, a section or a category with one or several translations.

    Raises:
        HTTPError: 400, if the help center does not have a locale, or the title is missing.
    """
    fields = translated_fields(meta)
    translations = {row.get("locale"): row for row in payload.get("translations") or ()}
    locale = path.get("locale") or payload.get("locale") or next(iter(translations), None)
    locale = str(locale or get_locales(context)[0])
    for language in (locale, *translations):
        check_locale(context, language)
    first = translations.pop(locale, {})
    texts = {name: payload.get(name, first.get(wire)) for name, wire in fields.items()}
    defaults = _DEFAULTS[meta.label]
    also = {key: value for key, value in defaults.items() if payload.get(key) is None}
    also |= {key: value for key, value in texts.items() if value is not None}
    also |= {"locale": locale, "source_locale": locale}
    title = next(iter(fields))
    if not str(texts.get(title) or "").strip():
        raise invalid_field(title, "cannot be blank")
    written = resources.create(context, meta, payload, path, also)
    row = written.row
    for key in _SEARCH_FIELDS:
        row.pop(key, None)
    if meta.label == Article._meta.label:
        row["author_id"] = row["author_id"] or context.user_id
        row["edited_at"] = row["created_at"]
        _set_segments(row, payload)
    set_urls(meta, row)
    context.write(meta, row)
    _create_labels(context, row)
    source = {wire: row.get(name) for name, wire in fields.items()}
    for language, values in {locale: source, **translations}.items():
        translation = {**values, "locale": language}
        create_translation(context, translation_meta(meta), row["id"], translation)
    return written


@updates(Article)
@updates(Category)
@updates(Section)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a row, except for its locale and its translated fields."""
    ignored = {*translated_fields(meta), "locale"}
    values = {key: value for key, value in payload.items() if key not in ignored}
    written = resources.update(context, meta, stored, values)
    if meta.label == Article._meta.label:
        _set_segments(written.row, values)
        context.write(meta, written.row, state=stored.state)
        _create_labels(context, written.row)
    return written


@deletes(Article)
@deletes(Category)
@deletes(Section)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a row with its translations and its children."""
    if meta.label in _CHILDREN:
        model, wire = _CHILDREN[meta.label]
        for row in context.store.find(model._meta.label, wire, stored.id):
            delete(context, model._meta, StoredRow(model._meta.label, row["id"], row))
    context.store.drop_children(translation_meta(meta).label, stored.id)
    return resources.delete(context, meta, stored)


@route("GET", "help_center/{locale}/articles/{id}", Article)
@route("GET", "help_center/{locale}/categories/{id}", Category)
@route("GET", "help_center/{locale}/sections/{id}", Section)
def show_in_locale(context: Context, request: Request, target: Target) -> Response:
    """Return a row with the texts of a locale."""
    data = json.loads(reads.show(context, request, target).text)
    key = target.meta.singular
    data[key] = _localize(context, target.meta, data[key], target.kwargs["locale"])
    return Response(text=dump_json(data))


@route("GET", "help_center/articles", Article)
@route("GET", "help_center/categories", Category)
@route("GET", "help_center/sections", Section)
@route("GET", "help_center/{locale}/articles", Article)
@route("GET", "help_center/{locale}/categories", Category)
@route("GET", "help_center/{locale}/sections", Section)
@route("GET", "help_center/categories/{category}/sections", Section)
@route("GET", "help_center/{locale}/categories/{category}/sections", Section)
@route("GET", "help_center/categories/{category}/articles", Article)
@route("GET", "help_center/{locale}/categories/{category}/articles", Article)
@route("GET", "help_center/sections/{section}/articles", Article)
@route("GET", "help_center/{locale}/sections/{section}/articles", Article)
@route("GET", "help_center/users/{author}/articles", Article)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """Return a page of rows, with the texts of the locale if the path has one."""
    # `label_names` selects rows with all of these labels, so it is not compared like a field.
    endpoints = tuple(evolve(endpoint, filters={}) for endpoint in target.endpoints)
    target = evolve(target, endpoints=endpoints)
    where = reads.where_in_list(context, request, target) & _where_labels(request)
    page = select_page(context, request, target, where)
    texts = page.texts
    if "locale" in target.kwargs:
        meta, locale = target.meta, target.kwargs["locale"]
        docs = (json.loads(text) for text in texts)
        texts = [dump_json(_localize(context, meta, doc, locale)) for doc in docs]
    sideloads = render_sideloads(context, request, target, texts)
    texts = embed_translations(context, request, target, texts)
    return Response(text=reads.render_list(target, texts, sideloads, page.metadata))


@route("PUT", "help_center/{locale}/articles/{id}", Article)
@route("PUT", "help_center/{locale}/categories/{id}", Category)
@route("PUT", "help_center/{locale}/sections/{id}", Section)
def update_in_locale(context: Context, request: Request, target: Target) -> Response:
    """Update a row, and return it with the texts of a locale."""
    meta = target.meta
    stored = resources.get(context, meta, target.kwargs["id"])
    row = update(context, meta, stored, request.get_object(meta.singular)).row
    row = _localize(context, meta, row, target.kwargs["locale"])
    return Response(text=dump_json({meta.singular: row}))


@route("DELETE", "help_center/{locale}/articles/{id}", Article)
@route("DELETE", "help_center/{locale}/categories/{id}", Category)
@route("DELETE", "help_center/{locale}/sections/{id}", Section)
def delete_in_locale(context: Context, request: Request, target: Target) -> Response:
    """Delete a row; the locale makes no difference."""
    delete(context, target.meta, resources.get(context, target.meta, target.kwargs["id"]))
    return Response(204)


@route("GET", "help_center/incremental/articles", Article)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return a page of an incremental export, which has no `end_of_stream`."""
    data = json.loads(exports.export(context, request, target, _where_labels(request)).text)
    del data["end_of_stream"]
    return Response(text=dump_json(data))


@route("PUT", "help_center/articles/{id}/source_locale", Article)
@route("PUT", "help_center/categories/{id}/source_locale", Category)
@route("PUT", "help_center/sections/{id}/source_locale", Section)
@route("PUT", "help_center/{locale}/articles/{id}/source_locale", Article)
@route("PUT", "help_center/{locale}/categories/{id}/source_locale", Category)
@route("PUT", "help_center/{locale}/sections/{id}/source_locale", Section)
def set_source_locale(context: Context, request: Request, target: Target) -> Response:
    """Set the source locale of a row.

    Raises:
        HTTPError: 400, if the row is not translated into the locale.
    """
    meta = target.meta
    stored = resources.get(context, meta, target.kwargs["id"])
    locale = request.body.get(f"{meta.singular}_locale")
    translation = find_translation(context, translation_meta(meta), stored.id, locale)
    if translation is None:
        raise invalid_field(f"{meta.singular}_locale", "has no translation")
    row = {**stored.doc, "source_locale": locale, "locale": locale}
    apply_translation(meta, row, translation.doc)
    context.write(meta, row, state=stored.state)
    return Response(200)


def _where_labels(request: Request) -> Where:
    """Return the condition for the articles that have all requested labels."""
    where = Where()
    for name in request.get_list("label_names"):
        where &= where_contains("label_names", name)
    return where


def _localize(
    context: Context, meta: Options, doc: Mapping[str, Any], locale: str
) -> dict[str, Any]:
    """Return a row with the texts of a locale.

    Raises:
        HTTPError: 404, if the row is not translated into the locale.
    """
    translation = find_translation(context, translation_meta(meta), doc["id"], locale)
    if translation is None:
        raise not_found()
    row = {**doc, "locale": translation.doc["locale"]}
    apply_translation(meta, row, translation.doc)
    return row


def _set_segments(row: dict[str, Any], payload: Mapping[str, Any]) -> None:
    """Set the deprecated `user_segment_id` by `user_segment_ids`, or the reverse."""
    if "user_segment_ids" in payload:
        row["user_segment_id"] = next(iter(row["user_segment_ids"]), None)
    elif row["user_segment_id"] is not None or "user_segment_id" in payload:
        row["user_segment_ids"] = [row["user_segment_id"]] if row["user_segment_id"] else []


def _create_labels(context: Context, row: Mapping[str, Any]) -> None:
    for name in row.get("label_names") or ():
        labels.get_or_create(context, name)
