"""Handlers that show, list and count rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.row_parameters import (
    change_form,
    fall_back_to_default,
    is_condition,
    where_parameters,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import invalid_attribute, not_found, too_many_values
from zendesk_orm.emulator.server.routes import handles
from zendesk_orm.emulator.storage.indexes import AI_AGENTS_ONLY
from zendesk_orm.emulator.storage.relations import where_belongs_to, where_field_in
from zendesk_orm.emulator.storage.sideloads import embed_translations, render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in, where_in_rows
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, dump_json
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket, User


#: The maximum number of ids in one request.
MAX_IDS = 100


@handles(Verb.SHOW)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return one row.

    Raises:
        HTTPError: 404, if the row does not exist.
    """
    where = Where("id = ?", (target.kwargs["id"],)) & _where_shown(context, target)
    for name, value in target.kwargs.items():
        if name != "id":
            where &= where_belongs_to(context, target.meta, name, value)
    rows = context.store.select_texts(target.meta.label, where, doc=doc_expression(context, target))
    if not rows:
        raise not_found()
    sideloads = render_sideloads(context, request, target, [rows[0][0]])
    (text,) = change_form(context, request, target.meta, [rows[0][0]])
    (text,) = embed_translations(context, request, target, [text])
    if not target.meta.enveloped:
        return Response(text=text)
    return Response(text=f'{{"{target.meta.singular}":{text}{sideloads}}}')


def _where_shown(context: Context, target: Target) -> Where:
    """Return the condition for rows that can be shown by their id."""
    not_deleted = Where("state < ?", (DELETED,))
    if target.meta.label == "support.Ticket" and context.switches.deleted_shown:
        return Where()
    if target.meta.label == "support.User" and context.switches.deleted_users_shown:
        return not_deleted | Where(f"{json_value('permanently_deleted')} IS NULL")
    return not_deleted


def doc_expression(context: Context, target: Target) -> str:
    """Return the SQL expression of a row's text, with the status of deleted tickets."""
    if target.meta.label != "support.Ticket":
        return "doc"
    status = context.switches.deleted_status.replace("'", "''")
    return f"CASE state WHEN {DELETED} THEN json_set(doc, '$.status', '{status}') ELSE doc END"


@handles(Verb.SHOW_MANY)
def show_many(context: Context, request: Request, target: Target) -> Response:
    """Return the rows with the given ids or other values; those that do not exist are ignored.

    Raises:
        HTTPError: 400, if there are more than 100 ids.
    """
    fields = {"external_ids": "external_id"}
    for endpoint in target.endpoints:
        fields |= {parameter: name for name, parameter in endpoint.filters.items()}
    parameter = next((name for name in fields if name in request.params), "ids")
    ids = request.get_ids() if parameter == "ids" else request.get_list(parameter)
    if len(ids) > MAX_IDS:
        raise too_many_values()
    if parameter == "ids":
        where, order = where_in("id", ids), "id"
    else:
        # To order by `id`, SQLite would read all rows instead of looking the values up.
        where, order = where_field_in(target.meta, fields[parameter], ids), "+id"
    end = DELETED if context.switches.archived_in_show_many else ALIVE + 1
    if target.meta.label == User._meta.label and request.params.get("include_deleted") == "true":
        end = DELETED + 1
    where &= Where("state < ?", (end,)) & where_parameters(context, request, target.meta)
    for name, declared in target.meta.fields.items():
        if declared.wire in request.params and declared.kind.name == "bool":
            where &= where_field_in(target.meta, name, request.params.getlist(declared.wire))
    where = fall_back_to_default(context, request, target.meta, where)
    texts = [row[0] for row in context.store.select_texts(target.meta.label, where, order)]
    sideloads = render_sideloads(context, request, target, texts)
    metadata = {"next_page": None, "previous_page": None, "count": len(texts)}
    rows = change_form(context, request, target.meta, texts)
    return Response(text=render_list(target, rows, sideloads, metadata))


@handles(Verb.LIST)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """Return a page of a list; the row itself if the model has only one."""
    if not target.meta.pk_key:
        doc = dump_json(resources.get_singleton(context, target.meta).doc)
        key = target.endpoint.key
        return Response(text=f'{{"{key}":{doc}}}' if key else doc)
    where = where_in_list(context, request, target)
    where = fall_back_to_default(context, request, target.meta, where)
    page = select_page(context, request, target, where)
    texts, metadata = change_form(context, request, target.meta, page.texts), page.metadata
    if request.params.get("exclude_count") == "true":
        metadata = {key: value for key, value in metadata.items() if key != "count"}
    sideloads = render_sideloads(context, request, target, page.texts)
    return Response(text=render_list(target, texts, sideloads, metadata))


