"""Locales and countries, of which an emulated account has a few.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Country, Locale, User


_LOCALE, _COUNTRY = Locale._meta, Country._meta
#: Id, code, name in the language itself, and whether it is written from right to left.
_LOCALES = (
    (1, "en-US", "English", False),
    (2, "es", "Español", False),
    (8, "de", "Deutsch", False),
    (16, "fr", "Français", False),
    (66, "ar", "العربية", True),
    (67, "ja", "日本語", False),
)
#: Id, name, code, calling code and region.
_COUNTRIES = (
    (1, "Afghanistan", "AF", "93", "APAC"),
    (2, "Albania", "AL", "355", "EMEA"),
    (14, "Austria", "AT", "43", "EMEA"),
    (38, "Canada", "CA", "1", "AMER"),
    (80, "Germany", "DE", "49", "EMEA"),
    (230, "United Kingdom", "GB", "44", "EMEA"),
    (232, "United States", "US", "1", "AMER"),
)


def create_locales(context: Context) -> None:
    """Create the locales and countries of a new account."""
    for pk, code, name, rtl in _LOCALES:
        row: dict[str, Any] = {
            "url": f"{BASE_URL}/api/v2/locales/{code}.json",
            "id": pk,
            "locale": code,
            "name": name,
            "native_name": name,
            "presentation_name": name,
            "rtl": rtl,
            "created_at": context.timestamp(),
            "updated_at": context.timestamp(),
            "default": pk == 1,
        }
        context.write(_LOCALE, row)
    for pk, name, code, calling_code, region in _COUNTRIES:
        row = {"id": pk, "name": name, "code": code, "calling_code": calling_code}
        context.write(_COUNTRY, {**row, "region": region})


@route("GET", "locales", Locale)
@route("GET", "locales/public", Locale)
@route("GET", "locales/agent", Locale)
def list_locales(context: Context, request: Request, target: Target) -> Response:
    """Return all locales."""
    rows = context.store.select_texts(_LOCALE.label, Where("state < ?", (DELETED,)))
    return Response(text=f'{{"locales":[{",".join(row[0] for row in rows)}]}}')


@route("GET", "locales/{id}", Locale)
def show_locale(context: Context, request: Request, target: Target) -> Response:
    """Return a locale by its id or code."""
    pk = target.kwargs["id"]
    matches = context.store.find(_LOCALE.label, "locale", pk) if isinstance(pk, str) else []
    row = matches[0] if matches else resources.get(context, _LOCALE, pk).doc
    return Response(text=dump_json({"locale": row}))


@route("GET", "locales/current", Locale)
@route("GET", "locales/detect_best_locale", Locale)
def show_current_locale(context: Context, request: Request, target: Target) -> Response:
    """Return the locale of the authenticated user."""
    user = context.store.get(User._meta.label, context.user_id) or {}
    row = context.store.get(_LOCALE.label, user.get("locale_id") or 1)
    return Response(text=dump_json({"locale": row}))
