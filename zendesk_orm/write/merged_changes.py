"""Several changes of one object in a batch, as one change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.schema import custom
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.members import Members, apply_call
from zendesk_orm.schema.tags import read_tags
from zendesk_orm.write.apply_results import merge_parts, partial_keys
from zendesk_orm.write.change import Change
from zendesk_orm.write.conflicts import ADD_TAGS, REMOVE_TAGS, has_tag_keys
from zendesk_orm.write.member_changes import MemberCall, TagEffect, latest_calls


def merge_changes(last: Change, change: Change) -> Change | None:
    """Return two changes of an object as one; None if both add something, such as a comment."""
    if any(
        name in last.edits and last.edits[name][1] != change.edits[name][1]
        for name in change.write_only
        if not _is_part_of_creation(last, name)
    ):
        return None
    tags, calls_only = _merge_tags(last, change)
    saved_values = last.bulk_values - change.edits.keys() - {"tags"}
    fields, edits = change.record._meta.fields, last.edits
    wires = {fields[name].wire if name in fields else name for name in change.edits}
    merged = evolve(
        last,
        edits={
            **edits,
            **{n: (edits.get(n, edit)[0], edit[1]) for n, edit in change.edits.items()},
        },
        body={**last.body, **_merge_custom_fields(last, change)},
        bulk_values=saved_values | (change.bulk_values - {"tags"}) | calls_only,
        tags=tags,
        unknown=last.unknown | (change.unknown - edits.keys()),
    )
    if change.members:
        merged = _merge_members(merged, change.members)
    if change.names is None:
        # It contains all edits of the object, so related objects of others do not count.
        return evolve(
            merged, unsaved=change.unsaved, unsaved_custom=change.unsaved_custom, names=None
        )
    return evolve(
        merged,
        unsaved={**_without(last.unsaved, wires), **change.unsaved},
        unsaved_custom={**last.unsaved_custom, **change.unsaved_custom},
        names=None if last.names is None else last.names | change.names,
    )


def _merge_custom_fields(last: Change, change: Change) -> dict[str, Any]:
    """Return the payload of a change, with the custom fields of an earlier one."""
    partial = partial_keys(change.record) & last.body.keys()
    return {
        wire: merge_parts(last.body[wire], value) if wire in partial else value
        for wire, value in change.body.items()
    }


def undone_fields(change: Change) -> set[str]:
    """Return the fields of a merged change that have the values of the row again.

    Replaced tags are sent in any case, because others may have changed them.
    """
    record, fields = change.record, change.record._meta.fields
    return {
        name
        for name, (_, new) in change.edits.items()
        if name in fields and name != "tags" and name not in change.bulk_values
        if fields[name].wire in record._row and fields[name].wire not in change.unsaved
        if not fields[name].differs(record._row, new)
    }


def with_undone_parts(change: Change, field: Attribute[Any], saved: Any) -> Change:
    """Return a change with the custom fields whose values differ from those of earlier saves."""
    record, names, wire = change.record, change.names, field.wire
    value = record.__dict__[field.name]
    part = field.kind.part
    if not value or part is None:
        return change
    parts = part(field.serialize(saved), field.serialize(value))
    if names is not None and field.name not in names:
        declared = [name for name in names if name in record._meta.declared]
        parts = custom.select_parts(record, declared, parts) if declared else None
    if not parts:
        return change
    merged = merge_parts(change.body[wire], parts) if wire in change.body else parts
    edits = {field.name: (saved, value), **change.edits}
    return evolve(change, edits=edits, body={**change.body, wire: merged})


def _merge_tags(last: Change, change: Change) -> tuple[Any, frozenset[str]]:
    """Return the effect of two changes on tags, and `tags` if no save is part of it."""
    changes = [part for part in (last, change) if part.tags is not None]
    if not changes:
        return None, frozenset()
    effect = changes[0].tags if len(changes) == 1 else last.tags.then(change.tags)
    calls_only = all("tags" in part.bulk_values for part in changes)
    return effect, frozenset({"tags"} if calls_only else ())


def _is_part_of_creation(last: Change, name: str) -> bool:
    """Return True for people of a new object: all of them are sent when it is created."""
    return last.creates and isinstance(last.record._meta.fields[name], Members)


def _merge_members(merged: Change, members: tuple[MemberCall, ...]) -> Change:
    """Return a change that adds and removes people, after those that it has already."""
    if not merged.creates:
        return evolve(merged, members=latest_calls((*merged.members, *members)))
    edits, body = dict(merged.edits), dict(merged.body)
    for name, action, person in members:
        field: Any = merged.record._meta.fields[name]
        people = apply_call(action, person, edits.get(name, (None, ()))[1])
        edits[name], body[field.wire] = (None, people), field.serialize(people)
    return evolve(merged, edits=edits, body=body)


def rebase(change: Change, earlier: Iterable[Change]) -> Change:
    """Return a change that is made to the values of earlier ones of its object.

    They are sent before. If one of them creates the object, the change is an update.
    """
    saved = {name: new for before in earlier for name, (_, new) in before.edits.items()}
    edits = {
        name: (saved[name], new)
        for name, (_, new) in change.edits.items()
        if name in saved and name not in change.bulk_values
    }
    same = {name for name, (old, new) in edits.items() if old == new}
    action = "update" if change.creates else change.action
    rebased = evolve(
        change,
        action=action,
        edits={**change.edits, **edits},
        unknown=change.unknown - saved.keys(),
    )
    return rebased.without(same)


# -- rendering -------------------------------------------------------------------


def render_calls(change: Change, earlier: Iterable[TagEffect] = ()) -> Change:
    """Return a change with the payload of its effects, for the present row of its object.

    Args:
        change: the change.
        earlier: in a dry run, effects on the tags of the row that were not sent.
    """
    if change.members:
        change = _render_members(change)
    if change.tags is None:
        return change
    effect: TagEffect = change.tags
    calls_only = "tags" in change.bulk_values
    if change.creates:
        return _with_tags(change, None, effect.apply(()))
    record = change.record
    has_tags = "tags" in record._row
    if has_tag_keys(record._meta) and effect.replacement is None and (calls_only or not has_tags):
        return _with_keys(change)
    if not has_tags and effect.replacement is None and record._source is not None:
        # The present tags of an object of which only the id is known are fetched.
        record._source.load(record, "tags")
    base = read_tags(record, record._row)
    for applied in earlier:
        base = applied.apply(base)
    return _with_tags(change, base, effect.apply(base))


def _with_tags(change: Change, before: list[str] | None, tags: list[str]) -> Change:
    """Return a change that sends all tags."""
    edits, body = {**change.edits, "tags": (before, tags)}, {**change.body, "tags": tags}
    return evolve(change, edits=edits, body=body)


def _with_keys(change: Change) -> Change:
    """Return a change that adds and removes tags."""
    values = tag_keys(change.tags)
    return evolve(
        change,
        edits={**change.edits, **{key: (None, tags) for key, tags in values.items()}},
        body={**change.body, **values},
        bulk_values=change.bulk_values | values.keys(),
    )


def tag_keys(effect: TagEffect) -> dict[str, list[str]]:
    """Return the keys of a bulk update that adds and removes tags."""
    keys = {ADD_TAGS: list(effect.added), REMOVE_TAGS: list(effect.removed)}
    return {key: tags for key, tags in keys.items() if tags}


def _render_members(change: Change) -> Change:
    """Return a change with the payload of its calls that add and remove people."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for name, action, person in change.members:
        groups.setdefault((name, action), []).append(person)
    body: dict[str, Any] = {}
    for (name, action), people in groups.items():
        field: Any = change.record._meta.fields[name]
        typed: Members[Any] = field
        for wire, value in typed.payload(change.record, action, people).items():
            body[wire] = [*body.get(wire, ()), *value]
    return evolve(
        change,
        body={**change.body, **body},
        edits={**change.edits, **{wire: (None, value) for wire, value in body.items()}},
        bulk_values=change.bulk_values | body.keys(),
    )


def _without(values: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return a mapping without some keys."""
    return {key: value for key, value in values.items() if key not in keys}
