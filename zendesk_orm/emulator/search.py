"""Search: a page of what a query finds, how much it finds, and all of it in order.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
"""

# ruff: noqa: S608
# What is written into the text are conditions made in this package.

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from zendesk_orm.api.vocabulary import SEARCH_WALL
from zendesk_orm.emulator import grammar
from zendesk_orm.emulator.grammar import Question
from zendesk_orm.emulator.keywords import condition
from zendesk_orm.emulator.paging import link, numbered, ordered, whole_number
from zendesk_orm.emulator.refusals import (
    expired_cursor,
    invalid_attribute,
    invalid_paging,
    search_wall,
)
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World


#: What `sort_by` sorts by.
_SORTS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "priority": "priority",
    "status": "status",
    "ticket_type": "type",
}


@frozen
class Found:
    """The rows that a query finds, as SQL that selects them."""

    sql: str
    values: tuple[Any, ...]


def search(world: World, call: Call, targets: Sequence[Target]) -> Answer:
    """Answer with a page of results, of whatever types.

    Raises:
        Refusal: the page lies beyond the thousandth result.
    """
    number = whole_number(call, "page", 1)
    size = whole_number(call, "per_page", 100, most=100)
    if any(name.startswith("page[") for name in call.params):
        raise invalid_attribute("page", "page must be an integer from api/v2/search/index")
    if number * size > SEARCH_WALL:
        raise search_wall()
    question = grammar.read(call.params.get("query", ""))
    found = _found(world, question, targets, _sort(call, question))
    way = "DESC" if _descending(call, question) else "ASC"
    rows = world.store.execute(
        f"{found.sql} ORDER BY 3 {way}, id {way} LIMIT ? OFFSET ?",
        (*found.values, size, (number - 1) * size),
    )
    about = numbered(call, number, size, _count(world, found))
    return Answer(text=_envelope(world, call, targets, rows, {"facets": None, **about}))


def search_count(world: World, call: Call, targets: Sequence[Target]) -> Answer:
    """Answer with how much there is to find, even beyond what search gives."""
    question = grammar.read(call.params.get("query", ""))
    number = _count(world, _found(world, question, targets, "id"))
    return Answer(text=dumped({"count": number}))


def search_export(world: World, call: Call, targets: Sequence[Target]) -> Answer:
    """Answer with a page of everything that is found of one type, the newest first.

    Raises:
        Refusal: no type is named, or the cursor has expired.
    """
    wanted = call.params.get("filter[type]", "")
    targets = [target for target in targets if target.endpoint.type == wanted]
    if not targets:
        raise invalid_attribute("filter[type]", "filter[type] must be one of the searchable types")
    size = whole_number(call, "page[size]", 100, most=1000)
    question = grammar.read(call.params.get("query", ""))
    found = _found(world, question, targets, "created_at")
    after = _stopped(world, call)
    beyond = Where() if after is None else Where("at < ? OR (at = ? AND id < ?)", after)
    rows = world.store.execute(
        f"SELECT * FROM ({found.sql}) WHERE {beyond.sql} ORDER BY at DESC, id DESC LIMIT ?",
        (*found.values, *beyond.values, size + 1),
    )
    more, rows = len(rows) > size, rows[:size]
    cursor = None
    if rows:
        state = {"field": "created_at", "desc": True, "from": world.now(), "v": [*rows[-1][2:0:-1]]}
        cursor = base64.b64encode(dumped(state).encode()).decode()
    about = {
        "facets": None,
        "meta": {"has_more": more, "after_cursor": cursor, "before_cursor": None},
        "links": {"prev": None, "next": cursor and link(call, {"page[after]": cursor})},
    }
    return Answer(text=_envelope(world, call, targets, rows, about))


def _found(world: World, question: Question, targets: Sequence[Target], order: str) -> Found:
    """Return what selects text, id, what is ordered by, and type of all that a query finds."""
    source, seen = "rows", ()
    if world.switches.index_lag:
        source, seen = world.store.seen(world.now() - world.switches.index_lag)
    parts, values = [], []
    for target in targets:
        type_ = target.endpoint.type
        if question.types and type_ not in question.types:
            continue
        where = Where("kind = ? AND state < ?", (target.meta.label, DELETED))
        where &= matching(world, target, question)
        by = value_of("created_at") if order == "created_at" else ordered(order, target.meta)
        parts.append(f"SELECT doc, id, {by} AS at, '{type_}' FROM {source} WHERE {where.sql}")
        values += [*seen, *where.values]
    if not parts:
        parts = ["SELECT '' AS doc, 0 AS id, 0 AS at, '' FROM rows WHERE 0"]
    return Found(" UNION ALL ".join(parts), tuple(values))


def matching(world: World, target: Target, question: Question) -> Where:
    """Return what holds for the rows of a type that a query finds."""
    where = Where()
    for alternatives in question.alternatives():
        one = condition(world, target, alternatives[0])
        for term in alternatives[1:]:
            one |= condition(world, target, term)
        where &= one
    return where


def _count(world: World, found: Found) -> int:
    return int(world.store.execute(f"SELECT count(*) FROM ({found.sql})", found.values)[0][0])


def _envelope(
    world: World,
    call: Call,
    targets: Sequence[Target],
    rows: Sequence[tuple[Any, ...]],
    about: dict[str, Any],
) -> str:
    results = ",".join(f'{row[0][:-1]},"result_type":"{row[3]}"}}' for row in rows)
    beside = ""
    if "include" in call.params:
        for target in targets:
            texts = [row[0] for row in rows if row[3] == target.endpoint.type]
            beside += sideloaded(world, call, target, texts) if texts else ""
    return f'{{"results":[{results}]{beside},{dumped(about)[1:]}'


def _sort(call: Call, question: Question) -> str:
    """Return the field that results are sorted by; the newest are the most relevant here."""
    return _SORTS.get(call.params.get("sort_by", ""), question.order or "created_at")


def _descending(call: Call, question: Question) -> bool:
    way = call.params.get("sort_order")
    return question.descending if way is None else way.lower() != "asc"


def _stopped(world: World, call: Call) -> tuple[Any, Any, Any] | None:
    """Return the row after which the next page of an export begins, or None for the first."""
    cursor = call.params.get("page[after]")
    if not cursor:
        return None
    try:
        state = json.loads(base64.b64decode(cursor, validate=True))
        given, (at, pk) = float(state["from"]), state["v"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid_paging("page[after] is not valid") from None
    if world.now() - given > world.switches.export_cursor_seconds:
        raise expired_cursor(world.switches.expired_cursor_status)
    return at, at, pk
