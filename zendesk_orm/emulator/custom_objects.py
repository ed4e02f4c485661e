"""Custom objects and their fields: what records hold.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import plain, templates
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObject, CustomObjectRecord


#: What the store calls the fields of objects, which are no rows of a model.
_FIELDS = "support.CustomObjectField"
_KEY = re.compile(r"[a-z][a-z0-9_]*")

#: How many there may be; accounts differ.
MOST_OBJECTS, MOST_FIELDS, MOST_RECORDS = 30, 100, 50_000_000

_FIELD: Mapping[str, Any] = {
    "url": None,
    "id": None,
    "type": "text",
    "key": None,
    "title": None,
    "raw_title": None,
    "description": "",
    "raw_description": "",
    "position": 9999,
    "active": True,
    "required": False,
    "system": False,
    "regexp_for_validation": None,
    "created_at": None,
    "updated_at": None,
}
#: The fields that every object has, and their titles.
_STANDARD = {"standard::name": "Name", "standard::external_id": "External ID"}


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make an object, with its standard fields.

    Raises:
        Refusal: its key is none, or another's.
    """
    key = str(payload.get("key") or "")
    if not _KEY.fullmatch(key):
        raise _wrong("key", f"Key: {key or 'it'} is not valid", "InvalidValue")
    if world.store.get(meta.label, key) is not None:
        raise _wrong("key", f"Key: {key} has already been taken", "DuplicateValue")
    row = templates.blank(meta)
    plain.merge(row, plain.taken(meta, payload))
    for name in ("title", "title_pluralized"):
        if not row[name]:
            title = name.replace("_", " ").capitalize()
            raise _wrong(name, f"{title}: cannot be blank", "BlankValue")
    for name in ("title", "title_pluralized", "description"):
        row[f"raw_{name}"] = row[f"raw_{name}"] or row[name]
    row["url"] = f"{HOME}/api/v2/custom_objects/{key}.json"
    stamp_user(world, row, new=True)
    world.write(meta, row)
    for position, (standard, title) in enumerate(_STANDARD.items()):
        _put_field(world, key, {"key": standard, "title": title, "position": position})
    return Written(row)


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change an object; its key stays."""
    also = {"updated_by_user_id": str(world.author)}
    return plain.update(world, meta, stored, payload, also)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete an object for good, with all its records."""
    world.store.drop(meta.label, stored.id)
    world.store.drop_below(_FIELDS, stored.id)
    sql = f"DELETE FROM rows WHERE kind = ? AND {value_of('custom_object_key')} = ?"  # noqa: S608 - values are bound
    world.store.execute(sql, (CustomObjectRecord._meta.label, stored.id))
    return Written(stored.doc)


def list_fields(world: World, call: Call, target: Target) -> Answer:
    """Answer with the fields of an object; the standard ones only where they are asked for."""
    found = list(fields(world, demanded(world, target.places[0])).values())
    if call.params.get("include_standard_fields") != "true":
        found = [field for field in found if field["key"] not in _STANDARD]
    about = {"next_page": None, "previous_page": None, "count": len(found)}
    return Answer(text=dumped({"custom_object_fields": found, **about}))


def show_field(world: World, call: Call, target: Target) -> Answer:
    """Answer with a field, named by key or id."""
    return Answer(text=dumped({"custom_object_field": _field(world, *target.places)}))


def reorder_fields(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the fields have a new order.

    Raises:
        Refusal: one of them is not the object's.
    """
    key = demanded(world, target.places[0])
    for position, pk in enumerate(call.body.get("custom_object_field_ids", ())):
        _keep_field(world, key, {**_field(world, key, pk), "position": position})
    return Answer()


def object_limit(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many objects there are, and may be."""
    return _limit(world, CustomObject._meta.label, Where("state < ?", (DELETED,)), MOST_OBJECTS)


def record_limit(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many records there are, and may be."""
    label = CustomObjectRecord._meta.label
    return _limit(world, label, Where("state < ?", (DELETED,)), MOST_RECORDS)


def field_limit(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many fields an object has, and may have."""
    where = Where("parent = ?", (demanded(world, target.places[0]),))
    return _limit(world, _FIELDS, where, MOST_FIELDS)


def _limit(world: World, kind: str, where: Where, most: int) -> Answer:
    return Answer(text=dumped({"count": world.store.count(kind, where), "limit": most}))


def create_field(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new field of an object.

    Raises:
        Refusal: its key is none, or another's.
    """
    key, payload = demanded(world, target.places[0]), call.envelope("custom_object_field")
    if not _KEY.fullmatch(str(payload.get("key"))):
        raise _wrong("key", f"Key: {payload.get('key')} is not valid", "InvalidValue")
    if payload["key"] in fields(world, key):
        raise _wrong("key", f"Key: {payload['key']} has already been taken", "DuplicateValue")
    if not payload.get("title"):
        raise _wrong("title", "Title: cannot be blank", "BlankValue")
    row = _put_field(world, key, payload)
    return Answer(201, dumped({"custom_object_field": row}), {"Location": row["url"]})


def update_field(world: World, call: Call, target: Target) -> Answer:
    """Answer with a field, named by key or id, that was changed."""
    key, name = target.places
    row = _field(world, key, name)
    world.pass_second(row["updated_at"])
    row = {**row, **call.envelope("custom_object_field"), "updated_at": world.stamp()}
    _keep_field(world, key, row)
    return Answer(text=dumped({"custom_object_field": row}))


def delete_field(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the field is gone."""
    key, name = target.places
    world.store.drop(_FIELDS, _field(world, key, name)["id"])
    return Answer(204)


def demanded(world: World, key: Any) -> str:
    """Return the key of an object that is there.

    Raises:
        Refusal: it is not.
    """
    plain.stored(world, CustomObject._meta, key)
    return str(key)


def fields(world: World, key: str) -> dict[str, dict[str, Any]]:
    """Return the fields of an object by their keys, in order."""
    where = Where("parent = ? AND state < ?", (key, DELETED))
    docs = world.store.docs(_FIELDS, where, f"{value_of('position')}, id")
    return {doc["key"]: doc for doc in docs}


def stamp_user(world: World, row: dict[str, Any], *, new: bool) -> None:
    """Note who writes a row, and when."""
    for name in ("created", "updated") if new else ("updated",):
        row[f"{name}_at"] = world.stamp()
        row[f"{name}_by_user_id"] = str(world.author)


def _field(world: World, key: Any, name: Any) -> dict[str, Any]:
    for field in fields(world, demanded(world, key)).values():
        if name in (field["key"], field["id"]):
            return field
    raise not_found()


def _put_field(world: World, key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    row = {**_FIELD, "properties": {}, **payload, "id": world.store.next_id()}
    row["raw_title"] = row["title"]
    row["created_at"] = row["updated_at"] = world.stamp()
    row["url"] = f"{HOME}/api/v2/custom_objects/{key}/fields/{row['id']}.json"
    _keep_field(world, key, row)
    return row


def _keep_field(world: World, key: str, row: dict[str, Any]) -> None:
    world.store.put([Stored(_FIELDS, row["id"], row, parent=key)], world.now())


def _wrong(name: str, sentence: str, error: str) -> Exception:
    return invalid_record({name: [complaint(sentence, error)]})
