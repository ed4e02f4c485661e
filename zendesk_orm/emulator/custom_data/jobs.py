"""Bulk jobs of records and assets: one request for all actions, one result for each item.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-record-bulk-jobs
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.crud.jobs import JobSpec, describe_error, queue, run_items
from zendesk_orm.emulator.custom_data import records
from zendesk_orm.emulator.custom_data.custom_objects import check_object
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    HTTPError,
    invalid_attribute,
    missing_parameter,
    not_found,
    require_scalar,
)
from zendesk_orm.emulator.server.parameters import convert
from zendesk_orm.emulator.server.routes import job, route
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Asset, CustomObjectRecord


_RECORD, _ASSET = CustomObjectRecord._meta, Asset._meta
#: Actions with the verb in the messages of the job.
_RECORD_ACTIONS: Mapping[str, str] = {
    "create": "Creating",
    "update": "Updating",
    "create_or_update_by_external_id": "Updating",
    "create_or_update_by_name": "Updating",
    "delete": "Deleting",
    "delete_by_external_id": "Deleting",
}
_ASSET_ACTIONS: Mapping[str, str] = {
    "create": "Changing",
    "update": "Changing",
    "delete": "Changing",
    "delete_by_external_id": "Changing",
}
#: Statuses of results by their action.
_STATUSES = {"create": "Created", "update": "Updated", "delete": "Deleted"}


@route("POST", "custom_objects/{custom_object_key}/jobs", CustomObjectRecord)
def queue_record_job(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that applies an action to up to 100 records, and return the job.

    Raises:
        HTTPError: 404, if the object does not exist; 400, if action or items are invalid.
    """
    options = {"key": check_object(context, target.args[0])}
    name = "custom object record"
    return _queue_job(context, request, "records", name, _RECORD_ACTIONS, options)


@route("POST", "it_asset_management/assets/jobs", Asset)
def queue_asset_job(context: Context, request: Request, target: Target) -> Response:
    """Queue a job that applies an action to up to 100 assets, and return the job.

    Raises:
        HTTPError: 400, if action or items are invalid.
    """
    return _queue_job(context, request, "assets", "asset", _ASSET_ACTIONS, {})


@job("records")
def run_record_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Apply an action to records, and return their results."""
    key, action = spec.options["key"], spec.options["action"]
    return _run_job(context, spec, _RECORD, lambda item: _change_record(context, key, action, item))


@job("assets")
def run_asset_job(context: Context, pk: str, spec: JobSpec) -> list[dict[str, Any]]:
    """Apply an action to assets, and return their results."""
    action = spec.options["action"]
    return _run_job(context, spec, _ASSET, lambda item: _change_asset(context, action, item))


def _queue_job(
    context: Context,
    request: Request,
    job_name: str,
    item_name: str,
    actions: Mapping[str, str],
    options: Mapping[str, Any],
) -> Response:
    payload = request.get_object("job")
    action, items = payload.get("action"), payload.get("items")
    if not isinstance(action, str) or action not in actions:
        raise missing_parameter("action")
    if not isinstance(items, list):
        raise missing_parameter("items")
    title = f"Bulk {action.capitalize().replace('_', ' ')} {item_name.title()}"
    progress_label = f"{actions[action]} {item_name}"
    spec = JobSpec(job_name, title, progress_label, items, {**options, "action": action})
    # Documented: unlike other jobs, these are returned with 201.
    return evolve(queue(context, spec), status=201)


def _run_job(
    context: Context, spec: JobSpec, meta: Options, apply: Callable[[Any], Any]
) -> list[dict[str, Any]]:
    action = spec.options["action"]
    # Upserts are reported as updates.
    verb = "update" if action.startswith("create_or_") else action.partition("_")[0]

    def apply_to(item: Any) -> Any:
        if verb == "delete":
            require_scalar("items", item)
        elif not isinstance(item, dict):
            raise invalid_attribute("items", "items must be an array of hashes")
        return apply(item if verb == "delete" else convert(meta, item))

    def on_success(index: int, pk: Any) -> dict[str, Any]:
        return {"action": verb, "status": _STATUSES[verb], "success": True, "id": pk}

    def on_error(index: int, item: Any, error: HTTPError) -> dict[str, Any]:
        code = f"{meta.concrete.__name__}{verb.capitalize()}Failed"
        return {"index": index, "error": code, "details": describe_error(error)}

    return run_items(context, enumerate(spec.items), apply_to, on_success, on_error)


def _change_record(context: Context, key: str, action: str, item: Any) -> Any:
    """Apply an action to a record, and return its id."""
    path = {"custom_object_key": key}
    if action == "create":
        return records.create(context, _RECORD, item, path).row["id"]
    if action == "update":
        resources.get(context, _RECORD, item.get("id"), path)
        return writes.update_one(context, _RECORD, item["id"], item).row["id"]
    if action == "delete":
        resources.get(context, _RECORD, item, path)
        return writes.delete_one(context, _RECORD, item).row["id"]
    wire = "name" if action.endswith("name") else "external_id"
    if action == "delete_by_external_id":
        stored = records.find_record(context, key, wire, item)
        if stored is None:
            raise not_found()
        return resources.delete(context, _RECORD, stored).row["id"]
    return records.create_or_update(context, key, wire, item.get(wire), item).row["id"]


def _change_asset(context: Context, action: str, item: Any) -> Any:
    """Apply an action to an asset, and return its id."""
    if action == "create":
        return writes.create_one(context, _ASSET, item).row["id"]
    if action == "update":
        return writes.update_one(context, _ASSET, item.get("id"), item).row["id"]
    if action == "delete_by_external_id":
        where = Where("state < ?", (DELETED,)) & where_equal("external_id", item)
        rows = context.store.select(_ASSET.label, where)
        if not rows:
            raise not_found()
        item = rows[0]["id"]
    return resources.delete(context, _ASSET, resources.get(context, _ASSET, item)).row["id"]
