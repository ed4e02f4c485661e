"""The facts of a change, by which the same change is recognized in webhooks and in exports.

A webhook reports each changed field by a separate request, and an export all fields of an update
together. Neither contains the id of the other, so that they are compared by their facts: the row,
the field, the old and the new value, and the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from attrs import evolve

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.record import Record
from zendesk_orm.support.tickets.history import FieldEvent, read_child_events, read_comments
from zendesk_orm.sync.changes import RemoteChange


#: The fields of events of webhooks whose names differ.
EVENT_FIELDS = {
    "agent_assignment_changed": "assignee_id",
    "brand_changed": "brand_id",
    "custom_status_changed": "custom_status_id",
    "form_changed": "ticket_form_id",
    "group_assignment_changed": "group_id",
    "organization_changed": "organization_id",
    "problem_link_changed": "problem_id",
    "requester_changed": "requester_id",
    "submitter_changed": "submitter_id",
    "task_due_at_changed": "due_at",
    "email_ccs_changed": "email_cc_ids",
    "followers_changed": "follower_ids",
}
#: Fields with lists, whose members are compared.
_LISTS = frozenset({"tags", "email_cc_ids", "follower_ids", "collaborator_ids"})
_CUSTOM, _COMMENT = "custom_fields", "comment"
_PREFIX = "zen:event-type:"


def stream_of(change: RemoteChange) -> str:
    """Return the stream that a change comes from: `webhook`, `events`, `rows` or `history`.

    Each stream reports a change at most once, except for repetitions with the same key.
    """
    if change.source != "export":
        return change.source
    return "events" if ":audit:" in change.key else "rows"


def facts_of(change: RemoteChange) -> dict[str, tuple[str, ...]]:
    """Return the facts of a change, each with the parts of `changes` that it stands for.

    A part is the name of a field, or `custom_fields:ID`.
    """
    row = f"{change.model._meta.concrete._meta.label}:{change.pk}"
    if change.kind != "changed":
        return {f"{row}:{change.kind}": ()}
    if change.changes.get("status", ("",))[0] == "deleted":
        # A ticket that was restored; an export of rows shows no values.
        return {f"{row}:changed": ("status",)}
    # Custom fields may be listed by their titles, too.
    names = set(change.changes) if _CUSTOM not in change.changes else {*change.model._meta.fields}
    facts: dict[str, tuple[str, ...]] = {
        f"{row}:{fact}": (part,)
        for name, values in change.changes.items()
        if name in names or name == _COMMENT
        for part, fact in _field_facts(name, *values)
    }
    facts = facts or {f"{row}:{fact}": () for fact in _payload_facts(change)}
    return facts or {f"{row}:changed": ()}


def first_facts(change: RemoteChange) -> set[str]:
    """Return the facts of the first values of an exported new ticket.

    Webhooks may report them as changes.
    """
    if stream_of(change) != "events" or change.kind != "created":
        return set()
    row = f"{change.model._meta.concrete._meta.label}:{change.pk}"
    events = read_child_events(change.payload)
    facts = {f"{row}:{fact}" for event in events for _, fact in _event_facts(event)}
    return facts | {f"{row}:{_comment_fact(item)}" for item in read_comments(change.payload)}


def _event_facts(event: FieldEvent) -> Iterator[tuple[str, str]]:
    """Yield the facts of the first value of a field."""
    pk = event.custom_id
    if pk is None:
        yield from _field_facts(event.wire, None, event.new)
    else:
        yield from _field_facts(_CUSTOM, [], [{"id": pk, "value": event.new}])


def updated_at(change: RemoteChange) -> float | None:
    """Return the time of the row after a change, in seconds since the epoch, or None."""
    detail = change.payload.get("detail")
    text = detail.get("updated_at") if isinstance(detail, Mapping) else None
    if isinstance(text, str):
        with suppress(UnexpectedValue):
            return load_datetime(text).timestamp()
    return None if change.moment is None else change.moment.timestamp()


def touch_name(change: RemoteChange) -> str:
    """Return the name of the time up to which the changes of a row were announced."""
    return f"{change.model._meta.concrete._meta.label}:{change.pk}:touched"


def is_same_value(value: Any, other: Any) -> bool:
    """Return whether two sources mean the same value: case, types of ids and empty values."""
    return _normal(value) == _normal(other)


def without_parts(change: RemoteChange, parts: set[str]) -> RemoteChange:
    """Return a change without parts that were announced before."""
    changes = {}
    for name, (old, new) in change.changes.items():
        if name == _CUSTOM and name not in parts:
            parts_left = [_keep(values, parts) for values in (old, new)]
            if any(parts_left):
                changes[name] = parts_left[0], parts_left[1]
        elif name not in parts:
            changes[name] = old, new
    return evolve(change, changes=changes)


def _keep(values: Any, parts: set[str]) -> list[Any]:
    """Return the custom fields that are not among some parts."""
    items = values if isinstance(values, list) else []
    return [item for item in items if f"{_CUSTOM}:{item.get('id')}" not in parts]


def _field_facts(name: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Yield the part and the fact of a changed field; several for custom fields."""
    if name == _CUSTOM and isinstance(old, list) and isinstance(new, list):
        before = {item.get("id"): item.get("value") for item in old if isinstance(item, Mapping)}
        after = {item.get("id"): item.get("value") for item in new if isinstance(item, Mapping)}
        for pk in {**before, **after}:
            values = _normal(before.get(pk)), _normal(after.get(pk))
            if values[0] != values[1]:
                yield f"{_CUSTOM}:{pk}", f"{pk}:{values[0]}:{values[1]}"
    elif name == _COMMENT:
        yield name, _comment_fact(new)
    elif name in _LISTS:
        yield name, _list_fact(name, old, new)
    else:
        yield name, f"{_wire(name)}:{_normal(old)}:{_normal(new)}"


