"""Three-way merge of values: what an object was edited to, and what others have saved since."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.schema.row import Row


if TYPE_CHECKING:
    from zendesk_orm.schema.fields import Attribute
    from zendesk_orm.schema.record import Record

#: The result of a merge of values that exclude each other.
COLLISION: Final = object()
_MISSING: Final = object()
_UNKNOWN: Final = object()


def merge(field: Attribute[Any], base: Any, mine: Any, theirs: Any) -> Any:
    """Return a value with the changes of both sides, or `COLLISION`.

    Lists of plain values are merged by their members, lists of objects with ids by the ids, and
    dicts and the values of custom fields one by one.

    Args:
        field: the field.
        base: the value that both sides started from.
        mine: the edited value.
        theirs: the value that others have saved.
    """
    if theirs in (base, mine):
        return mine
    if base == mine:
        return theirs
    if field.kind.part is not None:
        return _merge_parts(base, mine, theirs)
    return _merge_containers(base, mine, theirs, ordered=not field.is_unordered)


def _merge_containers(base: Any, mine: Any, theirs: Any, *, ordered: bool = True) -> Any:
    """Return a list or dict with the changes of both sides, or `COLLISION`."""
    dicts = [{} if value is None else value for value in (base, mine, theirs)]
    if all(isinstance(value, Mapping) for value in dicts):
        return _merge_dicts(*dicts)
    lists = [value or [] for value in (base, mine, theirs)]
    if all(map(_is_list_of_objects, lists)):
        return _merge_by_id(*lists)
    merged = merge_lists(base, mine, theirs, ordered=ordered)
    return COLLISION if merged is None else merged


def _is_list_of_objects(value: Any) -> bool:
    """Return True for a list that contains dicts only."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _merge_by_id(base: list[Any], mine: list[Any], theirs: list[Any]) -> Any:
    """Return a list of objects with the changes of both sides, or `COLLISION`.

    Saved objects have ids. Those without an id were added by the edit.
    """
    before, other = ({item.get("id"): item for item in items} for items in (base, theirs))
    if None in before or None in other or len(before) < len(base) or len(other) < len(theirs):
        return COLLISION
    # A request whose response was lost may have added them already.
    added = [item for pk, item in other.items() if pk not in before]
    edited: dict[Any, Any] = {}
    for number, item in enumerate(mine):
        pk, value = item.get("id"), item
        if pk is None:
            pk = next((new["id"] for new in added if item.items() <= new.items()), (number,))
            value = other.get(pk, item)  # The saved object has further keys.
        if pk in edited:
            return COLLISION
        edited[pk] = value
    order = merge_lists(list(before), list(edited), list(other))
    values = {key: _merge_item(key, before, edited, other) for key in {**other, **edited, **before}}
    if order is None or any(value is COLLISION for value in values.values()):
        return COLLISION
    return [values[key] for key in order]


def _merge_item(key: Any, *sides: dict[Any, Any]) -> Any:
    """Return an object as the only side left it that changed it; `COLLISION` if both did."""
    before, edited, other = (side.get(key, _MISSING) for side in sides)
    if other in (edited, before):
        return edited
    return other if edited == before else COLLISION


def _merge_dicts(base: Any, mine: Any, theirs: Any) -> Any:
    """Return a dict with the changes of both sides, key by key, or `COLLISION`."""
    merged = dict(theirs)
    for key in {**base, **mine}:
        before, edited, other = (values.get(key, _MISSING) for values in (base, mine, theirs))
        if edited == before:
            continue
        value = edited
        if other not in (before, edited):
            both = edited is not _MISSING and other is not _MISSING
            start = None if before is _MISSING else before
            value = _merge_containers(start, edited, other) if both else COLLISION
        if value is COLLISION:
            return COLLISION
        if value is _MISSING:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def is_replacement(field: Attribute[Any], base: Any, mine: Any) -> bool:
    """Return True if a list or dict was replaced by another one instead of being edited.

    One that was empty, is empty, or keeps a member or a part of one, counts as edited, and so do
    tags.
    """
    if field.is_unordered or not (base and mine):
        return False
    same_kind = any(isinstance(base, kind) and isinstance(mine, kind) for kind in (list, dict))
    return same_kind and not _keeps_part(base, mine)


