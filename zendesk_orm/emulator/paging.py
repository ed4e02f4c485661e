"""A page of a list: by cursor, or by offset.

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
from zendesk_orm.emulator.refusals import invalid_attribute, invalid_paging, too_deep
from zendesk_orm.emulator.store import Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, is_number
from zendesk_orm.query.ordering import ranks
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Ticket


#: Fields of tickets whose values have an order that is not that of the alphabet.
RANKED: Mapping[str, tuple[str, ...]] = {
    name: ranks(Ticket._meta.fields[name]) for name in ("status", "priority", "type")
}


#: The cursor of the last page of a list of the Help Center, as recorded.
_LAST_PAGE = base64.b64encode(b"last_page").decode()


@frozen
class Page:
    """Rows as text, and what the envelope says of the rest."""

    texts: list[str]
    about: dict[str, Any]


@frozen
class Order:
    """An order of rows; equal ones go by id.

    Attributes:
        wire: the field.
        descending: whether the largest comes first.
        meta: the model whose declaration ranks choices.
    """

    wire: str = "id"
    descending: bool = False
    meta: Options | None = field(default=None, eq=False)

    @classmethod
    def read(cls, text: str, meta: Options | None = None) -> Order:
        """Return the order of `id` or `-id`."""
        return cls(text.lstrip("-"), text.startswith("-"), meta)

    @property
    def value(self) -> str:
        """The SQL of what is compared."""
        return ordered(self.wire, self.meta)

    def sql(self, *, backwards: bool = False) -> str:
        """Return it for ORDER BY."""
        way = "DESC" if self.descending != backwards else "ASC"
        return f"id {way}" if self.wire == "id" else f"{self.value} {way}, id {way}"

    def beyond(self, value: Any, pk: Any, *, backwards: bool) -> Where:
        """Return what holds for the rows after (or before) the one with that value and id."""
        sign = "<" if self.descending != backwards else ">"
        if self.wire == "id":
            return Where(f"id {sign} ?", (pk,))
        sql = f"{self.value} {sign} ? OR ({self.value} = ? AND id {sign} ?)"
        return Where(sql, (value, value, pk))


def ordered(wire: str, meta: Options | None) -> str:
    """Return the SQL of what a field is ordered by, as `query.ordering` orders it.

    Zendesk documents neither the rank of choices nor the place of rows without a value, so
    that both are those of the library: the declared rank, and last.
    """
    if wire == "id":
        return "id"
    fields = {} if meta is None else {each.wire: each for each in meta.fields.values()}
    choices = ranks(fields[wire]) if wire in fields else ()
    if choices:
        cases = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(choices))
        return f"CASE {value_of(wire)} {cases} ELSE {len(choices)} END"
    # Beyond every text, and every number, which SQLite sorts before texts.
    return f"ifnull({value_of(wire)}, char({sys.maxunicode}))"


def page(world: World, call: Call, target: Target, where: Where) -> Page:
    """Return the page of a list that the call asks for.

    Raises:
        Refusal: its parameters are none, or reach too far.
    """
    styles = {endpoint.paging.name: endpoint for endpoint in target.endpoints}
    forced = "" if world.switches.paging == "as_requested" else world.switches.paging
    walked = any(name.startswith("page[") for name in call.params)
    if forced and "sort_by" in call.params:
        # A cursor in a link of the emulator's own, of a list that was requested by number.
        walked = False
    numbered_ = not walked and ("page" in call.params or "per_page" in call.params)
    by_cursor = CURSOR.name in styles and (walked or (OFFSET.name not in styles and not numbered_))
    endpoint = styles.get(CURSOR.name if by_cursor else OFFSET.name)
    if endpoint is None:
        order = Order.read(target.endpoint.natural or "id", target.meta)
    elif by_cursor:
        order = _asked_order(call, target, endpoint)
    else:
        order = _offset_order(call, target, endpoint)
    style = forced or (OFFSET.name if numbered_ else endpoint.paging.name if endpoint else "")
    if style == CURSOR.name:
        return _by_cursor(world, call, target, order, where)
    if style == OFFSET.name:
        return _by_offset(world, call, target, order, where)
    found = world.store.texts(target.meta.label, where, order.sql())
    about = {"next_page": None, "previous_page": None, "count": len(found)}
    return Page([row[0] for row in found], about)


def _by_cursor(world: World, call: Call, target: Target, order: Order, where: Where) -> Page:
    size = whole_number(call, "page[size]", 100, most=_largest(target.endpoint))
    after, before = call.params.get("page[after]"), call.params.get("page[before]")
    if after and before:
        raise invalid_paging("page[after] and page[before] cannot both be given")
    backwards = bool(before)
    if after or (before and before != _LAST_PAGE):
        value, pk = decoded(after or before or "", order)
        where &= order.beyond(value, pk, backwards=backwards)
    found = world.store.texts(
        target.meta.label,
        where,
        order.sql(backwards=backwards),
        most=size + 1,
        also=order.value,
    )
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    return Page([row[0] for row in found], _cursors(call, order, found, more=more))


def _cursors(
    call: Call, order: Order, found: list[tuple[Any, ...]], *, more: bool
) -> dict[str, Any]:
    """Return `meta` and `links`; the links stay when there is nothing more, as recorded."""
    if not found:
        links = _guide_links(call) if is_guide(call) else {"prev": None, "next": None}
        meta = {"has_more": False, "after_cursor": None, "before_cursor": None}
        return {"meta": meta, "links": links}
    first, last = (encoded(order, row[2], row[1]) for row in (found[0], found[-1]))
    links = {
        "prev": link(call, {"page[before]": first}),
        "next": link(call, {"page[after]": last}),
    }
    if is_guide(call):
        on_first = "page[after]" not in call.params and "page[before]" not in call.params
        absent = {"prev"} if on_first else set()
        absent |= set() if more else {"next"}
        links = {key: each for key, each in links.items() if key not in absent}
        links |= _guide_links(call)
    return {
        "meta": {"has_more": more, "after_cursor": last, "before_cursor": first},
        "links": links,
    }


def is_guide(call: Call) -> bool:
    """Return whether a list is one of the Help Center, whose pages differ from Support's."""
    return call.path.startswith(("community/", "help_center/"))


