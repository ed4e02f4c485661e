"""IT assets: lists and searches.

Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.json_filters import compile_filter
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.custom_data.records import list_by_ids
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.support import Asset


_ALIVE = Where("state < ?", (DELETED,))
#: Fields that searches sort by, and that they look through.
_ORDERS = ("created_at", "name", "updated_at")
_TEXT_FIELDS = ("name", "asset_tag", "serial_number", "manufacturer", "model", "vendor", "notes")


@route("GET", "it_asset_management/assets", Asset)
def list_assets(context: Context, request: Request, target: Target) -> Response:
    """Return a page of assets, or those with the given ids or external ids."""
    response = list_by_ids(context, request, target, _ALIVE)
    return response or reads.list_rows(context, request, target)


@route("GET", "it_asset_management/assets/search", Asset)
def search(context: Context, request: Request, target: Target) -> Response:
    """Return the assets that contain any word of a query."""
    where = Where("0")
    for word in request.params.get("query", "").lower().split():
        for name in _TEXT_FIELDS:
            where |= Where(f"instr(lower({json_value(name)}), ?)", (word,))
    return _respond(context, request, target, _ALIVE & where)


@route("POST", "it_asset_management/assets/search", Asset)
def filter_assets(context: Context, request: Request, target: Target) -> Response:
    """Return the assets whose custom fields match a filter.

    Raises:
        HTTPError: 400, if the filter is invalid.
    """
    where = Where()
    if request.body.get("filter"):
        rows = context.store.select("support.AssetField", _ALIVE)
        fields = {row["key"]: row for row in rows}
        where = compile_filter(context, fields, request.body["filter"])
    # Filters are those of records, which have another name for custom fields.
    sql = where.sql.replace("custom_object_fields", "custom_field_values")
    return _respond(context, request, target, _ALIVE & Where(sql, where.values))


def _respond(context: Context, request: Request, target: Target, where: Where) -> Response:
    """Return a page of assets by cursor, sorted by `sort`."""
    orders = {name: name for name in _ORDERS}
    endpoint = evolve(target.endpoint, key="assets", verb=Verb.LIST, paging=CURSOR, orders=orders)
    assets = Target(Asset._meta, (endpoint,))
    page = select_page(context, request, assets, where)
    return Response(text=reads.render_list(assets, page.texts, "", page.metadata))
