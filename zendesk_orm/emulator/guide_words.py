"""Articles, sections and categories, and their words in each locale.

Recorded: a name in the update of a category is ignored, and nothing is touched by it.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import exports, plain, reads
from zendesk_orm.emulator.guide_lookups import TRANSLATIONS
from zendesk_orm.emulator.guide_translations import (
    demand_locale,
    enabled,
    refused,
    take_over,
    titled,
    translate,
    translation,
    translation_of,
    words_of,
)
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.sideloads import embedded, sideloaded
from zendesk_orm.emulator.store import Stored, Where, dumped
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.help_center import (
    Article,
    Category,
    Label,
    Section,
)
from zendesk_orm.schema.options import Options


#: What is there when nothing was said.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "help_center.Article": {"position": 0, "vote_sum": 0, "vote_count": 0},
    "help_center.Category": {"position": 0, "description": ""},
    "help_center.Section": {"position": 0, "description": "", "sorting": "manual"},
}
#: What no row says that was not searched for.
_OF_SEARCH = ("snippet", "result_type")


# -- what has words -----------------------------------------------------------


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make an article, a section or a category, with its words in one locale or several.

    Raises:
        Refusal: a locale is not enabled, or there are no words.
    """
    several = {each.get("locale"): each for each in payload.get("translations") or ()}
    asked = given.get("locale") or payload.get("locale") or next(iter(several), None)
    locale = str(asked or enabled(world)[0])
    for each in (locale, *several):
        demand_locale(world, each)
    first = several.pop(locale, {})
    words = {ours: payload.get(ours, first.get(theirs)) for ours, theirs in words_of(meta).items()}
    defaults = _DEFAULTS[meta.label]
    also = {key: value for key, value in defaults.items() if payload.get(key) is None}
    also |= {key: value for key, value in words.items() if value is not None}
    also |= {"locale": locale, "source_locale": locale}
    title = next(iter(words_of(meta)))
    if not str(words.get(title) or "").strip():
        raise refused(title, "cannot be blank")
    written = plain.create(world, meta, payload, given, also)
    row = written.row
    for key in _OF_SEARCH:
        row.pop(key, None)
    if meta.label == Article._meta.label:
        row["author_id"] = row["author_id"] or world.author
        row["edited_at"] = row["created_at"]
        _segments(row, payload)
    titled(meta, row)
    world.write(meta, row)
    _labelled(world, row)
    for each, said in {locale: _theirs(meta, row), **several}.items():
        translate(world, translation_of(meta), row["id"], {**said, "locale": each})
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change all of it but its words."""
    ignored = {*words_of(meta), "locale"}
    said = {key: value for key, value in payload.items() if key not in ignored}
    written = plain.update(world, meta, stored, said)
    if meta.label == Article._meta.label:
        _segments(written.row, said)
        world.write(meta, written.row, state=stored.state)
        _labelled(world, written.row)
    return written


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete it, with all that is inside."""
    inner = {
        Category._meta.label: (Section, "category_id"),
        Section._meta.label: (Article, "section_id"),
    }
    model, wire = inner.get(meta.label, (None, ""))
    if model is not None:
        for row in world.store.find(model._meta.label, wire, stored.id):
            delete(world, model._meta, Stored(model._meta.label, row["id"], row))
    world.store.drop_below(TRANSLATIONS[meta.label], stored.id)
    return plain.delete(world, meta, stored)


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with one, in a locale."""
    answer = reads.show(world, call, target)
    data = json.loads(answer.text)
    key = target.meta.singular
    data[key] = _shown(world, target.meta, data[key], target.values["locale"])
    return Answer(text=dumped(data))


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of them, in a locale if the path has one."""
    found, where = _narrowed(world, call, target)
    rows = page(world, call, found, where)
    texts = rows.texts
    if "locale" in target.values:
        shown = (json.loads(text) for text in texts)
        locale = target.values["locale"]
        texts = [dumped(_shown(world, target.meta, doc, locale)) for doc in shown]
    beside = sideloaded(world, call, target, texts)
    texts = embedded(world, call, target, texts)
    return Answer(text=reads.listing(target, texts, beside, rows.about))


