"""The words of articles, sections and categories in each locale.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.guide_lookups import TRANSLATIONS
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.help_center import (
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    Section,
    SectionTranslation,
)
from zendesk_orm.schema.options import Options


_MODELS: Mapping[str, Any] = {
    "help_center.Article": Article,
    "help_center.Category": Category,
    "help_center.Section": Section,
}
_OF_TRANSLATION: Mapping[str, Any] = {
    "help_center.ArticleTranslation": ArticleTranslation,
    "help_center.CategoryTranslation": CategoryTranslation,
    "help_center.SectionTranslation": SectionTranslation,
}


def enabled(world: World) -> list[str]:
    """Return the locales that the help center is enabled for, its own first."""
    return world.switches.locales.split()


def refused(field: str, text: str) -> Refusal:
    """Return the answer of the help center to what breaks a rule."""
    return Refusal(400, {"errors": {field: [text]}}, UNCONFIRMED)


def demand_locale(world: World, locale: Any) -> None:
    """Refuse a locale that the help center is not enabled for.

    Raises:
        Refusal: it is not.
    """
    if str(locale).lower() not in enabled(world):
        raise refused("locale", f"{locale} is not enabled for this help center")


def take_over(meta: Options, row: dict[str, Any], words: Mapping[str, Any]) -> None:
    """Put the words of a translation into the row of what it translates."""
    row.update({ours: words.get(theirs) for ours, theirs in words_of(meta).items()})
    titled(meta, row)


def words_of(meta: Options) -> Mapping[str, str]:
    """Return the fields that are words, and what they are called in a translation."""
    found: Mapping[str, str] = _MODELS[meta.label]._words
    return found


def translation_of(meta: Options) -> Options:
    """Return the declaration of its translations."""
    found: Options = _MODELS[meta.label]._translations._meta
    return found


def titled(meta: Options, row: dict[str, Any]) -> None:
    """Give a row the addresses that its title is a part of."""
    title = next(iter(words_of(meta)))
    if meta.label == Article._meta.label:
        row["name"] = row["title"]
    slug = re.sub(r"[^\w]+", "-", str(row.get(title) or "")).strip("-")
    place = f"{meta.plural}/{row['id']}"
    named = f"{place}-{slug}" if slug else place
    row["html_url"] = f"{HOME}/hc/{row['locale']}/{named}"
    # Recorded: of articles alone the slug is in both.
    path = named if meta.label == Article._meta.label else place
    row["url"] = f"{HOME}/api/v2/help_center/{row['locale']}/{path}.json"


def translation(world: World, meta: Options, source: Any, locale: Any) -> Stored | None:
    """Return the words of something in a locale, or None."""
    where = Where("parent = ? AND state < ?", (source, DELETED))
    where &= Where(f"{value_of('locale')} = ? COLLATE NOCASE", (locale,))
    for doc in world.store.docs(meta.label, where):
        return Stored(meta.label, doc["id"], doc, parent=source)
    return None


def translate(world: World, meta: Options, source: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """Give something words in a locale, and return them.

    Raises:
        Refusal: the locale is not enabled, or has words already.
    """
    demand_locale(world, said.get("locale"))
    if translation(world, meta, source, said["locale"]) is not None:
        raise refused("locale", "has already been taken")
    also = {
        "source_type": meta.relations["source"].model.__name__,
        "created_by_id": world.author,
        "updated_by_id": world.author,
        "draft": bool(said.get("draft")),
        "outdated": bool(said.get("outdated")),
        "body": said.get("body") or "",
    }
    written = plain.create(world, meta, said, {"source": source}, also)
    _addressed(world, meta, written.row)
    return written.row


def create_translation(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a translation."""
    return Written(translate(world, meta, given["source"], payload))


def show_translation(world: World, call: Call, target: Target) -> Answer:
    """Answer with the words in one locale."""
    return Answer(text=dumped({"translation": _translation_at(world, target).doc}))


