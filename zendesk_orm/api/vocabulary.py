"""The words that declare an `Api`; they are added with `+`.

::

    api = (
        resource("tickets", many=True, orders="id updated_at status")
        + listed("organizations/{organization}/tickets")
        + searched("ticket", "status priority tags", created_at="created")
    )
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from zendesk_orm.api.endpoint import METHODS, Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, EXPORT, INCREMENTAL, OFFSET, ONCE, Paging


#: Rows that offset paging reaches: a hundred pages, or ten thousand rows.
OFFSET_WALL = 10_000
#: Rows that search gives at most.
SEARCH_WALL = 1_000

READ = "list show"
WRITE = "create update delete"
MANY = "show create update destroy"

_WRITES = {"create": Verb.CREATE, "update": Verb.UPDATE, "delete": Verb.DELETE}
_MANY = {
    "show": Verb.SHOW_MANY,
    "create": Verb.CREATE_MANY,
    "update": Verb.UPDATE_MANY,
    "destroy": Verb.DESTROY_MANY,
}


def resource(
    path: str,
    *,
    can: str = f"{READ} {WRITE}",
    many: str = "",
    by: str = "",
    takes: str | Mapping[str, str] = "",
    orders: str = "",
    offset_orders: str = "",
    natural: str | None = "id",
    includes: str = "",
    joined: str = "",
    loose: str = "",
    count: bool = False,
    whole: bool = True,
    small: bool = False,
    idempotent: bool = False,
    paging: tuple[Paging, ...] = (CURSOR, OFFSET),
    key: str | None = None,
    update: str = "PUT",
) -> Api:
    """Declare a resource with a list and rows of its own.

    Args:
        path: after `/api/v2/`, or from the host on where it begins with a slash.
        can: some of `list show create update delete`.
        many: some of `show create update destroy`, each up to 100 rows at once.
        by: a further field whose values many rows are shown by: `external_id`.
        takes: fields that the list filters by, exactly; or each with the name of its parameter.
        orders: fields that the list sorts by with a cursor.
        offset_orders: the same with offsets.
        natural: the order of the list when none is asked.
        includes: what list, show and show_many side-load.
        joined: fields of `takes` whose parameter is a list joined by commas.
        loose: fields of `takes` by which the list may find more than was asked.
        count: whether there is `path/count`.
        whole: False when the list leaves archived rows out.
        small: True when the list is short enough to be read whole.
        idempotent: True when creating takes an `Idempotency-Key`.
        paging: the styles that the list can be paged in.
        key: the name of the rows in the envelope; by default the last part of the path.
        update: the method of an update; some take PATCH.
    """
    key = path.rsplit("/", 1)[-1] if key is None else key
    side = frozenset(includes.split())
    row = Endpoint(Verb.SHOW, f"{path}/{{id}}", key, includes=side)
    endpoints = [row] if "show" in can.split() else []
    if "show" in many.split():
        endpoints += (
            Endpoint(Verb.SHOW_MANY, f"{path}/show_many", key, takes={k: f"{k}s"}, includes=side)
            for k in ("id", *by.split())
        )
    if "list" in can.split():
        endpoints += listed(
            path,
            key=key,
            takes=takes,
            orders=orders,
            offset_orders=offset_orders,
            natural=natural,
            includes=includes,
            joined=joined,
            loose=loose,
            count=count,
            whole=whole,
            small=small,
            paging=paging,
        )
    for name in can.split():
        if name in _WRITES:
            verb = _WRITES[name]
            creates = verb is Verb.CREATE
            where = path if creates else f"{path}/{{id}}"
            key_once = idempotent and creates
            method = update if verb is Verb.UPDATE else METHODS[verb]
            endpoints.append(Endpoint(verb, where, key, method=method, idempotent=key_once))
    for name in many.split():
        verb = _MANY[name]
        if verb is not Verb.SHOW_MANY:
            where = f"{path}/{verb.value}"
            endpoints.append(Endpoint(verb, where, key, method=METHODS[verb]))
    return Api(tuple(endpoints))


def single(path: str, key: str, *, can: str = "show update", update: str = "PUT") -> Api:
    """Declare a resource of which there is one row: the settings of an account.

    Args:
        path: after `/api/v2/`.
        key: the name of the row in the envelope; "" where there is none.
        can: some of `show update`.
        update: the method of an update.
    """
    found: tuple[Endpoint, ...] = ()
    if "show" in can.split():
        found += (Endpoint(Verb.LIST, path, key, small=True),)
    if "update" in can.split():
        found += (Endpoint(Verb.UPDATE, path, key, method=update),)
    return Api(found)


def listed(
    *paths: str,
    key: str | None = None,
    takes: str | Mapping[str, str] = "",
    needs: str = "",
    orders: str = "",
    offset_orders: str = "",
    natural: str | None = "id",
    includes: str = "",
    joined: str = "",
    loose: str = "",
    count: bool = False,
    whole: bool = True,
    small: bool = False,
    paging: tuple[Paging, ...] = (CURSOR, OFFSET),
) -> Api:
    """Declare further lists of the same rows, each once for every style of paging.

    `key` is the name of the rows in the envelope, by default the last part of
    the path that is no placeholder. `takes` may map a field to the name of its parameter.
    `needs` are lookups that the list has to be asked: those of `takes`, and those that the
    path alone says, as `assignable` of `groups/assignable`; declare these as
    `assignable: Lookup[Literal[True]]`. The other arguments are those of `resource`.
    """
    endpoints: list[Endpoint] = []
    for path in paths:
        endpoints += (
            Endpoint(
                Verb.LIST,
                path,
                _last_word(path) if key is None else key,
                takes=_same(takes),
                needs=frozenset(needs.split()),
                orders=_same(offset_orders if style is OFFSET else orders),
                natural=natural,
                paging=style,
                most=OFFSET_WALL if style is OFFSET else None,
                includes=frozenset(includes.split()),
                joined=frozenset(joined.split()),
                loose=frozenset(loose.split()),
                whole=whole,
                small=small,
            )
            for style in paging
        )
        if count:
            endpoints.append(Endpoint(Verb.COUNT, f"{path}/count", "count", whole=whole))
    return Api(tuple(endpoints))


def searched(
    type_: str,
    keywords: str = "",
    *,
    words: str = "",
    absent: str = "",
    includes: str = "",
    inside: Mapping[str, str] | None = None,
    **renamed: str,
) -> Api:
    """Declare what search finds these rows by.

    Args:
        type_: what search calls them: `ticket`, `user`, `organization`, `group`; "" for all.
        keywords: the fields whose keyword is their own name, and that match exactly.
        words: the same for fields that match by word.
        absent: fields that can be asked `none`, for rows without a value.
        includes: what can be side-loaded, as `include=tickets(users)`.
        inside: fields that hold values by key, and the keyword of each: `custom_field_*`.
        renamed: field=keyword, where the names differ.

    Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
    """
    keyed = {f"{name}__*": word for name, word in (inside or {}).items()}
    by = _same(keywords) | _same(words) | keyed | renamed
    loose, nulls = frozenset({*words.split(), *keyed}), frozenset(absent.split())
    orders = {
        name: wire
        for name, wire in (
            ("created_at", "created_at"),
            ("updated_at", "updated_at"),
            ("priority", "priority"),
            ("status", "status"),
            ("type", "ticket_type"),
        )
        if name in by
    }
    side = frozenset(includes.split())
    search = Endpoint(
        Verb.SEARCH,
        "search",
        "results",
        takes=by,
        orders=orders,
        # Asked for in so many words: relevance, the default, changes between pages. It is the
        # order of the export, too: its recorded cursor says `"field": "created_at", "desc": true`.
        natural="-created_at",
        paging=OFFSET,
        most=SEARCH_WALL,
        includes=side,
        fresh=False,
        loose=loose,
        absent=nulls,
        type=type_,
    )
    export = evolve(
        search,
        verb=Verb.SEARCH_EXPORT,
        path="search/export",
        orders={},
        paging=EXPORT,
        most=None,
    )
    count = evolve(
        search,
        verb=Verb.SEARCH_COUNT,
        path="search/count",
        key="count",
        orders={},
        natural=None,
        paging=ONCE,
        most=None,
        includes=frozenset(),
    )
    # An export takes one type.
    return Api((search, export, count) if type_ else (search, count))


def filtered(path: str, fields: str, *, key: str, orders: str = "") -> Api:
    """Declare a search whose conditions are sent as JSON, in the body of a POST.

    Args:
        path: after `/api/v2/`.
        fields: the fields that it compares; `custom_object_fields__*` for all keys of one.
        key: the name of the rows in the envelope.
        orders: fields that it sorts by.

    Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#filtered-search-of-custom-object-records
    """
    found = Endpoint(
        Verb.FILTER,
        path,
        key,
        takes=_same(fields),
        orders=_same(orders),
        # Asked for in so many words: without an order, only the first 10,000 rows come.
        natural="-created_at",
        paging=CURSOR,
        fresh=False,
        loose=frozenset({"name"}),
        method="POST",
    )
    return Api((found,))


def exported(*paths: str, includes: str = "", paging: Paging = INCREMENTAL, **always: str) -> Api:
    """Declare incremental exports: what changed since a moment, archived rows too.

    Args:
        paths: after `/api/v2/`.
        includes: what can be side-loaded.
        paging: how the next page is found.
        always: parameters that every request has.
    """
    return Api(
        tuple(
            Endpoint(
                Verb.INCREMENTAL,
                path,
                [part for part in path.split("/") if part != "cursor"][-1],
                takes={"changed_since": "start_time"},
                needs=frozenset({"changed_since"}),
                paging=paging,
                includes=frozenset(includes.split()),
                always=tuple(always.items()),
            )
            for path in paths
        )
    )


def action(
    name: str,
    method: str,
    path: str,
    key: str = "",
    *,
    call: str = "",
    removes: bool = False,
    repeatable: bool = False,
) -> Api:
    """Declare a call with a name of its own, for a method of the model or its manager.

    Args:
        name: the name of the method.
        method: the HTTP method.
        path: after `/api/v2/`.
        key: what the answer holds: the name of a row, `job_status`; "" for nothing.
        call: how the method is called, where its name does not tell.
        removes: whether Zendesk answers the path with 404 afterwards.
        repeatable: whether a POST has the same effect if it is sent twice.
    """
    found = Endpoint(
        Verb.ACTION,
        path,
        key,
        method=method,
        name=name,
        call=call,
        paging=ONCE,
        removes=removes,
        repeatable=repeatable,
    )
    return Api((found,))


def _same(names: str | Mapping[str, str]) -> dict[str, str]:
    return {name: name for name in names.split()} if isinstance(names, str) else dict(names)


def _last_word(path: str) -> str:
    return [part for part in path.split("/") if not part.startswith("{")][-1]
