"""Pages of lists, by cursor or by offset.

Source: https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, field, frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.api.paging import CURSOR, EXPORT, OFFSET
from zendesk_orm.api.vocabulary import OFFSET_WALL
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.order_names import find_expression
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.server.errors import (
    invalid_attribute,
    invalid_paging,
    offset_too_deep,
)
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.query.ordering import ranks
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket


#: The choices of ticket fields that are not sorted alphabetically, in their order.
RANKS: Mapping[str, tuple[str, ...]] = {
    name: ranks(Ticket._meta.fields[name]) for name in ("status", "priority", "type")
}

#: Parameters of numbered pages. Lists by cursor are sorted by `sort`.
NUMBERED = frozenset({"page", "per_page", "sort_by", "sort_order"})
#: The cursor of the last page of a list of the Help Center, as recorded.
_LAST_PAGE = base64.b64encode(b"last_page").decode()


@frozen
class ListPage:
    """A page of a list.

    Attributes:
        texts: the JSON texts of its rows.
        metadata: the other keys of the response's body, such as `count` and `links`.
    """

    texts: list[str]
    metadata: dict[str, Any]


@frozen
class SortOrder:
    """An order of rows. Rows with equal values are sorted by id.

    Attributes:
        wire: the field.
        descending: whether the largest value comes first.
        meta: the model that declares the order of choices.
    """

    wire: str = "id"
    descending: bool = False
    meta: Options | None = field(default=None, eq=False)

    @classmethod
    def parse(cls, text: str, meta: Options | None = None) -> SortOrder:
        """Return the order for a text such as `id` or `-id`."""
        return cls(text.lstrip("-"), text.startswith("-"), meta)

    @property
    def expression(self) -> str:
        """The SQL expression that is compared."""
        return sort_expression(self.wire, self.meta)

    def sql(self, *, backwards: bool = False) -> str:
        """Return the SQL of ORDER BY."""
        direction = "DESC" if self.descending != backwards else "ASC"
        if self.wire == "id":
            return f"id {direction}"
        return f"{self.expression} {direction}, id {direction}"

    def where_beyond(self, value: Any, pk: Any, *, backwards: bool) -> Where:
        """Return the condition for the rows after (or before) the row with a value and an id."""
        sign = "<" if self.descending != backwards else ">"
        if self.wire == "id":
            return Where(f"id {sign} ?", (pk,))
        sql = f"{self.expression} {sign} ? OR ({self.expression} = ? AND id {sign} ?)"
        return Where(sql, (value, value, pk))


def sort_expression(wire: str, meta: Options | None) -> str:
    """Return the SQL expression by which a field is sorted, in the order of `query.ordering`.

    Zendesk documents neither the order of choices nor the position of rows without a value.
    The emulator uses those of the library: the declared order, and the end.
    """
    if wire == "id":
        return "id"
    fields = {} if meta is None else {declared.wire: declared for declared in meta.fields.values()}
    choices = ranks(fields[wire]) if wire in fields else ()
    if choices:
        cases = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(choices))
        return f"CASE {json_value(wire)} {cases} ELSE {len(choices)} END"
    value = find_expression(meta, wire) or json_value(wire)
    # Greater than every other text, and than every number, which SQLite sorts before texts.
    return f"ifnull({value}, char({sys.maxunicode}))"


def select_page(
    context: Context,
    request: Request,
    target: Target,
    where: Where,
    order: SortOrder | None = None,
) -> ListPage:
    """Return the requested page of the rows that match a condition.

    Args:
        context: the account.
        request: the request.
        target: the endpoint, with its styles of pagination.
        where: the condition.
        order: the order; by default that of the parameters, or of the endpoint.

    Raises:
        HTTPError: 400, if a parameter is invalid or the offset is too large.
    """
    endpoints = {endpoint.paging.name: endpoint for endpoint in target.endpoints}
    forced = "" if context.switches.paging == "as_requested" else context.switches.paging
    has_cursor = any(name.startswith("page[") for name in request.params)
    if forced and "sort_by" in request.params:
        # A link of the emulator with a cursor, to a list that was requested by page number.
        has_cursor = False
    has_number = not has_cursor and not NUMBERED.isdisjoint(request.params)
    by_cursor = CURSOR.name in endpoints and (
        has_cursor or (OFFSET.name not in endpoints and not has_number)
    )
    endpoint = endpoints.get(CURSOR.name if by_cursor else OFFSET.name)
    if order is None:
        order = _parse_order(request, target, endpoint, by_cursor=by_cursor, has_number=has_number)
    style = forced or (OFFSET.name if has_number else endpoint.paging.name if endpoint else "")
    if style == CURSOR.name:
        return _select_by_cursor(context, request, target, order, where)
    if style == OFFSET.name:
        return _select_by_offset(context, request, target, order, where)
    rows = context.store.select_texts(target.meta.label, where, order.sql())
    metadata = {"next_page": None, "previous_page": None, "count": len(rows)}
    return ListPage([row[0] for row in rows], metadata)


def _select_by_cursor(
    context: Context, request: Request, target: Target, order: SortOrder, where: Where
) -> ListPage:
    size = parse_count(request, "page[size]", 100, limit=_max_page_size(target.endpoint))
    after, before = request.params.get("page[after]"), request.params.get("page[before]")
    if after and before:
        raise invalid_paging("page[after] and page[before] cannot both be given")
    backwards = bool(before)
    if after or (before and before != _LAST_PAGE):
        value, pk = decode_cursor(after or before or "", order)
        where &= order.where_beyond(value, pk, backwards=backwards)
    rows = context.store.select_texts(
        target.meta.label,
        where,
        order.sql(backwards=backwards),
        limit=size + 1,
        extra=order.expression,
    )
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    metadata = _build_cursor_links(request, order, rows, has_more=has_more)
    return ListPage([row[0] for row in rows], metadata)


def _build_cursor_links(
    request: Request, order: SortOrder, rows: list[tuple[Any, ...]], *, has_more: bool
) -> dict[str, Any]:
    """Return `meta` and `links`. The last page has a link to the next one, too, as recorded."""
    if not rows:
        metadata = end_of_list()
        if is_help_center(request):
            metadata["links"] = _help_center_links(request)
        return metadata
    first, last = (encode_cursor(order, row[2], row[1]) for row in (rows[0], rows[-1]))
    links: dict[str, Any] = {
        "prev": build_link(request, {"page[before]": first}),
        "next": build_link(request, {"page[after]": last}),
    }
    if is_help_center(request):
        is_first = "page[after]" not in request.params and "page[before]" not in request.params
        if is_first:
            del links["prev"]
        if not has_more:
            del links["next"]
        links |= _help_center_links(request)
    return {
        "meta": {"has_more": has_more, "after_cursor": last, "before_cursor": first},
        "links": links,
    }


def end_of_list() -> dict[str, Any]:
    """Return `meta` and `links` of a list that has no other page."""
    meta = {"has_more": False, "after_cursor": None, "before_cursor": None}
    return {"meta": meta, "links": {"prev": None, "next": None}}


def is_help_center(request: Request) -> bool:
    """Return True for lists of the Help Center, whose pages differ from those of Support."""
    return request.path.startswith(("community/", "help_center/"))


def _help_center_links(request: Request) -> dict[str, Any]:
    """Return the links of every page of the Help Center, as recorded for categories."""
    return {
        "first": build_link(request, {}),
        "last": build_link(request, {"page[before]": _LAST_PAGE}),
    }


def _select_by_offset(
    context: Context, request: Request, target: Target, order: SortOrder, where: Where
) -> ListPage:
    number = parse_count(request, "page", 1)
    size = parse_count(request, "per_page", default_page_size(request), limit=100)
    offset = (number - 1) * size
    if offset + size > OFFSET_WALL:
        raise offset_too_deep()
    label = target.meta.label
    rows = context.store.select_texts(label, where, order.sql(), limit=size, offset=offset)
    count = context.store.count(label, where)
    return ListPage([row[0] for row in rows], build_offset_links(request, number, size, count))


def build_offset_links(request: Request, number: int, size: int, count: int) -> dict[str, Any]:
    """Return the links to the next and the previous page, and the number of rows.

    Args:
        request: the request.
        number: the number of the page, from 1 on.
        size: the number of rows of a page.
        count: the number of rows of the list.
    """
    has_more = number * size < count
    metadata = {
        "next_page": build_link(request, {"page": str(number + 1)}) if has_more else None,
        "previous_page": build_link(request, {"page": str(number - 1)}) if number > 1 else None,
        "count": count,
    }
    if is_help_center(request):
        # Recorded for categories and topics.
        metadata |= {"page": number, "per_page": size, "page_count": -(-count // size)}
    if request.path.endswith("/categories"):
        # Recorded for categories alone.
        order = {"sort_by": "position", "sort_order": "asc"}
        metadata |= {name: request.params.get(name, value) for name, value in order.items()}
    return metadata


def end_after_first_page(request: Request, key: str, response: Response) -> Response:
    """Return a response without rows if it is a whole list and a later page is requested.

    A response that counts more rows than it contains is a page. Zendesk documents no response
    for this case; clients that increment the page number have to reach an end.
    """
    # A copy is read, so that `page` counts as ignored where it has no effect.
    if request.method != "GET" or dict(request.params.items()).get("page", "1") == "1":
        return response
    # The page on which a user authorizes a client is HTML.
    body = json.loads(response.text) if response.text.startswith("{") else {}
    if body.get("previous_page"):
        return response
    rows, count = body.get(key), body.get("count")
    if not isinstance(rows, list) or (isinstance(count, int) and count > len(rows)):
        return response
    number = request.params.get("page", "1")
    if not is_number(number) or int(number) < 2:
        return response
    return evolve(response, text=dump_json({**body, key: []}))


def default_page_size(request: Request) -> int:
    """Return the default size of a page: 30 in the Help Center, otherwise 100, as recorded.

    Topics of the community have 100.
    """
    return 30 if request.path.startswith("help_center/") else 100


def build_link(request: Request, changes: Mapping[str, str]) -> str:
    """Return the link to another page, with the other parameters of the request."""
    others = {
        name: value
        for name, value in request.params.items(multi=True)
        if name not in ("page[after]", "page[before]")
    }
    query = urlencode(sorted({**others, **changes}.items()))
    return f"{request.host}/api/v2/{request.path}.json?{query}"


def parse_count(request: Request, name: str, default: int, limit: int | None = None) -> int:
    """Return a parameter that is a positive number, or the limit if it is larger.

    Raises:
        HTTPError: 400, if it is not a positive number.
    """
    text = request.params.get(name)
    if text is None:
        return default
    if not is_number(text) or not int(text):
        raise invalid_attribute(name, f"{name} must be an integer")
    return int(text) if limit is None else min(int(text), limit)


def parse_number(request: Request, name: str, default: int = 0) -> int:
    """Return a parameter that is zero or a positive number.

    Raises:
        HTTPError: 400, if it is not.
    """
    text = request.params.get(name) or str(default)
    if not is_number(text):
        raise invalid_attribute(name, f"{name} must be an integer")
    return int(text)


def encode_cursor(order: SortOrder, value: Any, pk: Any) -> str:
    """Return the cursor of a row. Only `decode_cursor` reads it."""
    name = f"-{order.wire}" if order.descending else order.wire
    return base64.b64encode(dump_json({"o": name, "v": [value, pk]}).encode()).decode()


def decode_cursor(cursor: str, order: SortOrder) -> tuple[Any, Any]:
    """Return the value and the id of the row of a cursor.

    Raises:
        HTTPError: 400, if the cursor is invalid or belongs to another order.
    """
    try:
        data = json.loads(base64.b64decode(cursor, validate=True))
        cursor_order, (value, pk) = SortOrder.parse(str(data["o"])), data["v"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid_paging("page[after] is not valid") from None
    if cursor_order != order:
        raise invalid_paging("the cursor belongs to another sort")
    return value, pk


def _parse_order(
    request: Request,
    target: Target,
    endpoint: Endpoint | None,
    *,
    by_cursor: bool,
    has_number: bool,
) -> SortOrder:
    """Return the order of a page. The endpoint is None if a list has not the requested style."""
    if endpoint is None and not has_number:
        return SortOrder.parse(target.endpoint.default_order or "id", target.meta)
    if endpoint is not None and by_cursor:
        return _parse_cursor_order(request, target, endpoint)
    return _parse_offset_order(request, target, endpoint or target.endpoint)


def _parse_cursor_order(request: Request, target: Target, endpoint: Endpoint) -> SortOrder:
    sort = request.params.get("sort")
    if not sort:
        return SortOrder.parse(endpoint.default_order or "id", target.meta)
    if sort.lstrip("-") not in endpoint.orders.values():
        raise invalid_paging("sort is not valid")
    return SortOrder.parse(sort, target.meta)


def _parse_offset_order(request: Request, target: Target, endpoint: Endpoint) -> SortOrder:
    sort, direction = request.params.get("sort_by"), request.params.get("sort_order", "asc")
    if not sort:
        natural = SortOrder.parse(endpoint.default_order or "id", target.meta)
        if "sort_order" not in request.params:
            return natural
        return evolve(natural, descending=direction == "desc")
    wires = {declared.wire for declared in target.meta.fields.values()}
    if sort not in wires and find_expression(target.meta, sort) is None:
        raise invalid_attribute("sort_by", f"sort_by {sort} is not a sortable attribute")
    return SortOrder(sort, direction == "desc", target.meta)


def _max_page_size(endpoint: Endpoint) -> int:
    return EXPORT.largest if endpoint.paging.largest > 100 else CURSOR.largest
