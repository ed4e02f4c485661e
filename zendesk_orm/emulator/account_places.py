"""Languages and countries, of which an emulated account knows a few.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import Country, Locale, User


_LOCALE, _COUNTRY = Locale._meta, Country._meta
#: Id, code, and the name in the language itself; whether it is read from right to left.
_LOCALES = (
    (1, "en-US", "English", False),
    (2, "es", "Español", False),
    (8, "de", "Deutsch", False),
    (16, "fr", "Français", False),
    (66, "ar", "العربية", True),
    (67, "ja", "日本語", False),
)
_COUNTRIES = (
    (1, "Afghanistan", "AF", "93", "APAC"),
    (2, "Albania", "AL", "355", "EMEA"),
    (14, "Austria", "AT", "43", "EMEA"),
    (38, "Canada", "CA", "1", "AMER"),
    (80, "Germany", "DE", "49", "EMEA"),
    (230, "United Kingdom", "GB", "44", "EMEA"),
    (232, "United States", "US", "1", "AMER"),
)


def list_locales(world: World, call: Call, target: Target) -> Answer:
    """Answer with the languages."""
    settle(world)
    texts = [row[0] for row in world.store.texts(_LOCALE.label, Where("state < ?", (DELETED,)))]
    return Answer(text=f'{{"locales":[{",".join(texts)}]}}')


def show_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with a language, by its id or its code."""
    settle(world)
    pk = target.values["id"]
    known = world.store.find(_LOCALE.label, "locale", pk) if isinstance(pk, str) else []
    row = known[0] if known else plain.stored(world, _LOCALE, pk).doc
    return Answer(text=dumped({"locale": row}))


def current_locale(world: World, call: Call, target: Target) -> Answer:
    """Answer with the language of the caller."""
    settle(world)
    user = world.store.get(User._meta.label, world.author) or {}
    row = world.store.get(_LOCALE.label, user.get("locale_id") or 1)
    return Answer(text=dumped({"locale": row}))


def list_countries(world: World, call: Call, target: Target) -> Answer:
    """Answer with the countries."""
    settle(world)
    return reads.list_rows(world, call, target)


def show_country(world: World, call: Call, target: Target) -> Answer:
    """Answer with a country."""
    settle(world)
    return reads.show(world, call, target)


def settle(world: World) -> None:
    """Make what is there as soon as somebody asks."""
    if world.store.get(_LOCALE.label, 1) is not None:
        return
    for pk, code, name, backwards in _LOCALES:
        row: dict[str, Any] = {
            "url": f"{HOME}/api/v2/locales/{code}.json",
            "id": pk,
            "locale": code,
            "name": name,
            "native_name": name,
            "presentation_name": name,
            "rtl": backwards,
            "created_at": world.stamp(),
            "updated_at": world.stamp(),
            "default": pk == 1,
        }
        world.write(_LOCALE, row)
    for pk, name, code, calling, region in _COUNTRIES:
        row = {"id": pk, "name": name, "code": code, "calling_code": calling, "region": region}
        world.write(_COUNTRY, row)


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
