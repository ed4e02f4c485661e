"""Validation of responses: bodies -> envelopes, rows and counts that other code can rely on.

Every response body passes through this module. An envelope is an object (a bare list is stored
under ""), a row is an object whose id is a number or a string, a count is a number. null counts
as absent. Anything else raises `MalformedResponse`. The values of a row are converted when they
are read, by `schema.loading`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import ONE, Paging
from zendesk_orm.errors import MalformedResponse, UnexpectedValue, ZendeskError
from zendesk_orm.http.hosts import query_of, resolve
from zendesk_orm.http.request import Request, Response, redact_path
from zendesk_orm.messages import display
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.counted import Counted
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.session.shared import Version


#: Stands for the request in errors about a response whose request is unknown.
UNKNOWN = Request("", "")


@frozen
class Page:
    """The rows of one response, and the `version` of the changes before it was requested.

    Attributes:
        rows: the rows, in the order of the response.
        data: the whole envelope, side-loads included.
        following: the request for the next page, or None after the last one.
        count: the number of rows of the list, if the response contains it.
        displaced: whether the rows belong to an earlier place in the list.
        ends: whether Zendesk stops after this page, so that a new request continues from the
            time of the last row.
        error: the reason why the page could not be read, or None. It then has no rows, and the
            next item of the stream is the result of another request for it.
        position: the place in the list at which it begins, or None; see `session.lists.positions`.
        checkpoint: the place after it, if it is the page of an export, of which all rows count.
        served_at: the time of the server, if it is the page of an export.
    """

    rows: list[Row]
    data: Mapping[str, Any]
    following: Request | None = None
    count: int | None = None
    displaced: bool = False
    ends: bool = False
    error: ZendeskError | None = None
    position: Any = None
    version: Version | None = None
    checkpoint: Checkpoint | None = None
    served_at: float | None = None


def malformed(request: Request, problem: str, status: int = 200) -> MalformedResponse:
    """Return the error that describes a malformed response."""
    return MalformedResponse(request.method, redact_path(request.path), status, description=problem)


def envelope(request: Request, response: Response) -> dict[str, Any]:
    """Return the body of a response that must have one; a bare list is stored under "".

    Raises:
        MalformedResponse: the body is neither a JSON object nor a list.
    """
    data = response.data
    if isinstance(data, list):
        return {"": data}
    if not isinstance(data, dict):
        raise malformed(request, f"the body is not an object: {display(data)}", response.status)
    return data


def get_server_time(response: Response) -> float | None:
    """Return the time at which the server made a response; None if that is unknown."""
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def object_in(request: Request, response: Response, *keys: str) -> dict[str, Any]:
    """Return the object under a key of the envelope; the whole body if the key is "".

    Args:
        request, response: the exchange.
        keys: the key, followed by keys inside of the object.

    Raises:
        MalformedResponse: the object is missing.
    """
    value: Any = envelope(request, response)
    for key in keys:
        value = under(value, key)
        if not isinstance(value, dict):
            raise malformed(request, f"the body has no {display(key)}", response.status)
    data: dict[str, Any] = value
    return data


def under(data: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key of an envelope; the whole envelope if the key is ""."""
    return data.get(key) if key or "" in data else data


def require_objects(rows: Iterable[Any]) -> list[Row]:
    """Return the rows of the response to an action.

    Raises:
        MalformedResponse: a row is not an object.
    """
    if not isinstance(rows, (list, tuple)):
        raise malformed(UNKNOWN, f"{display(rows)} is not a list of objects")
    for row in rows:
        if not isinstance(row, dict):
            raise malformed(UNKNOWN, f"{display(row)} is not an object")
    return list(rows)


def count_in(request: Request, response: Response) -> Counted:
    """Return the count in a response: a number, or an object with the number and its time.

    Raises:
        MalformedResponse: the number is missing or negative.
        UnexpectedValue: the time is invalid.
    """
    count = envelope(request, response).get("count")
    value = count.get("value") if isinstance(count, dict) else count
    if type(value) is not int or value < 0:
        raise malformed(request, "the body has no count", response.status)
    stamp = count.get("refreshed_at") if isinstance(count, dict) else None
    return Counted.of(value, load_datetime(stamp) if stamp else None)


