"""Positions in a result, and the resume tokens that carry them to another process.

A token contains the cursor of the page that was being read, and the ids of the rows of that page
that were yielded. Where pages have no lasting cursor, it contains the ids of all yielded rows, and
reading begins again. It contains no address, no credentials and no text of the query: the request
is built from the query that the token is passed to, and must be the same one.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.hosts import split
from zendesk_orm.http.request import Request
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.packing import digest, pack_text, unpack_text
from zendesk_orm.query.query import Query
from zendesk_orm.schema.row import Row
from zendesk_orm.session.lists.moving_rows import row_identity
from zendesk_orm.session.lists.row_limits import Edge, Part
from zendesk_orm.session.lists.versions import version_numbers


#: The latest time that relative times can refer to: the year 3000.
_LAST_MOMENT = 32_503_680_000
_PREFIX = "zr1."
#: The number above all packed numbers.
_LARGEST = 2**63
#: The parameters that may differ between a page and the first one.
_OF_PAGES = frozenset(
    {
        *("page[after]", "page[before]", "page[size]", "after_cursor", "cursor"),
        *("page", "per_page", "limit", "start_time", "since_id"),
    }
)
#: The parameter of related objects, which may differ, too.
_INCLUDE = "include"
_INVALID = "resume() needs the text of error.resume or iterator.resume_token"
OTHER_QUERY = (
    "the resume token belongs to another query, model, account or user, or Zendesk would be asked "
    "in another way now; call resume() last, on the same query, or read it from the beginning "
    "(exists(), first(), slices and contains() of resumed rows are other queries: use bool() or "
    "next(iter(rows), None))"
)


@frozen
class Position:
    """The place in a list at which a page begins.

    Attributes:
        part: the part of the list.
        request: the request for the page.
        read: the number of rows of the list before it.
        last: the position after the row before it, from which reading can continue without its
            cursor; None if that is impossible.
        received: when a cursor that expires was received, in seconds since the epoch; or 0.
        skip: rows that are skipped before the window begins.
        rows: rows of the window that were not yielded before; None if it has no end.
    """

    part: Part
    request: Request
    read: int
    last: Edge | None = None
    received: float = 0.0
    skip: int = 0
    rows: int | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether another process can begin to read here without missing or repeating a row.

        Own writes that the index lacks (`force_count`) were merged between the rows before it.
        """
        plan = self.part.plan
        is_cursor_list = plan.endpoint.verb is Verb.LIST and plan.endpoint.paging.cursor
        in_order = bool(is_cursor_list or (plan.order and plan.endpoint.paging.size))
        moves = plan.can_move or plan.sorts_rows or plan.has_page_numbers
        return in_order and not (moves or plan.force_count)


@frozen
class ResumeToken:
    """The content of a token.

    Attributes:
        query: the digest of the query.
        moment: the time that relative times of the query refer to, or None.
        ids: the identities of yielded rows that would be read again.
        place: the parts of a `Position`, or None to read from the beginning.
    """

    query: str
    moment: float | None = None
    ids: frozenset[Any] = frozenset()
    place: Mapping[str, Any] | None = field(default=None, eq=False)

    def encode(self) -> str:
        """Return the token as text: letters, digits and `.-_`."""
        numbers = sorted(pk for pk in self.ids if type(pk) is int and 0 <= pk < _LARGEST)
        others = sorted(self.ids.difference(numbers), key=str)
        content = {"q": self.query, "t": self.moment, "i": others, "p": self.place}
        return pack_text(_PREFIX, content, numbers)


def decode_token(text: Any) -> ResumeToken:
    """Return the content of a token.

    Raises:
        InvalidValue: it is not the text of a token.
    """
    content, numbers = unpack_text(_PREFIX, text)
    if content is None:
        raise InvalidValue(_INVALID)
    if not _is_content(content):
        raise InvalidValue(f"{_INVALID}, complete and unchanged")
    ids = frozenset([*content["i"], *numbers])
    return ResumeToken(content["q"], content["t"], ids, content["p"])


def _is_content(content: Any) -> bool:
    """Return whether a value has the form of the content of a token."""
    if not isinstance(content, dict) or content.keys() != {"q", "t", "i", "p"}:
        return False
    ids, place, moment = content["i"], content["p"], content["t"]
    return (
        isinstance(content["q"], str)
        and (moment is None or (type(moment) is float and 0 <= moment <= _LAST_MOMENT))
        and isinstance(ids, list)
        and set(map(type, ids)) <= {int, str}
        and (place is None or _is_place(place))
    )


def _is_place(place: Any) -> bool:
    """Return whether a value has the form of the parts of a position."""
    if not isinstance(place, dict) or place.keys() != {*_NUMBERS, "plan", "params", *_EDGES}:
        return False
    params, moments = place["params"], place["moments"]
    return (
        all(type(place[name]) in types for name, types in _NUMBERS.items())
        and isinstance(place["plan"], str)
        and isinstance(params, list)
        and all(map(_is_parameter, params))
        and isinstance(moments, list)
        and all(isinstance(moment, str) for moment in moments)
        and all(place[name] is None or _is_edge(place[name]) for name in ("edge", "last"))
    )


