"""Handlers of search: a page of results, their number, and an export.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
"""

# ruff: noqa: S608 - values are bound to question marks
# The SQL text contains conditions that this package builds.

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.vocabulary import SEARCH_WALL
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import (
    build_link,
    build_offset_links,
    parse_count,
    sort_expression,
)
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.search.generated import Search, concerns_generated_rows
from zendesk_orm.emulator.search.keywords import compile_query, is_keyword
from zendesk_orm.emulator.search.parser import SearchQuery, parse
from zendesk_orm.emulator.server.errors import (
    expired_cursor,
    invalid_attribute,
    invalid_paging,
    missing_parameter,
    search_depth_limit,
)
from zendesk_orm.emulator.server.routes import handles_across_models
from zendesk_orm.emulator.storage.custom_fields import complete_texts
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value, select_as_of, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.emulator.storage.word_index import find_candidates, name_values, use_values


#: The number of results below which they are sorted here.
_FEW = 5_000
#: A condition that reads other rows than the one that it is about.
_READS_OTHER_ROWS = re.compile(r"\bFROM (?!one_table\b|json_each\b)")
#: Fields by their names in `sort_by`.
_SORTS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "priority": "priority",
    "status": "status",
    "ticket_type": "type",
}


@handles_across_models(Verb.SEARCH)
def search(context: Context, request: Request, targets: Sequence[Target]) -> Response:
    """Return a page of results.

    Raises:
        HTTPError: 400, if a parameter is invalid; 422, if the page ends after 1,000 results.
    """
    number = parse_count(request, "page", 1)
    size = parse_count(request, "per_page", 100, limit=100)
    if any(name.startswith("page[") for name in request.params):
        raise invalid_attribute("page", "page must be an integer from api/v2/search/index")
    if number * size > SEARCH_WALL:
        raise search_depth_limit()
    query = _parse_query(context, request, targets)
    _note_invalid_order(context, request)
    # Zendesk sorts by relevance, which the emulator does not have: it sorts by creation.
    order = _SORTS.get(request.params.get("sort_by", ""), query.order or "created_at")
    direction = "DESC" if _is_descending(request, query) else "ASC"
    if concerns_generated_rows(context, query, targets):
        search = Search(context, query, targets)
        rows = search.select(order, direction, number * size)[(number - 1) * size :]
        count = search.count()
    else:
        rows, count = _select_page(
            context, query, targets, (order, direction), size, (number - 1) * size
        )
    links = build_offset_links(request, number, size, count)
    return _respond(context, request, targets, rows, {"facets": None, **links})


@handles_across_models(Verb.SEARCH_COUNT)
def search_count(context: Context, request: Request, targets: Sequence[Target]) -> Response:
    """Return the number of results, including those that search does not return."""
    query = _parse_query(context, request, targets)
    if concerns_generated_rows(context, query, targets):
        number = Search(context, query, targets).count()
    else:
        number = _count(context, query, targets)
    return Response(text=dump_json({"count": number}))


@handles_across_models(Verb.SEARCH_EXPORT)
def search_export(context: Context, request: Request, targets: Sequence[Target]) -> Response:
    """Return a page of all results of one type, the newest first.

    Raises:
        HTTPError: 400, if the type is missing or invalid, or the cursor is invalid or expired.
    """
    type_ = request.params.get("filter[type]", "")
    targets = [target for target in targets if target.endpoint.type == type_]
    if not targets:
        raise invalid_attribute("filter[type]", "filter[type] must be one of the searchable types")
    size = parse_count(request, "page[size]", 100, limit=1000)
    query = _parse_query(context, request, targets)
    after = _parse_cursor(context, request)
    if concerns_generated_rows(context, query, targets):
        search = Search(context, query, targets)
        rows = search.select("created_at", "DESC", size + 1, after)
    else:
        selection = _compile_selection(context, query, targets, "created_at")
        beyond = Where() if after is None else Where("at < ? OR (at = ? AND id < ?)", after)
        rows = context.store.execute(
            f"SELECT * FROM ({selection.sql}) WHERE {beyond.sql} ORDER BY at DESC, id DESC LIMIT ?",
            (*selection.values, *beyond.values, size + 1),
        )
    has_more, rows = len(rows) > size, rows[:size]
    cursor = _build_cursor(context, rows[-1]) if rows else None
    metadata = {
        "facets": None,
        "meta": {"has_more": has_more, "after_cursor": cursor, "before_cursor": None},
        "links": {"prev": None, "next": cursor and build_link(request, {"page[after]": cursor})},
    }
    return _respond(context, request, targets, rows, metadata)


