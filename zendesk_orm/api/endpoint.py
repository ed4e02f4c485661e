"""One URL of the API, and what it can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from attrs import field, frozen

from zendesk_orm.api.paging import ONCE, Paging


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


#: Where rows without a value come in ascending order, for `Endpoint.nulls`.
NULLS_FIRST = "first"
NULLS_LAST = "last"


class Verb(Enum):
    """What an endpoint is for. The value is what `explain()` calls it."""

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


#: Verbs that answer a query with rows, and those that answer it with a number.
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
    """One URL of the API, and what it can be asked.

    Attributes:
        verb: what it is for.
        path: after `/api/v2/`, or from the host on where it begins with a slash; a
            placeholder (`organizations/{organization}/tickets`) is at once the lookup that
            the endpoint answers.
        key: the name of the rows, or of the row, in the envelope; "" where there is none.
        takes: lookups that it answers besides the placeholders: each maps the
            field to the name of the parameter, or of the search keyword.
        needs: lookups that it has to be asked. One that is not among `takes` is said by the
            path alone, and is sent nowhere: `assignable`, of `groups/assignable`.
        orders: fields it can sort by: each maps to the name Zendesk uses.
        ranked: fields of `orders` with choices that it sorts by rank, as they are declared.
            By other choices all rows are read and sorted here.
        nulls: where it puts rows without a value in ascending order (`NULLS_FIRST`,
            `NULLS_LAST`); "" if that is unknown, so that all rows are read and sorted here.
        natural: the order of its rows when none is asked, or None when unknown.
        paging: how the next page is found.
        most: rows that it gives at most, or None.
        includes: what it can side-load.
        fresh: False when it reads the search index, which lags by a minute or more.
        whole: False when it leaves archived rows out.
        loose: fields of `takes` that it matches by word, so that the rows hold
            more than was asked and are compared once more here.
        absent: fields of `takes` that search can be asked `none` of.
        joined: fields of `takes` whose parameter is a list joined by commas, so that a value
            with a comma would be read as several.
        small: True when the whole list is a page or a few, so that it may be
            read whole and filtered here.
        method: the HTTP method.
        type: for search verbs, the type that is searched (`ticket`).
        name: for actions, what it does: the method of the model, or of its manager.
        call: how that is called, where not by the name: `delete(permanent=True)`.
        always: parameters that every request has.
        idempotent: True when a create takes an `Idempotency-Key`.
        removes: for actions, True if Zendesk answers the path with 404 afterwards, as that of a
            ticket that was marked as spam.
        repeatable: True for a POST that has the same effect if it is sent twice.
    """

    verb: Verb
    path: str
    key: str
    takes: dict[str, str] = field(factory=dict, hash=False)
    needs: frozenset[str] = frozenset()
    orders: dict[str, str] = field(factory=dict, hash=False)
    ranked: frozenset[str] = frozenset()
    nulls: str = ""
    natural: str | None = None
    paging: Paging = ONCE
    most: int | None = None
    includes: frozenset[str] = frozenset()
    fresh: bool = True
    whole: bool = True
    loose: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()
    small: bool = False
    method: str = "GET"
    type: str = ""
    name: str = ""
    call: str = ""
    always: tuple[tuple[str, str], ...] = ()
    idempotent: bool = False
    removes: bool = False
    repeatable: bool = False

    @property
    def url(self) -> str:
        """The path from the host on."""
        return self.path if self.path.startswith("/") else f"/api/v2/{self.path}"

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The lookups that the path needs, in order."""
        return tuple(_PLACEHOLDER.findall(self.path))

    def parameter(self, name: str) -> str | None:
        """Return what the endpoint calls a lookup that it answers, or None.

        `user_fields__plan` is answered where `user_fields__*` is declared. What the path
        alone says has no name there: "".
        """
        found = self.takes.get(name, "" if name in self.needs else None)
        base, _, key = name.partition("__")
        pattern = self.takes.get(f"{base}__*") if found is None and key else None
        return found if pattern is None else pattern.replace("*", key)

    def matches_by_word(self, name: str) -> bool:
        """Tell whether more than was asked is found by a lookup, which is compared once more."""
        base, _, key = name.partition("__")
        return name in self.loose or (bool(key) and f"{base}__*" in self.loose)

    @property
    def title(self) -> str:
        """Its name for people: `list (cursor)`."""
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

    def find(self, verb: Verb, name: str = "") -> Endpoint | None:
        """Return the first endpoint of that verb (and name), or None."""
        for endpoint in self.endpoints:
            if endpoint.verb is verb and endpoint.name == name:
                return endpoint
        return None
