"""Lists of content tags, redirect rules and media.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/
"""

from __future__ import annotations

from collections.abc import Mapping

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.help_center.errors import invalid_property
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.help_center import ContentTag, GuideMedia, RedirectRule


#: The largest size of a page.
_MAX_PAGE_SIZE = 30

#: Fields by the parameter that filters by their prefix.
_PREFIX_FILTERS: Mapping[str, str] = {
    "filter[name_prefix]": "name",
    "filter[redirect_from_prefix]": "redirect_from",
}


@route("GET", "guide/content_tags", ContentTag)
@route("GET", "guide/redirect_rules", RedirectRule)
@route("GET", "guide/medias", GuideMedia)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """Return a page of content tags, redirect rules or media.

    Raises:
        HTTPError: 400, if the size of the page exceeds 30.
    """
    size = request.params.get("page[size]", "10")
    if not is_number(size) or int(size) > _MAX_PAGE_SIZE:
        raise invalid_property()
    where = Where("state < ?", (DELETED,))
    for parameter, wire in _PREFIX_FILTERS.items():
        prefix = request.params.get(parameter)
        if prefix:
            where &= Where(f"substr({json_value(wire)}, 1, ?) = ?", (len(prefix), prefix))
    page = select_page(context, request, target, where)
    metadata = dict(page.metadata)
    if not context.switches.guide_links:
        metadata.pop("links", None)
    return Response(text=reads.render_list(target, page.texts, "", metadata))
