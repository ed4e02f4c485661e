"""Engagements of agents with tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/engagements/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import build_link, parse_count, parse_number
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Engagement


_META = Engagement._meta
#: Default size of a page, as recorded.
_PAGE_SIZE = 10
_START_TIME = json_value("engagement_start_time")


@route("GET", "engagements", Engagement)
def list_engagements(context: Context, request: Request, target: Target) -> Response:
    """Return a page of engagements, ordered by their start."""
    where = _where(context, request)
    order = f"{_START_TIME}, id"
    size = parse_count(request, "page_size", _PAGE_SIZE, limit=1000)
    rows = context.store.select_texts(_META.label, where, order, limit=size + 1)
    has_more, texts = len(rows) > size, [row[0] for row in rows[:size]]
    metadata: dict[str, Any] = {
        "next_page_url": None,
        "has_more": has_more,
        "page_size": len(texts),
    }
    if has_more:
        cursor = {"engagement_id_cursor": str(rows[size - 1][1]), "page_size": str(size)}
        metadata["next_page_url"] = build_link(request, cursor).replace(".json?", "?")
    engagements = ",".join(texts)
    return Response(text=f'{{"agent_engagement_data":[{engagements}],{dump_json(metadata)[1:]}')


def _where(context: Context, request: Request) -> Where:
    """Return the condition for the rows that the parameters select."""
    where = Where("state < ?", (DELETED,))
    for name in ("ticket_id", "agent_id"):
        if name in request.params:
            where &= where_equal(name, parse_number(request, name))
    if "channel" in request.params:
        where &= where_equal("channel", request.params["channel"])
    for name, operator in (("start_time", ">="), ("end_time", "<=")):
        if name in request.params:
            limit = format_timestamp(parse_number(request, name)).removesuffix("Z")
            where &= Where(f"{_START_TIME} {operator} ?", (limit,))
    cursor = request.params.get("engagement_id_cursor")
    if cursor:
        last = resources.get(context, _META, cursor).doc["engagement_start_time"]
        where &= Where(f"({_START_TIME}, id) > (?, ?)", (last, cursor))
    return where