def objects(request: Request, value: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list in a response, without nulls.

    Args:
        request: the request of the response.
        value: the value under the key.
        key: the key of the list, for the message.

    Raises:
        MalformedResponse: the value is not a list of objects.
    """
    if not isinstance(value, list):
        raise malformed(request, f"the body has no {display(key)}")
    if set(map(type, value)) <= _OBJECT:
        return value
    for item in value:
        if item is not None and not isinstance(item, dict):
            raise malformed(request, f"{display(key)} contains {display(item)}, not an object")
    return [item for item in value if item is not None]


def objects_in(data: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list that a body may contain; none if it does not.

    Raises:
        MalformedResponse: the value is not a list of objects.
    """
    value = data.get(key) if isinstance(data, dict) else None
    return [] if value is None else objects(UNKNOWN, value, key)


def check_rows(request: Request, rows: Sequence[Any], meta: Options) -> None:
    """Check the type of the id of each row, and of the id of its parent if it has one.

    Rows of a model whose ids are not unique may have no id.

    Raises:
        MalformedResponse: a row is not an object, or an id is missing or invalid.
    """
    # Without a call per row: the types of all ids are compared at once.
    try:
        ids = [row.get("id") for row in rows]
        types = set(map(type, ids))
        parent_types = {type(row.get(wire)) for wire in meta.parent_keys for row in rows}
    except AttributeError:
        ids, types, parent_types = [], {dict}, {dict}
    valid = types <= _INTEGER or (types <= _IDS and "" not in ids)
    if not valid or parent_types & _NOT_IDS:
        for row in rows:
            _check_row(request, row, meta)


def complete_rows(rows: list[Row], plan: Plan) -> None:
    """Add the values that only the path contains, and share the values of repeated keys.

    The second copy of a ticket's custom fields takes a quarter of the ticket's memory, which only
    matters for rows that are kept.
    """
    path_values, meta = plan.path_values, plan.query.meta
    if path_values:
        for row in rows:
            row.update(path_values)
    if meta.pk_key != "id":
        rows[:] = map(meta.with_id, rows)
    for alias, name in () if plan.query.streamed else meta.aliases:
        for row in rows:
            copy = row.get(alias)
            if copy is not None and copy == row.get(name):
                row[alias] = row[name]


def accept_row(
    meta: Options, row: Any, pk: Any, request: Request = UNKNOWN, status: int = 200
) -> Row:
    """Return the row in the response to a write, with the id of the object that was written.

    A row that belongs to another object would send the next change to that object.

    Args:
        meta: the options of the object's model.
        row: the row.
        pk: the id of the object; None if the request has created it.
        request, status: the request, and the status of the response, for the message.

    Raises:
        MalformedResponse: the row is not an object, has the id of another row, or, if the object
            is new, no valid id.
    """
    if not isinstance(row, dict):
        raise malformed(request, f"{display(row)} is not an object", status)
    row = meta.with_id(row)
    # A text instead of a number stands for an id that is unknown, such as that of a translation.
    is_unknown = type(pk) is str and meta.pk_key == "id" and not meta.is_id(pk)
    if pk is None or is_unknown:
        check_rows(request, [row], meta)
        pk = meta.to_id(row.get("id"))
        if pk is not None and not meta.is_id(pk):
            problem = f"there is a row of {display(meta.plural)} with the id {display(pk)}"
            raise malformed(request, problem, status)
    elif not _is_same_id(row.get("id"), pk):
        problem = f"the body contains the {meta.singular} {display(row['id'])} instead of {pk}"
        raise malformed(request, problem, status)
    if meta.parent_keys:
        _check_parents(request, row, meta)
    return row if row.get("id") == pk else {**row, "id": pk}


def _is_same_id(value: Any, pk: Any) -> bool:
    """Return whether an id in a response is that of an object; null counts as absent."""
    return value is None or str(value).casefold() == str(pk).casefold()


def _check_row(request: Request, row: Any, meta: Options) -> None:
    """Check one row, and raise the error that `check_rows()` describes."""
    if not isinstance(row, dict):
        raise malformed(request, f"{display(row)} is not a row of {display(meta.plural)}")
    pk = row.get("id")
    if type(pk) is not int and not (pk and type(pk) is str):
        if pk is None and not meta.unique_ids:
            return
        problem = "without an id" if pk is None or pk == "" else f"with the id {display(pk)}"
        raise malformed(request, f"there is a row of {display(meta.plural)} {problem}")
    _check_parents(request, row, meta)


def _check_parents(request: Request, row: Row, meta: Options) -> None:
    """Check the ids of the parents of a row, and raise the error that `check_rows()` describes."""
    for wire in meta.parent_keys:
        if type(row.get(wire)) in _NOT_IDS:
            problem = f"{meta.singular} {row.get('id')} has the {wire} {display(row[wire])}"
            raise malformed(request, problem)


#: Types of JSON: of objects, of most ids, of all ids, and those that no id has (null is absent).
_OBJECT = frozenset({dict})
_INTEGER = frozenset({int})
_IDS = frozenset({int, str})
_NOT_IDS = frozenset({bool, float, list, dict})


def following(
    request: Request, style: Paging, data: Mapping[str, Any], read: int
) -> Request | None:
    """Return the request for the page after one, or None after the last page.

    Args:
        request: the request for the page.
        style: the style of paging that was requested.
        data: the body of the page.
        read: number of rows of the list read so far, including those of the page.

    Raises:
        MalformedResponse: rows are missing, and the response has no link to them; or a flag or a
            link has a wrong type.
    """
    try:
        continuation = style.continuation(data, read)
    except UnexpectedValue as error:
        raise malformed(request, str(error)) from None
    if not continuation.has_more:
        return None
    if continuation.link is not None:
        # A link may be relative to the page.
        link = resolve(request.path, continuation.link)
        missing = _missing_params(request, link, style) if style.place else ()
        return evolve(request, path=link, params=missing)
    if continuation.params:
        names = {name for name, _ in continuation.params}
        others = tuple(pair for pair in request.params if pair[0] not in names)
        return evolve(request, params=(*others, *continuation.params))
    raise malformed(
        request, f"there are more rows than the {read:,} read so far, but no link to them"
    )


def _missing_params(request: Request, link: str, style: Paging) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a request, such as `include`, that the link after it lacks."""
    names = {*style.place, *query_of(link)}
    params = {**query_of(request.path), **dict(request.params)}
    return tuple((name, value) for name, value in params.items() if name not in names)


def is_misplaced(plan: Plan, rows: list[Row], data: Mapping[str, Any]) -> bool:
    """Return whether a page, requested by its number, does not hold the rows of that number.

    The server may use another page size, or ignore page numbers.
    """
    number, size, style = plan.number, plan.size, plan.endpoint.paging
    if not plan.has_page_numbers or number == 1:
        return False
    total, link, before = style.count(data), style.link(data), (number - 1) * size
    if total is None or len(rows) != min(size, max(0, total - before)):
        return True
    if link is None:
        return before + len(rows) < total
    return query_of(link).get(style.page) != str(number + 1)


def check_ids(request: Request, rows: list[Row], plan: Plan) -> None:
    """Check that a request by id returned only rows that were requested.

    A response that belongs to another request would send a change to another object.

    Raises:
        MalformedResponse: a row was not requested.
    """
    endpoint, query = plan.endpoint, plan.query
    if endpoint.verb is Verb.SHOW:
        name, requested = "id", (query.ids or ())[:1]
    elif endpoint.verb is Verb.SHOW_MANY:
        name, requested = plan.key, query.values_of(plan.key)
    else:
        return
    field = query.meta.fields.get(name)
    wire = name if field is None else field.wire
    values = [row.get(wire) for row in rows]
    if set(map(type, values)) <= _INTEGER and set(requested).issuperset(values):
        return
    # Zendesk may return a string in another case than the request.
    folded = {str(value).casefold() for value in requested}
    for value in values:
        if value is None and name != "id":
            continue
        if str(value).casefold() not in folded:
            raise malformed(request, f"the row with {wire} {display(value)} was not requested")


def read_rows(
    request: Request, data: Mapping[str, Any], endpoint: Endpoint, meta: Options
) -> list[Row]:
    """Return the rows of an envelope."""
    if endpoint.verb is Verb.SHOW:
        row = under(data, meta.envelope)
        if isinstance(row, dict):
            return [row]
        raise malformed(request, f"the body has no {display(meta.envelope)}")
    value = under(data, endpoint.key)
    if isinstance(value, dict) and (not meta.pk_key or endpoint.paging is ONE):
        return [value]
    rows = objects(request, value, endpoint.key)
    if endpoint.type:
        for row in rows:
            # Part of the envelope that Zendesk writes into the rows.
            row.pop("result_type", None)
    return rows
