"""The tags of tickets, users and organizations, with the number of their uses.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import build_link, build_offset_links, parse_count
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import invalid_attribute, invalid_paging
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import json_items, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Organization, Tag, Ticket, User


#: Limits of autocompletion: tags that are returned, and letters of a prefix.
_MAX_SUGGESTIONS, _MIN_LETTERS = 15, 2
_MODELS = (Organization, Ticket, User)


@route("GET", "tags", Tag)
def list_tags(context: Context, request: Request, target: Target) -> Response:
    """Return a page of tags, ordered by the number of their uses."""
    tags = _count_tags(context)
    if any(name.startswith("page[") for name in request.params):
        return _page_by_cursor(request, tags)
    number = parse_count(request, "page", 1)
    size = parse_count(request, "per_page", 100, limit=100)
    rows = tags[(number - 1) * size : number * size]
    links = build_offset_links(request, number, size, len(tags))
    return Response(text=dump_json({"tags": rows, **links}))


@route("GET", "tags/count", Tag)
def count(context: Context, request: Request, target: Target) -> Response:
    """Return the number of tags."""
    at = datetime.fromtimestamp(context.now(), timezone.utc).isoformat(timespec="seconds")
    result = {"value": len(_count_tags(context)), "refreshed_at": at}
    return Response(text=dump_json({"count": result}))


@route("GET", "autocomplete/tags", Tag)
@route("POST", "autocomplete/tags", Tag)
def autocomplete(context: Context, request: Request, target: Target) -> Response:
    """Return the tags with a word that starts with a prefix.

    Raises:
        HTTPError: 400, if the prefix has fewer than two letters.
    """
    prefix = str(request.params.get("name") or request.body.get("name") or "").lower()
    if len(prefix) < _MIN_LETTERS:
        raise invalid_attribute("name", f"name must have {_MIN_LETTERS} characters")
    names = [
        row["name"]
        for row in _count_tags(context)
        if any(word.startswith(prefix) for word in (row["name"], *re.split(r"\W|_", row["name"])))
    ]
    return Response(text=dump_json({"tags": names[:_MAX_SUGGESTIONS]}))


def _count_tags(context: Context) -> list[dict[str, Any]]:
    """Return the tags with the number of their uses, the most used first."""
    where = where_in("kind", [model._meta.label for model in _MODELS])
    rows = context.store.execute(
        f"SELECT value, count(*) FROM rows, {json_items('tags', 'rows.doc')} "  # noqa: S608 - values are bound
        f"WHERE {where.sql} AND state < ? GROUP BY value ORDER BY 2 DESC, 1",
        (*where.values, DELETED),
    )
    return [{"name": name, "count": number} for name, number in rows]


def _page_by_cursor(request: Request, tags: list[dict[str, Any]]) -> Response:
    size = parse_count(request, "page[size]", 100, limit=100)
    after, before = request.params.get("page[after]"), request.params.get("page[before]")
    if before and not after:
        end = min(_decode_cursor(before), len(tags))
        start = max(end - size, 0)
        has_more = start > 0
    else:
        start = _decode_cursor(after) if after else 0
        end = min(start + size, len(tags))
        has_more = end < len(tags)
    rows = tags[start:end]
    cursors = {"after_cursor": _encode_cursor(end), "before_cursor": _encode_cursor(start)}
    links = {
        "prev": build_link(request, {"page[before]": cursors["before_cursor"]}),
        "next": build_link(request, {"page[after]": cursors["after_cursor"]}),
    }
    body = {
        "tags": rows,
        "meta": {"has_more": has_more, **cursors},
        "links": links if rows else {"prev": None, "next": None},
    }
    return Response(text=dump_json(body))


def _encode_cursor(position: int) -> str:
    return base64.b64encode(f"-score,id {position}".encode()).decode()


def _decode_cursor(cursor: str) -> int:
    try:
        return max(0, int(base64.b64decode(cursor, validate=True).rpartition(b" ")[2]))
    except (binascii.Error, ValueError):
        raise invalid_paging("page[after] is not valid") from None
