"""Show, show many, list and count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.belonging import belonging, equal_to
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import not_found, too_many_values
from zendesk_orm.emulator.sideloads import embedded, sideloaded
from zendesk_orm.emulator.store import ALIVE, DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World


#: Rows that can be asked for at once.
MOST_IDS = 100


def show(world: World, call: Call, target: Target) -> Answer:
    """Answer with one row."""
    shown = target.meta.label == "support.Ticket" and world.switches.deleted_shown
    where = Where("id = ? AND state < ?", (target.values["id"], DELETED + shown))
    for name, value in target.values.items():
        if name != "id":
            where &= belonging(world, target.meta, name, value)
    found = world.store.texts(target.meta.label, where, doc=told(world, target))
    if not found:
        raise not_found()
    text = found[0][0]
    beside = sideloaded(world, call, target, [text])
    (text,) = embedded(world, call, target, [text])
    if target.meta.bare:
        return Answer(text=text)
    return Answer(text=f'{{"{target.meta.singular}":{text}{beside}}}')


def told(world: World, target: Target) -> str:
    """Return the SQL of what a row says; a deleted ticket says that it is."""
    if target.meta.label != "support.Ticket":
        return "doc"
    status = world.switches.deleted_status.replace("'", "''")
    return f"CASE state WHEN {DELETED} THEN json_set(doc, '$.status', '{status}') ELSE doc END"


def show_many(world: World, call: Call, target: Target) -> Answer:
    """Answer with the rows of the given ids; those that are not there are just absent."""
    wire = next((name for name in ("ids", "external_ids") if name in call.params), "ids")
    ids = call.ids() if wire == "ids" else call.members(wire)
    if len(ids) > MOST_IDS:
        raise too_many_values()
    named = among("id", ids) if wire == "ids" else equal_to(target.meta, "external_id", ids)
    state = DELETED if world.switches.archived_in_show_many else ALIVE + 1
    where = named & Where("state < ?", (state,))
    texts = [row[0] for row in world.store.texts(target.meta.label, where)]
    about = {"next_page": None, "previous_page": None, "count": len(texts)}
    return Answer(text=listing(target, texts, sideloaded(world, call, target, texts), about))


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of a list; of what there is only one of, with that."""
    if not target.meta.known_by:
        doc = dumped(plain.only(world, target.meta).doc)
        key = target.endpoint.key
        return Answer(text=f'{{"{key}":{doc}}}' if key else doc)
    found = page(world, call, target, listed(world, call, target))
    beside = sideloaded(world, call, target, found.texts)
    return Answer(text=listing(target, found.texts, beside, found.about))


def count(world: World, call: Call, target: Target) -> Answer:
    """Answer with how many rows a list has."""
    number = world.store.count(target.meta.label, listed(world, call, target))
    at = datetime.fromtimestamp(world.now(), timezone.utc).isoformat(timespec="seconds")
    return Answer(text=dumped({"count": {"value": number, "refreshed_at": at}}))


def listing(target: Target, texts: Iterable[str], beside: str, about: dict[str, Any]) -> str:
    """Return the envelope of many rows, whose text is put in as it is."""
    rows = ",".join(texts)
    if not target.endpoint.key:
        return f"[{rows}]"
    return f'{{"{target.endpoint.key}":[{rows}]{beside},{dumped(about)[1:]}'


def listed(world: World, call: Call, target: Target) -> Where:
    """Return which rows are in a list: by what stands in its path, and by its parameters.

    Raises:
        Refusal: the row that the list belongs to is not there.
    """
    endpoint = target.endpoint
    where = Where("state < ?", (DELETED if endpoint.whole else ALIVE + 1,))
    for name, value in target.values.items():
        where &= belonging(world, target.meta, name, value)
    for name, parameter in endpoint.takes.items():
        wanted = [*call.params.getlist(parameter), *call.params.getlist(f"{parameter}[]")]
        if wanted:
            where &= equal_to(target.meta, name, wanted)
    return where


def among(sql: str, ids: Iterable[Any]) -> Where:
    """Return what holds for rows whose `sql` is among the ids."""
    ids = tuple(ids)
    return Where(f"{sql} IN ({', '.join('?' * len(ids))})", ids)
