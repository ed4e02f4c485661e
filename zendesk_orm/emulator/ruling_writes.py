"""Macros, triggers, automations and their like, as they are made and changed.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import (
    UNCONFIRMED,
    Refusal,
    complaint,
    invalid_record,
    missing_parameter,
)
from zendesk_orm.emulator.store import DELETED, Stored, Where, value_of
from zendesk_orm.emulator.world import Call, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Trigger, TriggerCategory, TriggerRevision


#: The position of the first macro that is made; recorded.
_FIRST = {"support.Macro": 10_000}
#: What a revision of a trigger remembers.
_SNAPSHOT = ("title", "description", "active", "conditions", "actions")


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a rule.

    Raises:
        Refusal: it has no title, does nothing, or has no conditions.
    """
    _demand(meta, payload, {})
    also = _conditions(meta, payload, {})
    if payload.get("position") is None:
        also["position"] = next_position(world, meta)
    if meta.label == Trigger._meta.label and payload.get("category_id") is None:
        also["category_id"] = _category(world)
    written = plain.create(world, meta, payload, given, also)
    _remember(world, meta, written.row, {})
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a rule.

    Raises:
        Refusal: it would have no title, do nothing, or have no conditions.
    """
    _demand(meta, payload, stored.doc)
    also = _conditions(meta, payload, stored.doc)
    if "title" in payload and "raw_title" not in payload:
        also["raw_title"] = payload["title"]
    written = plain.update(world, meta, stored, payload, also)
    _remember(world, meta, written.row, stored.doc)
    return written


def rows(call: Call, plural: str) -> list[dict[str, Any]]:
    """Return the objects in a body.

    Raises:
        Refusal: there are none.
    """
    many = call.body.get(plural)
    if not isinstance(many, list):
        raise missing_parameter(plural)
    return [item if isinstance(item, dict) else {} for item in many]


def next_position(world: World, meta: Options) -> int:
    """Return the position behind all others."""
    where = Where("state < ?", (DELETED,))
    known = [row[2] for row in world.store.texts(meta.label, where, also=value_of("position"))]
    first = _FIRST.get(meta.label, 1)
    return max([first - 1, *(each for each in known if isinstance(each, int))]) + 1


def delete_category(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a category without triggers.

    Raises:
        Refusal: there are active triggers in it.
    """
    held = world.store.find(Trigger._meta.label, "category_id", stored.id)
    if any(each["active"] for each in held):
        title = "A category with active ticket triggers cannot be deleted."
        error = {"code": "TriggerCategoryNotEmpty", "title": title}
        raise Refusal(400, {"errors": [error]}, UNCONFIRMED)
    return plain.delete(world, meta, stored)


def create_category(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a category, behind the others.

    Raises:
        Refusal: it has no name.
    """
    if not str(payload.get("name") or "").strip():
        error = {"code": "InvalidTriggerCategory", "title": "Name cannot be blank"}
        raise Refusal(400, {"errors": [error]}, UNCONFIRMED)
    also = {}
    if payload.get("position") is None:
        also["position"] = next_position(world, meta)
    return plain.create(world, meta, payload, given, also)


def _demand(meta: Options, payload: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    row = {**before, **payload}
    if not str(row.get("title") or "").strip():
        raise invalid_record({"title": [complaint("Title: cannot be blank", "BlankValue")]})
    if not row.get("actions"):
        text = "Actions: has to do at least one thing"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})


def _conditions(
    meta: Options, payload: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conditions, however they were said.

    Raises:
        Refusal: there are none.
    """
    if "conditions" not in meta.fields:
        return {}
    known = {**(before.get("conditions") or {}), **(payload.get("conditions") or {})}
    found = {key: list(payload.get(key, known.get(key)) or ()) for key in ("all", "any")}
    if not (found["all"] or found["any"]):
        text = "Conditions: there has to be at least one"
        raise invalid_record({"base": [complaint(text, "InvalidValue")]})
    return {"conditions": found}


def _category(world: World) -> Any:
    """Return the id of the first category of the account, which has one at least."""
    meta = TriggerCategory._meta
    found = world.store.docs(meta.label, Where("state < ?", (DELETED,)))
    if found:
        return found[0]["id"]
    return plain.create(world, meta, {"name": "Notifications", "position": 1}, {}).row["id"]


def _remember(
    world: World, meta: Options, row: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Keep what a trigger is from now on, if that is something else than before."""
    if meta.label != Trigger._meta.label:
        return
    changed = [name for name in _SNAPSHOT if row.get(name) != before.get(name)]
    if changed:
        diff = {
            name: [
                {"change": "-", "content": before.get(name)},
                {"change": "+", "content": row.get(name)},
            ]
            for name in changed
            if before
        }
        also = {
            "author_id": world.author,
            "created_at": world.stamp(),
            "snapshot": {name: row.get(name) for name in _SNAPSHOT},
            "diff": diff,
        }
        plain.create(world, TriggerRevision._meta, {}, {"trigger": row["id"]}, also)
