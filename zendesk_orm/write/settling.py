"""Objects of which no answer tells the row: they take over what was sent; a job tells ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.session import Session
from zendesk_orm.write.batches import Item
from zendesk_orm.write.lists import ADDED, REMOVED, are_sent
from zendesk_orm.write.outcomes import Outcome


#: What Zendesk sets once and for all.
_LASTING = frozenset({"id", "url", "created_at"})


def created(session: Session, item: Item, outcome: Outcome) -> None:
    """Give a new object its id; what Zendesk sets is fetched when it is read."""
    record, payload = item.object, item.payload
    row = {**record._row, **_readable(record, payload), "id": outcome.id}
    record.absorb(Hollow(row), sent=_sent(record, payload))
    record.attach_to(session)
    session.identity.add(record)
    session.account.recent.note(type(record), record._key, {}, record._row)


def upserted(session: Session, item: Item, outcome: Outcome) -> None:
    """Give an object its id that was created, or changed where it existed."""
    record, payload = item.object, item.payload
    session.account.rows.forget(type(record), record._meta.key(record._row, outcome.id))
    partly = _partly(record)
    said = {key: value for key, value in _readable(record, payload).items() if key not in partly}
    record.absorb(Hollow({**record._row, **said, "id": outcome.id}), sent=_sent(record, payload))
    record.attach_to(session)
    session.identity.add(record)
    # What was there before, if anything, is not known.
    session.account.recent.note(type(record), record._key, None, record._row)


def existing(session: Session, item: Item, outcome: Outcome) -> None:
    """Give an object the id of the row in its place; its own values, not sent, are dropped."""
    record = item.object
    if outcome.id is None or record.pk is not None:
        return
    known = record._meta.known_row(record._row)
    record.absorb(Hollow({**known, "id": outcome.id}), sent=list(record._meta.fields))
    record.attach_to(session)
    session.identity.add(record)


def updated(session: Session, item: Item, outcome: Outcome) -> None:
    """Take over what was sent; what Zendesk sets itself is fetched when it is next read."""
    record = item.object
    before = None if type(record._row) is Hollow else record._row
    take_over_sent(session, record, item.payload)
    session.account.recent.note(type(record), record._key, before, record._row)


def take_over_sent(session: Session, record: Record, payload: Mapping[str, Any]) -> None:
    """Take over what was sent to change a record, where no answer tells its row."""
    fields = record._meta.fields.values()
    lasting = {*_LASTING, *record._meta.place}
    stale = {field.wire for field in fields if not field.editable} - lasting
    if {ADDED, REMOVED} & payload.keys():
        stale.add("tags")
    stale |= _partly(record) & payload.keys()
    row = {key: value for key, value in record._row.items() if key not in stale}
    record.absorb(Hollow({**row, **_whole(record, payload)}), sent=_sent(record, payload))
    session.account.rows.forget(type(record), record._key)


def deleted(session: Session, item: Item, outcome: Outcome) -> None:
    """Let go of an object that is gone."""
    record = item.object
    session.forget(type(record), record._key)
    before = None if type(record._row) is Hollow else record._row
    session.account.recent.note(type(record), record._key, before, None)


def _readable(record: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row holds of what was sent: no comment, and nothing else that is only sent."""
    known = {field.wire for field in record._meta.fields.values() if field.readable}
    return {key: value for key, value in payload.items() if key in known}


def _partly(record: Record) -> set[str]:
    """Return the keys of which only what changed was sent: values of custom fields."""
    fields = record._meta.fields.values()
    return {field.wire for field in fields if field.kind.part is not None}


def _whole(record: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row holds after an update; values of which a part is unknown are left out."""
    partly, row = _partly(record), record._row
    return {
        wire: value if wire not in partly else _merged(row[wire], value)
        for wire, value in _readable(record, payload).items()
        if wire not in partly or isinstance(row.get(wire), type(value))
    }


def _merged(before: Any, part: Any) -> Any:
    """Return values by key, or by id, with those that were sent in the place of the earlier."""
    if isinstance(part, dict):
        return {**before, **part}
    values = {item.get("id"): item for item in before}
    return list((values | {item.get("id"): item for item in part}).values())


def _sent(record: Record, payload: Mapping[str, Any]) -> list[str]:
    """Return the fields whose edits went out; what was edited since is still an edit."""
    now = record.to_payload()
    members = ["tags"] if "tags" in now and are_sent(record, payload) else []
    return members + [
        field.name
        for field in record._meta.fields.values()
        if field.wire in payload and field.wire in now and now[field.wire] == payload[field.wire]
    ]
