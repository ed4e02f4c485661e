"""Revisions of triggers.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-revisions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import build_link, parse_count, parse_number
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import Trigger, TriggerRevision


#: Revisions per page.
MAX_ROWS = 1000
#: Fields of a trigger that its revisions contain.
_SNAPSHOT = ("title", "description", "active", "conditions", "actions")


@route("GET", "triggers/{trigger}/revisions", TriggerRevision)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the revisions of a trigger before a cursor, the newest first."""
    trigger = resources.get(context, Trigger._meta, target.args[0]).id
    where = Where("parent = ?", (trigger,))
    if request.params.get("cursor"):
        where &= Where("id < ?", (parse_number(request, "cursor"),))
    size = parse_count(request, "limit", MAX_ROWS, limit=MAX_ROWS)
    rows = context.store.select_texts(target.meta.label, where, "id DESC", limit=size + 1)
    texts = [text for text, *_ in rows[:size]]
    before = str(rows[size - 1][1]) if len(rows) > size else None
    metadata = {
        "before_url": build_link(request, {"cursor": before}) if before else None,
        "before_cursor": before,
        "after_url": None,
        "after_cursor": None,
        "count": len(texts),
    }
    sideloads = render_sideloads(context, request, target, texts)
    return Response(
        text=f'{{"trigger_revisions":[{",".join(texts)}]{sideloads},{dump_json(metadata)[1:]}'
    )


def save(context: Context, row: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Store a revision of a trigger if it was created or changed.

    Args:
        context: the account.
        row: the trigger.
        before: the previous row; empty if the trigger was created.
    """
    names = [name for name in _SNAPSHOT if row.get(name) != before.get(name)]
    if not names:
        return
    diff = {
        name: [
            {"change": "-", "content": before.get(name)},
            {"change": "+", "content": row.get(name)},
        ]
        for name in names
        if before
    }
    values = {
        "author_id": context.user_id,
        "created_at": context.timestamp(),
        "snapshot": {name: row.get(name) for name in _SNAPSHOT},
        "diff": diff,
    }
    resources.create(context, TriggerRevision._meta, {}, {"trigger": row["id"]}, values)
