"""One row made, changed or deleted, of a resource that has no ways of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator import rules, templates
from zendesk_orm.emulator.permitted import writable
from zendesk_orm.emulator.refusals import not_found
from zendesk_orm.emulator.store import DELETED, Stored
from zendesk_orm.emulator.world import World, is_number
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import TEXT_ID, fold_trimmed


#: What follows from most bodies.
NOTHING: Mapping[str, Any] = {}

#: Objects whose keys are fields of the account.
KEYED = frozenset({"custom_object_fields", "organization_fields", "user_fields"})


@frozen
class Written:
    """A row that was written, and what the answer says beside it."""

    row: dict[str, Any]
    beside: dict[str, Any] = field(factory=dict)


def create(
    world: World,
    meta: Options,
    payload: Mapping[str, Any],
    given: Mapping[str, Any],
    also: Mapping[str, Any] = NOTHING,
) -> Written:
    """Make a row of what a body says.

    Args:
        world: where to.
        meta: the options of its model.
        payload: the object in the body.
        given: what the path says, by placeholder.
        also: what follows from the body by the ways of the model.

    Raises:
        Refusal: it breaks a rule.
    """
    row = templates.blank(meta)
    merge(row, {**taken(meta, payload), **also})
    parent = None
    for name, value in given.items():
        relation = meta.relations.get(name)
        if name == meta.parent:
            parent = value
        row[relation.id.wire if relation else name] = value
    begin(world, meta, row)
    prepare(world, meta, row, payload)
    rules.check(world, meta, row)
    world.write(meta, row, parent=parent)
    return Written(row)


def update(
    world: World,
    meta: Options,
    stored: Stored,
    payload: Mapping[str, Any],
    also: Mapping[str, Any] = NOTHING,
) -> Written:
    """Change a row as a body says; a row that stays the same is not touched.

    Raises:
        Refusal: it breaks a rule.
    """
    row = dict(stored.doc)
    merge(row, {**taken(meta, payload, new=False), **also})
    if row != stored.doc:
        rules.check(world, meta, row, stored.doc)
        if "updated_at" in row:
            world.pass_second(stored.doc.get("updated_at") or "")
            row["updated_at"] = world.stamp()
        world.write(meta, row, parent=stored.parent, state=stored.state)
    return Written(row)


def delete(world: World, meta: Options, stored: Stored) -> Written:
    """Delete a row, softly."""
    row = dict(stored.doc)
    for name, value in (("active", False), ("deleted", True)):
        if name in row and meta.label in templates.ROWS:
            row[name] = value
    if "updated_at" in row:
        row["updated_at"] = world.stamp()
    world.write(meta, row, parent=stored.parent, state=DELETED)
    if meta.label == "support.Organization":
        _leave(world, meta, row["id"])
    return Written(row)


def stored(world: World, meta: Options, pk: Any, path: Mapping[str, Any] | None = None) -> Stored:
    """Return a row that is to be changed.

    Args:
        world: where it is.
        meta: the options of its model.
        pk: its id.
        path: what stands in the path, where one leads to it.

    Raises:
        Refusal: it is not there, or not below the row that the path names.
    """
    found = world.store.row(meta.label, pk)
    if found is None or (path and not _below(meta, found, path)):
        raise not_found()
    return found


def only(world: World, meta: Options) -> Stored:
    """Return the row of a model that has only one; it comes to be when it is first asked for."""
    found = world.store.row(meta.label, meta.singular)
    if found is None:
        row = templates.blank(meta)
        if "updated_at" in row:
            row["updated_at"] = world.stamp()
        world.write(meta, row)
        found = Stored(meta.label, meta.singular, row)
    return found


def _below(meta: Options, found: Stored, path: Mapping[str, Any]) -> bool:
    """Tell whether a row is below the one that the path names."""
    if found.parent != path.get(meta.parent, found.parent):
        return False
    held = (meta.fields[name].wire for name in path if name in meta.fields and name != "id")
    return all(found.doc.get(wire) == path[wire] for wire in held)


def demand(world: World, meta: Options, path: Mapping[str, Any]) -> None:
    """Refuse a path that leads through a row that is not there.

    Raises:
        Refusal: it does.
    """
    for name, value in path.items():
        relation = meta.relations.get(name)
        if relation and world.store.get(relation.model._meta.label, value) is None:
            raise not_found()


def begin(world: World, meta: Options, row: dict[str, Any]) -> None:
    """Give a new row its id, its address and its dates."""
    if row.get(meta.known_by) is None:
        row[meta.known_by] = new_id(world, meta)
    for name in ("created_at", "updated_at"):
        if name in row:
            row[name] = world.stamp()
    if "encoded_id" in row:
        # Documented as a string that is unique; its form is not.
        row["encoded_id"] = f"{row['id']:06X}-EMUL"
    if "url" in row:
        row["url"] = templates.url(meta, row)


def new_id(world: World, meta: Options) -> Any:
    """Return an id such as rows of the model have: small for tickets, a word for some."""
    if meta.label == "support.Ticket":
        return world.store.next_id("ticket")
    number = world.store.next_id()
    return number if meta.fields[meta.known_by].kind.name == "int" else f"01{number:024X}"


def taken(meta: Options, payload: Mapping[str, Any], *, new: bool = True) -> dict[str, Any]:
    """Return what of a body goes into the row: fields that can be written and are read again."""
    fields = writable(meta, new=new)
    return {
        key: _normal(fields[key], value)
        for key, value in payload.items()
        if key in fields and fields[key].readable and key != "id"
    }


def merge(row: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Take over values; of an object keyed by fields of the account, only the keys given."""
    for key, value in values.items():
        if key in KEYED and isinstance(value, dict):
            row[key] = {**(row.get(key) or {}), **value}
        else:
            row[key] = value


def prepare(world: World, meta: Options, row: dict[str, Any], payload: Mapping[str, Any]) -> None:
    """Fill in what follows from what a new row says."""
    if meta.label == "support.User" and row["role"] in ("agent", "admin"):
        row["ticket_restriction"] = payload.get("ticket_restriction")
        row["restricted_agent"] = False
        row["moderator"] = True
    for name in ("title", "description", "title_in_portal"):
        if f"raw_{name}" in row and not row[f"raw_{name}"]:
            row[f"raw_{name}"] = row.get(name)


def tags(value: Any) -> list[str]:
    """Return tags of a list, or of a text with blanks between.

    A tag with a blank becomes two. Source:
    https://github.com/zendesk/zendesk_api_client_rb/issues/156
    """
    given = value.replace(",", " ") if isinstance(value, str) else " ".join(map(str, value or ()))
    return list(dict.fromkeys(given.lower().split()))


def _normal(declared: Attribute[Any], value: Any) -> Any:
    if declared.wire == "tags":
        return tags(value)
    if declared.kind.key is fold_trimmed and isinstance(value, str):
        return value.strip()
    if isinstance(declared, Id) and declared.kind is TEXT_ID:
        return None if value is None else str(value)
    if isinstance(declared, Id) and isinstance(value, str) and is_number(value):
        return int(value)
    return value


def _leave(world: World, meta: Options, pk: Any) -> None:
    """Take the organization away from its users and tickets."""
    world.store.execute(
        "UPDATE rows SET doc = json_set(doc, '$.organization_id', NULL) "
        "WHERE kind IN ('support.User', 'support.Ticket') "
        "AND json_extract(doc, '$.organization_id') = ?",
        (pk,),
    )
