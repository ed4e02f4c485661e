"""List fields in bulk updates: members that others added or removed meanwhile stay.

Zendesk replaces a list as a whole. Tags of tickets are sent as additions and removals instead;
other lists of tickets with the stamp of their row, so that Zendesk rejects what is outdated. Rows
of other models are read anew, a hundred to a request, before their lists are sent.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tag-lists
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import evolve

from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.session import Session
from zendesk_orm.write.batches import MOST, Item
from zendesk_orm.write.conflicts import merge_lists
from zendesk_orm.write.outcomes import Outcome


#: The keys of bulk updates of tickets that add to the tags, and remove from them.
ADDED, REMOVED = "additional_tags", "remove_tags"
#: Lets items through, or gives them an outcome.
Sift = Callable[[Iterator[Item]], Iterator["Item | tuple[Item, Outcome]"]]


def has_member_keys(meta: Options) -> bool:
    """Return True if bulk updates of a model take additions to the tags, as those of tickets do."""
    return bool(meta.concrete._meta.singular == "ticket")


def by_members(record: Record, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload of a bulk update of tickets that overwrites no list of theirs.

    Lists whose earlier value is not known were assigned as a whole, and are sent as a whole.
    """
    row, sent = record._row, dict(payload)
    if not has_member_keys(record._meta):
        return sent
    if "tags" in sent and "tags" in row:
        before, after = row["tags"] or [], sent.pop("tags") or []
        added = [tag for tag in after if tag not in before]
        removed = [tag for tag in before if tag not in after]
        for key, tags in ((ADDED, added), (REMOVED, removed)):
            joined = list(dict.fromkeys([*sent.get(key, ()), *tags]))
            if joined:
                sent[key] = joined
    stamp = row.get("updated_at")
    if stamp and type(row) is not Hollow and any(_edited(record, sent)):
        sent |= {"safe_update": True, "updated_stamp": stamp}
    return sent


def are_sent(record: Record, payload: Mapping[str, Any]) -> bool:
    """Return True if additions and removals that were sent are all edits of the tags."""
    now = by_members(record, record.to_payload())
    keys = [key for key in (ADDED, REMOVED) if key in now]
    return bool(keys) and all(set(now[key]) <= set(payload.get(key, ())) for key in keys)


def refreshed(session: Session, model: Any) -> Sift | None:
    """Return the function that merges lists with those of the present rows; None for tickets."""
    if has_member_keys(model._meta):
        return None

    def sift(items: Iterator[Item]) -> Iterator[Item | tuple[Item, Outcome]]:
        while some := list(islice(items, MOST)):
            edited = [each for each in some if any(_edited(each.object, each.payload))]
            rows = _rows(session, model, [each.object for each in edited])
            for each in some:
                yield _merged(each, rows) if each in edited else each

    return sift


def _edited(record: Record, payload: Mapping[str, Any]) -> Iterator[Attribute[Any]]:
    """Yield the lists that a payload replaces as a whole, and of which the row has a value."""
    for field in record._meta.fields.values():
        whole = field.readable and field.editable and field.kind.part is None
        if whole and field.wire in payload and isinstance(record._row.get(field.wire), list):
            yield field


def _rows(session: Session, model: Any, records: list[Any]) -> dict[Any, Any]:
    """Read the present rows of objects, those below one parent together."""
    places: dict[Any, list[Any]] = {}
    for record in records:
        places.setdefault(record._meta.place_of(record._row), []).append(record)
    found = (
        session.rows_of(model, [each.pk for each in some], like=some[0]) for some in places.values()
    )
    return {model._meta.key(row): row for rows in found for row in rows}


def _merged(item: Item, rows: Mapping[Any, Any]) -> Item | tuple[Item, Outcome]:
    record, payload = item.object, dict(item.payload)
    row = rows.get(record._key)
    if row is None:
        return item
    for field in _edited(record, payload):
        before, mine, theirs = (
            field.loaded(record._row),
            record.__dict__.get(field.name),
            field.loaded(row),
        )
        if theirs in (before, mine):
            continue
        together = merge_lists(before, mine, theirs)
        if together is None:
            details = f"{field.name} was changed by others meanwhile; refresh_from_db() fetches it"
            return item, Outcome(
                record, record.pk, ok=False, error="StaleObjectError", details=details
            )
        record.__dict__[field.name] = field.accepted(together)
        payload[field.wire] = field.dumped(record.__dict__[field.name])
    return evolve(item, payload=payload)
