"""Custom fields, and the options of drop-downs.

An option is a row of its own, and the field tells of all of them.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads, templates
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number
from zendesk_orm.schema.options import Options
from zendesk_orm.support import TicketField, TicketFieldOption, UserField, UserFieldOption


#: Fields that have options, by the label of the model, and their options.
_OPTIONS = {
    TicketField._meta.label: TicketFieldOption._meta,
    UserField._meta.label: UserFieldOption._meta,
}
_FIELDS = {
    TicketFieldOption._meta.label: TicketField._meta,
    UserFieldOption._meta.label: UserField._meta,
}
#: What the field tells of an option.
_TOLD = ("id", "name", "raw_name", "value", "default")


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a field, with its options.

    Raises:
        Refusal: it has no title, or a key that another has.
    """
    also = _demanded(world, meta, payload)
    written = plain.create(world, meta, payload, given, also)
    if payload.get("custom_field_options"):
        _replace(world, meta, written.row, payload["custom_field_options"])
    return written


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a field; options that a body leaves out are gone."""
    also = {}
    for name in ("title", "description", "title_in_portal"):
        if name in payload and f"raw_{name}" in stored.doc and f"raw_{name}" not in payload:
            also[f"raw_{name}"] = payload[name]
    rest = {key: value for key, value in payload.items() if key != "custom_field_options"}
    written = plain.update(world, meta, stored, rest, also)
    if "custom_field_options" in payload:
        _replace(world, meta, written.row, payload["custom_field_options"] or ())
    return written


def list_options(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of a field's options."""
    _settle(world, target)
    return reads.list_rows(world, call, target)


def show_option(world: World, call: Call, target: Target) -> Answer:
    """Answer with one option."""
    _settle(world, target)
    return reads.show(world, call, target)


def put_option(world: World, call: Call, target: Target) -> Answer:
    """Answer with an option that was made, or changed where the body names its id."""
    meta, field = target.meta, _settle(world, target)
    payload = call.envelope(meta.envelope)
    known = world.store.row(meta.label, payload.get("id"))
    if known is None:
        _demand_option(payload)
        rest = {key: value for key, value in payload.items() if key != "id"}
        written = _made(world, meta, field, rest)
    else:
        also = {"raw_name": payload["name"]} if "name" in payload else {}
        written = plain.update(world, meta, known, payload, also)
    _tell(world, field)
    return Answer(201 if known is None else 200, dumped({meta.envelope: written.row}))


def delete_option(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the option is gone."""
    field = _settle(world, target)
    stored = plain.stored(world, target.meta, target.values["id"], target.values)
    plain.delete(world, target.meta, stored)
    _tell(world, field)
    return Answer(204)


def _demanded(world: World, meta: Options, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what follows from a new field.

    Raises:
        Refusal: it has no title, or no key of its own.
    """
    title = payload.get("title")
    if not str(title or "").strip():
        raise invalid_record({"title": [complaint("Title: cannot be blank", "BlankValue")]})
    if meta.label == TicketField._meta.label:
        # Recorded: a new field says its title everywhere.
        told = {"type": payload.get("type") or "text"}
        for name in ("description", "title_in_portal"):
            told[name] = payload.get(name) or title
        return told
    key = payload.get("key")
    if not key or is_number(str(key)):
        raise invalid_record({"key": [complaint("Key: is invalid", "InvalidValue")]})
    if world.store.find(meta.label, "key", key):
        text = f"Key: {key} has already been taken"
        raise invalid_record({"key": [complaint(text, "DuplicateValue")]})
    return {"type": payload.get("type") or "text"}


def _demand_option(payload: Mapping[str, Any]) -> None:
    for name in ("name", "value"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})


def _settle(world: World, target: Target) -> Stored:
    """Return the field, after making rows of options that only the field knows of."""
    field = plain.stored(world, _FIELDS[target.meta.label], target.places[0])
    for position, option in enumerate(field.doc.get("custom_field_options") or ()):
        if world.store.row(target.meta.label, option.get("id")) is None:
            _made(world, target.meta, field, {**option, "position": position})
    return field


def _made(world: World, meta: Options, field: Stored, option: Mapping[str, Any]) -> Written:
    row = templates.blank(meta)
    row.pop(f"{_FIELDS[meta.label].singular}_id", None)
    plain.merge(row, plain.taken(meta, option))
    row["id"] = option.get("id")
    row["raw_name"] = option.get("raw_name") or row["name"]
    row["allow_solving"] = row["allow_solving"] is not False
    if row["position"] is None:
        row["position"] = world.store.count(meta.label, _below(field))
    plain.begin(world, meta, row)
    row["url"] = str(field.doc["url"]).replace(".json", f"/options/{row['id']}.json")
    world.write(meta, row, parent=field.id)
    return Written(row)


def _replace(world: World, meta: Options, row: dict[str, Any], options: Any) -> None:
    """Let a field have these options, and no others."""
    inner, field = _OPTIONS.get(meta.label), Stored(meta.label, row["id"], row)
    if inner is None:
        numbered = [{"id": each.get("id") or world.store.next_id(), **each} for each in options]
        row["custom_field_options"] = numbered
        world.write(meta, row)
        return
    before = {each["id"] for each in world.store.docs(inner.label, _below(field))}
    kept = set()
    for position, option in enumerate(options):
        known = world.store.row(inner.label, option.get("id")) if option.get("id") else None
        if known is None:
            kept.add(_made(world, inner, field, {**option, "position": position}).row["id"])
        else:
            also = {"raw_name": option["name"]} if "name" in option else {}
            plain.update(world, inner, known, {**option, "position": position}, also)
            kept.add(known.id)
    for pk in before - kept:
        plain.delete(world, inner, plain.stored(world, inner, pk))
    _tell(world, field)


def _tell(world: World, field: Stored) -> None:
    """Let a field say which options it has."""
    meta = (TicketField if field.kind == TicketField._meta.label else UserField)._meta
    options = _OPTIONS[field.kind]
    found = world.store.docs(options.label, _below(field), f"{value_of('position')}, id")
    told = [{name: each.get(name, False) for name in _TOLD} for each in found]
    field.doc["custom_field_options"] = told
    world.write(meta, field.doc)


def _below(field: Stored) -> Where:
    return Where("parent = ? AND state < ?", (field.id, DELETED))


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    (method, f"{fields}/{{}}/options{more}", label): handler
    for fields, label in (
        ("ticket_fields", "support.TicketFieldOption"),
        ("user_fields", "support.UserFieldOption"),
    )
    for method, more, handler in (
        ("GET", "", list_options),
        ("GET", "/{}", show_option),
        ("POST", "", put_option),
        ("DELETE", "/{}", delete_option),
    )
}
