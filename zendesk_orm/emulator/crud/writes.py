"""Handlers that create, update and delete one row, with the functions of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.row_parameters import change_form
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.ignored_keys import BULK_KEYS
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.server.routes import CREATES, DELETES, UPDATES, handles
from zendesk_orm.emulator.storage.store import WriteResult, dump_json
from zendesk_orm.schema.options import Options


#: Paths below which responses to creations have no `Location`, as recorded.
_WITHOUT_LOCATION = ("calls", "community/", "guide/", "help_center/", "webhooks")
#: Models whose bodies have no envelope, although responses have one.
#: Source: OpenAPI, `SavedSearchInput` and `SavedSearchResponse`.
_BARE = frozenset({"support.CapacityRule", "support.SavedSearch"})


@handles(Verb.CREATE)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a row. The response contains it and its address.

    Raises:
        HTTPError: 404, if a row named in the path does not exist; 422, if a value is invalid.
    """
    resources.check_path(context, target.meta, target.kwargs)
    result = create_one(context, target.meta, _get_payload(request, target), target.kwargs)
    if request.path.startswith(_WITHOUT_LOCATION):
        return _respond(context, request, target.meta, result, 201)
    default = f"{request.host}/api/v2/{request.path}/{result.row.get('id')}"
    url = str(result.row.get("url") or default)
    return _respond(context, request, target.meta, result, 201, {"Location": url})


@handles(Verb.UPDATE)
def update(context: Context, request: Request, target: Target) -> Response:
    """Update a row and return it.

    Raises:
        HTTPError: 404, if the row does not exist; 422, if a value is invalid.
    """
    meta = target.meta
    pk = target.kwargs["id"] if meta.pk_key else resources.get_singleton(context, meta).id
    # Recorded: a missing row is reported before any error in the body.
    resources.get(context, meta, pk, target.kwargs)
    payload = _get_payload(request, target)
    single = {key: value for key, value in payload.items() if key not in BULK_KEYS}
    return _respond(context, request, meta, update_one(context, meta, pk, single))


@handles(Verb.DELETE)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete a row.

    Raises:
        HTTPError: 404, if the row does not exist.
    """
    resources.get(context, target.meta, target.kwargs["id"], target.kwargs)
    result = delete_one(context, target.meta, target.kwargs["id"])
    # Recorded: only the responses for users contain the row.
    if target.meta.label == "support.User":
        return _respond(context, request, target.meta, result)
    return Response(204)


def create_one(
    context: Context,
    meta: Options,
    payload: Mapping[str, Any],
    path_values: Mapping[str, Any] | None = None,
) -> WriteResult:
    """Create a row.

    Args:
        context: the account.
        meta: the options of its model.
        payload: the object in the body of the request.
        path_values: the values of the path's placeholders by name.

    Raises:
        HTTPError: 400 or 422, if a value is invalid.
    """
    payload = convert(meta, payload)
    function = CREATES.get(meta.label, resources.create)
    return function(context, meta, payload, path_values or {})


def update_one(context: Context, meta: Options, pk: Any, payload: Mapping[str, Any]) -> WriteResult:
    """Update a row.

    Raises:
        HTTPError: 404, if the row does not exist; 400 or 422, if a value is invalid.
    """
    stored = resources.get(context, meta, pk)
    function = UPDATES.get(meta.label, resources.update)
    return function(context, meta, stored, convert(meta, payload))


def delete_one(context: Context, meta: Options, pk: Any) -> WriteResult:
    """Delete a row.

    Raises:
        HTTPError: 404, if the row does not exist.
    """
    function = DELETES.get(meta.label, resources.delete)
    return function(context, meta, resources.get(context, meta, pk))


def _get_payload(request: Request, target: Target) -> Mapping[str, Any]:
    """Return the object in the body of a request."""
    bare = target.meta.label in _BARE
    return request.get_object("" if bare else target.meta.envelope)


def _respond(
    context: Context,
    request: Request,
    meta: Options,
    result: WriteResult,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    (text,) = change_form(context, request, meta, [dump_json(result.row)])
    if meta.envelope:
        extra = f",{dump_json(result.extra)[1:-1]}" if result.extra else ""
        text = f'{{"{meta.envelope}":{text}{extra}}}'
    return Response(status, text, headers or {})
