"""Installations of apps, the objects that they require, and their order at locations.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#install-app
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.apps import apps
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, writes
from zendesk_orm.emulator.crud.bulk import ACCOUNT_ID
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    field_error,
    invalid_record,
    missing_parameter,
)
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    App,
    AppInstallation,
    AppInstallationJob,
    AppLocation,
    AppLocationInstallation,
    AppRequirement,
)


_META, _REQUIREMENT = AppInstallation._meta, AppRequirement._meta
_ORDERS = AppLocationInstallation._meta.label
#: The locations of apps by id, as the reference lists them.
_LOCATIONS = {
    1: "top_bar",
    2: "nav_bar",
    3: "ticket_sidebar",
    4: "new_ticket_sidebar",
    5: "user_sidebar",
}


@creates(AppInstallation)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Install an app; its requirements are created by a job, which has ended at once.

    Raises:
        HTTPError: 422, if the app does not exist, is installed already and only once, or lacks a
            setting.
    """
    app = context.store.get(App._meta.label, payload.get("app_id"))
    if app is None:
        raise invalid_record({"app_id": [field_error("App: does not exist", "InvalidValue")]})
    if app["single_install"] and context.store.find(meta.label, "app_id", app["id"]):
        raise invalid_record({"app_id": [field_error("App: is already installed")]})
    settings = _build_settings(app, payload.get("settings") or {})
    result = resources.create(context, meta, payload, path, {**settings, "enabled": True})
    row = {**result.row, "enabled": payload.get("enabled", True)}
    row |= {"product": "support", "servable": True, "updated": context.timestamp()}
    row["pending_job_id"] = _create_requirements(context, row)
    # The response describes the moment before the job has run.
    row["pending_installation"] = False
    context.write(meta, row)
    return WriteResult({**row, "pending_installation": row["pending_job_id"] is not None})


@updates(AppInstallation)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update an installation; settings that the payload lacks are unchanged.

    Raises:
        HTTPError: 422, if a required setting becomes blank.
    """
    app = context.store.get(App._meta.label, stored.doc["app_id"]) or {}
    merged = {**stored.doc["settings"], **(payload.get("settings") or {})}
    return resources.update(context, meta, stored, payload, _build_settings(app, merged))


@deletes(AppInstallation)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Remove an installation. The objects that it required remain."""
    context.store.drop_children(_REQUIREMENT.label, stored.id)
    return resources.delete(context, meta, stored)


@route("GET", "apps/installations/{installation}/requirements", AppRequirement)
def list_requirements(context: Context, request: Request, target: Target) -> Response:
    """List the objects that an installation has created.

    Raises:
        HTTPError: 404, if the installation does not exist.
    """
    pk = resources.get(context, _META, target.args[0]).id
    rows = context.store.select(_REQUIREMENT.label, Where("parent = ?", (pk,)))
    return Response(text=dump_json({"requirements": rows}))


@route("GET", "apps/locations", AppLocation)
def list_locations(context: Context, request: Request, target: Target) -> Response:
    """List the locations."""
    shown = {"host_application": "zendesk", "orderable": True}
    rows = [{**shown, "id": pk, "name": name} for pk, name in _LOCATIONS.items()]
    return Response(text=dump_json({"locations": rows}))


@route("GET", "apps/location_installations", AppLocationInstallation)
def list_orders(context: Context, request: Request, target: Target) -> Response:
    """List the locations whose order was set."""
    rows = context.store.select(_ORDERS, Where("state < ?", (DELETED,)))
    return Response(text=dump_json({"location_installations": rows}))


@route("POST", "apps/location_installations/reorder", AppLocationInstallation)
def reorder(context: Context, request: Request, target: Target) -> Response:
    """Set the order of the installations at a location.

    Raises:
        HTTPError: 400, if a key is missing; 404, if an installation does not exist; 422, if there
            is no such location.
    """
    values = request.get_object("")
    name, ids = values["location_name"], values["installations"]
    if not isinstance(ids, list):
        raise missing_parameter("installations")
    if name not in _LOCATIONS.values():
        body = {"error": "RecordInvalid", "description": f"There is no location {name}"}
        raise HTTPError(422, body, UNCONFIRMED)
    row = {
        "location_name": name,
        "installations": [resources.get(context, _META, pk).id for pk in ids],
    }
    context.write(AppLocationInstallation._meta, row)
    return Response(201, dump_json({"location_installation": row}))


def _build_settings(app: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an installation, with the defaults of the app, in both forms.

    Raises:
        HTTPError: 422, if a required setting is blank.
    """
    parameters = {item["name"]: item for item in app.get("parameters") or ()}
    defaults = {name: item["default_value"] for name, item in parameters.items()}
    settings = {"name": app.get("name"), **defaults, **values}
    missing = {
        name: [field_error(f"{name}: cannot be blank", "BlankValue")]
        for name, item in parameters.items()
        if item["required"] and settings[name] in (None, "")
    }
    if missing:
        raise invalid_record(missing)
    pairs = [{"name": name, "value": value} for name, value in settings.items()]
    return {"settings": settings, "settings_objects": pairs}


def _create_requirements(context: Context, installation: Mapping[str, Any]) -> str | None:
    """Create the objects that an app requires; return the id of the job, or None without any."""
    package = apps.get_package(context, installation["app_id"])
    models = {
        model._meta.plural: model
        for model in registry.models()
        if model._meta.app_label == "support" and not model._meta.filter
    }
    for kind, objects in package.requirements.items():
        for identifier, values in objects.items():
            if kind in models and isinstance(values, dict):
                target = writes.create_one(context, models[kind]._meta, values).row["id"]
                _write_requirement(context, installation["id"], kind, identifier, target)
    if not package.requirements:
        return None
    pk = uuid.UUID(int=context.store.next_id()).hex
    row = {
        "id": pk,
        "installation_id": installation["id"],
        "status": "completed",
        "message": f"Completed at {context.timestamp()}",
        "progress": 100,
        "total": 100,
        "url": f"{BASE_URL}/api/v2/apps/installations/job_statuses/{pk}.json",
    }
    context.store.put([StoredRow(AppInstallationJob._meta.label, pk, row)], context.now())
    return pk


def _write_requirement(
    context: Context, installation: int, kind: str, identifier: str, target: Any
) -> None:
    """Store a requirement; the objects of different types may have the same id."""
    now = context.timestamp()
    row = {
        "account_id": ACCOUNT_ID,
        "identifier": identifier,
        "requirement_id": target,
        "requirement_type": kind,
        "created_at": now,
        "updated_at": now,
    }
    stored = StoredRow(_REQUIREMENT.label, f"{kind} {target}", row, parent=installation)
    context.store.put([stored], context.now())
