"""Incremental exports: the rows changed since a time, including archived and deleted ones.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud.paging import parse_count
from zendesk_orm.emulator.crud.reads import (
    SUPPORT_TYPE,
    doc_expression,
    render_list,
    where_support_type,
)
from zendesk_orm.emulator.messages import Request, Response, Target, is_number, parse_id
from zendesk_orm.emulator.server.errors import invalid_attribute, start_time_too_recent
from zendesk_orm.emulator.server.routes import handles, route
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Organization, Ticket, User


#: The maximum number of rows of a page.
MAX_ROWS = 1000
#: The maximum number of rows of a sample. Source: OpenAPI, `IncrementalSampleExport`.
SAMPLE_ROWS = 50

_CHANGED = json_value("updated_at")
_ALL = Where()
#: Parameters that leave out deleted rows, the second of custom object records.
_EXCLUDE_DELETED = ("exclude_deleted", "filter[exclude_deleted]")


@route("GET", "incremental/tickets/sample", Ticket)
@route("GET", "incremental/users/sample", User)
@route("GET", "incremental/organizations/sample", Organization)
def export_sample(context: Context, request: Request, target: Target) -> Response:
    """Return a page of a time-based export with at most 50 rows.

    Raises:
        HTTPError: 400, if the start time is missing; 422, if it is too recent.
    """
    return export(context, request, target, limit=SAMPLE_ROWS)


@handles(Verb.INCREMENTAL)
def export(
    context: Context, request: Request, target: Target, where: Where = _ALL, limit: int = MAX_ROWS
) -> Response:
    """Return a page of an export: cursor-based if the path ends in `/cursor`, else time-based.

    Args:
        context: the account.
        request: the request.
        target: the endpoint.
        where: a condition for the rows.
        limit: the maximum number of rows of a page.

    Raises:
        HTTPError: 400, if the start time or the cursor is invalid; 422, if it is too recent.
    """
    by_cursor = target.endpoint.path.endswith("/cursor")
    size = parse_count(request, "per_page", limit, limit=limit)
    seconds, pk = _parse_start(context, request)
    start = format_timestamp(seconds)
    end = format_timestamp(context.now() - context.switches.export_delay)
    where &= Where(f"{_CHANGED} > ? OR ({_CHANGED} = ? AND id > ?)", (start, start, pk))
    where &= Where(f"{_CHANGED} <= ?", (end,))
    if any(request.params.get(name) == "true" for name in _EXCLUDE_DELETED):
        where &= Where("state < ?", (DELETED,))
    if SUPPORT_TYPE in target.endpoint.filters:
        where &= where_support_type(context, request.params)
    rows = _select(context, target, where, size + 1)
    has_more, rows = len(rows) > size, rows[:size]
    if rows:
        seconds = load_datetime(rows[-1][2]).timestamp()
    if has_more and not by_cursor and rows[0][2] == rows[-1][2]:
        # The next page starts at a time, which cannot separate two rows of one second. Recorded:
        # a page of one second is completed, and the next one starts at the second after it.
        rows += _select(context, target, where & _where_same_second(rows[-1]), -1)
        later = where & Where(f"{_CHANGED} > ?", (rows[-1][2],))
        has_more, seconds = bool(_select(context, target, later, 1)), seconds + 1
    texts = [row[0] for row in rows]
    if by_cursor:
        position = (seconds, rows[-1][1] if rows else pk)
        metadata = _cursor_metadata(request, position, is_last=not has_more)
    else:
        metadata = _time_metadata(request, int(seconds), len(texts), is_last=not has_more)
    sideloads = render_sideloads(context, request, target, texts)
    return Response(text=render_list(target, texts, sideloads, metadata))


def _select(context: Context, target: Target, where: Where, limit: int) -> list[tuple[Any, ...]]:
    """Return rows in the order of their changes."""
    return context.store.select_texts(
        target.meta.label,
        where,
        f"{_CHANGED}, id",
        limit=limit,
        extra=_CHANGED,
        doc=doc_expression(context, target),
    )


def _where_same_second(row: tuple[Any, ...]) -> Where:
    """Return the condition for the rows after a row that changed within its second."""
    return Where(f"{_CHANGED} = ? AND id > ?", (row[2], row[1]))


def _parse_start(context: Context, request: Request) -> tuple[float, Any]:
    """Return the time and the id after which a page starts."""
    cursor = request.params.get("cursor")
    if cursor:
        try:
            seconds, _, pk = base64.b64decode(cursor, validate=True).decode().split("|")[:3]
            return float(seconds), parse_id(pk)
        except (binascii.Error, ValueError):
            raise invalid_attribute("cursor", "cursor is not valid") from None
    text = request.params.get("start_time", "")
    if not is_number(text):
        raise invalid_attribute("start_time", "start_time must be an integer")
    delay = context.switches.export_delay
    if int(text) > context.now() - delay:
        raise start_time_too_recent(delay, context.switches.too_recent_error)
    # All ids are larger than -1, so that the second of the start time is included.
    return float(text), -1


def _cursor_metadata(
    request: Request, position: tuple[float, Any], *, is_last: bool
) -> dict[str, Any]:
    cursor = base64.b64encode(f"{position[0]}||{position[1]}|".encode()).decode()
    return {
        "after_url": _build_link(request, cursor=cursor),
        "before_url": None,
        "after_cursor": cursor,
        "before_cursor": None,
        "end_of_stream": is_last,
    }


def _time_metadata(request: Request, seconds: int, count: int, *, is_last: bool) -> dict[str, Any]:
    return {
        "count": count,
        "end_of_stream": is_last,
        "end_time": seconds,
        "next_page": _build_link(request, start_time=str(seconds)),
    }


def _build_link(request: Request, **position: str) -> str:
    """Return the link to another page, with the other parameters of the request."""
    others = {
        name: value
        for name, value in request.params.items()
        if name not in {"start_time", "cursor"}
    }
    query = urlencode(sorted({**others, **position}.items()))
    return f"{request.host}/api/v2/{request.path}.json?{query}"
