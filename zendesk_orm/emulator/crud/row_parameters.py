"""Parameters that select rows, or change their form, without being values of fields.

Source: OpenAPI, `ListTicketForms`, `ShowTicket`, `ListAuditsForTicket` and others
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.storage.sql import Where, where_contains, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Audit, Brand, Ticket, TicketForm


def where_parameters(context: Context, request: Request, meta: Options) -> Where:
    """Return the condition of the parameters of a request that select rows of a model."""
    where = Where()
    for name, build_condition in _CONDITIONS.get(meta.label, {}).items():
        if name in request.params:
            where &= build_condition(context, request.params[name])
    return where


def is_condition(meta: Options, name: str) -> bool:
    """Return True if `where_parameters` applies a parameter of a model."""
    return name in _CONDITIONS.get(meta.label, {})


def change_form(request: Request, meta: Options, texts: Sequence[str]) -> Sequence[str]:
    """Return the texts of rows in the form that the parameters of a request ask for."""
    forms = _FORMS.get(meta.label)
    if not forms or not request.params:
        return texts
    for name, change in forms.items():
        values = [*request.params.getlist(name), *request.params.getlist(f"{name}[]")]
        if values:
            texts = [dump_json(change(json.loads(text), values)) for text in texts]
    return texts


def _where_alive(context: Context, text: str) -> Where:
    """Return the condition for tickets that are not archived."""
    return Where("state = ?", (ALIVE,)) if text == "true" else Where()


def _where_type(context: Context, text: str) -> Where:
    """Return the condition for the forms of a type. The emulator has only standard forms."""
    return Where() if text in ("all", "standard") else Where("0")


def _where_of_brand(context: Context, text: str) -> Where:
    """Return the condition for the forms of the brand of the account's host, the default one."""
    if text != "true":
        return Where()
    brands = context.store.select(
        Brand._meta.label, where_equal("default", 1) & Where("state < ?", (DELETED,))
    )
    where = where_equal("in_all_brands", 1)
    for brand in brands:
        where |= where_contains("restricted_brand_ids", brand["id"])
    return where


def _drop_empty_values(row: dict[str, Any], values: Iterable[str]) -> dict[str, Any]:
    """Return a ticket without custom fields that have no value."""
    if "true" not in values:
        return row
    for key in ("custom_fields", "fields"):
        row[key] = [field for field in row[key] if field["value"] is not None]
    return row


def _select_events(row: dict[str, Any], values: Iterable[str]) -> dict[str, Any]:
    """Return an audit with events of some types."""
    types = {name for value in values for name in value.split(",")}
    return {**row, "events": [event for event in row["events"] if event["type"] in types]}


_CONDITIONS: Mapping[str, Mapping[str, Callable[[Context, str], Where]]] = {
    Ticket._meta.label: {"exclude_archived": _where_alive},
    TicketForm._meta.label: {"associated_to_brand": _where_of_brand, "form_type": _where_type},
}
_FORMS: Mapping[str, Mapping[str, Callable[[dict[str, Any], Iterable[str]], dict[str, Any]]]] = {
    Audit._meta.label: {"filter_events": _select_events},
    Ticket._meta.label: {"reduced_payload_size": _drop_empty_values},
}
