"""The bodies that the library sends: the recorded ones without ignored keys."""

from __future__ import annotations

from typing import Any

from tests.recordings.rows import Row
from zendesk_orm import Comment, Ticket
from zendesk_orm.schema.values import aware, dump_datetime


def build_new_row(model: Any, row: Row) -> Row:
    """Return the row that the library sends for a new object.

    It has no id, not even an empty one. A ticket has a comment instead of the old key
    `description`. Datetimes are in UTC.
    """
    fields = {value.wire: value for value in model._meta.fields.values()}
    moments = {name for name in row if name in fields and fields[name].kind.name == "datetime"}
    row_sent = {
        name: dump_datetime(aware(value)) if name in moments and value else value
        for name, value in row.items()
        if name != "id"
    }
    if model is Ticket and "description" in row_sent:
        row_sent["comment"] = {"body": row_sent.pop("description")}
    return row_sent


def build_changed_row(model: Any, row: Row, before: Row) -> Row:
    """Return the row that the library sends for a changed object.

    It contains only changed keys. The id is part of the path; a ticket's description is its
    first comment, and the type of a field is set at its creation, so neither changes.
    """
    create_only = {field.wire for field in model._meta.fields.values() if field.create_only}
    never = {"id", *create_only, *({"description"} if model is Ticket else ())}
    return {
        name: value
        for name, value in row.items()
        if name not in never and before.get(name) != value
    }


def build(model: Any, row: Row) -> Any:
    """Return a new object for which the library sends the row."""
    comment = {"comment": Comment(**row["comment"])} if "comment" in row else {}
    return model(**{**row, **comment})


def edit(record: Any, row: Row) -> None:
    """Assign each value of the row."""
    for name, value in row.items():
        setattr(record, name, value)
