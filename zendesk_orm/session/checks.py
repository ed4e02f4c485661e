"""Checks of responses with rows: what follows, what was requested, and whether there is an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import Paging
from zendesk_orm.http.hosts import query_of, split
from zendesk_orm.http.request import Request, shown
from zendesk_orm.plan.plan import Plan
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import malformed


#: Exports can have empty pages in the middle; more pages in a row that bring nothing are an error.
MAX_STALE_PAGES = 10


def following(
    request: Request, style: Paging, data: Mapping[str, Any], read: int
) -> Request | None:
    """Return the request for the page after one, or None after the last page.

    Args:
        request: the request for the page.
        style: the style of paging that was requested.
        data: the body of the page.
        read: rows of the list read so far, with those of the page.

    Raises:
        MalformedResponse: rows are missing, and the response does not say where they are.
    """
    found = style.continuation(data, read)
    if not found.more:
        return None
    if found.link is not None:
        return evolve(request, path=found.link, params=())
    if found.params:
        names = {name for name, _ in found.params}
        kept = tuple(each for each in request.params if each[0] not in names)
        return evolve(request, params=(*kept, *found.params))
    raise malformed(
        request, f"there is more than the {read:,} rows read so far, and no link to the rest"
    )


def is_misplaced(plan: Plan, rows: list[Row], data: Mapping[str, Any]) -> bool:
    """Return whether a page, requested by its number, does not hold the rows of that number.

    The server may have pages of another size, or none that have numbers.
    """
    number, size, style = plan.number, plan.size, plan.endpoint.paging
    if not plan.numbered or number == 1:
        return False
    total, link, before = style.count(data), style.link(data), (number - 1) * size
    if total is None or len(rows) != min(size, max(0, total - before)):
        return True
    if link is None:
        return before + len(rows) < total
    return query_of(link).get(style.page) != str(number + 1)


def check_ids(request: Request, rows: list[Row], plan: Plan) -> None:
    """Compare the rows of a request by id with what it asked for.

    A response that belongs to another request would let a change go to another object.

    Raises:
        MalformedResponse: there is a row that was not requested.
    """
    endpoint, query = plan.endpoint, plan.query
    if endpoint.verb is Verb.SHOW:
        name, requested = "id", (query.ids or ())[:1]
    elif endpoint.verb is Verb.SHOW_MANY:
        name, requested = plan.key, query.among(plan.key)
    else:
        return
    field = query.meta.fields.get(name)
    wire = name if field is None else field.wire
    # Zendesk may spell a text in another case than the request.
    known = {str(value).casefold() for value in requested}
    for row in rows:
        value = row.get(wire)
        if value is None and name != "id":
            continue
        if str(value).casefold() not in known:
            raise malformed(
                request, f"there is a row with {wire} {value!r}, which was not requested"
            )


class Progress:
    """Raises if the pages of a list come without end.

    Only a number is kept of each page, so that reading uses constant memory.

    Attributes:
        stale: pages in a row, up to the last one, that are empty or repeat an earlier one.
    """

    def __init__(self) -> None:
        self._requests: set[int] = set()
        self._pages: set[int] = set()
        self.stale = 0

    def knows(self, request: Request) -> bool:
        """Return whether a page was requested before."""
        return _address(request) in self._requests

    def add(self, request: Request, rows: Sequence[Row]) -> None:
        """Remember a page."""
        self._requests.add(_address(request))
        found = hash(tuple(_state(row) for row in rows))
        self.stale = self.stale + 1 if not rows or found in self._pages else 0
        self._pages.add(found)

    def check(self, following: Request) -> None:
        """Check that it makes sense to request another page.

        Raises:
            MalformedResponse: the link leads back, or the pages bring nothing new.
        """
        if self.knows(following):
            raise malformed(following, f"the page {shown(following.path)} came twice")
        if self.stale > MAX_STALE_PAGES:
            raise malformed(
                following,
                f"the list does not end: {self.stale} pages in a row are empty or repeat earlier "
                "ones",
            )


def _address(request: Request) -> int:
    """Return a number for the place of a page, however its URL is spelled."""
    parts = split(request.path)
    query = (*parse_qsl(parts.query), *request.params)
    return hash((parts.path.removesuffix(".json"), tuple(sorted(query))))


def _state(row: Row) -> str:
    pk, changed = row.get("id"), row.get("updated_at")
    return repr(row) if pk is None or changed is None else f"{pk!r} {changed!r}"
