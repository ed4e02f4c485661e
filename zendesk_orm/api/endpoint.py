"""Endpoints: URLs of the API and the queries that they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from zendesk_orm.api.paging import ONCE, Paging
from zendesk_orm.http.values import path_segment


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


#: Position of rows without a value in ascending order, for `Endpoint.nulls`.
NULLS_FIRST = "first"
NULLS_LAST = "last"


class Verb(Enum):
    """The operation of an endpoint. The value is its name in `explain()`."""

    SHOW = "show"
    SHOW_MANY = "show_many"
    LIST = "list"
    SEARCH = "search"
    SEARCH_EXPORT = "search export"
    FILTER = "search by filter"
    INCREMENTAL = "incremental export"
    COUNT = "count"
    SEARCH_COUNT = "search count"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CREATE_MANY = "create_many"
    UPDATE_MANY = "update_many"
    DESTROY_MANY = "destroy_many"
    ACTION = "action"


#: Verbs whose responses contain rows, and verbs whose responses contain a number.
ROWS = frozenset(
    {
        Verb.SHOW,
        Verb.SHOW_MANY,
        Verb.LIST,
        Verb.SEARCH,
        Verb.SEARCH_EXPORT,
        Verb.FILTER,
        Verb.INCREMENTAL,
    }
)
SEARCHES = frozenset({Verb.SEARCH, Verb.SEARCH_EXPORT, Verb.SEARCH_COUNT})
COUNTS = frozenset({Verb.COUNT, Verb.SEARCH_COUNT})

METHODS = {
    Verb.CREATE: "POST",
    Verb.CREATE_MANY: "POST",
    Verb.UPDATE: "PUT",
    Verb.UPDATE_MANY: "PUT",
    Verb.DELETE: "DELETE",
    Verb.DESTROY_MANY: "DELETE",
}


@frozen
class Endpoint:
    """One URL of the API, and the queries that it answers.

    Attributes:
        verb: its operation.
        path: path after `/api/v2/`, or after the host if it starts with a slash; a placeholder
            (`organizations/{organization}/tickets`) is also a lookup that the endpoint answers.
        key: the name of the rows, or of the row, in the envelope; "" without an envelope.
        filters: lookups that it answers, without placeholders: field -> parameter, or search
            keyword. `role__in` has a parameter that is sent once per value; `created_at__gte` and
            `created_at__lte` share one that is sent with both ends.
        required: lookups that a query must have. Those that are not in `filters` are implied by the
            path and not sent: `assignable`, of `groups/assignable`.
        orders: fields that it can sort by: field -> Zendesk's name.
        ranked: fields of `orders` with choices that it sorts by rank, as they are declared.
            Rows are sorted client-side by other choices.
        nulls: the position of rows without a value in ascending order (`NULLS_FIRST`,
            `NULLS_LAST`); "" if it is unknown, so that rows are sorted client-side.
        default_order: the order of its rows if none is requested; None if it is unknown.
        paging: its style of pagination.
        max_rows: the number of rows that it returns at most, or None.
        includes: its side-loads.
        fresh: False if it reads the search index, which lags by a minute or more.
        includes_archived: False if it omits archived rows.
        tokenized: fields of `filters` that it matches by word. It may return more rows, which are
            filtered again client-side.
        supports_none: fields of `filters` for which search accepts `none`.
        comma_separated: fields of `filters` whose parameter is a list joined by commas, so that a
            value with a comma would be read as several.
        fits_in_memory: True if the complete list is a page or a few, so that it may be filtered
            client-side.
        method: the HTTP method.
        type: for search verbs, the type that is searched (`ticket`).
        name: for actions, the name of the method of the model or its manager.
        call: for actions, how the method is called, if not by `name`: `delete(permanent=True)`.
        fixed_params: parameters of every request.
        idempotent: True if a create accepts an `Idempotency-Key`.
        removes: for actions, True if Zendesk answers the path with 404 afterwards, as that of a
            ticket that was marked as spam.
        repeatable: True for a POST that has the same effect if it is sent twice.
    """

    verb: Verb
    path: str
    key: str
    filters: dict[str, str] = field(factory=dict, hash=False)
    required: frozenset[str] = frozenset()
    orders: dict[str, str] = field(factory=dict, hash=False)
    ranked: frozenset[str] = frozenset()
    nulls: str = ""
    default_order: str | None = None
    paging: Paging = ONCE
    max_rows: int | None = None
    includes: frozenset[str] = frozenset()
    fresh: bool = True
    includes_archived: bool = True
    tokenized: frozenset[str] = frozenset()
    supports_none: frozenset[str] = frozenset()
    comma_separated: frozenset[str] = frozenset()
    fits_in_memory: bool = False
    method: str = "GET"
    type: str = ""
    name: str = ""
    call: str = ""
    fixed_params: tuple[tuple[str, str], ...] = ()
    idempotent: bool = False
    removes: bool = False
    repeatable: bool = False

    @cached_property
    def url(self) -> str:
        """The path after the host."""
        return self.path if self.path.startswith("/") else f"/api/v2/{self.path}"

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The placeholders of the path, in order."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @cached_property
    def required_lookups(self) -> tuple[str, ...]:
        """The lookups that a query must compare exactly: those of the path, except for the id."""
        names = (*self.placeholders, *sorted(self.required))
        return tuple(name for name in names if name != "id")

    @cached_property
    def is_export(self) -> bool:
        """Whether it is an incremental export: a list of changes from a moment on."""
        return "changed_since" in self.required

    def fill_path(
        self, values: Mapping[str, Any], to_segment: Callable[[str, Any], str] = path_segment
    ) -> str:
        """Return the path after the host with values in its placeholders.

        Args:
            values: the values by placeholder.
            to_segment: returns the text of a placeholder's value.
        """
        path = self.url
        for name in self.placeholders:
            path = path.replace(f"{{{name}}}", to_segment(name, values[name]))
        return path

    def parameter(self, name: str) -> str | None:
        """Return the endpoint's parameter for a lookup, or None if it does not answer the lookup.

        `user_fields__*` answers `user_fields__plan`. Lookups that are implied by the path have an
        empty parameter.
        """
        exact = self.filters.get(name, "" if name in self.required else None)
        base, _, key = name.partition("__")
        pattern = self.filters.get(f"{base}__*") if exact is None and key else None
        return exact if pattern is None else pattern.replace("*", key)

    def matches_by_word(self, name: str) -> bool:
        """Return True if a lookup is tokenized, so that its rows must be filtered again."""
        base, _, key = name.partition("__")
        return name in self.tokenized or (bool(key) and f"{base}__*" in self.tokenized)

    @cached_property
    def title(self) -> str:
        """The name in `explain()`: `list (cursor)`."""
        style = self.paging.name
        return f"{self.verb.value} ({style})" if self.verb is Verb.LIST else self.verb.value


@frozen
class Api:
    """All endpoints of one resource; `+` adds two together."""

    endpoints: tuple[Endpoint, ...] = ()

    def __add__(self, other: Api) -> Api:
        return Api(self.endpoints + other.endpoints)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self.endpoints)

    @cached_property
    def _by_verbs(self) -> dict[frozenset[Verb], tuple[Endpoint, ...]]:
        return {}

    def with_verbs(self, verbs: frozenset[Verb]) -> tuple[Endpoint, ...]:
        """Return the endpoints that have one of these verbs."""
        endpoints = self._by_verbs.get(verbs)
        if endpoints is None:
            endpoints = tuple(item for item in self.endpoints if item.verb in verbs)
            self._by_verbs[verbs] = endpoints
        return endpoints

    def find(self, verb: Verb, name: str = "") -> Endpoint | None:
        """Return the first endpoint of that verb (and name), or None."""
        for endpoint in self.endpoints:
            if endpoint.verb is verb and endpoint.name == name:
                return endpoint
        return None
