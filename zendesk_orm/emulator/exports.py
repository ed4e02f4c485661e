"""Incremental exports: all that changed since a moment, archived and deleted rows too.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.emulator.paging import whole_number
from zendesk_orm.emulator.reads import listing, told
from zendesk_orm.emulator.refusals import invalid_attribute, too_recent
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Where, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number, number_or_word, stamp
from zendesk_orm.schema.loading import load_datetime


#: Rows to a page.
MOST = 1000
#: The same of a sample. Source: OpenAPI, `IncrementalSampleExport`.
_SAMPLE = 50

_CHANGED = value_of("updated_at")
_EVERY = Where()


def sample(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of an export by time, of at most 50 rows.

    Raises:
        Refusal: it begins too close to now, or nowhere.
    """
    return export(world, call, target, most=_SAMPLE)


def export(
    world: World, call: Call, target: Target, among: Where = _EVERY, most: int = MOST
) -> Answer:
    """Answer with a page of an export, by cursor where its path says so, else by time.

    Args:
        world: where the rows are.
        call: what is asked.
        target: what the path leads to.
        among: what holds for the rows that it is about.
        most: the rows of a page at most.

    Raises:
        Refusal: it begins too close to now, or nowhere.
    """
    by_cursor = target.endpoint.path.endswith("/cursor")
    size = whole_number(call, "per_page", most, most=most)
    seconds, pk = _start(world, call)
    where = Where(f"{_CHANGED} > ? OR ({_CHANGED} = ? AND id > ?)", (*[stamp(seconds)] * 2, pk))
    where &= Where(f"{_CHANGED} <= ?", (stamp(world.now() - world.switches.export_delay),)) & among
    if call.params.get("exclude_deleted") == "true":
        where &= Where("state < ?", (DELETED,))
    found = _rows(world, target, where, size + 1)
    more, found = len(found) > size, found[:size]
    if found:
        seconds = load_datetime(found[-1][2]).timestamp()
    if more and not by_cursor:
        # A link by time cannot stand between two rows of one second.
        found += _rows(world, target, where & _tied(found[-1]), -1)
    texts = [row[0] for row in found]
    if by_cursor:
        last = (seconds, found[-1][1] if found else pk)
        about = _cursor(call, last, ended=not more)
    else:
        about = _time(call, int(seconds), len(texts), ended=not more)
    return Answer(text=listing(target, texts, sideloaded(world, call, target, texts), about))


def _rows(world: World, target: Target, where: Where, most: int) -> list[tuple[Any, ...]]:
    """Return rows in the order of their changes; deleted tickets by their status."""
    return world.store.texts(
        target.meta.label,
        where,
        f"{_CHANGED}, id",
        most=most,
        also=_CHANGED,
        doc=told(world, target),
    )


def _tied(last: tuple[Any, ...]) -> Where:
    """Return what holds for the rows that changed in the same second as the last."""
    return Where(f"{_CHANGED} = ? AND id > ?", (last[2], last[1]))


def _start(world: World, call: Call) -> tuple[float, Any]:
    """Return the second and the id behind which a page begins."""
    cursor = call.params.get("cursor")
    if cursor:
        try:
            seconds, _, pk = base64.b64decode(cursor, validate=True).decode().split("|")[:3]
            return float(seconds), number_or_word(pk)
        except (binascii.Error, ValueError):
            raise invalid_attribute("cursor", "cursor is not valid") from None
    text = call.params.get("start_time", "")
    if not is_number(text):
        raise invalid_attribute("start_time", "start_time must be an integer")
    delay = world.switches.export_delay
    if int(text) > world.now() - delay:
        raise too_recent(delay, world.switches.too_recent_error)
    # No id is as small: the second itself is included.
    return float(text), -1


def _cursor(call: Call, last: tuple[float, Any], *, ended: bool) -> dict[str, Any]:
    cursor = base64.b64encode(f"{last[0]}||{last[1]}|".encode()).decode()
    return {
        "after_url": _link(call, cursor=cursor),
        "before_url": None,
        "after_cursor": cursor,
        "before_cursor": None,
        "end_of_stream": ended,
    }


def _time(call: Call, seconds: int, count: int, *, ended: bool) -> dict[str, Any]:
    return {
        "count": count,
        "end_of_stream": ended,
        "end_time": seconds,
        "next_page": _link(call, start_time=str(seconds)),
    }


def _link(call: Call, **where: str) -> str:
    kept = {
        name: value for name, value in call.params.items() if name not in {"start_time", "cursor"}
    }
    query = urlencode(sorted({**kept, **where}.items()))
    return f"{call.host}/api/v2/{call.path}.json?{query}"
