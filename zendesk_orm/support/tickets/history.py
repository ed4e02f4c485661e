"""The history of a ticket, from its audits: its changes, and its values at an earlier moment.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from attrs import Factory, frozen

from zendesk_orm import support
from zendesk_orm.errors import InvalidValue, UnexpectedValue
from zendesk_orm.messages import display
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.source import Source
from zendesk_orm.schema.values import aware
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.tickets.audits import Audit
from zendesk_orm.support.tickets.comments import Comment


T = TypeVar("T", bound=Record)

#: The kinds of audit events that are comments.
COMMENTS = ("Comment", "VoiceComment")
#: Names of fields in audits that differ from those in rows of tickets.
_RENAMED = {"ticket_type": "type", "custom_status": "custom_status_id"}
_CUSTOM = "custom_fields"
#: Keys of exported events of fields other than the field itself.
_EVENT_KEYS = frozenset(
    {
        *("id", "event_type", "via", "via_reference_id", "previous_value", "created_at"),
        *("added_tags", "removed_tags", "comment_present", "comment_public"),
        *("custom_ticket_fields", "ticket_id", "updater_id", "metadata", "system", "timestamp"),
    }
)


@frozen(eq=False)
class FieldEvent:
    """The event of one field in an audit, or in an exported event of a ticket.

    Attributes:
        wire: the key of the field in the row of a ticket; of a custom field, its id as text.
        old: the value before, as Zendesk sent it; None if it is unknown or was empty.
        new: the value after.
        is_first: whether it is the first value of a new ticket.
    """

    wire: str
    old: Any
    new: Any
    is_first: bool = False

    @property
    def custom_id(self) -> int | None:
        """The id of the custom field, or None for another field."""
        return int(self.wire) if self.wire.isascii() and self.wire.isdigit() else None


@frozen(eq=False)
class HistoryEntry:
    """An update of a ticket, from one of its audits.

    >>> entry = Ticket.objects.get(2990).history()[0]
    >>> entry.created, entry.changes["subject"]
    (True, (None, 'Export of report 2990 fails'))

    Attributes:
        id: the id of the audit.
        moment: when the update was made.
        actor_id: the id of the user who made it; -1 stands for Zendesk itself.
        created: whether the update created the ticket.
        changes: the changed fields, each with its old and its new value. Of custom fields,
            `custom_fields` contains those that changed.
        comments: the comments that were added.
        via: the channel of the update, and its source.
    """

    id: int
    moment: datetime
    actor_id: int | None
    created: bool = False
    changes: Mapping[str, tuple[Any, Any]] = Factory(dict)
    comments: tuple[Comment, ...] = ()
    via: Mapping[str, Any] = Factory(dict)


def history(ticket: support.Ticket) -> list[HistoryEntry]:
    """Return the updates of a ticket, the oldest first; see `Ticket.history()`."""
    return [build_entry(audit) for audit in _read_audits(ticket)]


def build_entry(audit: Audit) -> HistoryEntry:
    """Return the update that an audit describes."""
    events: list[Row] = objects_in(audit._row, "events")
    fields = list(read_events(events))
    return HistoryEntry(
        audit.pk,
        audit.created_at,
        audit.author_id,
        created=is_creation(events),
        changes=read_changes(fields),
        comments=tuple(_read_comments(audit, events)),
        via=audit._row.get("via") or {},
    )


def is_creation(events: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether events are those of a new ticket."""
    return any(event.get("type") == "Create" for event in events)


def read_events(events: Iterable[Mapping[str, Any]]) -> Iterator[FieldEvent]:
    """Yield the changed fields of the events of an audit."""
    for event in events:
        kind, name = event.get("type"), event.get("field_name")
        if kind not in ("Create", "Change") or not isinstance(name, str):
            continue
        wire = _RENAMED.get(name, name)
        yield FieldEvent(wire, event.get("previous_value"), event.get("value"), kind == "Create")


def read_child_events(update: Mapping[str, Any]) -> Iterator[FieldEvent]:
    """Yield the changed fields of an exported update of a ticket: a row of `TicketEvent`.

    The key of a value is the name of its field.
    """
    for event in objects_in(update, "child_events"):
        kind = event.get("event_type")
        if kind not in ("Create", "Change"):
            continue
        custom = event.get("custom_ticket_fields")
        values = dict(custom) if isinstance(custom, Mapping) else {}
        values |= {key: value for key, value in event.items() if key not in _EVENT_KEYS}
        for name, value in values.items():
            wire = _RENAMED.get(str(name), str(name))
            yield FieldEvent(wire, event.get("previous_value"), value, kind == "Create")


def read_comments(update: Mapping[str, Any]) -> list[Row]:
    """Return the comments of an exported update of a ticket; only with `comment_events`."""
    events = objects_in(update, "child_events")
    return [event for event in events if event.get("event_type") in COMMENTS]


