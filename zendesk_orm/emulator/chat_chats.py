"""Chats: in pages, by their ids, and searched.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.chat import Chat
from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import whole_number
from zendesk_orm.emulator.reads import among
from zendesk_orm.emulator.refusals import missing_parameter
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World


#: Rows to a page; unconfirmed.
MOST = 40

_ALIVE = Where("state < ?", (DELETED,))
_FIELD = re.compile(r"(\w+):(.+)", re.DOTALL)
_SPAN = re.compile(r"\[(\S+) TO (\S+)\]")


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of chats, or with those that are named, by id."""
    if "ids" in call.params:
        ids = [str(pk) for pk in call.ids()]
        found = world.store.docs(Chat._meta.label, _ALIVE & among("id", ids))
        docs = {row["id"]: row for row in found}
        return Answer(text=dumped({"count": len(docs), "docs": docs}))
    rows = world.store.docs(Chat._meta.label, _ALIVE)
    return _page(call, "chats", rows)


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with a chat that took place elsewhere, or a message that was left."""
    also = {"update_timestamp": world.stamp(), "deleted": False}
    return Answer(201, dumped(plain.create(world, target.meta, call.body, {}, also).row))


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with a chat, changed."""
    stored = plain.stored(world, target.meta, target.places[0])
    also = {"update_timestamp": world.stamp()}
    return Answer(text=dumped(plain.update(world, target.meta, stored, call.body, also).row))


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of what is told of the chats that match.

    Raises:
        Refusal: nothing is asked.
    """
    asked = call.params.get("q")
    if not asked:
        raise missing_parameter("q")
    terms = asked.split(" AND ")
    rows = [row for row in world.store.docs(Chat._meta.label, _ALIVE) if _matches(row, terms)]
    return _page(call, "results", [_result(row) for row in rows])


def _page(call: Call, key: str, rows: list[dict[str, Any]]) -> Answer:
    number = whole_number(call, "page", 1)
    told: dict[str, Any] = {"count": len(rows), key: rows[(number - 1) * MOST : number * MOST]}
    if number * MOST < len(rows):
        query = urlencode({**dict(call.params.items()), "page": number + 1})
        told["next_url"] = f"{call.host}/api/v2/{call.path}?{query}"
    return Answer(text=dumped(told))


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": f"{HOME}/api/v2/chat/chats/{row['id']}",
        "type": row["type"],
        "timestamp": row["timestamp"],
        "preview": row["message"],
    }


def _matches(row: Mapping[str, Any], terms: list[str]) -> bool:
    return all(_holds(row, term.strip()) for term in terms)


def _holds(row: Mapping[str, Any], term: str) -> bool:
    named = _FIELD.fullmatch(term)
    if term.startswith('"') or named is None:
        return _unquoted(term).lower() in _said(row).lower()
    name, wanted = named.groups()
    span = _SPAN.fullmatch(wanted)
    if span is None:
        return _unquoted(wanted).lower() in str(row.get(name)).lower()
    begin, end = span.groups()
    value = str(row.get(name))
    return begin in ("*", min(begin, value)) and end in ("*", max(end, value))


def _said(row: Mapping[str, Any]) -> str:
    """Return the words that a chat is found by: what was said, and of whom."""
    said = [each.get("msg") for each in row["history"]]
    return " ".join(str(each) for each in (row["message"], *said, *row["visitor"].values()))


def _unquoted(text: str) -> str:
    bare = text[1:-1] if text.startswith('"') else text
    return bare.replace('\\"', '"').replace("\\\\", "\\")


_LABEL = "chat.Chat"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "chat/chats", _LABEL): list_rows,
    ("POST", "chat/chats", _LABEL): create,
    ("PUT", "chat/chats/{}", _LABEL): update,
    ("GET", "chat/chats/search", "chat.SearchResult"): search,
}
