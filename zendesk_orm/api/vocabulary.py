"""Functions that declare the endpoints of a model. Their results are added with `+`.

::

    api = (
        resource("tickets", bulk=CRUD, orders=("id", "updated_at", "status"))
        + listing("organizations/{organization}/tickets")
        + search_index("ticket", ("status", "priority", "tags"), created_at="created")
    )
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Flag, auto

from attrs import evolve

from zendesk_orm.api.endpoint import METHODS, Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, EXPORT, INCREMENTAL, OFFSET, ONCE, Paging


#: Rows that offset pagination reaches: a hundred pages, or ten thousand rows.
OFFSET_WALL = 10_000
#: Rows that one search returns at most.
SEARCH_WALL = 1_000

#: Names of fields; or field -> name of the parameter.
Names = tuple[str, ...]
Filters = Names | Mapping[str, str]


class Operation(Flag):
    """Operations of a resource, for `resource(can=)`; combine them with `|`.

    >>> Operation.SHOW in Operation.LIST | Operation.SHOW
    True
    """

    LIST = auto()
    SHOW = auto()
    CREATE = auto()
    UPDATE = auto()
    DELETE = auto()


LIST, SHOW, CREATE, UPDATE, DELETE = Operation
READ, NOTHING = LIST | SHOW, Operation(0)
#: Create, read one, update and delete.
CRUD = SHOW | CREATE | UPDATE | DELETE

_WRITES = {CREATE: Verb.CREATE, UPDATE: Verb.UPDATE, DELETE: Verb.DELETE}
_BULK_WRITES = {CREATE: Verb.CREATE_MANY, UPDATE: Verb.UPDATE_MANY, DELETE: Verb.DESTROY_MANY}
#: Fields that search sorts by, and the name of each in `sort_by`.
_SEARCH_ORDERS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "priority": "priority",
    "status": "status",
    "type": "ticket_type",
}


def resource(
    path: str,
    *,
    can: Operation = LIST | CRUD,
    bulk: Operation = NOTHING,
    show_many_by: Names = (),
    filters: Filters = (),
    orders: Names = (),
    offset_orders: Names = (),
    default_order: str | None = "id",
    includes: Names = (),
    comma_separated: Names = (),
    tokenized: Names = (),
    count: bool = False,
    includes_archived: bool = True,
    fits_in_memory: bool = False,
    idempotent: bool = False,
    params: Mapping[str, str] | None = None,
    row_params: Mapping[str, str] | None = None,
    paging: tuple[Paging, ...] = (CURSOR, OFFSET),
    key: str | None = None,
    update_method: str = "PUT",
) -> Api:
    """Declare a resource: its list, and its rows by id.

    >>> class Vehicle(Model):
    ...     name: Field[str]
    ...     class Meta:
    ...         api = resource("vehicles", can=Operation.LIST | Operation.SHOW)
    >>> Vehicle.objects.filter(id=7).explain().splitlines()[1]
    'GET /api/v2/vehicles/7'

    The other arguments are those of `listing()`, and apply to the list.

    Args:
        path: path after `/api/v2/`, or after the host if it starts with a slash.
        can: operations on the list and on single rows.
        bulk: operations on up to 100 rows at once, of `SHOW | CREATE | UPDATE | DELETE`.
        show_many_by: further fields that `show_many` accepts: `("external_id",)`.
        includes: side-loads of list, show and show_many.
        idempotent: whether creating accepts an `Idempotency-Key`.
        row_params: query parameters of every request that reads rows by id, creates or updates one.
        key: name of the rows in the envelope; by default the last part of the path.
        update_method: HTTP method of an update: `PUT` or `PATCH`.
    """
    key = path.rsplit("/", 1)[-1] if key is None else key
    names, fixed = frozenset(includes), tuple((row_params or {}).items())
    show = Endpoint(Verb.SHOW, f"{path}/{{id}}", key, includes=names, fixed_params=fixed)
    endpoints: list[Endpoint] = [show] if SHOW in can else []
    if SHOW in bulk:
        many = evolve(show, verb=Verb.SHOW_MANY, path=f"{path}/show_many")
        endpoints += (evolve(many, filters={name: f"{name}s"}) for name in ("id", *show_many_by))
    if LIST in can:
        endpoints += listing(
            path,
            key=key,
            filters=filters,
            orders=orders,
            offset_orders=offset_orders,
            default_order=default_order,
            includes=includes,
            comma_separated=comma_separated,
            tokenized=tokenized,
            count=count,
            includes_archived=includes_archived,
            fits_in_memory=fits_in_memory,
            params=params,
            paging=paging,
        )
    for operation, verb in _WRITES.items():
        if operation in can:
            creates = operation is CREATE
            endpoints.append(
                Endpoint(
                    verb,
                    path if creates else f"{path}/{{id}}",
                    key,
                    method=update_method if operation is UPDATE else METHODS[verb],
                    idempotent=idempotent and creates,
                    fixed_params=() if operation is DELETE else fixed,
                )
            )
    endpoints += (
        Endpoint(verb, f"{path}/{verb.value}", key, method=METHODS[verb])
        for operation, verb in _BULK_WRITES.items()
        if operation in bulk
    )
    return Api(tuple(endpoints))


def singleton(
    path: str, key: str, *, can: Operation = SHOW | UPDATE, update_method: str = "PUT"
) -> Api:
    """Declare a resource with exactly one row: the settings of an account.

    Args:
        path: path after `/api/v2/`.
        key: name of the row in the envelope; "" without an envelope.
        can: some of `SHOW | UPDATE`.
        update_method: HTTP method of an update.
    """
    endpoints: tuple[Endpoint, ...] = ()
    if SHOW in can:
        endpoints += (Endpoint(Verb.LIST, path, key, fits_in_memory=True),)
    if UPDATE in can:
        endpoints += (Endpoint(Verb.UPDATE, path, key, method=update_method),)
    return Api(endpoints)


def listing(
    *paths: str,
    key: str | None = None,
    filters: Filters = (),
    required: Names = (),
    orders: Names = (),
    offset_orders: Names = (),
    default_order: str | None = "id",
    includes: Names = (),
    comma_separated: Names = (),
    tokenized: Names = (),
    count: bool = False,
    includes_archived: bool = True,
    fits_in_memory: bool = False,
    fresh: bool = True,
    max_rows: int | None = None,
    params: Mapping[str, str] | None = None,
    paging: tuple[Paging, ...] = (CURSOR, OFFSET),
) -> Api:
    """Declare lists of the same rows: one endpoint for each path and style of pagination.

    >>> [(item.path, item.paging.name) for item in listing("groups", "users/{user}/groups")]
    [('groups', 'cursor'), ('groups', 'offset'),
     ('users/{user}/groups', 'cursor'), ('users/{user}/groups', 'offset')]

    Args:
        paths: paths after `/api/v2/`. A placeholder is a lookup that the list answers.
        key: name of the rows in the envelope; by default the last part of the path that is not a
            placeholder.
        filters: fields that the list filters by; as a mapping, each with its parameter, also
            with a lookup: `"role__in": "role[]"`.
        required: lookups that a query must have: fields of `filters`, or flags that the path
            stands for, such as `assignable` of `groups/assignable`. Declare these flags as
            `assignable: Lookup[Literal[True]]`.
        orders: fields that the list sorts by with cursor pagination.
        offset_orders: fields that the list sorts by with offset pagination.
        default_order: order of the rows if none is requested; None if it is unknown.
        includes: side-loads.
        comma_separated: fields of `filters` whose parameter is a list joined by commas.
        tokenized: fields by which the list may return more rows, such as those matched by word.
        count: whether `path/count` exists.
        includes_archived: False if the list omits archived rows.
        fits_in_memory: True if the list is short enough to be read completely.
        fresh: False if the list reads the search index, which lags.
        max_rows: rows that the list returns at most; by default the limit of offset pagination.
        params: query parameters of every request, unless a filter sets them.
        paging: styles of pagination.
    """
    endpoints: list[Endpoint] = []
    for path in paths:
        endpoints += (
            Endpoint(
                Verb.LIST,
                path,
                _default_key(path) if key is None else key,
                filters=_mapping(filters),
                required=frozenset(required),
                orders=_mapping(offset_orders if style is OFFSET else orders),
                default_order=default_order,
                paging=style,
                max_rows=max_rows or (OFFSET_WALL if style is OFFSET else None),
                includes=frozenset(includes),
                comma_separated=frozenset(comma_separated),
                tokenized=frozenset(tokenized),
                includes_archived=includes_archived,
                fits_in_memory=fits_in_memory,
                fresh=fresh,
                fixed_params=tuple((params or {}).items()),
            )
            for style in paging
        )
        if count:
            endpoints.append(
                Endpoint(Verb.COUNT, f"{path}/count", "count", includes_archived=includes_archived)
            )
    return Api(tuple(endpoints))


def search_index(
    type_: str,
    keywords: Names = (),
    *,
    tokenized: Names = (),
    supports_none: Names = (),
    includes: Names = (),
    nested: Mapping[str, str] | None = None,
    **renamed: str,
) -> Api:
    """Declare the search keywords of a model.

    >>> api = search_index("ticket", ("status",), tokenized=("subject",))
    >>> [endpoint.path for endpoint in api]
    ['search', 'search/export', 'search/count']

    Args:
        type_: value of `type:` in search: `ticket`, `user`, `organization`, `group`; "" for all.
        keywords: fields whose keyword has the name of the field, and matches exactly.
        tokenized: fields whose keyword has the name of the field, and matches by word.
        supports_none: fields for which `none` finds rows without a value.
        includes: side-loads, sent as `include=tickets(users)`.
        nested: fields with keys, and the keyword pattern of each: `custom_field_*`.
        renamed: field=keyword, for fields whose keyword has another name.

    Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
    """
    patterns = {f"{name}__*": keyword for name, keyword in (nested or {}).items()}
    filters = _mapping((*keywords, *tokenized)) | patterns | renamed
    search = Endpoint(
        Verb.SEARCH,
        "search",
        "results",
        filters=filters,
        orders={name: wire for name, wire in _SEARCH_ORDERS.items() if name in filters},
        # Sent explicitly: relevance, the default, changes between pages. Recorded for the export.
        default_order="-created_at",
        paging=OFFSET,
        max_rows=SEARCH_WALL,
        includes=frozenset(includes),
        fresh=False,
        tokenized=frozenset({*tokenized, *patterns}),
        supports_none=frozenset(supports_none),
        type=type_,
    )
    export = evolve(
        search,
        verb=Verb.SEARCH_EXPORT,
        path="search/export",
        orders={},
        paging=EXPORT,
        max_rows=None,
    )
    count = evolve(
        search,
        verb=Verb.SEARCH_COUNT,
        path="search/count",
        key="count",
        orders={},
        default_order=None,
        paging=ONCE,
        max_rows=None,
        includes=frozenset(),
    )
    # The export requires a type.
    return Api((search, export, count) if type_ else (search, count))


def json_search(
    path: str,
    filters: Filters,
    *,
    key: str,
    orders: Names = (),
    tokenized: Names = ("name",),
) -> Api:
    """Declare a search whose conditions are sent as JSON in the body of a POST.

    Args:
        path: path after `/api/v2/`.
        filters: fields that it compares; `custom_object_fields__*` for all keys of a field.
        key: name of the rows in the envelope.
        orders: fields that it sorts by.
        tokenized: fields of `filters` that match by word.

    Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#filtered-search-of-custom-object-records
    """
    endpoint = Endpoint(
        Verb.FILTER,
        path,
        key,
        filters=_mapping(filters),
        orders=_mapping(orders),
        # Sent explicitly: without an order, only the first 10,000 rows are returned.
        default_order="-created_at",
        paging=CURSOR,
        fresh=False,
        tokenized=frozenset(tokenized),
        method="POST",
    )
    return Api((endpoint,))


def incremental_export(
    *paths: str,
    key: str | None = None,
    filters: Mapping[str, str] | None = None,
    includes: Names = (),
    paging: Paging = INCREMENTAL,
    **params: str,
) -> Api:
    """Declare incremental exports: all rows changed since a time, including archived rows.

    >>> (export,) = incremental_export("incremental/tickets/cursor")
    >>> (export.key, export.paging.name)
    ('tickets', 'incremental')

    Args:
        paths: paths after `/api/v2/`.
        key: name of the rows in the envelope; by default the last part of the path.
        filters: further lookups, each with its parameter.
        includes: side-loads.
        paging: style of pagination.
        params: query parameters of every request.
    """
    return Api(
        tuple(
            Endpoint(
                Verb.INCREMENTAL,
                path,
                _default_key(path.removesuffix("/cursor")) if key is None else key,
                filters={"changed_since": "start_time", **(filters or {})},
                required=frozenset({"changed_since"}),
                paging=paging,
                includes=frozenset(includes),
                fixed_params=tuple(params.items()),
            )
            for path in paths
        )
    )


def _mapping(names: Iterable[str] | Mapping[str, str]) -> dict[str, str]:
    """Return a mapping field -> parameter; names alone map to themselves."""
    return dict(names) if isinstance(names, Mapping) else {name: name for name in names}


def _default_key(path: str) -> str:
    """Return the last part of a path that is not a placeholder."""
    return [part for part in path.split("/") if not part.startswith("{")][-1]
