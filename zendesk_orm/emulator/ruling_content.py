"""Dynamic content, workspaces, queues and schedules.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import places, plain, ruling_writes
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    DynamicContentItem,
    DynamicContentVariant,
    Group,
    Macro,
    Schedule,
)


_ITEM, _VARIANT = DynamicContentItem._meta, DynamicContentVariant._meta
_DAY = 24 * 60


def create_item(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a piece of dynamic content with its variants.

    Raises:
        Refusal: it has no name, or no variant in its own language.
    """
    name, locale = payload.get("name"), payload.get("default_locale_id")
    variants = payload.get("variants") or []
    if not str(name or "").strip():
        raise invalid_record({"name": [complaint("Name: cannot be blank", "BlankValue")]})
    if locale not in [each.get("locale_id") for each in variants]:
        text = "Variants: there is none in the default language"
        raise invalid_record({"variants": [complaint(text, "InvalidValue")]})
    word = re.sub(r"\W+", "_", str(name).lower()).strip("_")
    also = {"placeholder": f"{{{{dc.{word}}}}}", "outdated": False, "variants": []}
    rest = {key: value for key, value in payload.items() if key != "variants"}
    written = plain.create(world, meta, rest, given, also)
    for variant in variants:
        default = variant.get("locale_id") == locale
        create_variant(
            world, _VARIANT, {**variant, "default": default}, {"item": written.row["id"]}
        )
    return Written(plain.stored(world, _ITEM, written.row["id"]).doc)


def create_variant(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a variant.

    Raises:
        Refusal: it says nothing, or there is one in that language.
    """
    places.settle(world)
    item = plain.stored(world, _ITEM, given["item"])
    if not payload.get("content"):
        raise invalid_record({"content": [complaint("Content: cannot be blank", "BlankValue")]})
    if payload.get("locale_id") in [each["locale_id"] for each in _variants(world, item.id)]:
        text = "Locale: has already been taken"
        raise invalid_record({"locale_id": [complaint(text, "DuplicateValue")]})
    also = {"outdated": False, "active": payload.get("active", True)}
    written = plain.create(world, meta, payload, given, also)
    row = written.row
    row.pop("item_id", None)
    row["url"] = str(item.doc["url"]).replace(".json", f"/variants/{row['id']}.json")
    world.write(meta, row, parent=item.id)
    _tell(world, item.id)
    return written


def update_variant(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a variant; when that of the item's own language changes, the others are outdated."""
    written = plain.update(world, meta, stored, payload)
    if stored.doc["default"] and written.row["content"] != stored.doc["content"]:
        for other in _variants(world, stored.parent):
            if other["id"] != stored.id:
                world.write(meta, {**other, "outdated": True}, parent=stored.parent)
    _tell(world, stored.parent)
    return written


def delete_variant(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a variant.

    Raises:
        Refusal: it is in the item's own language.
    """
    if stored.doc["default"]:
        text = "Variant: the default one cannot be deleted"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    written = plain.delete(world, meta, stored)
    _tell(world, stored.parent)
    return written


def show_items(world: World, call: Call, target: Target) -> Answer:
    """Answer with the items of the given placeholders."""
    words = [word.strip() for word in call.params.get("identifiers", "").split(",")]
    wanted = {f"{{{{dc.{word}}}}}" for word in words} | set(words)
    rows = world.store.docs(_ITEM.label, Where("state < ?", (DELETED,)))
    return Answer(text=dumped({"items": [r for r in rows if r["placeholder"] in wanted]}))


def create_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the variants that were made."""
    given = {"item": plain.stored(world, _ITEM, target.places[0]).id}
    rows = ruling_writes.rows(call, "variants")
    made = [create_variant(world, _VARIANT, each, given).row for each in rows]
    return Answer(201, dumped({"variants": made}))


def update_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the variants that were changed."""
    changed = []
    for each in ruling_writes.rows(call, "variants"):
        stored = plain.stored(world, _VARIANT, each.get("id"), {"item": target.places[0]})
        rest = {key: value for key, value in each.items() if key != "id"}
        changed.append(update_variant(world, _VARIANT, stored, rest).row)
    return Answer(text=dumped({"variants": changed}))


def create_workspace(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a workspace, behind the others."""
    also = {
        "activated": True,
        "position": ruling_writes.next_position(world, meta),
        **_macros(world, payload),
    }
    return plain.create(world, meta, payload, given, also)


def update_workspace(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a workspace."""
    return plain.update(world, meta, stored, payload, _macros(world, payload))


def create_queue(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a queue, behind the others."""
    others = world.store.count(meta.label, Where("state < ?", (DELETED,)))
    also = {"order": payload.get("order") or others + 1}
    for name in ("primary_groups", "secondary_groups"):
        also[name] = _groups(world, payload.get(f"{name}_id") or ())
    return plain.create(world, meta, payload, given, also)


def update_queue(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change a queue."""
    also = {
        name: _groups(world, payload[f"{name}_id"])
        for name in ("primary_groups", "secondary_groups")
        if f"{name}_id" in payload
    }
    return plain.update(world, meta, stored, payload, also)


def set_intervals(world: World, call: Call, target: Target) -> Answer:
    """Answer with the business hours of a schedule as they are now.

    Raises:
        Refusal: an interval ends before it begins, or on another day.
    """
    stored = plain.stored(world, Schedule._meta, target.places[0])
    intervals = call.envelope("workweek").get("intervals") or []
    for each in intervals:
        start, end = each.get("start_time"), each.get("end_time")
        if not (isinstance(start, int) and isinstance(end, int) and start < end):
            text = "Intervals: start_time has to be before end_time"
            raise invalid_record({"intervals": [complaint(text, "InvalidValue")]})
        if start // _DAY != (end - 1) // _DAY:
            text = "Intervals: cannot span calendar days"
            raise invalid_record({"intervals": [complaint(text, "InvalidValue")]})
    plain.update(world, Schedule._meta, stored, {}, {"intervals": intervals})
    return Answer(text=dumped({"workweek": {"intervals": intervals}}))


def _variants(world: World, item: Any) -> list[dict[str, Any]]:
    return world.store.docs(_VARIANT.label, Where("parent = ? AND state < ?", (item, DELETED)))


def _tell(world: World, item: Any) -> None:
    """Let an item say which variants it has, and whether one is outdated."""
    found = _variants(world, item)
    doc = plain.stored(world, _ITEM, item).doc
    outdated = any(each["outdated"] for each in found)
    world.write(_ITEM, {**doc, "variants": found, "outdated": outdated})


def _macros(world: World, payload: Mapping[str, Any]) -> dict[str, Any]:
    if "macros" not in payload:
        return {}
    ids = payload["macros"] or []
    rows = [plain.stored(world, Macro._meta, pk).doc for pk in ids]
    return {"macro_ids": ids, "selected_macros": rows}


def _groups(world: World, ids: Any) -> dict[str, Any]:
    rows = [plain.stored(world, Group._meta, pk).doc for pk in ids]
    groups = [{"id": row["id"], "name": row["name"]} for row in rows]
    return {"count": len(groups), "groups": groups}


_MANY = "dynamic_content/items/{}/variants"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "dynamic_content/items/show_many", _ITEM.label): show_items,
    ("POST", f"{_MANY}/create_many", _ITEM.label): create_many,
    ("PUT", f"{_MANY}/update_many", _ITEM.label): update_many,
    ("PUT", "business_hours/schedules/{}/workweek", Schedule._meta.label): set_intervals,
}
