"""Values of rows as HTML."""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup

from zendesk_orm.emulator.console.html import Child, element
from zendesk_orm.emulator.console.layout import build_url
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.schema.options import Options


#: The characters of a text in a table, and in the details of a row.
SHORT, LONG = 80, 20_000

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z")


def build_value(meta: Options | None, key: str, value: Any, size: int = SHORT) -> Child:
    """Return the value of a key of a row as HTML.

    Args:
        meta: the options of the model, or None if it is unknown.
        key: the key.
        value: the value.
        size: the number of characters beyond which a text is cut off.
    """
    if value is None or value in ("", [], {}):
        return element("span", "-", class_="none", aria_label="no value")
    if isinstance(value, bool):
        return "yes" if value else "no"
    label = find_label(meta, key)
    if label and isinstance(value, (int, str)):
        return element("a", value, href=build_url("records", label, value))
    if isinstance(value, str):
        return _build_text(value, size)
    if isinstance(value, list) and all(isinstance(item, (int, str)) for item in value):
        return _cut(", ".join(map(str, value)), size)
    if isinstance(value, (dict, list)):
        return element("code", _cut(json.dumps(value, ensure_ascii=False), size))
    return value


def find_label(meta: Options | None, key: str) -> str:
    """Return the label of the model that the ids of a key belong to, or ""."""
    if meta is None or not key.endswith("_id"):
        return ""
    relation = meta.relations.get(key.removesuffix("_id"))
    if relation is None:
        return ""
    model: Any = relation.model
    return str(model._meta.concrete._meta.label)


def build_json(value: Any) -> Markup:
    """Return a value as indented JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return element("pre", element("code", text), tabindex="0")


def _build_text(value: str, size: int) -> Child:
    match = _TIMESTAMP.fullmatch(value)
    if match:
        return element("time", f"{match[1]} {match[2]}", datetime=value, title=value)
    if value.startswith(f"{BASE_URL}/"):
        # Links to the emulator itself; other addresses may be scripts.
        return element("a", _cut(value, size), href=value.removeprefix(BASE_URL), rel="noreferrer")
    return _cut(value, size)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"