def _guide_links(call: Call) -> dict[str, str]:
    """Return the links that each page of the Help Center has, as recorded for categories."""
    return {"first": link(call, {}), "last": link(call, {"page[before]": _LAST_PAGE})}


def _by_offset(world: World, call: Call, target: Target, order: Order, where: Where) -> Page:
    number = whole_number(call, "page", 1)
    size = whole_number(call, "per_page", page_size(call), most=100)
    skip = (number - 1) * size
    if skip + size > OFFSET_WALL:
        raise too_deep()
    label = target.meta.label
    found = world.store.texts(label, where, order.sql(), most=size, skip=skip)
    count = world.store.count(label, where)
    return Page([row[0] for row in found], numbered(call, number, size, count))


def numbered(call: Call, number: int, size: int, count: int) -> dict[str, Any]:
    """Return the links to the pages beside a numbered one, and the count."""
    more = number * size < count
    about = {
        "next_page": link(call, {"page": str(number + 1)}) if more else None,
        "previous_page": link(call, {"page": str(number - 1)}) if number > 1 else None,
        "count": count,
    }
    if is_guide(call):
        # Recorded for categories and topics.
        about |= {"page": number, "per_page": size, "page_count": -(-count // size)}
    return about


def end_after_first_page(call: Call, key: str, answer: Answer) -> Answer:
    """Return the answer without rows if it is the whole list, and a later page is requested.

    An answer that counts more rows than it contains is a page. The answer of Zendesk is
    undocumented; clients that count pages must come to an end.
    """
    number_ = call.params.get("page", "1")
    if call.method != "GET" or not is_number(number_) or int(number_) < 2:
        return answer
    body = json.loads(answer.text) if answer.text else None
    if not isinstance(body, dict) or body.get("previous_page"):
        return answer
    rows, count = body.get(key), body.get("count")
    if not isinstance(rows, list) or (isinstance(count, int) and count > len(rows)):
        return answer
    return evolve(answer, text=dumped({**body, key: []}))


def page_size(call: Call) -> int:
    """Return the rows of a numbered page by default: 30 as recorded for categories, else 100."""
    return 30 if call.path.startswith("help_center/") else 100


def link(call: Call, changed: Mapping[str, str]) -> str:
    """Return the link to another page of the same list."""
    kept = {
        name: value
        for name, value in call.params.items(multi=True)
        if name not in ("page[after]", "page[before]")
    }
    query = urlencode(sorted({**kept, **changed}.items()))
    return f"{call.host}/api/v2/{call.path}.json?{query}"


def whole_number(call: Call, name: str, default: int, most: int | None = None) -> int:
    """Return a parameter that counts something, at most `most`.

    Raises:
        Refusal: it is no positive number.
    """
    text = call.params.get(name)
    if text is None:
        return default
    if not is_number(text) or not int(text):
        raise invalid_attribute(name, f"{name} must be an integer")
    return int(text) if most is None else min(int(text), most)


def number(call: Call, name: str, default: int = 0) -> int:
    """Return a parameter that is a number from 0 on.

    Raises:
        Refusal: it is not a number.
    """
    text = call.params.get(name) or str(default)
    if not is_number(text):
        raise invalid_attribute(name, f"{name} must be an integer")
    return int(text)


def encoded(order: Order, value: Any, pk: Any) -> str:
    """Return the cursor that stands at a row; only the emulator reads it again."""
    named = f"-{order.wire}" if order.descending else order.wire
    return base64.b64encode(dumped({"o": named, "v": [value, pk]}).encode()).decode()


def decoded(cursor: str, order: Order) -> tuple[Any, Any]:
    """Return value and id of the row that a cursor stands at.

    Raises:
        Refusal: it is no cursor, or one of another order.
    """
    try:
        data = json.loads(base64.b64decode(cursor, validate=True))
        asked, (value, pk) = Order.read(str(data["o"])), data["v"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise invalid_paging("page[after] is not valid") from None
    if asked != order:
        raise invalid_paging("the cursor belongs to another sort")
    return value, pk


def _asked_order(call: Call, target: Target, endpoint: Endpoint) -> Order:
    sort = call.params.get("sort")
    if not sort:
        return Order.read(endpoint.natural or "id", target.meta)
    if sort.lstrip("-") not in endpoint.orders.values():
        raise invalid_paging("sort is not valid")
    return Order.read(sort, target.meta)


def _offset_order(call: Call, target: Target, endpoint: Endpoint) -> Order:
    sort, way = call.params.get("sort_by"), call.params.get("sort_order", "asc")
    natural = Order.read(endpoint.natural or "id", target.meta)
    if not sort:
        return (
            natural
            if "sort_order" not in call.params
            else evolve(natural, descending=way == "desc")
        )
    if sort not in {each.wire for each in target.meta.fields.values()}:
        raise invalid_attribute("sort_by", f"sort_by {sort} is not a sortable attribute")
    return Order(sort, way == "desc", target.meta)


def _largest(endpoint: Endpoint) -> int:
    return EXPORT.largest if endpoint.paging.largest > 100 else CURSOR.largest
