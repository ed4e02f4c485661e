"""`Plan`: the endpoint chosen for a query, and the requests that read its rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import SEARCHES, Endpoint, Verb
from zendesk_orm.api.paging import OFFSET, ONCE, Params
from zendesk_orm.http.request import Request
from zendesk_orm.http.values import path_segment
from zendesk_orm.plan.parameters import (
    MAX_PAGES,
    filter_params,
    join_values,
    path_text,
    smallest_window,
)
from zendesk_orm.plan.scopes import Needs, request_scopes
from zendesk_orm.query.json_filter import json_filter
from zendesk_orm.query.ordering import movable
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    And,
    Condition,
    Predicate,
    conditions,
    conjoin,
    conjuncts,
)
from zendesk_orm.query.query import Query
from zendesk_orm.query.search_text import endpoint_text
from zendesk_orm.schema.loading import load_datetime


#: The most ids in one request to show_many.
MAX_IDS_PER_REQUEST = 100
#: The number of rows assumed for a query without an end, to compare costs.
ASSUMED_ROWS = 10_000

#: The most rows of a cursor list that are sorted client-side without `.scan()`.
MAX_SORTED_ROWS = 10_000
#: Rows of a list, without or with an end, that are read before the first one is returned.
_BUFFERED_ROWS, _MAX_BUFFERED_ROWS = 1_000, 10_000


@frozen(repr=False)
class Plan:
    """An endpoint, and the parts of a query that it evaluates.

    Attributes:
        query: the query.
        endpoint: the endpoint that is called.
        pushed: the part of the predicate that the endpoint evaluates.
        residual: the part that is evaluated client-side, row by row.
        sorts_rows: True if all rows are read, and sorted client-side.
        force_count: True if the rows of the window are counted client-side although Zendesk
            counts them, for example because own writes come in between.
        includes: the side-loads to request.
        prefetched: relations that are fetched by show_many for each page, because the endpoint
            does not side-load them.
    """

    query: Query
    endpoint: Endpoint
    pushed: Predicate = EVERY_ROW
    residual: Predicate = EVERY_ROW
    sorts_rows: bool = False
    force_count: bool = False
    includes: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Plan {self.title}: {self.query}>"

    @property
    def title(self) -> str:
        """The name of the endpoint in messages: `list (cursor)`."""
        return self.endpoint.title

    # -- work that is left to the client -------------------------------------

    @cached_property
    def local(self) -> bool:
        """Whether rows are filtered or sorted client-side."""
        return self.sorts_rows or self.residual != EVERY_ROW

    @cached_property
    def tokenized(self) -> bool:
        """Whether the endpoint may return rows that do not match, which are compared again."""
        if self.endpoint.verb is Verb.SHOW_MANY and self.key != "id":
            return True
        return any(
            self.endpoint.matches_by_word(condition.name) for condition in conditions(self.pushed)
        )

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the rows of the window are counted client-side."""
        return self.local or self.tokenized or self.force_count or self.endpoint.is_export

    # -- limits --------------------------------------------------------------

    @cached_property
    def is_small(self) -> bool:
        """Whether the endpoint returns few rows, so that reading all of them is cheap."""
        return self.endpoint.fits_in_memory or self.endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY)

    @cached_property
    def max_rows(self) -> int | None:
        """The most rows that the endpoint returns in pages of this size, or None."""
        limit = self.endpoint.max_rows
        return limit if limit is None else min(limit, MAX_PAGES * (self.size or limit))

    @cached_property
    def read_limit(self) -> int | None:
        """The most rows that may be read for client-side work, or None; more raise an error."""
        if not self.local or self.is_small:
            return None
        limits = [self.query.scan_limit]
        if self.sorts_rows and not self.query.scan:
            exports = self.endpoint.verb is Verb.SEARCH_EXPORT
            limits.append(self.max_rows or (None if exports else MAX_SORTED_ROWS))
        return min((limit for limit in limits if limit is not None), default=None)

    @cached_property
    def is_truncated(self) -> bool:
        """Whether the endpoint may stop before the last row of the result."""
        # Rows that are sorted client-side are all read, whatever the window.
        endless = (self.query.stop is None or self.sorts_rows) and self.query.ids is None
        limited = self.max_rows is not None and (self.sorts_rows or not self.keyset)
        return endless and limited and not self.is_small

    # -- order, and rows that move while they are read -----------------------

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The order of the rows that the endpoint returns; () if it is unknown."""
        default = tuple(filter(None, (self.endpoint.default_order,)))
        return default if self.sorts_rows or not self.query.order else self.query.order

    @cached_property
    def movement(self) -> str:
        """The reason why rows can move to another page: `ordered by -updated_at`; or `""`."""
        if not self.endpoint.paging.size:
            return ""
        if self.has_page_numbers:
            return "numbered pages"
        return f"ordered by {', '.join(self.order)}" if movable(self.order) else ""

    @cached_property
    def can_move(self) -> bool:
        """Whether a row that changes can move to another page while the rows are read."""
        return bool(self.movement) and not self.sorts_rows

    @cached_property
    def drift(self) -> str:
        """The reason why rows are missed if others change rows between two pages; or `""`.

        By cursor, a row that moves to the end of the rows by `updated_at` is read there.
        """
        at_the_end = not self.has_page_numbers and self.order == ("updated_at",)
        return "" if at_the_end or (self.pages == 1 and not self.unbounded) else self.movement

    @cached_property
    def rows_before_first(self) -> int | None:
        """The number of rows that are read before the first one is returned; None for all."""
        if not self.can_move:
            return 0
        if self.has_page_numbers:
            return None
        stop = self.query.stop
        return _BUFFERED_ROWS if stop is None else min(stop, _MAX_BUFFERED_ROWS)

    @cached_property
    def keyset(self) -> str:
        """The moment by which reading continues past the row limit: `-created_at`; or `""`."""
        key = (self.order or ("",))[0]
        name = key.lstrip("-")
        searches = self.endpoint.verb in (Verb.SEARCH, Verb.SEARCH_EXPORT)
        if not searches or len(self.order) > 1 or name not in ("created_at", "updated_at"):
            return ""
        same = (condition for condition in conditions(self.pushed) if condition.name == name)
        exact = any(condition.op == "exact" for condition in same)
        return "" if exact or self.endpoint.parameter(name) is None else key

    @cached_property
    def continued(self) -> bool:
        """Whether reading continues past the row limit if there are more rows."""
        limit, stop = self.endpoint.max_rows, self.query.stop
        return bool(self.keyset) and limit is not None and (stop is None or stop > limit)

    def after(self, moment: str) -> Plan:
        """Return the plan for the rows from a moment on, in the order of this plan."""
        op = "lte" if self.keyset.startswith("-") else "gte"
        bound = Condition(self.keyset.lstrip("-"), op, load_datetime(moment))
        query = evolve(self.query, start=0, stop=None)
        return evolve(self, query=query, pushed=conjoin(self.pushed, bound))

    # -- pages and cost ------------------------------------------------------

    @cached_property
    def _first_page(self) -> tuple[int, int]:
        """The page size and the number of the first page; only numbered pages can be skipped."""
        query, paging = self.query, self.endpoint.paging
        largest = paging.largest if paging.size else 0
        size = min(largest, query.page_size or largest)
        if self.counts_rows or not largest:
            return size, 1
        if self.continued:
            # Pages past the row limit have no numbers, and no page may reach across it.
            number = query.start // size + 1
            return size, number if number * size <= (self.endpoint.max_rows or 0) else 1
        if query.page_size is None and query.stop is not None:
            if self.has_page_numbers:
                return smallest_window(query.start, query.stop, largest)
            return max(1, min(largest, query.stop)), 1
        return size, query.start // size + 1 if self.has_page_numbers else 1

    @cached_property
    def size(self) -> int:
        """The number of rows per page; 0 if the endpoint takes no page size."""
        return self._first_page[0]

    @cached_property
    def number(self) -> int:
        """The number of the first page."""
        return self._first_page[1]

    @cached_property
    def skip(self) -> int:
        """The number of rows to drop before the window, counted from the first page."""
        return self.query.start - (0 if self.counts_rows else (self.number - 1) * self.size)

    @cached_property
    def requests(self) -> int:
        """The estimated number of requests, for 10,000 rows if the number of rows is unknown."""
        return self.pages * (1 + len(self.prefetched))

    @cached_property
    def pages(self) -> int:
        """The estimated number of pages, for 10,000 rows if the number of rows is unknown."""
        query, size = self.query, self.size
        if self.endpoint.verb is Verb.SHOW_MANY:
            return -(-len(query.values_of(self.key)) // MAX_IDS_PER_REQUEST)
        if self.is_small or not size:
            return 1
        if self.local:
            return -(-min(ASSUMED_ROWS, self.read_limit or ASSUMED_ROWS) // size)
        stop = query.start + ASSUMED_ROWS if query.stop is None else query.stop
        return max(1, -(-stop // size) - (self.number - 1))

    @cached_property
    def unbounded(self) -> bool:
        """Whether more than `requests` may be sent, because the number of pages is unknown."""
        endpoint, stop = self.endpoint, self.query.stop
        by_id = endpoint.verb in (Verb.SHOW, Verb.SHOW_MANY)
        if by_id or endpoint.paging is ONCE or not self.query.meta.pk_key:
            return False
        if stop is None or self.counts_rows or not self.size:
            return True
        return self.is_small and stop > self.size

    @property
    def scopes(self) -> Needs:
        """The scopes that an OAuth token needs: for each kind of request, those that suffice.

        `(("tickets:read", "read"), ("users:read", "read"))`: one of each group. A side-load
        counts as a request.
        """
        return request_scopes(self)

    # -- requests ------------------------------------------------------------

    @property
    def key(self) -> str:
        """The field whose values show_many takes."""
        return next(iter(self.endpoint.filters), "id")

    @cached_property
    def has_page_numbers(self) -> bool:
        """Whether pages are requested by number."""
        return self.endpoint.paging is OFFSET

    def first(self) -> Iterator[Request]:
        """Yield the requests that do not depend on a response: one, or one per chunk of ids."""
        if self.endpoint.verb is Verb.SHOW_MANY:
            values, parameter = self.query.values_of(self.key), self.endpoint.filters[self.key]
            for start in range(0, len(values), MAX_IDS_PER_REQUEST):
                chunk = values[start : start + MAX_IDS_PER_REQUEST]
                yield self.request(((parameter, join_values(chunk)),))
        else:
            yield self.page(self.number) if self.size else self.request()

    def page(self, number: int) -> Request:
        """Return the request for a page by its number."""
        paging = self.endpoint.paging
        request = self.request(paging.page_params(self.size, number))
        return evolve(request, size_param=paging.size, page_param=paging.page)

    def request(self, params: Params = ()) -> Request:
        """Return the request with the parameters of a page."""
        params = (*self._params, *params)
        if self.endpoint.verb is not Verb.FILTER:
            return Request("GET", self.path, params)
        in_path = self.endpoint.placeholders
        filters = (
            part for part in conjuncts(self.pushed) if getattr(part, "name", "") not in in_path
        )
        body = {"filter": json_filter(And(tuple(filters)), self.endpoint.parameter)}
        return Request("POST", self.path, params, json=body, reads=True)

    @cached_property
    def path(self) -> str:
        """The path from the host on, with its placeholders filled."""
        if not self.endpoint.placeholders:
            return self.endpoint.url
        values = dict(self.query.exact_values)
        if self.endpoint.verb is Verb.SHOW and self.query.ids:
            values["id"] = self.query.ids[0]
        deferred = self.query.has_deferred_values
        return self.endpoint.fill_path(values, path_text if deferred else path_segment)

    @property
    def path_values(self) -> dict[str, Any]:
        """The values of all rows that only the path contains, by their keys in a row."""
        parent = self.query.meta.parent
        if not parent or parent not in self.endpoint.placeholders:
            return {}
        return {self.query.meta.relations[parent].id.wire: self.query.exact_values[parent]}

    @cached_property
    def _params(self) -> Params:
        """The parameters that are the same for every page."""
        endpoint, query = self.endpoint, self.query
        params: Params = endpoint.fixed_params
        if endpoint.verb in SEARCHES:
            params += (("query", endpoint_text(endpoint, query.meta, self.pushed)),)
            if endpoint.verb is Verb.SEARCH_EXPORT:
                params += (("filter[type]", endpoint.type),)
        elif endpoint.verb in (Verb.LIST, Verb.COUNT, Verb.INCREMENTAL):
            params = filter_params(endpoint, self.pushed)
        params += self._order_params()
        if included := (*self.includes, *query.embedded_by(endpoint.includes)):
            joined = ",".join(included)
            wrapped = f"{query.meta.plural}({joined})" if endpoint.type else joined
            params += (("include", wrapped),)
        return params

    def _order_params(self) -> Params:
        endpoint, order = self.endpoint, self.order
        default = order == (endpoint.default_order,)
        # Only searches need a parameter for their default order.
        if not order or (default and endpoint.verb not in (Verb.SEARCH, Verb.FILTER)):
            return ()
        wire = endpoint.orders.get(order[0].lstrip("-"))
        descending = order[0].startswith("-")
        return endpoint.paging.order_params(wire, descending=descending) if wire else ()


@frozen
class UnionPlan:
    """Several plans whose rows are merged, each row once.

    Attributes:
        query: the query.
        plans: one plan per alternative; () if no row can match.
    """

    query: Query
    plans: tuple[Plan, ...]

    @property
    def title(self) -> str:
        """The name in messages: `2 queries`."""
        return f"{len(self.plans)} queries"

    @property
    def requests(self) -> int:
        """The estimated number of requests of all plans."""
        return sum(plan.requests for plan in self.plans)

    @property
    def scopes(self) -> Needs:
        """The scopes that an OAuth token needs for all plans; see `Plan.scopes`."""
        return tuple(dict.fromkeys(need for plan in self.plans for need in plan.scopes))

    def first(self) -> Iterator[Request]:
        """Yield the requests of all plans that do not depend on a response."""
        for plan in self.plans:
            yield from plan.first()

    @property
    def order(self) -> tuple[str, ...]:
        """The order that all plans share, or ()."""
        orders = {plan.query.order or (plan.endpoint.default_order or "",) for plan in self.plans}
        return orders.pop() if len(orders) == 1 and orders != {("",)} else ()
