"""Lists and searches of the items of the service catalog.

Their pages are those of Support, and count all items.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/service_catalog_items/
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.paging import NUMBERED, end_of_list, select_page
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.help_center import ServiceCatalogItem


@route("GET", "help_center/service_catalog/items", ServiceCatalogItem)
@route("GET", "help_center/service_catalog/items/search", ServiceCatalogItem)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """Return a page of items, or of those whose name or description contains a text."""
    where = Where("state < ?", (DELETED,))
    if text := request.params.get("query", "").lower():
        texts = f"lower({json_value('name')} || ' ' || {json_value('description')})"
        where &= Where(f"instr({texts}, ?)", (text,))
    params = request.params.copy()
    for name in NUMBERED:
        params.poplist(name)
    page = select_page(context, evolve(request, params=params), target, where)
    number = context.store.count(target.meta.label, where)
    links = {**end_of_list()["links"], **page.metadata["links"]}
    metadata = {**page.metadata, "links": links, "count": number}
    return Response(text=reads.render_list(target, page.texts, "", metadata))