def update_in_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with one as it is now, in the locale of the path."""
    stored = plain.stored(world, target.meta, target.values["id"])
    written = update(world, target.meta, stored, call.envelope(target.meta.singular))
    shown = _shown(world, target.meta, written.row, target.values["locale"])
    return Answer(text=dumped({target.meta.singular: shown}))


def delete_in_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing."""
    delete(world, target.meta, plain.stored(world, target.meta, target.values["id"]))
    return Answer(204)


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what changed; of no page it is said that it is the last."""
    data = json.loads(exports.export(world, call, target).text)
    del data["end_of_stream"]
    return Answer(text=dumped(data))


def set_source_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the words in another locale are the first ones now.

    Raises:
        Refusal: there are none in that locale.
    """
    meta = target.meta
    stored = plain.stored(world, meta, target.values["id"])
    locale = call.body.get(f"{meta.singular}_locale")
    words = translation(world, translation_of(meta), stored.id, locale)
    if words is None:
        raise refused(f"{meta.singular}_locale", "has no translation")
    row = {**stored.doc, "source_locale": locale, "locale": locale}
    take_over(meta, row, words.doc)
    world.write(meta, row, state=stored.state)
    return Answer(200)


def _narrowed(world: World, call: Call, target: Target) -> tuple[Target, Where]:
    """Return a list without its parameters, and what holds for its rows."""
    bare = evolve(target, endpoints=tuple(evolve(each, takes={}) for each in target.endpoints))
    where = reads.listed(world, call, bare)
    for name in filter(None, call.params.get("label_names", "").split(",")):
        sql = "EXISTS (SELECT 1 FROM json_each(doc, '$.label_names') WHERE value = ?)"
        where &= Where(sql, (name,))
    return bare, where


def _shown(world: World, meta: Options, doc: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Return what a row says in a locale.

    Raises:
        Refusal: it has no words in that locale.
    """
    found = translation(world, translation_of(meta), doc["id"], locale)
    if found is None:
        raise not_found()
    row = {**doc, "locale": found.doc["locale"]}
    take_over(meta, row, found.doc)
    return row


def _theirs(meta: Options, row: Mapping[str, Any]) -> dict[str, Any]:
    return {theirs: row.get(ours) for ours, theirs in words_of(meta).items()}


def _segments(row: dict[str, Any], payload: Mapping[str, Any]) -> None:
    if "user_segment_ids" in payload:
        row["user_segment_id"] = next(iter(row["user_segment_ids"]), None)
    elif row["user_segment_id"] is not None or "user_segment_id" in payload:
        row["user_segment_ids"] = [row["user_segment_id"]] if row["user_segment_id"] else []


def _labelled(world: World, row: Mapping[str, Any]) -> None:
    for name in row.get("label_names") or ():
        label_of(world, name)


def label_of(world: World, name: str) -> dict[str, Any]:
    """Return the label of a name, which is made when it is first used."""
    for found in world.store.find(Label._meta.label, "name", name):
        if found["name"] == name:
            return found
    row = {**blank(Label._meta), "name": name}
    plain.begin(world, Label._meta, row)
    world.write(Label._meta, row)
    return row


Handler = Callable[[World, Call, Target], Answer]


def _by_plural(
    method: str, path: str, handler: Handler, plurals: Iterable[str] = ()
) -> dict[Any, Handler]:
    found = {}
    for model in (Article, Category, Section):
        plural = str(model._meta.plural)
        if not plurals or plural in plurals:
            found[method, path.replace("*", plural), model._meta.label] = handler
    return found


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    **_by_plural("GET", "help_center/*", list_rows),
    **_by_plural("GET", "help_center/{}/*", list_rows),
    **_by_plural("GET", "help_center/{}/*/{}", show),
    **_by_plural("PUT", "help_center/{}/*/{}", update_in_locale),
    **_by_plural("DELETE", "help_center/{}/*/{}", delete_in_locale),
    **_by_plural("PUT", "help_center/*/{}/source_locale", set_source_locale),
    **_by_plural("PUT", "help_center/{}/*/{}/source_locale", set_source_locale),
    ("GET", "help_center/categories/{}/sections", "help_center.Section"): list_rows,
    ("GET", "help_center/{}/categories/{}/sections", "help_center.Section"): list_rows,
    ("GET", "help_center/categories/{}/articles", "help_center.Article"): list_rows,
    ("GET", "help_center/{}/categories/{}/articles", "help_center.Article"): list_rows,
    ("GET", "help_center/sections/{}/articles", "help_center.Article"): list_rows,
    ("GET", "help_center/{}/sections/{}/articles", "help_center.Article"): list_rows,
    ("GET", "help_center/users/{}/articles", "help_center.Article"): list_rows,
    ("GET", "help_center/incremental/articles", "help_center.Article"): export,
}