def update_translation(world: World, call: Call, target: Target) -> Answer:
    """Answer with the words as they are now; those of the source locale are its own."""
    stored = _translation_at(world, target)
    said = {**call.envelope("translation")}
    other = said.get("locale", stored.doc["locale"])
    if other != stored.doc["locale"]:
        demand_locale(world, other)
        if translation(world, target.meta, stored.parent, other) is not None:
            raise refused("locale", "has already been taken")
    also = {"updated_by_id": world.author}
    written = plain.update(world, target.meta, stored, said, also)
    if written.row != stored.doc:
        _addressed(world, target.meta, written.row)
        _told(world, target.meta, stored, written.row)
    return Answer(text=dumped({"translation": written.row}))


def delete_translation(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the words are gone.

    Raises:
        Refusal: there is no such translation, or it is the only one.
    """
    for label, model in _OF_TRANSLATION.items():
        found = world.store.row(label, target.values["id"])
        if found is None:
            continue
        if world.store.count(label, Where("parent = ? AND state < ?", (found.parent, DELETED))) < 2:
            raise refused("base", "the only translation cannot be deleted")
        plain.delete(world, model._meta, found)
        return Answer(204)
    raise not_found()


def missing_translations(world: World, call: Call, target: Target) -> Answer:
    """Answer with the locales that there are no words for."""
    source = target.values["source"]
    plain.demand(world, target.meta, {"source": source})
    where = Where("parent = ? AND state < ?", (source, DELETED))
    known = {doc["locale"].lower() for doc in world.store.docs(target.meta.label, where)}
    return Answer(text=dumped({"locales": [each for each in enabled(world) if each not in known]}))


def show_locales(world: World, call: Call, target: Target) -> Answer:
    """Answer with the locales of the help center."""
    locales = enabled(world)
    return Answer(text=dumped({"locales": locales, "default_locale": locales[0]}))


def _translation_at(world: World, target: Target) -> Stored:
    source, locale = target.values["source"], target.values["locale"]
    found = translation(world, target.meta, source, locale)
    if found is None:
        raise not_found()
    return found


def _addressed(world: World, meta: Options, row: dict[str, Any]) -> None:
    plural = meta.relations["source"].model._meta.plural
    place = f"{plural}/{row['source_id']}"
    row["url"] = f"{HOME}/api/v2/help_center/{place}/translations/{row['locale']}.json"
    row["html_url"] = f"{HOME}/hc/{row['locale']}/{place}"
    world.write(meta, row, parent=row["source_id"])


def _told(world: World, meta: Options, before: Stored, words: Mapping[str, Any]) -> None:
    """Let what the words are of say them, if they are those of its source locale."""
    source = meta.relations["source"].model._meta
    stored = world.store.row(source.label, before.parent)
    if stored is None:
        return
    row = dict(stored.doc)
    if row["source_locale"] == before.doc["locale"]:
        row["source_locale"] = row["locale"] = words["locale"]
        take_over(source, row, words)
        if "edited_at" in row:
            row["edited_at"] = world.stamp()
    row["updated_at"] = world.stamp()
    world.write(source, row, state=stored.state)


Handler = Callable[[World, Call, Target], Answer]


def _of_translations(method: str, path: str, handler: Handler) -> dict[Any, Handler]:
    return {
        (
            method,
            path.replace("*", str(model._meta.plural)),
            TRANSLATIONS[model._meta.label],
        ): handler
        for model in (Article, Category, Section)
    }


ROUTES: Mapping[tuple[str, str, str], Handler] = {
    **_of_translations("GET", "help_center/*/{}/translations/{}", show_translation),
    **_of_translations("PUT", "help_center/*/{}/translations/{}", update_translation),
    **_of_translations("GET", "help_center/*/{}/translations/missing", missing_translations),
    ("DELETE", "help_center/translations/{}", "help_center.ArticleTranslation"): delete_translation,
    ("GET", "help_center/locales", "help_center.Locales"): show_locales,
}
