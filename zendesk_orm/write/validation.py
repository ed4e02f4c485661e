"""Validation of objects before they are sent: fields, lengths and custom fields.

Types and choices are checked when a value is assigned; these checks need the whole object. They
make no request: definitions of custom fields that have not been fetched are left to Zendesk.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from zendesk_orm.api.paging import rows_of
from zendesk_orm.errors import InvalidValue, ValidationError
from zendesk_orm.messages import display, with_article
from zendesk_orm.schema.custom import holder, known_definitions
from zendesk_orm.schema.custom_values import value_in, values_in
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.schema.source import DEFAULT, Source, source_of


#: Descriptions of problems, by field.
Problems = Mapping[str, list[str]]
Edits = Mapping[str, tuple[Any, Any]]


def find_problems(
    record: Record,
    edits: Edits,
    *,
    created: bool,
    exclude: Collection[str] = (),
    source: Source | None = None,
) -> dict[str, list[str]]:
    """Return the problems of an object, by field; {} if it is valid.

    Args:
        record: the object.
        edits: its unsaved edits, as `changes()` returns them; other values are not checked.
        created: whether the object is to be created.
        exclude: names of fields that are not checked.
        source: the account to save it in; its own by default.
    """
    meta = record._meta
    problems: dict[str, list[str]] = {}
    if created:
        for name in meta.required:
            if _is_empty(column(meta.get_field(name)).peek(record)) and name not in record.unsaved:
                problems[name] = [f"is required to create {with_article(meta.verbose_name)}"]
    for name, (_, value) in edits.items():
        too_long = _length_problems(meta, name, value)
        if too_long:
            problems[name] = too_long
    if not set(meta.custom) & set(exclude):
        problems |= _custom_field_problems(record, edits, created=created, source=source)
    return {name: reasons for name, reasons in problems.items() if name not in exclude}


def validate(record: Record, problems: Problems) -> None:
    """Raise an error if an object has problems.

    Raises:
        ValidationError: it has.
    """
    if problems:
        raise ValidationError(f"{display(record)}: {describe_problems(problems)}", problems)


def describe_problems(problems: Problems) -> str:
    """Return problems as one line of text."""
    return "; ".join(f"{name} {reason}" for name, reasons in problems.items() for reason in reasons)


def _length_problems(meta: Options, name: str, value: Any) -> list[str]:
    """Return the problems with the length of a text, or of the texts of an object in a field."""
    if isinstance(value, Record):
        return [
            f"has {with_article(inner_name)} that {problem}"
            for inner_name, (_, text) in value.changes().items()
            for problem in _length_problems(value._meta, inner_name, text)
        ]
    if not isinstance(value, str):
        return []
    max_characters, max_bytes = meta.max_lengths.get(name), meta.max_bytes.get(name)
    if max_characters is not None and len(value) > max_characters:
        return [f"has {len(value)} characters; Zendesk takes {max_characters} at most"]
    if max_bytes is not None and len(value.encode()) > max_bytes:
        size = len(value.encode())
        return [f"has {size} bytes in UTF-8; Zendesk cuts off all after {max_bytes}"]
    return []


def _is_empty(value: Any) -> bool:
    """Return True for a value that a required field must not have."""
    return value is None or value in ("", [])


# -- custom fields -----------------------------------------------------------


def _custom_field_problems(
    record: Record, edits: Edits, *, created: bool, source: Source | None
) -> dict[str, list[str]]:
    """Return the problems of the custom fields of an object, by title."""
    definitions = known_definitions(record, source)
    if definitions is None:
        return {}
    problems = dict(_invalid_values(record, edits, definitions))
    for definition in _missing_values(record, edits, definitions, created=created, source=source):
        purpose = "solve" if record._meta.singular == "ticket" else "create"
        problem = f"is required to {purpose} {with_article(record._meta.verbose_name)}"
        problems.setdefault(definition.title, [problem])
    return problems


def _invalid_values(
    record: Record, edits: Edits, definitions: Definitions
) -> Iterator[tuple[str, list[str]]]:
    """Yield the titles of changed fields whose values Zendesk would ignore, and the reasons."""
    field = holder(record._meta)
    if field.name not in edits:
        return
    for wire, value in values_in(
        field.serialize_changes(record._row, edits[field.name][1])
    ).items():
        definition = definitions.find_by_wire(wire)
        reason = None if definition is None else _reason_against(definition, value)
        if definition is not None and reason:
            yield definition.title, [reason]


def _reason_against(definition: Definition, value: Any) -> str | None:
    """Return the reason for which a value is invalid, or None if it is valid."""
    if definition.type == "checkbox" and value in ("", "true", "false"):
        return None
    if value in (None, "", []) or definition.type in ("decimal", "integer"):
        # A number may be sent as text.
        return None
    try:
        accepted = definition.clean(value)
    except InvalidValue as error:
        return str(error).removeprefix(f"{definition.title}: ")
    if accepted != value and definition.chosen:
        return f"must be set by its tag {display(accepted)}, not by {display(value)}"
    return None


def _missing_values(
    record: Record,
    edits: Edits,
    definitions: Definitions,
    *,
    created: bool,
    source: Source | None,
) -> Iterator[Definition]:
    """Yield empty fields that are required to solve a ticket, or to create a record."""
    meta, field = record._meta, holder(record._meta)
    checked = created and meta.singular == "custom_object_record"
    if meta.singular == "ticket":
        checked = edits.get("status", (None, None))[1] == "solved"
    unread = type(record._row) is PartialRow and field.wire not in record._row
    if not checked or unread:
        return
    values, is_shown = field.peek(record), _form_filter(record, source)
    for definition in definitions:
        required = definition.required and definition.active and is_shown(definition.id)
        if required and definition.blank(value_in(values, definition.wire)):
            yield definition


def _form_filter(record: Record, source: Source | None) -> Callable[[Any], bool]:
    """Return a function that returns True for the ids of fields that a ticket always shows.

    Without a cached form, every field counts. Fields with conditions are left to Zendesk.
    """
    relation = record._meta.relations.get("ticket_form")
    pk = None if relation is None else relation.id.peek(record)
    if relation is None or pk is None:
        return lambda _: True
    form = record.__dict__.get(relation.name)
    if not isinstance(form, Record) or type(form._row) is PartialRow or form.pk != pk:
        owner = source or record._source or source_of(DEFAULT)
        form = owner.session.get_cached(relation.model, pk) if owner.is_connected else None
    row = {} if form is None else form._row
    conditional = {
        child.get("id")
        for condition in rows_of(row, "agent_conditions")
        for child in rows_of(condition, "child_fields")
    }
    shown = {*(row.get("ticket_field_ids") or ())} - conditional
    return lambda pk: pk in shown
