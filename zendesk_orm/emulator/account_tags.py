"""The tags of an account: those that its tickets, users and organizations have.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.emulator.paging import link, numbered, whole_number
from zendesk_orm.emulator.refusals import invalid_attribute, invalid_paging
from zendesk_orm.emulator.store import DELETED, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Organization, Tag, Ticket, User


#: Tags that are suggested at most, and letters that are wanted at least.
_MOST, _LEAST = 15, 2
_TAGGED = (Organization, Ticket, User)


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of tags, the most used first."""
    found = _counted(world)
    if any(name.startswith("page[") for name in call.params):
        return _by_cursor(call, found)
    number, size = whole_number(call, "page", 1), whole_number(call, "per_page", 100, most=100)
    rows = found[(number - 1) * size : number * size]
    return Answer(text=dumped({"tags": rows, **numbered(call, number, size, len(found))}))


def count(world: World, call: Call, target: Target) -> Answer:
    """Answer with the number of tags."""
    at = datetime.fromtimestamp(world.now(), timezone.utc).isoformat(timespec="seconds")
    told = {"value": len(_counted(world)), "refreshed_at": at}
    return Answer(text=dumped({"count": told}))


def autocomplete(world: World, call: Call, target: Target) -> Answer:
    """Answer with the tags of which a word begins so.

    Raises:
        Refusal: too little of the word is given.
    """
    begun = str(call.params.get("name") or call.body.get("name") or "").lower()
    if len(begun) < _LEAST:
        raise invalid_attribute("name", f"name must have {_LEAST} characters")
    names = [row["name"] for row in _counted(world)]
    found = [
        name
        for name in names
        if any(part.startswith(begun) for part in (name, *re.split(r"\W|_", name)))
    ]
    return Answer(text=dumped({"tags": found[:_MOST]}))


def _counted(world: World) -> list[dict[str, Any]]:
    """Return the tags with how often they are used, the most used first."""
    kinds = [model._meta.label for model in _TAGGED]
    marks = ", ".join("?" * len(kinds))
    rows = world.store.execute(
        "SELECT value, count(*) FROM rows, json_each(rows.doc, '$.tags') "  # noqa: S608 - values are question marks
        f"WHERE kind IN ({marks}) AND state < ? GROUP BY value ORDER BY 2 DESC, 1",
        (*kinds, DELETED),
    )
    return [{"name": name, "count": number} for name, number in rows]


def _by_cursor(call: Call, found: list[dict[str, Any]]) -> Answer:
    size = whole_number(call, "page[size]", 100, most=100)
    after, before = call.params.get("page[after]"), call.params.get("page[before]")
    start = _place(after) if after else max(0, _place(before) - size) if before else 0
    rows = found[start : start + size]
    end = start + len(rows)
    cursors = {"after_cursor": _cursor(end), "before_cursor": _cursor(start)}
    links = {
        "prev": link(call, {"page[before]": cursors["before_cursor"]}),
        "next": link(call, {"page[after]": cursors["after_cursor"]}),
    }
    told = {
        "tags": rows,
        "meta": {"has_more": end < len(found), **cursors},
        "links": links if rows else {"prev": None, "next": None},
    }
    return Answer(text=dumped(told))


def _cursor(place: int) -> str:
    return base64.b64encode(f"-score,id {place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        return max(0, int(base64.b64decode(cursor, validate=True).rpartition(b" ")[2]))
    except (binascii.Error, ValueError):
        raise invalid_paging("page[after] is not valid") from None


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "tags", Tag._meta.label): list_rows,
    ("GET", "tags/count", Tag._meta.label): count,
    ("GET", "autocomplete/tags", Tag._meta.label): autocomplete,
    ("POST", "autocomplete/tags", Tag._meta.label): autocomplete,
}
