"""Chats: lists, lookups by ids, and search.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.chat import Chat, SearchResult
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import parse_count
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json


#: Size of a page; unconfirmed.
PAGE_SIZE = 40

_ALIVE = Where("state < ?", (DELETED,))
_FIELD = re.compile(r"(\w+):(.+)", re.DOTALL)
_RANGE = re.compile(r"\[(\S+) TO (\S+)\]")


@route("GET", "chat/chats", Chat)
def list_chats(context: Context, request: Request, target: Target) -> Response:
    """Return a page of chats, or the chats with the given ids."""
    label = Chat._meta.label
    if "ids" in request.params:
        ids = [str(pk) for pk in request.get_ids()]
        docs = {row["id"]: row for row in context.store.select(label, _ALIVE & where_in("id", ids))}
        return Response(text=dump_json({"count": len(docs), "docs": docs}))
    return _respond_with_page(request, "chats", context.store.select(label, _ALIVE))


@route("POST", "chat/chats", Chat)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a chat of another system, or an offline message."""
    also = {"update_timestamp": context.timestamp(), "deleted": False}
    row = resources.create(context, target.meta, request.body, {}, also).row
    return Response(201, dump_json(row))


@route("PUT", "chat/chats/{id}", Chat)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a chat."""
    stored = resources.get(context, target.meta, target.args[0])
    also = {"update_timestamp": context.timestamp()}
    row = resources.update(context, target.meta, stored, request.body, also).row
    return Response(text=dump_json(row))


@route("GET", "chat/chats/search", SearchResult)
def search(context: Context, request: Request, target: Target) -> Response:
    """Return a page of short descriptions of the chats that match a query.

    Raises:
        HTTPError: 400, if the query is missing.
    """
    query = request.params.get("q")
    if not query:
        raise missing_parameter("q")
    terms = [term.strip() for term in query.split(" AND ")]
    rows = [
        _build_result(row)
        for row in context.store.select(Chat._meta.label, _ALIVE)
        if all(_matches(row, term) for term in terms)
    ]
    return _respond_with_page(request, "results", rows)


def _respond_with_page(request: Request, key: str, rows: list[dict[str, Any]]) -> Response:
    number = parse_count(request, "page", 1)
    start, end = (number - 1) * PAGE_SIZE, number * PAGE_SIZE
    body: dict[str, Any] = {"count": len(rows), key: rows[start:end]}
    if end < len(rows):
        query = urlencode({**dict(request.params.items()), "page": number + 1})
        body["next_url"] = f"{request.host}/api/v2/{request.path}?{query}"
    return Response(text=dump_json(body))


def _build_result(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": f"{BASE_URL}/api/v2/chat/chats/{row['id']}",
        "type": row["type"],
        "timestamp": row["timestamp"],
        "preview": row["message"],
    }


def _matches(row: Mapping[str, Any], term: str) -> bool:
    """Return True if a chat matches `text`, `"text"`, `field:text` or `field:[begin TO end]`."""
    match = _FIELD.fullmatch(term)
    if term.startswith('"') or match is None:
        return _unquote(term).lower() in _collect_text(row).lower()
    name, text = match.groups()
    value = str(row.get(name))
    limits = _RANGE.fullmatch(text)
    if limits is None:
        return _unquote(text).lower() in value.lower()
    begin, end = limits.groups()
    return begin in ("*", min(begin, value)) and end in ("*", max(end, value))


def _collect_text(row: Mapping[str, Any]) -> str:
    """Return the text that search looks through: the messages, and the visitor's data."""
    messages = [event.get("msg") for event in row["history"]]
    return " ".join(str(part) for part in (row["message"], *messages, *row["visitor"].values()))


def _unquote(text: str) -> str:
    bare = text[1:-1] if text.startswith('"') else text
    return bare.replace('\\"', '"').replace("\\\\", "\\")