def _note_invalid_order(context: Context, request: Request) -> None:
    """Count values of `sort_by` and `sort_order` as ignored that are not described."""
    order, direction = request.params.get("sort_by", ""), request.params.get("sort_order", "")
    names = [f"sort_by={order}"] if order and order not in _SORTS else []
    names += [f"sort_order={direction}"] if direction.lower() not in ("", "asc", "desc") else []
    context.ignored.note("parameter", names, request)


def _parse_query(context: Context, request: Request, targets: Sequence[Target]) -> SearchQuery:
    """Return the query of a request, and count the keywords that no searched type has.

    Raises:
        HTTPError: 400, if there is no query. A blank one matches all rows.
    """
    if context.switches.query_required and "query" not in request.params:
        raise missing_parameter("query")
    query = parse(request.params.get("query", ""))
    searched = [
        target for target in targets if not query.types or target.endpoint.type in query.types
    ]
    keywords = dict.fromkeys(term.keyword for term in query.terms if term.keyword)
    unknown = [
        keyword
        for keyword in keywords
        if not any(is_keyword(context, target, keyword) for target in searched)
    ]
    context.ignored.note("keyword", unknown, request)
    return query


def _compile_selection(
    context: Context,
    query: SearchQuery,
    targets: Sequence[Target],
    order: str,
    doc: str = "doc",
    *,
    in_order: bool = False,
    table: str = "",
) -> Where:
    """Return the SELECT statement, with its values, of the matching rows of all types.

    Its columns are text, id, sort value (`at`) and type.

    Args:
        context: the account.
        query: the query.
        targets: the types that can be searched.
        order: the field of the sort value.
        doc: the expression of the first column.
        in_order: True to read the rows in their order, which is faster if many of them match.
        table: the table of the rows; by default, that of all rows.
    """
    rows, table_values = table or "rows", ()
    if context.switches.index_lag:
        rows, table_values = select_as_of(context.now() - context.switches.index_lag)
    parts, values = [], []
    for target in targets:
        type_ = target.endpoint.type
        if query.types and type_ not in query.types:
            continue
        condition = compile_query(context, target, query)
        where = Where("kind = ? AND state < ?", (target.meta.label, DELETED)) & condition
        value = json_value(order) if order == "created_at" else sort_expression(order, target.meta)
        has_index = context.store.has_word_index and rows == "rows"
        candidates = find_candidates(target.meta.label, condition) if has_index else None
        source = rows
        if candidates is not None and not in_order:
            # The sign keeps SQLite from using an index of all rows of the type.
            of_type = Where("+kind = ? AND state < ?", (target.meta.label, DELETED))
            where = candidates & of_type & condition
            selected = None if doc == "doc" else use_values(target.meta.label, condition)
            if selected is not None:
                source, value = selected[0], name_values(value)
                where = selected[1] & of_type
        column = "row_values.rowid" if doc == "rowid" and source != rows else doc
        parts.append(
            f"SELECT {column}, id, {value} AS at, '{type_}' FROM {source} WHERE {where.sql}"
        )
        values += [*table_values, *where.values]
    if not parts:
        parts = [f"SELECT {doc}, 0 AS id, 0 AS at, '' FROM rows WHERE 0"]
    return Where(" UNION ALL ".join(parts), tuple(values))


