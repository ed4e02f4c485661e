"""`Plan`: the endpoint chosen for a query, and the requests that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import SEARCHES, Endpoint, Verb
from zendesk_orm.api.paging import OFFSET, ONCE, Params
from zendesk_orm.http.request import Request
from zendesk_orm.http.scopes import scopes_for
from zendesk_orm.plan.division import text
from zendesk_orm.plan.parameters import join_values, located, parameter_text
from zendesk_orm.plan.windows import PAGES, first_page
from zendesk_orm.query.json_filter import json_filter
from zendesk_orm.query.ordering import movable
from zendesk_orm.query.predicate import (
    Condition,
    Every,
    Predicate,
    both,
    conditions,
    conjuncts,
)
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.loading import load_datetime


#: For each request, the scopes of which any one suffices.
Needs = tuple[tuple[str, ...], ...]

#: How rows are fetched by their ids, the best way first.
_BY_ID = (Verb.SHOW_MANY, Verb.SHOW, Verb.LIST)
#: Ids that one show_many takes.
CHUNK = 100
#: Rows assumed of a query without an end, to compare costs.
ASSUMED = 10_000

#: Rows of a list by cursor that are read to be sorted here, without `.scan()`.
SORTED_HERE = 10_000
#: Rows of an endless list that are read before the first one, if rows can move in it.
HELD = 1_000


@frozen
class Plan:
    """One endpoint, and how it is asked.

    Attributes:
        query: what was asked.
        endpoint: the endpoint that answers.
        asked: the part of the predicate that it is asked.
        rest: the part that is compared here, row by row.
        sorted: True when all rows are read and ordered here.
        includes: side-loads to ask for.
        recounted: True when rows of the window are counted off here because own
            writes, which the index does not know yet, come in between.
        prefetched: relations that are fetched by show_many, page by page,
            because the endpoint does not side-load them.
    """

    query: Query
    endpoint: Endpoint
    asked: Predicate = Every()
    rest: Predicate = Every()
    sorted: bool = False
    recounted: bool = False
    includes: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name for people: `list (cursor)`."""
        return self.endpoint.title

    @property
    def size(self) -> int:
        """Rows a page."""
        return first_page(self)[0]

    @property
    def skip(self) -> int:
        """Rows to drop before the window, from the first page that is fetched on."""
        size, number = first_page(self)
        return self.query.start if self.counted else self.query.start - (number - 1) * size

    @property
    def local(self) -> bool:
        """Whether rows are filtered or ordered here."""
        return self.sorted or self.rest != Every()

    @property
    def loose(self) -> bool:
        """Whether Zendesk finds more than it is asked for, so that it is compared once more."""
        if self.endpoint.verb is Verb.SHOW_MANY and self.key != "id":
            return True
        asked = (condition.name for condition in conditions(self.asked))
        return any(self.endpoint.matches_by_word(name) for name in asked)

    @property
    def counted(self) -> bool:
        """Whether the rows of the window are counted off here."""
        repeats = self.endpoint.verb is Verb.INCREMENTAL
        return self.local or self.loose or self.recounted or repeats

    @property
    def few(self) -> bool:
        """Whether there are so few rows that reading them all costs next to nothing."""
        return self.endpoint.small or self.endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY)

    @property
    def most(self) -> int | None:
        """How many rows the endpoint gives at most in pages of this size, or None."""
        most = self.endpoint.most
        return most if most is None else min(most, PAGES * (self.size or most))

    @property
    def limit(self) -> int | None:
        """How many rows may be read at most, or None; beyond it nothing is given at all."""
        if not self.local or self.few:
            return None
        walled = self.sorted and not self.query.scan
        limits = [self.query.scan_limit, self._most_sorted if walled else None]
        return min((each for each in limits if each is not None), default=None)

    @property
    def _most_sorted(self) -> int | None:
        """How many rows may be read to be sorted here, without `.scan()`."""
        exports = self.endpoint.verb is Verb.SEARCH_EXPORT
        return self.most or (None if exports else SORTED_HERE)

    @property
    def order(self) -> tuple[str, ...]:
        """The order in which the endpoint gives its rows; () if it is unknown."""
        natural = (self.endpoint.natural,) if self.endpoint.natural else ()
        return natural if self.sorted or not self.query.order else self.query.order

    @property
    def movement(self) -> str:
        """The cause by which rows can move to another page: `ordered by -updated_at`; or `""`."""
        if not self.endpoint.paging.size:
            return ""
        if self.numbered:
            return "numbered pages"
        return f"ordered by {', '.join(self.order)}" if movable(self.order) else ""

    @property
    def moving(self) -> bool:
        """Whether a row that changes can move to another page while the rows are read."""
        return bool(self.movement) and not self.sorted

    @property
    def drift(self) -> str:
        """The cause by which rows are missed if others change rows between two pages; or `""`.

        By cursor, a row that moves to the end of the rows by `updated_at` is read there.
        """
        one_page = self.pages == 1 and not self.unbounded
        read_at_the_end = not self.numbered and self.order == ("updated_at",)
        return "" if one_page or read_at_the_end else self.movement

    @property
    def held(self) -> int | None:
        """How many rows are read before the first one is given; None for all of them.

        Numbered pages are read to the end of the window, or to where Zendesk stops.
        """
        if not self.moving:
            return 0
        if self.numbered:
            return None
        stop = self.query.stop
        return HELD if stop is None else min(stop, PAGES * CHUNK)

    @property
    def keyset(self) -> str:
        """The moment by which it goes on where Zendesk stops: `-created_at`; or `""`."""
        order = self.order or ("",)
        key = order[0]
        name = key.lstrip("-")
        searches = self.endpoint.verb in (Verb.SEARCH, Verb.SEARCH_EXPORT)
        if not searches or len(order) > 1 or name not in ("created_at", "updated_at"):
            return ""
        settled = any(each.name == name and each.op == "exact" for each in conditions(self.asked))
        return "" if settled or self.endpoint.parameter(name) is None else key

    @property
    def continued(self) -> bool:
        """Whether it has to go on beyond a wall, if there are so many rows."""
        wall, stop = self.endpoint.most, self.query.stop
        return bool(self.keyset) and wall is not None and (stop is None or stop > wall)

    def after(self, moment: str) -> Plan:
        """Return the plan for what comes from this moment on, in its order."""
        name = self.keyset.lstrip("-")
        bound = Condition(
            name, "lte" if self.keyset.startswith("-") else "gte", load_datetime(moment)
        )
        query = evolve(self.query, start=0, stop=None)
        return evolve(self, query=query, asked=both(self.asked, bound))

    @property
    def requests(self) -> int:
        """How many requests it takes; for a result of unknown length, of 10,000 rows."""
        return self.pages * (1 + len(self.prefetched))

    @property
    def pages(self) -> int:
        """How many pages are read; for a result of unknown length, of 10,000 rows."""
        query, size = self.query, self.size
        if self.endpoint.verb is Verb.SHOW_MANY:
            return -(-len(query.among(self.key)) // CHUNK)
        if self.endpoint.verb is Verb.SHOW or self.endpoint.small or not size:
            return 1
        if self.local:
            return -(-min(ASSUMED, self.limit or ASSUMED) // size)
        stop = query.start + ASSUMED if query.stop is None else query.stop
        return max(1, -(-stop // size) - (self.number - 1))

    @property
    def scopes(self) -> Needs:
        """The scopes that an OAuth token needs, for each kind of request those that suffice.

        `(("tickets:read", "read"), ("users:read", "read"))`: of each group any one. What is
        side-loaded counts as a request of its own.
        """
        first = next(self.first())
        paths = [(first.method, first.path)]
        paths += (("GET", f"/api/v2/{name}") for name in self.includes)
        for name in self.prefetched:
            api = self.query.meta.relations[name].model._meta.api
            found = next(filter(None, map(api.find, _BY_ID)), None)
            paths += [] if found is None else [("GET", found.url)]
        return tuple(dict.fromkeys(filter(None, (scopes_for(*each) for each in paths))))

    @property
    def unbounded(self) -> bool:
        """Whether it may take more than `requests`, because the number of pages is unknown."""
        endpoint, stop = self.endpoint, self.query.stop
        by_id = endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY)
        if by_id or endpoint.paging is ONCE or not self.query.meta.known_by:
            return False
        if stop is None or self.counted or not self.size:
            return True
        return self.few and stop > self.size

    @property
    def key(self) -> str:
        """The field whose values show_many takes."""
        return next(iter(self.endpoint.takes), "id")

    @property
    def numbered(self) -> bool:
        """Whether pages are asked for by their number."""
        return self.endpoint.paging is OFFSET

    @property
    def number(self) -> int:
        """The number of the first page that is asked for."""
        return first_page(self)[1]

    def page(self, number: int) -> Request:
        """Return the request for a page by its number."""
        return self.request(self.endpoint.paging.sized(self.size, number))

    def first(self) -> Iterator[Request]:
        """Yield the requests that are known before any answer is: one, or one for each chunk."""
        if self.endpoint.verb is Verb.SHOW_MANY:
            values, parameter = self.query.among(self.key), self.endpoint.takes[self.key]
            for start in range(0, len(values), CHUNK):
                yield self.request(((parameter, join_values(values[start : start + CHUNK])),))
        else:
            size, number = first_page(self)
            yield self.request(self.endpoint.paging.sized(size, number) if size else ())

    def request(self, params: Params = ()) -> Request:
        """Return the request for the given page."""
        params = (*self._params(), *params)
        if self.endpoint.verb is not Verb.FILTER:
            return Request("GET", self.path, params)
        compared = tuple(p for p in conjuncts(self.asked) if not self._placed(p))
        body = {"filter": json_filter(Every(compared), self.endpoint.parameter)}
        return Request("POST", self.path, params, json=body, reads=True)

    def _placed(self, part: Predicate) -> bool:
        return getattr(part, "name", "") in self.endpoint.placeholders

    @property
    def path(self) -> str:
        """The path with its placeholders filled."""
        return filled(self.endpoint, self.query)

    @property
    def given(self) -> dict[str, Any]:
        """What the path says of every row, by wire name, and no row says itself."""
        parent = self.query.meta.parent
        if not parent or parent not in self.endpoint.placeholders:
            return {}
        return {self.query.meta.relations[parent].id.wire: self.query.fixed[parent]}

    def _params(self) -> Params:
        """Return the parameters that are the same on every page."""
        endpoint, query = self.endpoint, self.query
        params: Params = endpoint.always
        if endpoint.verb in SEARCHES:
            params += (("query", text(endpoint, query, self.asked)),)
            if endpoint.verb is Verb.SEARCH_EXPORT:
                params += (("filter[type]", endpoint.type),)
        elif endpoint.verb in (Verb.LIST, Verb.COUNT, Verb.INCREMENTAL):
            named = {each.name: each.value for each in conditions(self.asked)}
            for name, parameter in endpoint.takes.items():
                if name in named:
                    params += ((parameter, parameter_text(parameter, named[name])),)
        params += self._order()
        if included := (*self.includes, *query.embedded_by(endpoint.includes)):
            joined = ",".join(included)
            wrapped = f"{query.meta.plural}({joined})" if endpoint.type else joined
            params += (("include", wrapped),)
        return params

    def _order(self) -> Params:
        endpoint = self.endpoint
        natural, order = (endpoint.natural,), self.order
        # Only searches have to be told their natural order.
        if not order or (order == natural and endpoint.verb not in (Verb.SEARCH, Verb.FILTER)):
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

    @property
    def scopes(self) -> Needs:
        """The scopes that an OAuth token needs for all of them; see `Plan.scopes`."""
        return tuple(dict.fromkeys(need for each in self.plans for need in each.scopes))

    def first(self) -> Iterator[Request]:
        """Yield the requests of all of them that are known before any answer is."""
        for each in self.plans:
            yield from each.first()

    @property
    def order(self) -> tuple[str, ...]:
        """The one order that all of them give, or ()."""
        orders = {each.query.order or (each.endpoint.natural or "",) for each in self.plans}
        found = orders.pop() if len(orders) == 1 else ()
        return () if found == ("",) else found


def filled(endpoint: Endpoint, query: Query) -> str:
    """Return the endpoint's path, from the host on, with the query's values in its placeholders."""
    named = query.fixed
    if endpoint.verb is Verb.SHOW and query.ids:
        named["id"] = query.ids[0]
    return located(endpoint, named)


def relation_plural(query: Query, name: str) -> str:
    """Return what the side-load of a relation is called: `users`."""
    relation: Ref[Any] = query.meta.relations[name]
    return relation.model._meta.plural