def _is_parameter(pair: Any) -> bool:
    """Return whether a value is a parameter of a page, or the name of one of the query."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
        return False
    return pair[1] is None or (isinstance(pair[1], str) and pair[0] in _OF_PAGES)


def _is_edge(edge: Any) -> bool:
    return (
        isinstance(edge, list)
        and len(edge) == 2
        and isinstance(edge[0], str)
        and isinstance(edge[1], list)
        and set(map(type, edge[1])) <= {int, str}
    )


_NUMBERS: Mapping[str, Any] = {
    "read": (int,),
    "received": (float,),
    "skip": (int,),
    "rows": (int, type(None)),
}
_EDGES = ("moments", "edge", "last")


# -- queries and rows ------------------------------------------------------------


def _number(value: Any) -> int:
    """Return a number of 60 bits that identifies a value."""
    return int(digest(value)[:15], 16)


def query_digest(query: Query, *account: Hashable) -> str:
    """Return the digest of a query: its rows and their order, and the account.

    How the rows are read and returned (page size, relations, values) makes no difference.
    """
    meta = query.meta
    plain = evolve(query, projection=None).to_text(None)
    scan = (query.scan, query.scan_limit, query.nothing)
    return digest(meta.app_label, plain, *query.id_order, *scan, *account)


def row_ids(query: Query, rows: Iterable[Row]) -> list[Any]:
    """Return the identities of rows in tokens: ids, or digests of other values.

    Exports return each version of a row, so that its timestamp is a part of its identity.
    """
    meta = query.meta
    if query.is_export:
        return version_numbers(meta, rows)
    if not meta.unique_ids:
        return [_number(json.dumps(row, sort_keys=True, default=str)) for row in rows]
    if meta.discriminator or meta.parent_keys:
        return [_number(row_identity(meta, row)) for row in rows]
    return [row["id"] for row in rows]


# -- places ----------------------------------------------------------------------


def to_place(position: Position, yielded: int) -> Mapping[str, Any] | None:
    """Return the parts of a position, or None if the request cannot be built from the query.

    Args:
        position: the position.
        yielded: rows of the window that were yielded since, and are not counted again.
    """
    part, request = position.part, position.request
    address = split(request.path)
    planned = next(part.plan.first())
    path = address.path.removesuffix(".json")
    if not path.endswith(planned.path.removesuffix(".json")):
        return None
    first = dict(planned.params)
    params: list[list[str | None]] = []
    for name, value in (*parse_qsl(address.query, keep_blank_values=True), *request.params):
        if name in _OF_PAGES:
            params.append([name, value])
        elif name in first:
            if name != _INCLUDE:
                params.append([name, None])
        else:
            return None
    return {
        "plan": plan_digest(part.plan),
        "params": params,
        "read": position.read,
        "received": float(position.received),
        "skip": position.skip,
        "rows": None if position.rows is None else max(0, position.rows - yielded),
        "moments": list(part.moments),
        "edge": _to_list(part.edge),
        "last": _to_list(position.last),
    }


def _to_list(edge: Edge | None) -> list[Any] | None:
    return None if edge is None else [edge.moment, sorted(edge.ids, key=str)]


def _to_edge(value: Any) -> Edge | None:
    return None if value is None else Edge(value[0], frozenset(value[1]))


def plan_digest(plan: Plan) -> str:
    """Return the digest of the requests of a plan, without the parameters of single pages."""
    request = next(plan.first())
    params = [pair for pair in request.params if pair[0] not in (*_OF_PAGES, _INCLUDE)]
    return digest(request.method, request.path, params, request.json, plan.residual, plan.order)


def to_position(place: Mapping[str, Any], plan: Plan) -> Position:
    """Return the position in the list of a plan.

    Raises:
        InvalidValue: the parts belong to the list of another plan.
    """
    part = Part(plan)
    try:
        for moment in place["moments"]:
            part = part.after(Edge(moment, frozenset()))
    except ValueError:
        raise InvalidValue(OTHER_QUERY) from None
    if place["plan"] != plan_digest(part.plan):
        raise InvalidValue(OTHER_QUERY)
    planned = next(part.plan.first())
    first = dict(planned.params)
    params = tuple(
        (name, first.get(name, "") if value is None else value) for name, value in place["params"]
    )
    params += tuple(pair for pair in planned.params if pair[0] == _INCLUDE)
    return Position(
        evolve(part, edge=_to_edge(place["edge"])),
        evolve(planned, params=params),
        place["read"],
        _to_edge(place["last"]),
        place["received"],
        place["skip"],
        place["rows"],
    )


def require_query(token: ResumeToken, digested: str) -> None:
    """Check that a token belongs to a query.

    Raises:
        InvalidValue: it belongs to another query, model, account or user.
    """
    if token.query != digested:
        raise InvalidValue(OTHER_QUERY)
