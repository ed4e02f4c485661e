"""Names in `sort_by` that are not the names of fields, and what they sort by.

Source: OpenAPI, `TicketSortBy`, `SuspendedTicketsSortBy` and `ListMacros`
"""

from __future__ import annotations

from collections.abc import Mapping

from zendesk_orm.emulator.storage.sql import json_value, select_value
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Automation,
    DeletedTicket,
    Macro,
    ObjectTrigger,
    SuspendedTicket,
    Ticket,
    Trigger,
    User,
    View,
)


def find_expression(meta: Options | None, name: str) -> str | None:
    """Return the SQL expression that a name sorts the rows of a model by, or None."""
    return None if meta is None else _EXPRESSIONS.get(meta.label, {}).get(name)


def _build_orders(doc: str) -> dict[str, str]:
    """Return the SQL expressions of the orders of tickets, whose texts are in a column."""
    requester, assignee = json_value("requester_id", doc), json_value("assignee_id", doc)
    name = json_value("name", "person.doc")
    return {
        "requester": requester,
        "requester.name": select_value(User._meta.label, requester, name, "person"),
        "group": json_value("group_id", doc),
        "assignee": assignee,
        "assignee.name": select_value(User._meta.label, assignee, name, "person"),
    }


def _build_orders_of_deleted_tickets() -> dict[str, str]:
    """Return the SQL expressions of the orders of deleted tickets, which read the tickets."""
    fields = ("created_at", "updated_at", "status")
    values = {name: json_value(name, "other.doc") for name in fields}
    values |= _build_orders("other.doc")
    label = Ticket._meta.label
    return {name: select_value(label, "rows.id", value) for name, value in values.items()}


_EXPRESSIONS: Mapping[str, Mapping[str, str]] = {
    # Tickets of the list are not deleted.
    Ticket._meta.label: {**_build_orders("rows.doc"), "deleted_at": "NULL"},
    DeletedTicket._meta.label: _build_orders_of_deleted_tickets(),
    SuspendedTicket._meta.label: {"author_email": json_value("author.email", "rows.doc")},
    **{
        model._meta.label: {"alphabetical": json_value("title", "rows.doc")}
        for model in (Automation, Macro, ObjectTrigger, Trigger, View)
    },
}
