"""Placeholders of dynamic content in texts: `{{dc.greeting}}`.

Source: https://support.zendesk.com/hc/en-us/articles/4408882999066
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.support import DynamicContentItem, Locale, User


_PLACEHOLDER = re.compile(r"\{\{\s*(dc\.\w+)\s*\}\}")
#: The depth of items whose content contains placeholders of other items, and the size of the text.
_MAX_DEPTH, _MAX_SIZE = 5, 500_000


def resolve(context: Context, text: str, locale_id: Any = None) -> str:
    """Return a text with the content of its items in a language; unknown items stay.

    An item without an active variant in the language has the content of its default variant.

    Args:
        context: the account.
        text: the text.
        locale_id: the id of the language; None for that of each item.
    """
    for _ in range(_MAX_DEPTH):
        if not _PLACEHOLDER.search(text):
            break
        items = _load_items(context)
        names = _PLACEHOLDER.findall(text)
        contents = {name: _get_content(items, name, locale_id) for name in dict.fromkeys(names)}
        if sum(len(contents[name] or "") for name in names) > _MAX_SIZE:
            break
        resolved = _PLACEHOLDER.sub(partial(_replace, contents), text)
        if resolved == text:
            break
        text = resolved
    return text


def _replace(contents: Mapping[str, str | None], match: re.Match[str]) -> str:
    """Return the content of the item of a placeholder, or the placeholder of an unknown item."""
    content = contents[match[1]]
    return match[0] if content is None else content


def find_locale(context: Context, locale: str) -> Any:
    """Return the id of an active locale, given its id or its code; None for an unknown one."""
    rows = context.store.select(Locale._meta.label, Where("state < ?", (DELETED,)))
    names = locale.strip('"').lower()
    return next(
        (row["id"] for row in rows if names in (str(row["id"]), row["locale"].lower())), None
    )


def get_locale(context: Context, user_id: Any) -> Any:
    """Return the id of a user's language, or None."""
    return (context.store.get(User._meta.label, user_id) or {}).get("locale_id")


def _load_items(context: Context) -> dict[str, dict[str, Any]]:
    """Return the items by the name in their placeholders: `dc.greeting`."""
    rows = context.store.select(DynamicContentItem._meta.label, Where("state < ?", (DELETED,)))
    return {str(row["placeholder"]).strip("{} "): row for row in rows}


def _get_content(items: dict[str, dict[str, Any]], name: str, locale_id: Any) -> str | None:
    variants = items.get(name, {}).get("variants") or ()
    active = [variant for variant in variants if variant.get("active", True)]
    chosen = [variant for variant in active if variant["locale_id"] == locale_id]
    default = [variant for variant in variants if variant.get("default")]
    content = next((variant["content"] for variant in (*chosen, *default, *active)), None)
    return None if content is None else str(content)
