"""Records of custom objects: made, changed, found.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import OFFSET_WALL
from zendesk_orm.emulator import exports, plain, reads
from zendesk_orm.emulator.custom_objects import demanded, fields
from zendesk_orm.emulator.json_filters import held
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, spaced, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options
from zendesk_orm.support import CustomObjectRecord


_META = CustomObjectRecord._meta

#: Types of fields whose words a search looks through.
_WORDY = frozenset({"text", "textarea", "regexp"})


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a record.

    Raises:
        Refusal: its object is not there, or it breaks a rule.
    """
    key = demanded(world, given["custom_object_key"])
    blank = dict.fromkeys(_own(world, key))
    values = _values(world, key, payload)
    by = str(world.author)
    also = {
        "custom_object_fields": {**blank, **values},
        "created_by_user_id": by,
        "updated_by_user_id": by,
    }
    _check(world, key, {**plain.taken(meta, payload), **also}, None)
    written = plain.create(world, meta, payload, given, also)
    _write(world, meta, key, written.row)
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a record; fields that are not given stay.

    Raises:
        Refusal: it would break a rule.
    """
    key = stored.doc["custom_object_key"]
    before = stored.doc["custom_object_fields"]
    also = {
        "custom_object_fields": {**before, **_values(world, key, payload)},
        "updated_by_user_id": str(world.author),
    }
    _check(world, key, {**stored.doc, **plain.taken(meta, payload), **also}, stored.id)
    written = plain.update(world, meta, stored, payload, also)
    _write(world, meta, key, written.row)
    return written


def upsert(world: World, call: Call, target: Target) -> Answer:
    """Answer with the record of an external id or a name, changed or made.

    Raises:
        Refusal: both are given or none, or names are not unique.
    """
    key = demanded(world, target.places[0])
    payload = call.envelope(target.meta.singular)
    written = put(world, key, *_named(call), payload)
    return Answer(text=dumped({target.meta.singular: written.row}))


def put(world: World, key: str, wire: str, value: Any, payload: Mapping[str, Any]) -> Written:
    """Change the record that a field has a value in, or make it.

    Raises:
        Refusal: names are not unique, or it breaks a rule.
    """
    _demand_unique(world, key, wire)
    if not value:
        raise missing_parameter(wire)
    found = known(world, key, wire, value)
    if found is not None:
        return update(world, _META, found, payload)
    return create(world, _META, {wire: value, **payload}, {"custom_object_key": key})


def delete_by(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the record of an external id or a name is gone."""
    key = demanded(world, target.places[0])
    wire, value = _named(call)
    _demand_unique(world, key, wire)
    found = known(world, key, wire, value)
    if found is None:
        raise not_found()
    plain.delete(world, target.meta, found)
    return Answer(204)


def known(world: World, key: str, wire: str, value: Any) -> Stored | None:
    """Return the record of an object that has a value in a field, or None."""
    where = _of(key) & Where(f"{value_of(wire)} = ?", (value,))
    found = world.store.texts(_META.label, where, most=1)
    return world.store.row(_META.label, found[0][1]) if found else None


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of records; with those of some ids, or external ids, where asked."""
    where = _of(demanded(world, target.places[0]))
    return named(world, call, target, where) or reads.list_rows(world, call, target)


def named(world: World, call: Call, target: Target, where: Where) -> Answer | None:
    """Return the answer with the rows that `filter[ids]` names, or None where it names none."""
    for parameter, sql in (
        ("filter[ids]", "id"),
        ("filter[external_ids]", value_of("external_id")),
    ):
        if parameter in call.params:
            ids = call.members(parameter)
            texts = world.store.texts(target.meta.label, where & reads.among(sql, ids))
            about = {"count": len(texts), "meta": {"has_more": False}, "links": {}}
            return Answer(text=listing(target, [row[0] for row in texts], "", about))
    return None


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the records that changed, which says whether there is more."""
    key = demanded(world, target.places[0])
    of_key = Where(f"{value_of('custom_object_key')} = ?", (key,))
    told = json.loads(exports.export(world, call, target, of_key).text)
    return Answer(text=dumped({**told, "meta": {"has_more": not told.pop("end_of_stream")}}))


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what a filter and a query find; without a sort, of the first 10,000.

    Raises:
        Refusal: the filter is none.
    """
    key = demanded(world, target.places[0])
    where = _of(key)
    if call.body.get("filter"):
        where &= held(world, fields(world, key), call.body["filter"])
    words = spaced(call.params.get("query", "")).split()
    if words:
        either = Where("0")
        for word in words:
            either |= Where("instr(words, ?) > 0", (f" {word}",))
        where &= either
    return _page(world, call, target, where)


def autocomplete(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the records whose name begins so."""
    where = _of(demanded(world, target.places[0]))
    name = call.params.get("name", "").lower()
    where &= Where(f"substr(lower({value_of('name')}), 1, ?) = ?", (len(name), name))
    return _page(world, call, target, where)


