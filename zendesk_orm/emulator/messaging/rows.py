"""Rows of Sunshine Conversations: shown, listed, created, changed and deleted.

Source: https://developer.zendesk.com/api-reference/conversations/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, validation
from zendesk_orm.emulator.crud.paging import parse_count
from zendesk_orm.emulator.crud.writes import delete_one, update_one
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.messaging.errors import bad_request, not_found
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.server.routes import CREATES, handles
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messaging.rows import check_size
from zendesk_orm.schema.options import Options


Row = dict[str, Any]
#: Returns the rows of a list that match the parameters of a request.
Filter = Callable[[Context, Request, list[Row]], list[Row]]

_PRODUCT = "messaging"
_SEQUENCE = "messaging"
#: The rows of a page: by default, and at most; the second is unconfirmed.
PAGE_SIZE, MAX_PAGE_SIZE = 25, 100
#: The filters of lists, by label of the model.
FILTERS: dict[str, Filter] = {}


def filters(label: str) -> Callable[[Filter], Filter]:
    """Register the decorated function as the filter of the list of a model."""

    def register(function: Filter) -> Filter:
        FILTERS[label] = function
        return function

    return register


@handles(Verb.SHOW, product=_PRODUCT)
def show(context: Context, request: Request, target: Target) -> Response:
    """Return one row.

    Raises:
        HTTPError: 404, if the row does not exist.
    """
    return respond(target.meta, get(context, target.meta, target.args[-1], target.kwargs).doc)


@handles(Verb.LIST, product=_PRODUCT)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """Return a page of a list, or all rows if the list has no pages.

    Raises:
        HTTPError: 404, if a row in the path does not exist; 400, if a parameter is invalid.
    """
    meta = target.meta
    rows = select(context, meta, find_parent(context, meta, target.kwargs))
    if meta.label in FILTERS:
        rows = FILTERS[meta.label](context, request, rows)
    if not target.endpoint.paging.size:
        return Response(text=dump_json({target.endpoint.key: [render(meta, row) for row in rows]}))
    size = min(parse_count(request, "page[size]", PAGE_SIZE), MAX_PAGE_SIZE)
    return render_page(context, request, target, rows, size)


@handles(Verb.CREATE, product=_PRODUCT)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a row from a body without an envelope, and return it in one.

    Raises:
        HTTPError: 404, if a row in the path does not exist; 400, if a value is missing or invalid.
    """
    meta = target.meta
    find_parent(context, meta, target.kwargs)
    for name in meta.required:
        relation = meta.relations.get(name)
        wire = relation.id.wire if relation else meta.fields[name].wire
        if name != meta.parent and request.body.get(wire) in (None, ""):
            raise bad_request(f"{wire} is required")
    function = CREATES.get(meta.label, insert)
    result = function(context, meta, convert(meta, request.body), target.kwargs)
    return respond(meta, result.row, 201)


@handles(Verb.UPDATE, product=_PRODUCT)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a row and return it.

    Raises:
        HTTPError: 404, if the row does not exist; 400, if a value is invalid.
    """
    _require_size(request.body)
    pk = get(context, target.meta, target.args[-1], target.kwargs).id
    return respond(target.meta, update_one(context, target.meta, pk, request.body).row)


@handles(Verb.DELETE, product=_PRODUCT)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a row; the response is an empty object.

    Raises:
        HTTPError: 404, if the row does not exist.
    """
    pk = get(context, target.meta, target.args[-1], target.kwargs).id
    delete_one(context, target.meta, pk)
    return respond_empty()


def _require_size(body: Mapping[str, Any]) -> None:
    """Check that a body is not too large.

    Raises:
        HTTPError: 400, if it is; the status is unconfirmed.
    """
    try:
        check_size(body)
    except InvalidValue as error:
        raise bad_request(str(error)) from None


def insert(
    context: Context,
    meta: Options,
    payload: Mapping[str, Any],
    path_values: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
) -> WriteResult:
    """Insert a row below the row in a path, or below the app.

    Args:
        context: the account.
        meta: the options of its model.
        payload: the body of the request.
        path_values: the values of the path's placeholders by name.
        overrides: values that replace those of the payload.

    Raises:
        HTTPError: 422, if a value is invalid; 400, if the body is too large.
    """
    _require_size(payload)
    row = build_row(meta)
    resources.apply_values(meta, row, resources.select_fields(meta, payload))
    row |= {"id": generate_id(context), **(overrides or {})}
    parent = find_parent(context, meta, path_values)
    if meta.parent:
        row[meta.relations[meta.parent].id.wire] = parent
    validation.check(context, meta, row)
    context.write(meta, row, parent=parent)
    return WriteResult(row)