def _keeps_part(base: Any, mine: Any) -> bool:
    """Return True if a value contains some of another one."""
    if isinstance(base, dict) and isinstance(mine, dict):
        return any(key in base and _keeps_part(base[key], value) for key, value in mine.items())
    if isinstance(base, list) and isinstance(mine, list) and base and mine:
        return any(_keeps_part(old, new) for new in mine for old in base)
    return bool(base == mine)


def merge_lists(base: Any, mine: Any, theirs: Any, *, ordered: bool = True) -> list[Any] | None:
    """Return a list with the changes of both sides: members, and their order.

    Args:
        base, mine, theirs: the lists; None for an empty one.
        ordered: whether the order has a meaning, which tags do not have.

    Returns:
        The list; None unless all are lists of plain values, or if both sides changed the order.
    """
    lists = [value or [] for value in (base, mine, theirs)]
    if not all(isinstance(value, list) and not _has_containers(value) for value in lists):
        return None
    before, edited, other = lists
    if not ordered or not _is_reordered(before, edited):
        return _merge_members(before, other, edited)
    if _is_reordered(before, other):
        return None
    return _merge_members(before, edited, other)


def _is_reordered(before: list[Any], after: list[Any]) -> bool:
    """Return True if members that both lists contain have another order."""
    remaining = [member for member in before if member in after]
    return remaining != [member for member in after if member in before]


def _merge_members(before: list[Any], first: list[Any], second: list[Any]) -> list[Any]:
    """Return the first list, with the members that the second one adds and removes."""
    removed = [member for member in before if member not in second]
    merged = [member for member in first if member not in removed]
    following: Any = _MISSING
    # From the end, so that an addition is put before the member that it was added before.
    for member in reversed(second):
        if member not in before and member not in merged:
            position = len(merged) if following is _MISSING else merged.index(following)
            merged.insert(position, member)
        if member in merged:
            following = member
    return merged


def has_only_row_values(record: Record) -> bool:
    """Return whether all values of an object are those of its row, which another row replaces.

    They are then the same objects as in the row, and can be neither edited in place nor edits.
    Pages of a list repeat the users that they include, so that this is the common case.
    """
    meta, row = record._meta, record._row
    for name, value in list(record.__dict__.items()):
        field = meta.fields.get(name)
        if field is None:
            # A related object, whose id is checked if it was read or assigned.
            if name not in meta.relations:
                return False
        elif not (
            field.is_plain and type(value) is field.kind.exact and value is row.get(field.wire)
        ):
            return False
    return True


def merge_row(
    record: Record, row: Row, sent: Iterable[str], written: Iterable[str]
) -> dict[str, Any]:
    """Return the values of an object that stay when a row replaces its present one.

    Args:
        record: the object.
        row: its new row.
        sent: fields whose edits are in the row.
        written: fields whose new values are not changes of others.
    """
    values, gone = record.__dict__, set(sent)
    remaining = {name: new for _, name, new in record._iter_changes() if name not in gone}
    if remaining or "_state" in values:
        _merge_edits(record, row, remaining, written)
    remaining.update(_update_containers(record, row, remaining))
    remaining.update({name: value for name, value in values.items() if name[0] == "_"})
    for relation in record._meta.relations.values():
        if relation.id.name in remaining and relation.name in values:
            remaining[relation.name] = values[relation.name]
    return remaining


def _merge_edits(record: Record, row: Row, edits: dict[str, Any], written: Iterable[str]) -> None:
    """Merge unsaved edits of an object with the row that replaces its present one.

    An edit that cannot be merged, or not yet because the row is partial, stays. The value that it
    was made on is remembered in `record._state.bases`, so that a later save compares it.

    Args:
        record: the object.
        row: its new row.
        edits: the edited values by field; merged values replace them. Lists and dicts that the
            caller may hold are changed in place.
        written: fields that this account has written, whose new values are not changes of others.
    """
    fields, bases = type(record)._meta.fields, dict(record._state.bases)
    record._state.bases = collided = {}
    state = record._state.deferred_tags
    is_deferred = state is not None and state.base is not None and "tags" in record.__dict__
    if is_deferred:
        # A batch merges the tags that it changes with the row when it has ended.
        edits["tags"] = record.__dict__["tags"]
    for name, mine in edits.items():
        field = fields[name]
        if not field.readable or not (name in bases or field.wire in record._row):
            continue
        if is_deferred and name == "tags":
            continue
        try:
            base = bases[name] if name in bases else field.read(record._row)
            # A partial row does not tell whether others have changed the value.
            theirs = field.read(row) if field.wire in row else _UNKNOWN
        except UnexpectedValue:
            continue
        if theirs is _UNKNOWN:
            collided[name] = base
            continue
        replaced = not record._meta.safe and is_replacement(field, base, mine)
        merged = mine if replaced else merge(field, base, mine, theirs)
        if merged is COLLISION:
            if name not in written:
                collided[name] = base
        else:
            edits[name] = _replace_in_place(mine, merged)