def _select_page(
    context: Context,
    query: SearchQuery,
    targets: Sequence[Target],
    order: tuple[str, str],
    size: int,
    offset: int,
) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows of a page, as `_compile_selection` describes them, and their number.

    Few results are sorted here: SQLite would look for them in their order, through all rows. Many
    results are counted first, because their number is known after the first search.

    Args:
        context: the account.
        query: the query.
        targets: the types that can be searched.
        order: the field of the order, and `ASC` or `DESC`.
        size: the number of rows.
        offset: the number of rows to skip.
    """
    # The versions of rows for an index that lags have no number.
    doc = "doc" if context.switches.index_lag else "rowid"
    count = _count(context, query, targets)
    if doc == "rowid" and count < _FEW:
        selection = _compile_selection(context, query, targets, order[0], doc=doc)
        hits = context.store.execute_cached(selection.sql, selection.values)
        hits = _sort_hits(hits, is_descending=order[1] == "DESC")
        return _load_docs(context, hits[offset : offset + size]), count
    ordered = _compile_selection(context, query, targets, order[0], doc=doc, in_order=True)
    rows = context.store.execute(
        f"{ordered.sql} ORDER BY 3 {order[1]}, id {order[1]} LIMIT ? OFFSET ?",
        (*ordered.values, size, offset),
    )
    return _load_docs(context, rows) if doc == "rowid" else rows, count


def _sort_hits(hits: Sequence[tuple[Any, ...]], *, is_descending: bool) -> list[tuple[Any, ...]]:
    """Return rows sorted by their sort value and their id."""
    try:
        return sorted(hits, key=itemgetter(2, 1), reverse=is_descending)
    except TypeError:  # Values of several types, or missing ones.
        return sorted(hits, key=_sort_key, reverse=is_descending)


def _sort_key(row: tuple[Any, ...]) -> list[tuple[int, Any]]:
    """Return the sort value and the id of a row in the order of SQLite: numbers before texts."""
    return [
        (0, 0) if value is None else (2, value) if isinstance(value, str) else (1, value)
        for value in (row[2], row[1])
    ]


def _load_docs(context: Context, hits: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows in whose first column the text replaces the number of the row."""
    where = where_in("rowid", [hit[0] for hit in hits])
    sql = f"SELECT rowid, doc FROM rows WHERE {where.sql}"
    docs = dict(context.store.execute(sql, where.values)) if hits else {}
    return [(docs[hit[0]], *hit[1:]) for hit in hits]


def _count(context: Context, query: SearchQuery, targets: Sequence[Target]) -> int:
    """Return the number of results."""
    selection = _compile_selection(context, query, targets, "id", doc="rowid")
    # A result that depends on other rows, or on the time, is counted again after each change.
    if context.switches.index_lag or _READS_OTHER_ROWS.search(
        _compile_selection(context, query, targets, "id", table="one_table").sql
    ):
        sql = f"SELECT count(*) FROM ({selection.sql})"
        return int(context.store.execute_cached(sql, selection.values)[0][0])

    def select(table: str) -> Where:
        return _compile_selection(context, query, targets, "id", table=table)

    return context.store.count_matches(selection, select)


def _respond(
    context: Context,
    request: Request,
    targets: Sequence[Target],
    rows: Sequence[tuple[Any, ...]],
    metadata: dict[str, Any],
) -> Response:
    """Return a response with results, their side-loads and the other keys of the body."""
    rows = _complete_rows(context, targets, rows)
    results = ",".join(f'{row[0][:-1]},"result_type":"{row[3]}"}}' for row in rows)
    sideloads = ""
    if "include" in request.params:
        for target in targets:
            texts = [row[0] for row in rows if row[3] == target.endpoint.type]
            sideloads += render_sideloads(context, request, target, texts) if texts else ""
    return Response(text=f'{{"results":[{results}]{sideloads},{dump_json(metadata)[1:]}')


def _complete_rows(
    context: Context, targets: Sequence[Target], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Return results with the custom fields that were created after them."""
    completed = list(rows)
    for target in targets:
        type_, label = target.endpoint.type, target.meta.label
        positions = [number for number, row in enumerate(rows) if row[3] == type_]
        # Several models may share a type.
        results = [completed[number] for number in positions]
        results = complete_texts(label, results, context.store.execute_cached)
        for number, row in zip(positions, results, strict=True):
            completed[number] = row
    return completed


def _is_descending(request: Request, query: SearchQuery) -> bool:
    order = request.params.get("sort_order")
    return query.descending if order is None else order.lower() != "asc"


def _build_cursor(context: Context, row: tuple[Any, ...]) -> str:
    """Return the cursor of an export after a row."""
    state = {"field": "created_at", "desc": True, "from": context.now(), "v": [row[2], row[1]]}
    return base64.b64encode(dump_json(state).encode()).decode()


def _parse_cursor(context: Context, request: Request) -> tuple[Any, Any, Any] | None:
    """Return the values of the row after which a page of an export starts, or None."""
    cursor = request.params.get("page[after]")
    if not cursor:
        return None
    try:
        state = json.loads(base64.b64decode(cursor, validate=True))
        created_at, (at, pk) = float(state["from"]), state["v"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid_paging("page[after] is not valid") from None
    if context.now() - created_at > context.switches.export_cursor_seconds:
        raise expired_cursor(context.switches.expired_cursor_status)
    return at, at, pk