def save(context: Context, meta: Options, stored: StoredRow, **values: Any) -> Row:
    """Change values of a row, and return it."""
    row = {**stored.doc, **values}
    context.write(meta, row, parent=stored.parent)
    return row


def get(
    context: Context, meta: Options, pk: Any, path_values: Mapping[str, Any] | None = None
) -> StoredRow:
    """Return a row of the app, or of the row in a path.

    Args:
        context: the account.
        meta: the options of its model.
        pk: its id.
        path_values: the values of the path's placeholders by name; None for any parent.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    stored = context.store.get_row(meta.label, str(pk))
    is_nested = bool(meta.parent) and path_values is None
    parent = None if is_nested else find_parent(context, meta, path_values or {})
    if stored is None or (parent is not None and stored.parent != parent):
        raise not_found(meta.object_name)
    return stored


def find_parent(context: Context, meta: Options, path_values: Mapping[str, Any]) -> Any:
    """Return the id of the row that rows belong to: that in the path, or the app.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    if not meta.parent:
        return context.app_id or None
    pk = str(path_values[meta.parent])
    parent = meta.relations[meta.parent].model._meta
    if context.store.get_row(parent.label, pk) is None:
        raise not_found(parent.object_name)
    return pk


def select(context: Context, meta: Options, parent: Any) -> list[Row]:
    """Return the rows that belong to a row or an app, the oldest first; all rows for None."""
    where = Where("state < ?", (DELETED,))
    if parent is not None:
        where &= Where("parent = ?", (parent,))
    return context.store.select(meta.label, where)


def render(meta: Options, row: Mapping[str, Any]) -> Row:
    """Return a row without the id that its path contains."""
    hidden = meta.relations[meta.parent].id.wire if meta.parent else ""
    return {key: value for key, value in row.items() if key != hidden}


def respond(meta: Options, row: Mapping[str, Any], status: int = 200) -> Response:
    """Return a response with one row in its envelope."""
    return Response(status, dump_json({meta.singular: render(meta, row)}))


def respond_empty() -> Response:
    """Return the response to an operation without a result."""
    return Response(200, "{}")


def render_page(
    context: Context,
    request: Request,
    target: Target,
    rows: list[Row],
    size: int,
    *,
    newest: bool = False,
) -> Response:
    """Return a page of rows, with `meta` and `links`, which lack the keys without a value.

    Args:
        context: the account.
        request: the request.
        target: the endpoint.
        rows: all rows of the list.
        size: the number of rows of a page.
        newest: whether the first page has the last rows.

    Raises:
        HTTPError: 400, if a cursor is invalid.
    """
    after, before = (request.params.get(f"page[{name}]") for name in ("after", "before"))
    if after is not None and before is not None:
        raise bad_request("page[after] and page[before] cannot both be given")
    if before is not None or (newest and after is None):
        end = len(rows) if before is None else _find(rows, before)
        start = max(0, end - size)
    else:
        start = 0 if after is None else _find(rows, after) + 1
        end = min(len(rows), start + size)
    page = rows[start:end]
    forwards, backwards = end < len(rows), start > 0
    meta: Row = {"hasMore": backwards if newest or before is not None else forwards}
    links: Row = {}
    if page and forwards:
        meta["afterCursor"] = _encode(page[-1])
        links["next"] = _build_link(context, request, "page[after]", meta["afterCursor"])
    if page and backwards:
        meta["beforeCursor"] = _encode(page[0])
        links["prev"] = _build_link(context, request, "page[before]", meta["beforeCursor"])
    key = target.endpoint.key
    body = {key: [render(target.meta, row) for row in page], "meta": meta, "links": links}
    return Response(text=dump_json(body))


def _encode(row: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(str(row["id"]).encode()).decode()


def _find(rows: list[Row], cursor: str) -> int:
    """Return the position of the row of a cursor.

    Raises:
        HTTPError: 400, if the cursor is invalid.
    """
    try:
        pk = base64.urlsafe_b64decode(cursor).decode()
        return [row["id"] for row in rows].index(pk)
    except (binascii.Error, ValueError):
        raise bad_request("the cursor is invalid") from None


def _build_link(context: Context, request: Request, name: str, cursor: str) -> str:
    others = {
        key: value
        for key, value in request.params.items(multi=True)
        if key not in ("page[after]", "page[before]")
    }
    path = request.path[1:].replace(":app", context.app_id, 1)
    return f"{request.host}{path}?{urlencode({**others, name: cursor}, safe='[]')}"


def generate_id(context: Context) -> str:
    """Return a new id: the time, and a number that grows."""
    return f"{int(context.now()):08x}{context.store.next_id(_SEQUENCE):016x}"


def format_now(context: Context) -> str:
    """Return the current time with milliseconds: `2026-01-31T12:00:00.000Z`."""
    at = datetime.fromtimestamp(context.now(), timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
