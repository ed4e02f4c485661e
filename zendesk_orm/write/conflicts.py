"""Concurrent changes: version stamps, keys of tags, and conflicts, which are merged if possible.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tickets
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import StaleObjectError
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.merging import COLLISION, is_replacement, merge, show_merged
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, copy_json
from zendesk_orm.schema.tags import read_tags
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.requests import MAX_PER_REQUEST, Entry, Pair
from zendesk_orm.write.bulk.results import failed_outcome
from zendesk_orm.write.change import Change


def merge_remote_lists(session: Session, change: Change) -> Change:
    """Return a change whose lists and dicts contain what others have added since.

    For models without safe updates: Zendesk replaces a list as a whole, so the row is fetched
    before tags are sent, or another list or dict that was edited rather than replaced. Lists of
    objects without ids (the actions of a macro, one list of the conditions of a trigger) are not
    merged: `StaleObjectError` is raised if others changed them.
    A change between the two requests is still lost.
    """
    record = change.record
    lists = [
        name
        for name in change.edits
        if (name == "tags" and change.tags is not None) or _is_edited_container(change, name)
    ]
    if not lists or record._meta.api.find(Verb.SHOW) is None:
        return change
    return merge_remote_changes(session, change, lists)


def merge_read_lists(change: Change) -> Change:
    """Return a change whose lists and dicts are merged with a row that was read after the save.

    In a batch the row may have been read again before the change is sent. Then it contains what
    others have added since, and the version stamp of the row does not protect it any more.
    """
    record, row, merged = change.record, change.record._row, {}
    for name, (base, mine) in change.edits.items():
        if name in change.bulk_values:
            continue
        field = record._meta.fields.get(name)
        if field is None or not _is_container(field, mine):
            continue
        if field.wire not in row or (theirs := field.read(row)) == base:
            continue
        value = _merge_values(change, field, base, mine, theirs)
        if value is not COLLISION:
            merged[name] = (theirs, value)
    return change.with_edits(merged) if merged else change


def _is_container(field: Attribute[Any], value: Any) -> bool:
    """Return True for a list or dict that a request replaces as a whole."""
    return field.readable and field.kind.part is None and isinstance(value, (list, dict))


def _is_edited_container(change: Change, name: str) -> bool:
    """Return True for a list or dict that was empty, is empty, or keeps some members."""
    field = change.record._meta.fields.get(name)
    before, now = change.edits[name]
    if field is None or field in change.record._meta.secret_fields:
        # Responses contain only parts of a secret value.
        return False
    if not isinstance(before, (list, dict)) or not _is_container(field, now):
        return False
    return not is_replacement(field, before, now)


def merge_remote_changes(session: Session, change: Change, names: Iterable[str]) -> Change:
    """Fetch the row of an object, and return the change that remains to be sent.

    Lists that both sides changed are merged, values that others saved, too, are left out, and
    all others stay as they were saved: in a batch, the object may have been edited since. The
    object shows the merged lists.

    Args:
        session: the session to read with.
        change: the change.
        names: the fields to compare with the row.

    Raises:
        StaleObjectError: another value of an edited field was saved by someone else.
    """
    record, fields = change.record, change.record._meta.fields
    edits = {
        name: (change.edits[name][0], _value_to_send(change, fields[name]))
        for name in names
        if fields[name].readable
    }
    unchanged = {name for name, (_, mine) in edits.items() if record.__dict__.get(name) == mine}
    bases = dict(record._state.bases)
    session.reload(record)
    merged: dict[str, tuple[Any, Any]] = {}
    collisions: dict[str, tuple[Any, Any, Any]] = {}
    for name, (base, mine) in edits.items():
        theirs, start = fields[name].read(record._row), bases.get(name, base)
        record._state.bases.pop(name, None)
        value = _merge_values(change, fields[name], start, mine, theirs)
        if value is COLLISION:
            collisions[name] = (start, mine, theirs)
        elif value != mine or theirs == mine:
            merged[name] = (theirs, value)
            if name in unchanged and not _is_deferred(change, name):
                show_merged(record, fields[name], value)
    if collisions:
        raise StaleObjectError(record, collisions)
    return change.with_edits(merged).without({n for n, (old, new) in merged.items() if old == new})


def _value_to_send(change: Change, field: Attribute[Any]) -> Any:
    """Return the new value of a field; of a relation, the id that its object has by now."""
    related = change.unsaved.get(field.wire)
    return copy_json(change.edits[field.name][1]) if related is None else related.pk


def _is_deferred(change: Change | None, name: str) -> bool:
    """Return True for tags that a batch changes; their object merges them at the end."""
    return name == "tags" and change is not None and change.tags is not None


def _merge_values(
    change: Change | None, field: Attribute[Any], base: Any, mine: Any, theirs: Any
) -> Any:
    """Return a value with the changes of both sides, or `COLLISION`."""
    if change is not None and _is_deferred(change, field.name):
        return change.tags.apply(theirs or [])
    return merge(field, base, mine, theirs)


def merge_current_rows(
    session: Session,
    model: Any,
    find_change: Callable[[Any], Change] | None = None,
    *,
    always: bool = False,
) -> Callable[[Iterator[Entry]], Iterator[Entry | Pair]]:
    """Return a filter of bulk updates that merges changes with those of the current rows.

    The rows are fetched a hundred at a time before lists are sent. Tickets do not need that,
    because their bulk updates have tag keys and version stamps, unless the version is unknown.

    Args:
        session: the session to read with.
        model: the model of the objects.
        find_change: in a batch, returns the change of an object, whose checked fields must not
            overwrite changes of others; lists never do.
        always: whether rows whose version is known are fetched, too: after a conflict.
    """
    stamped = has_tag_keys(model._meta)

    def fields_of(entry: Entry) -> list[Attribute[Any]]:
        record, payload = entry.record, entry.payload
        checked = () if find_change is None else find_change(record).checked_fields
        names = [name for name in checked if name in record._meta.fields]
        fields = {field.name: field for field in replaced_lists(record, payload)}
        fields |= {name: record._meta.fields[name] for name in names}
        sent = [field for field in fields.values() if field.wire in payload and field.readable]
        if stamped and not always and not is_unchecked(record, [field.name for field in sent]):
            return []
        return [field for field in sent if field.wire in record._row]

    def merge(entries: Iterator[Entry]) -> Iterator[Entry | Pair]:
        for chunk in chunks(entries, MAX_PER_REQUEST):
            fields = {entry.position: fields_of(entry) for entry in chunk}
            edited = [entry.record for entry in chunk if fields[entry.position]]
            rows = _current_rows(session, model, edited)
            for entry in chunk:
                row = rows.get(entry.record._key) if fields[entry.position] else None
                if row is None:
                    yield entry
                else:
                    change = None if find_change is None else find_change(entry.record)
                    yield _merge_entry(entry, row, fields[entry.position], change, stamped=stamped)

    return merge


def _current_rows(session: Session, model: Any, records: list[Any]) -> dict[Any, Any]:
    """Fetch the current rows of objects, those of one parent together."""
    groups: dict[Any, list[Any]] = {}
    for record in records:
        groups.setdefault(record._meta.parent_of(record._row), []).append(record)
    rows = (
        session.fetch_rows(model, [record.pk for record in group], like=group[0])
        for group in groups.values()
    )
    return {model._meta.key(row): row for part in rows for row in part}


def _merge_entry(
    entry: Entry,
    row: Mapping[str, Any],
    fields: list[Attribute[Any]],
    change: Change | None,
    *,
    stamped: bool,
) -> Entry | Pair:
    """Return an object with merged changes, or with a failed outcome if they collide."""
    record, payload = entry.record, dict(entry.payload)
    for field in fields:
        theirs, mine = field.read(row), field.read(payload)
        # A success forgets the bases; after a failure they are compared again.
        before = record._state.bases.get(field.name, field.read(record._row))
        if theirs in (before, mine):
            continue
        merged = _merge_values(change, field, before, mine, theirs)
        if merged is COLLISION:
            details = f"{field.name} was changed by others; refresh_from_db() fetches the row"
            return entry, failed_outcome(record, "StaleObjectError", details)
        unchanged = record.__dict__.get(field.name) == mine
        if unchanged and not _is_deferred(change, field.name):
            show_merged(record, field, merged)
            record._state.bases[field.name] = theirs
        payload[field.wire] = field.serialize(field.clean(merged))
    if stamped:
        payload |= {"safe_update": True, "updated_stamp": row["updated_at"]}
    return evolve(entry, payload=payload)


#: The keys of bulk updates of tickets that add tags and remove tags.
ADD_TAGS, REMOVE_TAGS = "additional_tags", "remove_tags"


def version_stamp(record: Record, names: Iterable[str]) -> dict[str, Any]:
    """Return the keys by which Zendesk rejects an update of a row that has changed since.

    Args:
        record: the object.
        names: the fields that are sent; those that only add something overwrite nothing.

    Returns:
        The keys; {} if nothing can be overwritten, or the time of the row is unknown.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tickets
    """
    stamp = record._row.get("updated_at")
    overwrites = any(_overwritten_fields(record, names))
    if not overwrites or stamp is None or type(record._row) is PartialRow:
        return {}
    return {"safe_update": True, "updated_stamp": stamp}


def _overwritten_fields(record: Record, names: Iterable[str]) -> Iterator[Attribute[Any]]:
    """Yield the fields of an update that replace a value."""
    fields = type(record)._meta.fields
    return (fields[name] for name in names if name in fields and fields[name].readable)


def is_unchecked(record: Record, names: Iterable[str]) -> bool:
    """Return True if an update may replace a value of others, which its stamp does not protect.

    A bulk update leaves such a row: its job returns no rows, so the time of the update is not
    known, but values that were loaded before are. An object of which only the id is known has no
    earlier value that others could have changed. A row that was read after an edit was made may
    contain another value of the edited field.

    Args:
        record: the object.
        names: the fields that are sent.
    """
    row, bases = record._row, record._state.bases
    return any(
        field.name in bases or (type(row) is PartialRow and field.wire in row)
        for field in _overwritten_fields(record, names)
    )


def has_tag_keys(meta: Options) -> bool:
    """Return True if bulk updates of a model can add and remove tags, as those of tickets."""
    return bool(meta.concrete._meta.singular == "ticket")


def bulk_payload(
    record: Record, payload: Mapping[str, Any], checked: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the payload of a bulk update, which overwrites no list of a ticket.

    Tags of tickets are sent as additions and removals, and other lists with the version stamp
    of their row. A list whose old value is unknown is sent as a whole.

    Args:
        record: the object.
        payload: the values to send, by wire name.
        checked: other fields that are sent with the version stamp.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tag-lists
    """
    row, values = record._row, dict(payload)
    if not has_tag_keys(record._meta):
        return values
    if "tags" in values and "tags" in row:
        before, after = read_tags(record, row), values.pop("tags") or []
        added = [tag for tag in after if tag not in before]
        removed = [tag for tag in before if tag not in after]
        for key, tags in ((ADD_TAGS, added), (REMOVE_TAGS, removed)):
            merged = list(dict.fromkeys([*values.get(key, ()), *tags]))
            if merged:
                values[key] = merged
    lists = [field.name for field in replaced_lists(record, values)]
    scalars = [name for name in checked if name != "tags"]
    return {**values, **version_stamp(record, [*lists, *scalars])}


def replaced_lists(record: Record, payload: Mapping[str, Any]) -> Iterator[Attribute[Any]]:
    """Yield the lists and dicts that a payload replaces as a whole; their old value is known."""
    for field in record._meta.fields.values():
        replaced = field.readable and field.editable and field.kind.part is None
        value = record._row.get(field.wire)
        if replaced and field.wire in payload and isinstance(value, (list, dict)):
            yield field
