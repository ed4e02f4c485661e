"""Custom fields before they are sent: what their options, their patterns and forms forbid.

Nothing is asked for: what is not known yet, Zendesk checks itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema.custom import holder, known_definitions, value_in, values_in
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.record import DEFAULT, Record, Source, source_of
from zendesk_orm.schema.row import Hollow


Changes = Mapping[str, tuple[Any, Any]]


def of_custom_fields(
    record: Record, changes: Changes, *, created: bool, source: Source | None = None
) -> dict[str, list[str]]:
    """Return what is wrong with the custom fields of an object, by title.

    Args:
        record: what is to be saved.
        changes: what would be sent.
        created: whether it is made by that.
        source: where it is saved; where it came from by default.
    """
    known = known_definitions(record, source)
    if known is None:
        return {}
    found = dict(_wrong(record, changes, known))
    for definition in _demanded(record, changes, known, created=created, source=source):
        what = "solve" if record._meta.singular == "ticket" else "make"
        told = f"is required to {what} a {record._meta.verbose_name}"
        found.setdefault(definition.title, [told])
    return found


def _wrong(record: Record, changes: Changes, known: Definitions) -> Iterator[tuple[str, list[str]]]:
    """Yield the title of each changed field whose value Zendesk would ignore, and why."""
    field = holder(record._meta)
    if field.name not in changes:
        return
    for wire, value in values_in(field.sent(record._row, changes[field.name][1])).items():
        definition = known.wired(wire)
        reason = None if definition is None else _reason(definition, value)
        if definition is not None and reason:
            yield definition.title, [reason]


def _reason(definition: Definition, value: Any) -> str | None:
    """Return why a value as it is sent is none of the field's; None when it is one."""
    if definition.type == "checkbox" and value in ("", "true", "false"):
        return None
    if value in (None, "", []) or definition.type in ("decimal", "integer"):
        # A number may be sent as text.
        return None
    try:
        accepted = definition.accepted(value)
    except InvalidValue as error:
        return str(error).removeprefix(f"{definition.title}: ")
    if accepted != value and definition.chosen:
        return f"is kept by its tag: {accepted!r}, not {value!r}"
    return None


def _demanded(
    record: Record,
    changes: Changes,
    known: Definitions,
    *,
    created: bool,
    source: Source | None,
) -> Iterator[Definition]:
    """Yield the fields that need a value and have none: when a ticket is solved, a record made."""
    meta, field = record._meta, holder(record._meta)
    asked = created and meta.singular == "custom_object_record"
    if meta.singular == "ticket":
        asked = changes.get("status", (None, None))[1] == "solved"
    unknown = type(record._row) is Hollow and field.wire not in record._row
    if not asked or unknown:
        return
    held, asks = field.known(record), _form(record, source)
    for definition in known:
        needed = definition.required and definition.active and asks(definition.id)
        if needed and definition.blank(value_in(held, definition.wire)):
            yield definition


def _form(record: Record, source: Source | None) -> Callable[[Any], bool]:
    """Return what tells whether a field, by its id, is asked for in any case.

    What a form that is not at hand holds, and what is asked under conditions, Zendesk checks.
    """
    relation = record._meta.relations.get("ticket_form")
    pk = None if relation is None else relation.id.known(record)
    if relation is None or pk is None:
        return lambda _: True
    found = record.__dict__.get(relation.name)
    if not isinstance(found, Record) or type(found._row) is Hollow or found.pk != pk:
        found = (source or record._source or source_of(DEFAULT)).at_hand(relation.model, pk)
    row = {} if found is None else found._row
    shown = {
        child.get("id")
        for condition in row.get("agent_conditions") or ()
        for child in condition.get("child_fields") or ()
    }
    asked = {*(row.get("ticket_field_ids") or ())} - shown
    return lambda each: each in asked