def read_changes(events: Iterable[FieldEvent]) -> dict[str, tuple[Any, Any]]:
    """Return the changes of fields, `{field: (old, new)}`, with values as tickets have them.

    Of a field that changed several times, the first and the last value are returned.
    """
    changes: dict[str, tuple[Any, Any]] = {}
    custom: dict[int, tuple[Any, Any]] = {}
    for event in events:
        pk = event.custom_id
        if pk is not None:
            custom[pk] = custom.get(pk, (event.old,))[0], event.new
            continue
        name, old, new = _field_name(event.wire), event.old, event.new
        values = changes.get(name, (convert(event.wire, old),))[0], convert(event.wire, new)
        changes[name] = values
    if custom:
        changes[_CUSTOM] = (
            [{"id": pk, "value": old} for pk, (old, _) in custom.items()],
            [{"id": pk, "value": new} for pk, (_, new) in custom.items()],
        )
    return changes


def convert(wire: str, value: Any) -> Any:
    """Return the value of an event as the attribute of a ticket would show it."""
    field = _fields().get(wire)
    if field is None:
        return value
    try:
        return field.read({wire: to_row_value(wire, value)})
    except UnexpectedValue:
        # Audits have forms of values that rows do not have.
        return value


def to_row_value(wire: str, value: Any) -> Any:
    """Return the value of an event in the form of rows, in which ids are numbers."""
    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if is_number and wire.endswith("_id") and wire != "external_id" else value


def _fields() -> dict[str, Any]:
    """Return the fields of tickets by their keys in rows."""
    fields = Audit._meta.relations["ticket"].model._meta.fields
    return {field.wire: field for field in fields.values() if field.readable}


def _field_name(wire: str) -> str:
    """Return the name of the field of a key; the key itself if tickets have no such field."""
    field = _fields().get(wire)
    return wire if field is None else str(field.name)


def _read_comments(audit: Audit, events: Iterable[Row]) -> Iterator[Comment]:
    """Yield the comments among the events of an audit."""
    for event in events:
        if event.get("type") in COMMENTS:
            row = {
                "via": audit._row.get("via"),
                "created_at": audit._row.get("created_at"),
                "metadata": audit._row.get("metadata"),
                "audit_id": audit.pk,
                **event,
                "ticket_id": audit._row.get("ticket_id"),
            }
            yield Comment.from_row(row, audit._source)


def as_of(ticket: support.Ticket, moment: datetime) -> support.Ticket:
    """Return a ticket as it was at a moment; see `Ticket.as_of()`."""
    seconds = aware(moment).timestamp()
    audits = _read_audits(ticket)
    row = {**_current_row(ticket)}
    created_at = row.get("created_at") or (audits[0]._row["created_at"] if audits else None)
    if created_at is not None and seconds < load_datetime(created_at).timestamp():
        raise InvalidValue(
            f"{display(ticket)} was created at {created_at}; as_of() needs a later moment"
        )
    later = [audit for audit in audits if _time_of(audit).timestamp() > seconds]
    for audit in reversed(later):
        for event in reversed(list(read_events(objects_in(audit._row, "events")))):
            undo_event(row, event)
    earlier = audits[: len(audits) - len(later)]
    if later:
        row["updated_at"] = earlier[-1]._row["created_at"] if earlier else created_at
        # Audits do not contain it.
        row["generated_timestamp"] = None
    return past_ticket(type(ticket), row, ticket._source, moment)


def past_ticket(model: type[T], row: Row, source: Source | None, moment: datetime) -> T:
    """Return the ticket of a row as it was at a moment; it cannot be saved."""
    past = model.from_row(row, source)
    past.__dict__["_moment"] = moment
    return past


def _current_row(ticket: support.Ticket) -> Row:
    """Return the complete row of a ticket."""
    ticket.refresh_from_db(discard=False)
    return ticket._row


def undo_event(row: Row, event: FieldEvent) -> None:
    """Give the field of an event its previous value, unless it was the first one."""
    if event.is_first:
        return
    pk = event.custom_id
    if pk is None:
        if event.wire in row or event.wire in _fields():
            row[event.wire] = to_row_value(event.wire, event.old)
        return
    for key in (_CUSTOM, "fields"):
        values = row.get(key)
        if not isinstance(values, list):
            continue
        ids = [item.get("id") if isinstance(item, dict) else None for item in values]
        others = [item for item, other in zip(values, ids, strict=True) if other != pk]
        position = ids.index(pk) if pk in ids else len(others)
        row[key] = [*others[:position], {"id": pk, "value": event.old}, *others[position:]]


def _read_audits(ticket: support.Ticket) -> list[Audit]:
    """Return all audits of a ticket, the oldest first."""
    if ticket.pk is None:
        raise InvalidValue(f"{display(ticket)} was never saved, and has no history")
    audits = list(ticket.audits.all())
    return sorted(audits, key=lambda audit: (_time_of(audit), audit.pk))


def _time_of(audit: Audit) -> datetime:
    """Return when an audit was made.

    Raises:
        UnexpectedValue: it has no valid time.
    """
    return load_datetime(audit._row.get("created_at"))