def _page(world: World, call: Call, target: Target, where: Where) -> Answer:
    label = target.meta.label
    if not call.params.get("sort"):
        first = f"SELECT id FROM rows WHERE kind = ? AND ({where.sql}) ORDER BY id LIMIT ?"  # noqa: S608 - values are bound
        where = Where(f"id IN ({first})", (label, *where.values, OFFSET_WALL))
    # All searches are walked alike. By relevance, the default, is here by id.
    filters = (each for each in target.meta.api if each.verb is Verb.FILTER)
    endpoints = tuple(evolve(each, natural=None) for each in filters)
    found = page(world, call, evolve(target, endpoints=endpoints), where)
    about = {"count": len(found.texts), **found.about}
    return Answer(text=listing(target, found.texts, "", about))


def _of(key: str) -> Where:
    return Where(f"state < ? AND {value_of('custom_object_key')} = ?", (DELETED, key))


def _own(world: World, key: str) -> list[str]:
    return [name for name in fields(world, key) if "::" not in name]


def _values(world: World, key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of the object's own fields; of others, it says nothing."""
    given = payload.get("custom_object_fields") or {}
    return {name: given[name] for name in _own(world, key) if name in given}


def _write(world: World, meta: Options, key: str, row: dict[str, Any]) -> None:
    """Keep a record with the words that it is found by."""
    declared, held_ = fields(world, key), row["custom_object_fields"]
    wordy = [held_[name] for name in held_ if declared[name]["type"] in _WORDY]
    text = " ".join(str(value) for value in (row["name"], *wordy) if value)
    world.write(meta, row, words=spaced(text))


def _check(world: World, key: str, row: Mapping[str, Any], pk: Any) -> None:
    details: dict[str, list[dict[str, Any]]] = {}
    declared = fields(world, key)
    if not row.get("name"):
        details["name"] = [complaint("Name: cannot be blank", "BlankValue")]
    for name, value in row["custom_object_fields"].items():
        if declared[name]["required"] and value in (None, ""):
            title = declared[name]["title"]
            details[name] = [complaint(f"{title}: cannot be blank", "BlankValue")]
    unique = ["external_id", *(["name"] if _unique_names(declared) else [])]
    for wire in unique:
        value = row.get(wire)
        other = known(world, key, wire, value) if value else None
        if other is not None and other.id != pk:
            text = f"{wire.replace('_', ' ').capitalize()}: {value} has already been taken"
            details[wire] = [complaint(text, "DuplicateValue")]
    if details:
        raise invalid_record(details)


def _unique_names(declared: Mapping[str, Mapping[str, Any]]) -> bool:
    return bool(declared["standard::name"]["properties"].get("is_unique"))


def _named(call: Call) -> tuple[str, str]:
    """Return by what a record is named: its external id, or its name."""
    given = [wire for wire in ("external_id", "name") if call.params.get(wire)]
    if len(given) != 1:
        raise missing_parameter("external_id or name")
    return given[0], call.params[given[0]]


def _demand_unique(world: World, key: str, wire: str) -> None:
    """Refuse to know a record by its name where names are not unique."""
    if wire == "name" and not _unique_names(fields(world, key)):
        text = "Name: is_unique is not enabled for the name field"
        raise invalid_record({"name": [complaint(text, "InvalidValue")]})
