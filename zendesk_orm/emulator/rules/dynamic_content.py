"""Dynamic content items and their variants.

An item contains a copy of its variants, which is updated with them.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.bulk import parse_rows
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import DynamicContentItem, DynamicContentVariant


_ITEM, _VARIANT = DynamicContentItem._meta, DynamicContentVariant._meta


@creates(DynamicContentItem)
def create_item(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an item with its variants.

    Raises:
        HTTPError: 422, if the name is empty, or the variant in the default language is missing.
    """
    name, locale = payload.get("name"), payload.get("default_locale_id")
    variants = payload.get("variants") or []
    if not str(name or "").strip():
        raise invalid_record({"name": [field_error("Name: cannot be blank", "BlankValue")]})
    if locale not in [variant.get("locale_id") for variant in variants]:
        text = "Variants: a variant in the default language is required"
        raise invalid_record({"variants": [field_error(text, "InvalidValue")]})
    slug = re.sub(r"\W+", "_", str(name).lower()).strip("_")
    values = {"placeholder": f"{{{{dc.{slug}}}}}", "outdated": False, "variants": []}
    fields = {key: value for key, value in payload.items() if key != "variants"}
    pk = resources.create(context, meta, fields, path, values).row["id"]
    for variant in variants:
        default = variant.get("locale_id") == locale
        create_variant(context, _VARIANT, {**variant, "default": default}, {"item": pk})
    return WriteResult(resources.get(context, _ITEM, pk).doc)


@creates(DynamicContentVariant)
def create_variant(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a variant of an item.

    Raises:
        HTTPError: 422, if the content is empty, or the item has a variant in the language.
    """
    item = resources.get(context, _ITEM, path["item"])
    if not payload.get("content"):
        raise invalid_record({"content": [field_error("Content: cannot be blank", "BlankValue")]})
    locales = [variant["locale_id"] for variant in _select_variants(context, item.id)]
    if payload.get("locale_id") in locales:
        text = "Locale: has already been taken"
        raise invalid_record({"locale_id": [field_error(text, "DuplicateValue")]})
    values = {"outdated": False, "active": payload.get("active", True)}
    result = resources.create(context, meta, payload, path, values)
    row = result.row
    row.pop("item_id", None)
    row["url"] = str(item.doc["url"]).replace(".json", f"/variants/{row['id']}.json")
    context.write(meta, row, parent=item.id)
    _update_item(context, item.id)
    return result


@updates(DynamicContentVariant)
def update_variant(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a variant. New content of the default variant makes all others outdated."""
    result = resources.update(context, meta, stored, payload)
    if stored.doc["default"] and result.row["content"] != stored.doc["content"]:
        for other in _select_variants(context, stored.parent):
            if other["id"] != stored.id:
                context.write(meta, {**other, "outdated": True}, parent=stored.parent)
    _update_item(context, stored.parent)
    return result


@deletes(DynamicContentVariant)
def delete_variant(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a variant.

    Raises:
        HTTPError: 422, if it is the default variant.
    """
    if stored.doc["default"]:
        text = "Variant: the default variant cannot be deleted"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    result = resources.delete(context, meta, stored)
    _update_item(context, stored.parent)
    return result


@route("GET", "dynamic_content/items/show_many", DynamicContentItem)
def show_items(context: Context, request: Request, target: Target) -> Response:
    """Return items by their placeholders, with or without braces."""
    names = [name.strip() for name in request.params.get("identifiers", "").split(",")]
    placeholders = {f"{{{{dc.{name}}}}}" for name in names} | set(names)
    rows = context.store.select(_ITEM.label, Where("state < ?", (DELETED,)))
    items = [row for row in rows if row["placeholder"] in placeholders]
    return Response(text=dump_json({"items": items}))


@route("POST", "dynamic_content/items/{id}/variants/create_many", DynamicContentItem)
def create_variants(context: Context, request: Request, target: Target) -> Response:
    """Create several variants of an item."""
    path = {"item": resources.get(context, _ITEM, target.args[0]).id}
    variants = parse_rows(request, "variants")
    rows = [create_variant(context, _VARIANT, variant, path).row for variant in variants]
    return Response(201, dump_json({"variants": rows}))


@route("PUT", "dynamic_content/items/{id}/variants/update_many", DynamicContentItem)
def update_variants(context: Context, request: Request, target: Target) -> Response:
    """Update several variants of an item."""
    rows = []
    for variant in parse_rows(request, "variants"):
        stored = resources.get(context, _VARIANT, variant.get("id"), {"item": target.args[0]})
        payload = {key: value for key, value in variant.items() if key != "id"}
        rows.append(update_variant(context, _VARIANT, stored, payload).row)
    return Response(text=dump_json({"variants": rows}))


def _select_variants(context: Context, item: Any) -> list[dict[str, Any]]:
    return context.store.select(_VARIANT.label, Where("parent = ? AND state < ?", (item, DELETED)))


def _update_item(context: Context, item: Any) -> None:
    """Update the variants in an item, and whether one of them is outdated."""
    variants = _select_variants(context, item)
    row = resources.get(context, _ITEM, item).doc
    outdated = any(variant["outdated"] for variant in variants)
    context.write(_ITEM, {**row, "variants": variants, "outdated": outdated})
