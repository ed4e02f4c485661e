"""Languages and countries, which are there before anybody makes them."""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.world import HOME, World
from zendesk_orm.support import Country, Locale


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