def _wire(name: str) -> str:
    """Return the key of a field; relations may be named by their objects."""
    return f"{name}_id" if name in {"assignee", "requester", "group", "organization"} else name


def _comment_fact(comment: Any) -> str:
    row = comment._row if isinstance(comment, Record) else comment
    if isinstance(row, Mapping):
        return f"comment:{_normal(row.get('id') or row.get('body'))}"
    return f"comment:{_normal(row)}"


def _list_fact(name: str, old: Any, new: Any) -> str:
    """Return the fact of a list: the members that were added and removed."""
    before, after = ({_normal(item) for item in values or ()} for values in (old, new))
    return f"{name}:{json.dumps([sorted(before - after), sorted(after - before)])}"


def _payload_facts(change: RemoteChange) -> Iterator[str]:
    """Yield the facts of the event of a webhook whose changes were not read."""
    name, event = change.payload.get("type"), change.payload.get("event")
    if not isinstance(name, str) or not isinstance(event, Mapping):
        return
    kind = name.removeprefix(_PREFIX).partition(".")[2]
    if isinstance(event.get("comment"), Mapping) and kind == "comment_added":
        yield _comment_fact(event["comment"])
    elif kind == "custom_field_changed":
        field = event.get("custom_field") or {}
        old, new = (_custom_value(event.get(key)) for key in ("previous", "current"))
        yield f"{field.get('id')}:{_normal(old)}:{_normal(new)}"
    elif "current" in event or "previous" in event:
        wire = EVENT_FIELDS.get(kind, kind.removesuffix("_changed"))
        yield f"{wire}:{_normal(event.get('previous'))}:{_normal(event.get('current'))}"
    elif "tags_added" in event or "tags_removed" in event:
        yield _list_fact("tags", event.get("tags_removed"), event.get("tags_added"))
    elif "users_added" in event or "users_removed" in event:
        wire = EVENT_FIELDS.get(kind, kind)
        yield _list_fact(wire, event.get("users_removed"), event.get("users_added"))


def _custom_value(value: Any) -> Any:
    """Return the value of a custom field in an event, whose key depends on the type."""
    if isinstance(value, Mapping):
        return next(
            (value[key] for key in ("value", "id", "relationship_target") if key in value), None
        )
    return value


def _normal(value: Any) -> str:
    """Return a value in the form in which all sources agree: case, types of ids, empty values."""
    if value is None or value in ("", [], "0"):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _normal_text(value)
    if isinstance(value, (list, tuple)):
        # Not by `_normal()` for lists in lists: each level would double the escaped quotes.
        members = (
            str(item) if isinstance(item, (list, tuple)) else _normal(item) for item in value
        )
        return json.dumps(sorted(members))
    return str(value)


def _normal_text(text: str) -> str:
    """Return a text without case; a time as seconds, so that its form does not matter."""
    folded = text.casefold()
    if len(text) >= 19 and text[4:5] == "-" and "T" in text[:11]:
        try:
            return str(int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()))
        except ValueError:
            return folded
    return folded
