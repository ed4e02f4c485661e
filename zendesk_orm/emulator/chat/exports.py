"""Incremental exports of Chat, which continue after the last row of the previous page.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.chat import AgentEvent, AgentTimeline, Chat, Conversion, DepartmentEvent
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import parse_count, parse_number
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.schema.loading import load_datetime


#: Default and largest size of a page.
MAX_ROWS = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: Fields with the time of a change, by label; `timestamp` in other models.
_TIME_FIELDS = {"chat.Chat": "update_timestamp", "chat.AgentTimeline": "start_time"}
#: Models whose exports contain all fields by default, not only ids.
_COMPLETE = frozenset({"chat.AgentEvent"})
#: Models whose ids are not exported.
_WITHOUT_ID = frozenset({"chat.AgentTimeline"})


@route("GET", "chat/incremental/chats", Chat)
@route("GET", "chat/incremental/agent_events", AgentEvent)
@route("GET", "chat/incremental/agent_timeline", AgentTimeline)
@route("GET", "chat/incremental/conversions", Conversion)
@route("GET", "chat/incremental/department_events", DepartmentEvent)
def export(context: Context, request: Request, target: Target) -> Response:
    """Return a page of an export: ids, or all fields if `fields` requests them."""
    label, key = target.meta.label, target.endpoint.key
    wire = _TIME_FIELDS.get(label, "timestamp")
    unit = timedelta(microseconds=1 if label in _WITHOUT_ID else 1_000_000)
    start = (parse_number(request, "start_time"), request.params.get("start_id", ""))
    size = parse_count(request, "limit", MAX_ROWS, limit=MAX_ROWS)

    def position(row: Mapping[str, Any]) -> tuple[int, str]:
        return (load_datetime(row[wire]) - _EPOCH) // unit, str(row["id"])

    rows = context.store.select(label, Where("state < ?", (DELETED,)))
    rows = sorted((row for row in rows if position(row) > start), key=position)[:size]
    end_time, end_id = position(rows[-1]) if rows else start
    params = {
        name: value for name, value in request.params.items() if not name.startswith("start_")
    }
    query = urlencode({**params, "start_time": end_time, "start_id": end_id})
    if label not in _COMPLETE and request.params.get("fields") != f"{key}(*)":
        rows = [{"id": row["id"]} for row in rows]
    elif label in _WITHOUT_ID:
        rows = [{name: row[name] for name in row if name != "id"} for row in rows]
    body = {
        key: rows,
        "count": len(rows),
        "end_time": end_time,
        "end_id": end_id,
        "next_page": f"{request.host}/api/v2/{request.path}?{query}",
    }
    return Response(text=dump_json(body))
