"""The boundary: bodies of responses -> envelopes, rows and counts that the rest can rely on.

Whatever reads the body of a response begins here. An envelope is an object (a bare list is put
under ""), a row is an object with a number or a text for an id, a count is a number. null is
absent. Anything else raises `MalformedResponse`. The values in a row are converted when they are
read, by `schema.loading`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.errors import MalformedResponse
from zendesk_orm.http.request import Request, Response, shown
from zendesk_orm.schema.loading import load_datetime, shortened
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.session.counted import Counted


#: The request of a response that is read where the request is not at hand.
UNKNOWN = Request("", "")


def malformed(request: Request, what: str, status: int = 200) -> MalformedResponse:
    """Return the error that describes a malformed response."""
    return MalformedResponse(request.method, shown(request.path), status, description=what)


def envelope(request: Request, response: Response) -> dict[str, Any]:
    """Return the body of a response that must have one; a bare list stands under "".

    Raises:
        MalformedResponse: it is neither a JSON object nor a list.
    """
    data = response.data
    if isinstance(data, list):
        return {"": data}
    if not isinstance(data, dict):
        raise malformed(request, f"the body is not an object: {shortened(data)}", response.status)
    return data


def object_in(request: Request, response: Response, *keys: str) -> dict[str, Any]:
    """Return the object under a key of the envelope; the whole body if the key is "".

    Args:
        request: what was sent.
        response: what came back.
        keys: the key, and those within the object that is under it.

    Raises:
        MalformedResponse: it is missing.
    """
    found: Any = envelope(request, response)
    for key in keys:
        found = under(found, key)
        if not isinstance(found, dict):
            raise malformed(request, f"there is no {key!r} in the body", response.status)
    data: dict[str, Any] = found
    return data


def under(data: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key of an envelope; the whole envelope if the key is ""."""
    return data.get(key) if key or "" in data else data


class Body(dict[str, Any]):
    """An object of the response to an action: a missing key raises `MalformedResponse`."""

    def __missing__(self, key: str) -> Any:
        raise malformed(UNKNOWN, f"there is no {key!r} in the body")


def body_of(data: Any) -> Any:
    """Return the body of the response to an action, in which a missing key is an error of ours."""
    if not isinstance(data, dict):
        return data
    return Body({key: Body(each) if type(each) is dict else each for key, each in data.items()})


def require_objects(rows: Iterable[Any]) -> list[Row]:
    """Return the rows of the response to an action.

    Raises:
        MalformedResponse: one of them is not an object.
    """
    found = list(rows)
    for row in found:
        if not isinstance(row, dict):
            raise malformed(UNKNOWN, f"{shortened(row)} is not an object")
    return found


def part_of(data: Any, key: str) -> dict[str, Any]:
    """Return the object under a key of a part of a body; an empty one if it is missing.

    Raises:
        MalformedResponse: there is something else.
    """
    found = data.get(key) if isinstance(data, dict) else None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise malformed(UNKNOWN, f"{key!r} is not an object: {shortened(found)}")
    return found


def count_in(request: Request, response: Response) -> Counted:
    """Return the count in a response: bare, or as a value with its age.

    Raises:
        MalformedResponse: there is no number from 0 on.
        UnexpectedValue: its age is not a moment.
    """
    found = envelope(request, response).get("count")
    value = found.get("value") if isinstance(found, dict) else found
    if type(value) is not int or value < 0:
        raise malformed(request, "there is no count in the body", response.status)
    stamp = found.get("refreshed_at") if isinstance(found, dict) else None
    return Counted.of(value, load_datetime(stamp) if stamp else None)


def objects(request: Request, found: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list in a response, without nulls.

    Args:
        request: what was sent.
        found: the value under the key.
        key: the key of the list, for the message.

    Raises:
        MalformedResponse: it is not a list of objects.
    """
    if not isinstance(found, list):
        raise malformed(request, f"there are no {key!r} in the body")
    if all(type(each) is dict for each in found):
        return found
    for each in found:
        if each is not None and not isinstance(each, dict):
            raise malformed(request, f"among {key!r} there is {shortened(each)}, not an object")
    return [each for each in found if each is not None]


def objects_in(data: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list that a body may contain; none if it does not.

    Raises:
        MalformedResponse: it is not a list of objects.
    """
    found = data.get(key) if isinstance(data, dict) else None
    return [] if found is None else objects(UNKNOWN, found, key)


def check_rows(request: Request, rows: Iterable[Row], meta: Options) -> None:
    """Check that each row has an id, and the id of its parent if it has one, of a right type.

    Rows of a model whose ids are not unique may have none: each of them is an object.

    Raises:
        MalformedResponse: the id of a row is missing or invalid.
    """
    place = meta.place
    for row in rows:
        if not isinstance(row, dict):
            raise malformed(request, f"{shortened(row)} is not a row of {meta.plural!r}")
        pk = row.get("id")
        if type(pk) is not int and not (pk and type(pk) is str):
            if pk is None and not meta.unique_ids:
                continue
            what = "without an id" if pk is None or pk == "" else f"with the id {shortened(pk)}"
            raise malformed(request, f"there is a row of {meta.plural!r} {what}")
        for wire in place:
            if type(row.get(wire)) in _NOT_IDS:
                what = f"{meta.singular} {pk} has the {wire} {shortened(row[wire])}"
                raise malformed(request, what)


#: The types of JSON that no id has; null is absent.
_NOT_IDS = frozenset({bool, float, list, dict})
