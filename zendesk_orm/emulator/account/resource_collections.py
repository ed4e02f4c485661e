"""Resource collections, which jobs create, update and delete.

The resources of a collection are listed in it, but they are not created.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/resource_collections/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.jobs import JobSpec, queue
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.support import ResourceCollection


_META = ResourceCollection._meta


@route("POST", "resource_collections", ResourceCollection)
@route("PUT", "resource_collections/{id}", ResourceCollection)
@route("DELETE", "resource_collections/{id}", ResourceCollection)
def queue_change(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that creates, updates or deletes a collection, and return the job.

    Raises:
        HTTPError: 404, if the collection does not exist; 400, if the payload is missing.
    """
    pk = target.args[0] if target.args else None
    if pk is not None:
        resources.get(context, _META, pk)
    items: list[Any] = []
    if request.method != "DELETE":
        payload = request.body.get("payload")
        if not payload:
            raise missing_parameter("payload")
        items = list(_list_resources(payload))
    options = {"id": pk, "deletes": request.method == "DELETE"}
    spec = JobSpec("resource collection", "App Requirements", "Resource", items, options)
    return queue(context, spec)


@job("resource collection")
def change_collection(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Create, update or delete a collection, and return its resources."""
    collection = spec.options["id"]
    if spec.options["deletes"]:
        stored = resources.get(context, _META, collection)
        resources.delete(context, _META, stored)
        return [{**resource, "deleted": True} for resource in stored.doc["resources"]]
    rows = [
        {"type": kind, "identifier": name, "resource_id": context.store.next_id(), "deleted": False}
        for kind, name in spec.items
    ]
    if collection is None:
        resources.create(context, _META, {}, {}, {"resources": rows})
    else:
        stored = resources.get(context, _META, collection)
        resources.update(context, _META, stored, {}, {"resources": rows})
    return rows


def _list_resources(payload: Mapping[str, Any]) -> Iterator[list[str]]:
    for kind, definitions in payload.items():
        for name in definitions if isinstance(definitions, dict) else ():
            yield [kind, name]
