"""`Plan`: the endpoint chosen for a query, and the requests that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET, Params
from zendesk_orm.http.request import Request
from zendesk_orm.query.predicate import conditions, of_terms
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import search_text
from zendesk_orm.schema.fields import Ref


#: Ids that one show_many takes.
CHUNK = 100
#: Rows assumed of a query without an end, to compare costs.
ASSUMED = 10_000

#: Pages that offsets reach.
PAGES = 100


@frozen
class Plan:
    """One endpoint, and how it is asked.

    Attributes:
        query: what was asked.
        endpoint: the endpoint that answers.
        local: True when rows are filtered, ordered and sliced here, because
            Zendesk cannot and the rows are few.
        includes: side-loads to ask for.
        prefetched: relations that are fetched by show_many, page by page,
            because the endpoint does not side-load them.
    """

    query: Query
    endpoint: Endpoint
    local: bool = False
    includes: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name for people: `list (cursor)`."""
        return self.endpoint.title

    @property
    def size(self) -> int:
        """Rows a page."""
        return _page(self)[0]

    @property
    def skip(self) -> int:
        """Rows to drop before the window, from the first page that is fetched on."""
        size, number = _page(self)
        if self.local:
            return 0
        return self.query.start if self.loose else self.query.start - (number - 1) * size

    @property
    def loose(self) -> bool:
        """Whether the rows hold more than was asked, and are counted off here."""
        asked = {condition.name for condition in conditions(self.query.where)}
        return not self.endpoint.loose.isdisjoint(asked)

    @property
    def requests(self) -> int:
        """How many requests it takes; for a result of unknown length, of 10,000 rows."""
        query, size = self.query, self.size
        if self.endpoint.verb is Verb.SHOW_MANY:
            pages = -(-len(query.ids or ()) // CHUNK)
        elif self.endpoint.verb is Verb.SHOW or self.endpoint.small or not size:
            pages = 1
        else:
            stop = query.start + ASSUMED if query.stop is None else query.stop
            first = query.start // size if self._numbered and not self.loose else 0
            pages = max(1, -(-stop // size) - first)
        return pages * (1 + len(self.prefetched))

    @property
    def _numbered(self) -> bool:
        return self.endpoint.paging is OFFSET

    def first(self) -> Iterator[Request]:
        """Yield the requests that are known before any answer is: one, or one for each chunk."""
        if self.endpoint.verb is Verb.SHOW_MANY:
            ids = self.query.ids or ()
            for start in range(0, len(ids), CHUNK):
                yield self.request((("ids", _joined(ids[start : start + CHUNK])),))
        else:
            size, number = _page(self)
            yield self.request(self.endpoint.paging.sized(size, number) if size else ())

    def request(self, params: Params = ()) -> Request:
        """Return the request for the given page."""
        return Request("GET", self.path, (*self._asked(), *params))

    @property
    def path(self) -> str:
        """The path with its placeholders filled."""
        return f"/api/v2/{filled(self.endpoint, self.query)}"

    @property
    def given(self) -> dict[str, Any]:
        """What the path says of every row, by wire name, and no row says itself."""
        parent = self.query.meta.parent
        if not parent or parent not in self.endpoint.placeholders:
            return {}
        return {self.query.meta.relations[parent].id.wire: self.query.fixed[parent]}

    def _asked(self) -> Params:
        """Return the parameters that are the same on every page."""
        endpoint, query = self.endpoint, self.query
        params: Params = ()
        if endpoint.type:
            params += (("query", text(endpoint, query)),)
            if endpoint.verb is Verb.SEARCH_EXPORT:
                params += (("filter[type]", endpoint.type),)
        elif endpoint.verb in (Verb.LIST, Verb.COUNT) and not self.local:
            named = query.fixed
            for name, parameter in endpoint.takes.items():
                if name in named:
                    params += ((parameter, _worded(named[name])),)
        params += self._order()
        if self.includes:
            joined = ",".join(self.includes)
            wrapped = f"{query.meta.plural}({joined})" if endpoint.type else joined
            params += (("include", wrapped),)
        return params

    def _order(self) -> Params:
        endpoint = self.endpoint
        order = self.query.order
        if endpoint.verb is Verb.SEARCH and not order and endpoint.natural:
            order = (endpoint.natural,)
        if self.local or not order or (order == (endpoint.natural,) and not endpoint.type):
            return ()
        wire = endpoint.orders.get(order[0].lstrip("-"))
        return endpoint.paging.sorted(wire, descending=order[0].startswith("-")) if wire else ()


@frozen
class Union:
    """Several plans whose rows are put together, each row once.

    Attributes:
        query: what was asked.
        plans: one for each alternative; none when no row can match.
    """

    query: Query
    plans: tuple[Plan, ...]

    @property
    def title(self) -> str:
        """Its name for people: `2 queries`."""
        return f"{len(self.plans)} queries"

    @property
    def requests(self) -> int:
        """How many requests all of them take."""
        return sum(each.requests for each in self.plans)

    def first(self) -> Iterator[Request]:
        """Yield the requests of all of them that are known before any answer is."""
        for each in self.plans:
            yield from each.first()

    @property
    def order(self) -> str | None:
        """The one order that all of them give, or None."""
        orders = {
            each.query.order[0] if each.query.order else each.endpoint.natural
            for each in self.plans
        }
        return orders.pop() if len(orders) == 1 else None


def filled(endpoint: Endpoint, query: Query) -> str:
    """Return the endpoint's path with the query's values in its placeholders."""
    named = query.fixed
    if endpoint.verb is Verb.SHOW and query.ids:
        named["id"] = query.ids[0]
    path = endpoint.path
    for name in endpoint.placeholders:
        path = path.replace(f"{{{name}}}", quote(str(named[name]), safe=""))
    return path


def text(endpoint: Endpoint, query: Query) -> str:
    """Return the search text of the query.

    Raises:
        Inexpressible: search has no words for it.
    """
    # The export names the type in a parameter; a type in its query is an error.
    named = None if endpoint.verb is Verb.SEARCH_EXPORT else endpoint.type
    where = query.where if query.terms is None else of_terms(query.terms)
    return search_text(where, query.meta, endpoint.takes, named, endpoint.loose)


def relation_plural(query: Query, name: str) -> str:
    """Return what the side-load of a relation is called: `users`."""
    relation: Ref[Any] = query.meta.relations[name]
    return relation.model._meta.plural


def _page(plan: Plan) -> tuple[int, int]:
    """Return the page size, and the number of the page to begin with.

    Numbered pages are cut so that the window lies in the fewest pages, and in
    the smallest of these; walked pages begin at the first.
    """
    query, paging = plan.query, plan.endpoint.paging
    largest = paging.largest if paging.size else 0
    if plan.local or plan.loose or not largest:
        return min(largest, query.page_size or largest), 1
    if query.page_size is not None:
        size = min(query.page_size, largest)
        return size, query.start // size + 1 if plan._numbered else 1
    if query.stop is None or not plan._numbered:
        size = largest if query.stop is None else max(1, min(largest, query.stop))
        return size, query.start // size + 1 if plan._numbered else 1
    start, stop = query.start, max(query.stop, query.start + 1)
    size = min(
        range(-(-stop // PAGES), largest + 1),
        key=lambda each: (_spanned(start, stop, each), _spanned(start, stop, each) * each),
    )
    return size, start // size + 1


def _spanned(start: int, stop: int, size: int) -> int:
    return -(-stop // size) - start // size


def _joined(ids: tuple[Any, ...]) -> str:
    return ",".join(str(each) for each in ids)


def _worded(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
