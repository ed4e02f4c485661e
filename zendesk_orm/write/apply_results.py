"""Objects after a write whose response contains no row: the values that were sent are applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.session.session import Session
from zendesk_orm.write.conflicts import ADD_TAGS, REMOVE_TAGS, bulk_payload


#: Keys that Zendesk sets once.
_CONSTANT = frozenset({"id", "url", "created_at"})


def apply_creation(session: Session, record: Record, payload: Mapping[str, Any], pk: Any) -> None:
    """Give a new object its id; values that Zendesk sets are fetched when they are read."""
    row = PartialRow({**record._row, **_readable(record, payload), "id": pk})
    session.store(record, row, _sent_field_names(record, payload), before={})


def apply_upsert(session: Session, record: Record, payload: Mapping[str, Any], pk: Any) -> None:
    """Give an object that was created or updated the id of its row."""
    partial = partial_keys(record)
    values = {key: v for key, v in _readable(record, payload).items() if key not in partial}
    # The earlier row, if there is one, is unknown.
    row = PartialRow({**record._row, **values, "id": pk})
    session.store(record, row, _sent_field_names(record, payload), before=None)


def apply_existing_id(session: Session, record: Record, pk: Any) -> None:
    """Give an object the id of the row that exists; its own values are dropped."""
    if pk is None or record.pk is not None:
        return
    row = PartialRow({**record._meta.identifying_part(record._row), "id": pk})
    record.update_from_row(row, sent=list(record._meta.fields))
    record.attach_to(session)
    session.identity.add(record)


def apply_sent_values(session: Session, record: Record, payload: Mapping[str, Any]) -> None:
    """Apply the values of an update whose response contains no row.

    Values that Zendesk sets are fetched when they are read.
    """
    fields = record._meta.fields.values()
    partial = partial_keys(record)
    stale = {field.wire for field in fields if not field.editable} - {
        *_CONSTANT,
        *record._meta.parent_keys,
    }
    stale |= partial & payload.keys()
    new = record._meta.inline_ids
    # Zendesk chooses the id of an object that was sent in place of its id.
    stale |= {new[wire] for wire in new.keys() & payload.keys()}
    if {ADD_TAGS, REMOVE_TAGS} & payload.keys():
        stale.add("tags")
    row = {key: value for key, value in record._row.items() if key not in stale}
    for wire, value in _readable(record, payload).items():
        if wire not in partial:
            row[wire] = value
        elif isinstance(record._row.get(wire), type(value)):
            row[wire] = merge_parts(record._row[wire], value)
    written = [field.name for field in fields if field.wire in payload]
    session.store(record, PartialRow(row), _sent_field_names(record, payload), written=written)


def _readable(record: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a payload that rows contain, which excludes comments."""
    keys = {field.wire for field in record._meta.fields.values() if field.readable}
    return {key: value for key, value in payload.items() if key in keys}


def partial_keys(record: Record) -> set[str]:
    """Return the keys of which only the changed parts are sent: values of custom fields."""
    return {field.wire for field in record._meta.fields.values() if field.kind.part is not None}


def merge_parts(before: Any, part: Any) -> Any:
    """Return values by key or by id, updated by those that were sent."""
    if isinstance(part, dict):
        return {**before, **part}
    values = {item.get("id"): item for item in before}
    return list((values | {item.get("id"): item for item in part}).values())


def _sent_field_names(record: Record, payload: Mapping[str, Any]) -> list[str]:
    """Return the fields whose edits were sent; fields that were edited since are still edits."""
    current = record.to_payload()
    tags = bulk_payload(record, current) if "tags" in current else {}
    keys = [key for key in (ADD_TAGS, REMOVE_TAGS) if key in tags]
    tags_sent = keys and all(set(tags[key]) <= set(payload.get(key, ())) for key in keys)
    return (["tags"] if tags_sent else []) + [
        field.name
        for field in record._meta.fields.values()
        if field.wire in payload
        and field.wire in current
        and current[field.wire] == payload[field.wire]
    ]