@handles(Verb.COUNT)
def count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of rows in a list, which the parameters of the list select.

    Source: OpenAPI, `CountUsers`
    """
    path = target.endpoint.path.removesuffix("/count")
    filters = {
        name: parameter
        for endpoint in target.meta.api
        if endpoint.verb is Verb.LIST and endpoint.path == path
        for name, parameter in endpoint.filters.items()
        if parameter in request.params or f"{parameter}[]" in request.params
    }
    endpoint = evolve(target.endpoint, filters=filters)
    where = where_in_list(context, request, evolve(target, endpoints=(endpoint,)))
    return render_count(context, context.store.count(target.meta.label, where))


def render_count(context: Context, number: int) -> Response:
    """Return the response with the number of rows in a list."""
    at = datetime.fromtimestamp(context.now(), timezone.utc).isoformat(timespec="seconds")
    return Response(text=dump_json({"count": {"value": number, "refreshed_at": at}}))


def render_list(
    target: Target, texts: Iterable[str], sideloads: str, metadata: dict[str, Any]
) -> str:
    """Return the JSON text of a list.

    Args:
        target: the endpoint, which names the key of the rows.
        texts: the JSON texts of the rows.
        sideloads: the text of `render_sideloads`.
        metadata: the other keys of the body, such as `count`.
    """
    rows = ",".join(texts)
    if not target.endpoint.key:
        return f"[{rows}]"
    return f'{{"{target.endpoint.key}":[{rows}]{sideloads},{dump_json(metadata)[1:]}'


def where_in_list(context: Context, request: Request, target: Target) -> Where:
    """Return the condition for the rows of a list, by its path and its parameters.

    Raises:
        HTTPError: 400, if a parameter is invalid; 404, if a row named in the path does not exist.
    """
    endpoint = target.endpoint
    where = Where("state < ?", (DELETED if endpoint.includes_archived else ALIVE + 1,))
    where &= where_parameters(context, request, target.meta)
    if (
        target.meta.label == Ticket._meta.label
        and SUPPORT_TYPE not in endpoint.filters
        and not context.switches.ai_agents_in_lists
    ):
        where &= where_support_type(context, {})
    for name, value in target.kwargs.items():
        where &= where_belongs_to(context, target.meta, name, value)
    for name, parameter in endpoint.filters.items():
        field, _, lookup = name.partition("__")
        texts = [*request.params.getlist(parameter), *request.params.getlist(f"{parameter}[]")]
        if name == SUPPORT_TYPE:
            where &= where_support_type(context, request.params)
        elif texts and lookup in _BOUNDS:
            where &= _where_bound(target.meta, field, lookup, texts)
        elif texts and not (_changes_form(target.meta, field) or is_condition(target.meta, name)):
            where &= where_field_in(target.meta, field, texts)
    return where


#: Parameter of the tickets that are returned, by those who worked on them.
SUPPORT_TYPE = "support_type_scope"
#: Comparisons with the ends of a range, and the position of the end among its two values.
_BOUNDS = {"gte": (">=", 0), "lte": ("<=", 1)}


def where_support_type(context: Context, params: Mapping[str, str], column: str = "id") -> Where:
    """Return the condition for the tickets of a support type, by default those of agents.

    Source: OpenAPI, `ListTickets` and `ListDeletedTickets`, `support_type_scope`

    Args:
        context: the account.
        params: the parameters of the request.
        column: the column with the id of the ticket.
    """
    scope, kind = params.get(SUPPORT_TYPE, "agent"), Ticket._meta.label
    by_ai_agents = where_in_rows(column, kind, AI_AGENTS_ONLY)
    if scope == "agent":
        # Few accounts have such tickets; without them, the rows of a page need no comparison.
        sql = f"SELECT 1 FROM rows WHERE kind = ? AND {AI_AGENTS_ONLY.sql} LIMIT 1"  # noqa: S608 - a constant
        return ~by_ai_agents if context.store.execute(sql, (kind,)) else Where()
    return {"all": Where(), "ai_agent": by_ai_agents}.get(scope, Where("0"))


def _where_bound(meta: Options, name: str, lookup: str, texts: Sequence[str]) -> Where:
    """Return the condition for the rows on one side of an end of a range.

    Args:
        meta: the options of the rows' model.
        name: the field.
        lookup: the comparison: `gte`, `lte`.
        texts: the values of the parameter.

    Raises:
        HTTPError: 400, if there are not two times.
    """
    operator, position = _BOUNDS[lookup]
    wire = meta.fields[name].wire
    try:
        _, _ = texts
        moment = load_datetime(texts[position])
    except (ValueError, TypeError):
        # Source: OpenAPI, `ListAuditLogs`: "you must specify `filter[created_at]` twice".
        raise invalid_attribute(wire, f"{wire} must be a start time and an end time") from None
    return Where(f"{json_value(wire)} {operator} ?", (format_timestamp(moment.timestamp()),))


def _changes_form(meta: Options, name: str) -> bool:
    """Return True if a parameter changes the form of the rows and not which rows are returned.

    `include_inline_images`, `resolve_dc` and `locale` are no values of the rows.
    """
    lookup = None if name in meta.fields else meta.lookups.get(name)
    return lookup is not None and (lookup.kind.name == "bool" or name == "locale")
