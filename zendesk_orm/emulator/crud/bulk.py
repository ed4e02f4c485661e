"""`create_many`, `update_many` and `destroy_many`: jobs that change up to 100 rows.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets
"""

from __future__ import annotations

import random
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, safe_updates, writes
from zendesk_orm.emulator.crud.jobs import MAX_ITEMS, JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import HTTPError, missing_parameter, too_many_values
from zendesk_orm.emulator.server.routes import handles, job
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


#: The id of the account, which only the results of created tickets contain.
ACCOUNT_ID = 18_525_119

_VERBS = {Verb.CREATE_MANY: "Create", Verb.UPDATE_MANY: "Update", Verb.DESTROY_MANY: "Delete"}
_LABELS = {
    Verb.CREATE_MANY: "Creating",
    Verb.UPDATE_MANY: "Updating",
    Verb.DESTROY_MANY: "Deleting",
}
#: Models whose deletion is titled an update, as recorded.
_TITLED_UPDATE = frozenset({"Ticket", "User"})
#: Resources whose rows are deleted during the request, without a job.
_SYNCHRONOUS = frozenset({"automations", "macros", "suspended_tickets", "triggers", "views"})


@handles(Verb.CREATE_MANY, Verb.UPDATE_MANY, Verb.DESTROY_MANY)
def submit(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that creates, updates or deletes rows.

    Raises:
        HTTPError: 400, if there are too many rows; 429, if there are too many jobs.
    """
    meta, verb = target.meta, target.endpoint.verb
    items = _parse_items(request, target)
    if len(items) > MAX_ITEMS:
        raise too_many_values(meta.plural if verb is Verb.CREATE_MANY else "")
    if verb is Verb.CREATE_MANY and meta.plural == "users":
        check_bulk_users(context)
    if verb is Verb.DESTROY_MANY and meta.plural in _SYNCHRONOUS:
        for item in items:
            _apply(context, meta, verb, item)
        return Response(204)
    name = _VERBS[verb]
    if verb is Verb.DESTROY_MANY and meta.object_name in _TITLED_UPDATE:
        name = "Update"
    options: dict[str, Any] = {"of": meta.label, "verb": verb.value}
    if verb is Verb.UPDATE_MANY and meta.label == "support.Ticket":
        options["since"] = _parse_stamp(context, request, items)
    label = f"{_LABELS[verb]} {meta.object_name.lower()}"
    return queue(context, JobSpec("bulk", f"Bulk {name} {meta.object_name}", label, items, options))


def _parse_stamp(context: Context, request: Request, items: list[Any]) -> str | None:
    """Return the timestamp after which no ticket may have changed, or None.

    The same change of several tickets is always a safe update: by its `updated_stamp`, or by
    the time at which it is queued.

    Raises:
        HTTPError: 400, if one of several changes has only one key of a safe update.
    """
    if isinstance(request.body.get("tickets"), list):
        safe_updates.check_keys(items)
        return None
    return str(request.body["ticket"].get("updated_stamp") or context.timestamp())


def check_bulk_users(context: Context) -> None:
    """Check that the account can create users in bulk, which it has to request.

    Raises:
        HTTPError: 403, if it cannot.
    """
    if not context.switches.bulk_users:
        body = {"error": "Forbidden", "description": "Bulk import is not enabled"}
        raise HTTPError(403, body, "OpenAPI CreateManyUsers")


@job("bulk")
def run_bulk(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Create, update or delete the rows of a job and return the results."""
    app, _, name = str(spec.options["of"]).partition(".")
    meta, verb = registry.find(name, app)._meta, Verb(spec.options["verb"])
    items = list(enumerate(spec.items))
    if verb is Verb.CREATE_MANY and meta.singular == "ticket":
        # Recorded: tickets are created in any order, and the results contain their indexes.
        random.Random(pk).shuffle(items)  # noqa: S311 - not secret

    def apply(item: Any) -> Any:
        if spec.options.get("since"):
            before = resources.get(context, meta, item["id"]).doc
            safe_updates.check_unchanged_since(before, spec.options["since"])
        return _apply(context, meta, verb, item)

    def on_success(index: int, row: Any) -> dict[str, Any]:
        if verb is Verb.CREATE_MANY:
            return build_created_result(meta, index, row)
        action = ("update", "Updated") if verb is Verb.UPDATE_MANY else ("delete", "Deleted")
        return {"action": action[0], "status": action[1], "success": True, "id": row}

    def on_error(index: int, item: Any, error: HTTPError) -> dict[str, Any]:
        # In the form recorded for organizations.
        code = f"{meta.object_name}{_VERBS[verb]}Failed"
        result: dict[str, Any] = {"index": index, "error": code}
        if verb is not Verb.CREATE_MANY:
            result["id"] = item.get("id") if isinstance(item, dict) else item
        return {**result, "details": describe_error(error)}

    return run_items(context, items, apply, on_success, on_error)


def build_created_result(meta: Options, index: int, pk: Any) -> dict[str, Any]:
    """Return the job result of a row that was created."""
    if meta.singular == "ticket":
        return {"index": index, "id": pk, "account_id": ACCOUNT_ID}
    return {"id": pk, "status": "Created"}


def parse_rows(request: Request, plural: str) -> list[dict[str, Any]]:
    """Return the objects in the body of a request.

    Raises:
        HTTPError: 400, if the body has no list of objects.
    """
    items = request.body.get(plural)
    if not isinstance(items, list):
        raise missing_parameter(plural)
    return [item if isinstance(item, dict) else {} for item in items]


def _apply(context: Context, meta: Options, verb: Verb, item: Any) -> Any:
    """Create, update or delete one row and return its id."""
    if verb is Verb.CREATE_MANY:
        return writes.create_one(context, meta, item).row["id"]
    if verb is Verb.UPDATE_MANY:
        payload = {key: value for key, value in item.items() if key != "id"}
        return writes.update_one(context, meta, item.get("id"), payload).row["id"]
    return writes.delete_one(context, meta, item).row["id"]


def _parse_items(request: Request, target: Target) -> list[Any]:
    """Return the items of a job: ids to delete, objects with an id, or objects to create."""
    meta, verb = target.meta, target.endpoint.verb
    if verb is Verb.DESTROY_MANY:
        return request.get_ids()
    if verb is Verb.CREATE_MANY or "ids" not in request.params or meta.plural in request.body:
        return parse_rows(request, meta.plural)
    change = request.get_object(meta.singular)
    return [{**change, "id": pk} for pk in request.get_ids()]