def _update_containers(record: Record, row: Row, edits: Container[str]) -> dict[str, Any]:
    """Return the lists and dicts that were read from an object, with the values of a new row.

    The caller may hold them, and edit them after the row was replaced.

    Args:
        record: the object.
        row: its new row.
        edits: the fields with unsaved edits, which are left out.
    """
    meta = type(record)._meta
    fields, secret, updated = meta.fields, meta.secret_fields, {}
    for name, value in list(record.__dict__.items()):
        field = fields.get(name)
        if field is None or name in edits or not isinstance(value, (list, dict)):
            continue
        if field in secret or field.kind.attach is not None or field.wire not in row:
            continue
        if field.is_unordered and record._state.deferred_tags is not None:
            # A batch shows tags that the row does not have.
            continue
        with suppress(UnexpectedValue):
            current = field.read(row)
            if current != value:
                value = _replace_in_place(value, current)  # noqa: PLW2901 - the same container
            if value is record.__dict__[name]:
                updated[name] = field._bind(record, value)
    return updated


def show_merged(record: Record, field: Attribute[Any], value: Any) -> None:
    """Make an object show a merged value; a list or dict stays the one that the caller may hold."""
    values = record.__dict__
    values[field.name] = _replace_in_place(values.get(field.name), field.clean(value))


def _replace_in_place(value: Any, merged: Any) -> Any:
    """Return a merged value: the edited list or dict itself, which the caller may hold."""
    if isinstance(value, list) and isinstance(merged, list):
        value[:] = merged
    elif isinstance(value, dict) and isinstance(merged, dict):
        contents = dict(merged)
        value.clear()
        value.update(contents)
    else:
        return merged
    return value


def forget_bases(record: Record, edits: Iterable[str]) -> None:
    """Forget the bases of fields that are not edited any more."""
    bases = record._state.bases if "_state" in record.__dict__ else None
    if bases:
        record._state.bases = {name: bases[name] for name in edits if name in bases}


def row_with_bases(record: Record) -> Row:
    """Return the row of an object, completed by the values that unsaved edits were made on."""
    bases = record._state.bases if "_state" in record.__dict__ else None
    if not bases:
        return record._row
    fields = type(record)._meta.fields
    completed = {fields[name].wire: fields[name].serialize(base) for name, base in bases.items()}
    return {**completed, **record._row}


def _has_containers(values: list[Any]) -> bool:
    """Return True for a list of lists or objects."""
    return any(isinstance(value, (list, dict)) for value in values)


def _merge_parts(base: Any, mine: Any, theirs: Any) -> Any:
    """Return values by key, or items by id, with the changes of both sides, or `COLLISION`."""
    before, edited, other = map(_by_key, (base, mine, theirs))
    if before is None or edited is None or other is None:
        return COLLISION
    merged = dict(other)
    for key in {**before, **edited}:
        old, new, now = (_part(values, key) for values in (before, edited, other))
        if new == old:
            continue
        if now not in (old, new):
            return COLLISION
        if key not in edited:
            merged.pop(key, None)
        else:
            merged[key] = edited[key]
    # Either side may be null instead of an empty list.
    is_list = any(isinstance(value, list) for value in (base, mine, theirs))
    return list(merged.values()) if is_list else merged


def _part(values: dict[Any, Any], key: Any) -> Any:
    """Return the value of a part, or None; items may have further keys, such as a name."""
    part = values.get(key)
    return part.get("value") if isinstance(part, dict) and "value" in part else part


def _by_key(value: Any) -> dict[Any, Any] | None:
    """Return the parts of a value by key; None for another kind of value."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {item.get("id"): item for item in value}
    return None
