"""Languages and countries, of which an emulated account knows a few.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import places, plain, reads
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Country, Locale, User


_LOCALE, _COUNTRY = Locale._meta, Country._meta


def list_locales(world: World, call: Call, target: Target) -> Answer:
    """Answer with the languages."""
    places.settle(world)
    texts = [row[0] for row in world.store.texts(_LOCALE.label, Where("state < ?", (DELETED,)))]
    return Answer(text=f'{{"locales":[{",".join(texts)}]}}')


def show_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with a language, by its id or its code."""
    places.settle(world)
    pk = target.values["id"]
    known = world.store.find(_LOCALE.label, "locale", pk) if isinstance(pk, str) else []
    row = known[0] if known else plain.stored(world, _LOCALE, pk).doc
    return Answer(text=dumped({"locale": row}))


def current_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with the language of the caller."""
    places.settle(world)
    user = world.store.get(User._meta.label, world.author) or {}
    row = world.store.get(_LOCALE.label, user.get("locale_id") or 1)
    return Answer(text=dumped({"locale": row}))


def list_countries(world: World, call: Call, target: Target) -> Answer:
    """Answer with the countries."""
    places.settle(world)
    return reads.list_rows(world, call, target)


def show_country(world: World, call: Call, target: Target) -> Answer:
    """Answer with a country."""
    places.settle(world)
    return reads.show(world, call, target)


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "locales", _LOCALE.label): list_locales,
    ("GET", "locales/{}", _LOCALE.label): show_locale,
    ("GET", "locales/public", _LOCALE.label): list_locales,
    ("GET", "locales/agent", _LOCALE.label): list_locales,
    ("GET", "locales/current", _LOCALE.label): current_locale,
    ("GET", "locales/detect_best_locale", _LOCALE.label): current_locale,
    ("GET", "countries", _COUNTRY.label): list_countries,
    ("GET", "countries/{}", _COUNTRY.label): show_country,
}
