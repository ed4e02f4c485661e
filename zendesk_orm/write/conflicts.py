"""Two writers on one row: what does not collide is put together, what does is raised.

Zendesk refuses an update that names an older `updated_at` than the row's.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#updating-tickets
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import StaleObjectError
from zendesk_orm.schema.members import Tags
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.session import Session
from zendesk_orm.write.change import Change, change_of


#: What Zendesk calls the refusal.
REFUSED = "UpdateConflict"
#: How often others may come first before it is given up.
ATTEMPTS = 5


def stamped(record: Record, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes an update safe: the moment of the row that was changed.

    Args:
        record: what is saved.
        changes: what is sent; what is only added, as a comment is, overwrites nothing.

    Returns:
        The keys to send besides, or {} where nothing could be overwritten, or where the
        row is not known whole.
    """
    fields = type(record)._meta.fields
    overwrites = any(fields[name].readable for name in changes)
    stamp = record._row.get("updated_at")
    if not overwrites or stamp is None or type(record._row) is Hollow:
        return {}
    return {"safe_update": True, "updated_stamp": stamp}


def merge_remote_lists(session: Session, change: Change) -> Change:
    """Return a change whose lists contain what others added since the row was read.

    For models without safe updates: Zendesk replaces a list as a whole, so the row is read again
    before tags are sent, or another list that keeps a member and so adds to it or removes from
    it. Lists of objects (the actions of a macro) are not merged: if others changed them, too,
    `StaleObjectError` is raised. What others do between the two requests is still lost.
    """
    record = change.record
    lists = {name: edit for name, edit in change.edits.items() if _is_edited_list(record, name)}
    known = type(record._row) is not Hollow and record._meta.api.find(Verb.SHOW) is not None
    if not lists or not known:
        return change
    settle(session, record, lists)
    return change_of(record, change.wanted)


def _is_edited_list(record: Record, name: str) -> bool:
    field = record._meta.fields.get(name)
    if field is None or not field.readable or field.kind.part is not None:
        return False
    before, now = field.loaded(record._row), record.__dict__.get(name)
    if not (isinstance(before, list) and isinstance(now, list)):
        return False
    before, now = before or [], now or []
    return isinstance(field, Tags) or any(each in before for each in now)


def settle(session: Session, record: Record, changes: Mapping[str, tuple[Any, Any]]) -> None:
    """Fetch the row anew, under the edits, and put lists together that both have changed.

    Args:
        session: where from.
        record: its edits stay.
        changes: field -> the value that was edited, and the new one.

    Raises:
        StaleObjectError: the same field was changed by somebody else to another value.
    """
    session.reload(record)
    fields = type(record)._meta.fields
    collisions: dict[str, tuple[Any, Any, Any]] = {}
    for name, (base, mine) in changes.items():
        theirs = fields[name].loaded(record._row)
        if not fields[name].readable or theirs in (base, mine):
            continue
        together = merge_lists(base, mine, theirs)
        if together is None:
            collisions[name] = (base, mine, theirs)
        else:
            record.__dict__[name] = together
    if collisions:
        raise StaleObjectError(record, collisions)


def merge_lists(base: Any, mine: Any, theirs: Any) -> list[Any] | None:
    """Return a list with the changes of both, or None if these are not lists of plain values."""
    lists = [each or [] for each in (base, mine, theirs)]
    if not all(isinstance(each, list) and not _nested(each) for each in lists):
        return None
    before, own, other = lists
    gone = [each for each in before if each not in own]
    new = [each for each in own if each not in before and each not in other]
    return [each for each in other if each not in gone] + new


def _nested(values: list[Any]) -> bool:
    return any(isinstance(each, (list, dict)) for each in values)
