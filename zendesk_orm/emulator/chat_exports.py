"""Exports of Chat: what changed since a moment, behind the last row of the page before.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.emulator.paging import number, whole_number
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.loading import load_datetime


#: Rows to a page, by default and at most.
MOST = 1000

_BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: What tells when a row changed.
_MOMENTS = {"chat.Chat": "update_timestamp", "chat.AgentTimeline": "start_time"}
#: Of which exports rows are whole without being asked for.
_WHOLE = frozenset({"chat.AgentEvent"})
#: Rows that have no id for others.
_NAMELESS = frozenset({"chat.AgentTimeline"})


def export(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of an export, whose rows are ids unless they are asked for whole."""
    label, key = target.meta.label, target.endpoint.key
    wire = _MOMENTS.get(label, "timestamp")
    micro = label in _NAMELESS
    start = (number(call, "start_time"), call.params.get("start_id", ""))
    size = whole_number(call, "limit", MOST, most=MOST)

    def place(row: Mapping[str, Any]) -> tuple[int, str]:
        since = load_datetime(row[wire]) - _BEGINNING
        return since // timedelta(microseconds=1 if micro else 1_000_000), str(row["id"])

    rows = world.store.docs(label, Where("state < ?", (DELETED,)))
    rows = sorted((row for row in rows if place(row) > start), key=place)[:size]
    moment, pk = place(rows[-1]) if rows else start
    kept = {name: value for name, value in call.params.items() if not name.startswith("start_")}
    query = urlencode({**kept, "start_time": moment, "start_id": pk})
    whole = label in _WHOLE or call.params.get("fields") == f"{key}(*)"
    told = {
        key: [_told(row, whole=whole, nameless=label in _NAMELESS) for row in rows],
        "count": len(rows),
        "end_time": moment,
        "end_id": pk,
        "next_page": f"{call.host}/api/v2/{call.path}?{query}",
    }
    return Answer(text=dumped(told))


def _told(row: dict[str, Any], *, whole: bool, nameless: bool) -> dict[str, Any]:
    if not whole:
        return {"id": row["id"]}
    return {name: value for name, value in row.items() if name != "id" or not nameless}


_PATH = "chat/incremental"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", f"{_PATH}/chats", "chat.Chat"): export,
    ("GET", f"{_PATH}/agent_events", "chat.AgentEvent"): export,
    ("GET", f"{_PATH}/agent_timeline", "chat.AgentTimeline"): export,
    ("GET", f"{_PATH}/conversions", "chat.Conversion"): export,
    ("GET", f"{_PATH}/department_events", "chat.DepartmentEvent"): export,
}
