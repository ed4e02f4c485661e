"""Parameters that select rows, or change their form, without being values of fields.

Source: OpenAPI, `ListTicketForms`, `ShowTicket`, `ListAuditsForTicket` and others
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.storage.relations import where_field_in
from zendesk_orm.emulator.storage.sql import Where, json_value, where_contains, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, dump_json
from zendesk_orm.emulator.templates import dynamic_texts
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Audit,
    Brand,
    OrganizationField,
    Ticket,
    TicketField,
    TicketForm,
    User,
    UserField,
)


Row = dict[str, Any]


def where_parameters(context: Context, request: Request, meta: Options) -> Where:
    """Return the condition of the parameters of a request that select rows of a model."""
    where = Where()
    conditions = {**_CONDITIONS.get(meta.label, {}), **_PATH_CONDITIONS.get(request.path, {})}
    for name, build_condition in conditions.items():
        if name in request.params:
            where &= build_condition(context, request.params[name])
    return where


def is_condition(meta: Options, name: str) -> bool:
    """Return True if `where_parameters` applies a parameter of a model."""
    return name in _CONDITIONS.get(meta.label, {})


def fall_back_to_default(context: Context, request: Request, meta: Options, where: Where) -> Where:
    """Return the condition for the default form if a condition has no active and visible forms.

    Source: OpenAPI, `ListTicketForms` and `ShowManyTicketForms`, `fallback_to_default`
    """
    if meta.label != TicketForm._meta.label or request.params.get("fallback_to_default") != "true":
        return where
    usable = where & where_equal("active", 1) & where_equal("end_user_visible", 1)
    if context.store.count(meta.label, usable):
        return where
    return Where("state < ?", (DELETED,)) & where_equal("default", 1)


def change_form(
    context: Context, request: Request, meta: Options, texts: Sequence[str]
) -> Sequence[str]:
    """Return the texts of rows in the form that the parameters of a request ask for."""
    for name, change in _FORMS.get(meta.label, {}).items():
        values = [*request.params.getlist(name), *request.params.getlist(f"{name}[]")]
        if values or name in _NEEDED:
            texts = [dump_json(change(context, json.loads(text), values)) for text in texts]
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


def _where_updated_since(context: Context, text: str) -> Where:
    """Return the condition for tickets that were created or updated after a time."""
    return Where(f"{json_value('updated_at')} > ?", (format_timestamp(int(text)),))


def _where_external_id(context: Context, text: str) -> Where:
    """Return the condition for users with an external id."""
    return where_field_in(User._meta, "external_id", [text])


def _drop_creator(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return a ticket field without its creator, unless it is requested."""
    return row if "true" in values else {key: row[key] for key in row if key not in _CREATOR}


def _resolve_texts(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return a field whose title and description contain the texts of dynamic content."""
    return _resolve(context, row, ("title", "description")) if "true" in values else row


def _translate_portal_title(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return a ticket field whose title for end users is in a language."""
    return _resolve(context, row, ("title_in_portal",), values[0])


def _translate_names(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return a form whose names are in a language."""
    return _resolve(context, row, ("name", "display_name"), values[0])


def _resolve(context: Context, row: Row, names: Iterable[str], locale: str = "") -> Row:
    """Return a row with texts of dynamic content, by default in the language of the user."""
    locale_id = (
        dynamic_texts.find_locale(context, locale)
        if locale
        else dynamic_texts.get_locale(context, context.user_id)
    )
    for name in names:
        raw = row.get(f"raw_{name}") or row.get(name)
        if isinstance(raw, str):
            row[name] = dynamic_texts.resolve(context, raw, locale_id)
    return row


def _drop_empty_values(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return a ticket without custom fields that have no value."""
    if "true" not in values:
        return row
    for key in ("custom_fields", "fields"):
        row[key] = [field for field in row[key] if field["value"] is not None]
    return row


def _select_events(context: Context, row: Row, values: Sequence[str]) -> Row:
    """Return an audit with events of some types."""
    types = {name for value in values for name in value.split(",")}
    return {**row, "events": [event for event in row["events"] if event["type"] in types]}


#: The conditions of parameters, by the label of the model.
_CONDITIONS: Mapping[str, Mapping[str, Callable[[Context, str], Where]]] = {
    Ticket._meta.label: {"exclude_archived": _where_alive},
    User._meta.label: {"external_id": _where_external_id},
    TicketForm._meta.label: {"associated_to_brand": _where_of_brand, "form_type": _where_type},
}
#: Those of one list of a model, by its path. The server has checked that times are numbers.
_PATH_CONDITIONS: Mapping[str, Mapping[str, Callable[[Context, str], Where]]] = {
    "tickets": {"start_time": _where_updated_since},
}
#: The keys of a ticket field that name its creator.
_CREATOR = frozenset({"creator_app_name", "creator_user_id"})
#: Parameters without which rows have another form than they are stored in.
_NEEDED = frozenset({"creator"})
_FORMS: Mapping[str, Mapping[str, Callable[[Context, Row, Sequence[str]], Row]]] = {
    Audit._meta.label: {"filter_events": _select_events},
    OrganizationField._meta.label: {"resolve_dc": _resolve_texts},
    Ticket._meta.label: {"reduced_payload_size": _drop_empty_values},
    TicketField._meta.label: {"creator": _drop_creator, "locale": _translate_portal_title},
    TicketForm._meta.label: {"locale": _translate_names},
    UserField._meta.label: {"resolve_dc": _resolve_texts},
}
