"""Apps: uploads, builds and notifications.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.apps.packages import InvalidPackageError, Package, read_package
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target, parse_id
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    missing_parameter,
    not_found,
)
from zendesk_orm.emulator.server.routes import deletes, route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import App, AppInstallation, AppJob


_META = App._meta
_JOB = AppJob._meta.label
_PART = "uploaded_data"


@route("POST", "apps/uploads", App)
def upload(context: Context, request: Request, target: Target) -> Response:
    """Store a package.

    Raises:
        HTTPError: 400, if the form has no file.
    """
    _, file = parse_form(request, _PART)
    if file is None:
        raise missing_parameter(_PART)
    pk = context.store.next_id()
    context.store.save_file(_name_file(pk), file.name, file.type, file.content)
    return Response(201, dump_json({"id": pk}))


@route("POST", "apps/validate", App)
def validate(context: Context, request: Request, target: Target) -> Response:
    """Check a package.

    Raises:
        HTTPError: 400, if the form has no file, or the package is invalid.
    """
    _, file = parse_form(request, _PART)
    if file is None:
        raise missing_parameter(_PART)
    try:
        read_package(file.content)
    except InvalidPackageError as error:
        body = {"error": "InvalidPackage", "description": str(error)}
        raise HTTPError(400, body, UNCONFIRMED) from None
    return Response(200, "{}")


@route("POST", "apps", App)
def create(context: Context, request: Request, target: Target) -> Response:
    """Build an app in a job, which has ended at once.

    Raises:
        HTTPError: 400, if the upload is missing.
    """
    values = request.get_object("")
    return _build(context, values["upload_id"], values)


@route("PUT", "apps/{id}", App)
def update(context: Context, request: Request, target: Target) -> Response:
    """Build an app again in a job, which has ended at once.

    Raises:
        HTTPError: 400, if the upload is missing; 404, if the app does not exist.
    """
    existing = resources.get(context, _META, target.args[0]).doc
    values = request.get_object("")
    return _build(context, values["upload_id"], values, existing)


@route("GET", "apps/owned", App)
def list_own_apps(context: Context, request: Request, target: Target) -> Response:
    """List the apps that were built in this account: all of the emulator."""
    return Response(text=dump_json({"apps": context.store.select(_META.label, _ALIVE)}))


@route("GET", "apps/job_statuses/{id}", AppJob)
def show_job(context: Context, request: Request, target: Target) -> Response:
    """Return a job; that of a failed build has the status 404.

    Raises:
        HTTPError: 404, if the job does not exist or has failed.
    """
    row = context.store.get(_JOB, target.args[0])
    if row is None:
        raise not_found()
    if row["status"] == "failed":
        raise HTTPError(404, row, _SOURCE)
    return Response(text=dump_json(row))


@route("POST", "apps/notify", App)
def notify(context: Context, request: Request, target: Target) -> Response:
    """Accept a notification, which no browser receives.

    Raises:
        HTTPError: 400, if a key is missing.
    """
    values = request.get_object("")
    for name in ("app_id", "event"):
        if not values.get(name) and values.get(name) != 0:
            raise missing_parameter(name)
    return Response(200, "null")


@deletes(App)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete an app with its installations."""
    for row in context.store.find(AppInstallation._meta.label, "app_id", stored.id):
        context.store.drop(AppInstallation._meta.label, row["id"])
    return resources.delete(context, meta, stored)


def get_package(context: Context, app: int) -> Package:
    """Return the package from which an app was built; an empty one for an app without a file."""
    file = context.store.get_file(f"app-{app}")
    return Package({}, {}) if file is None else read_package(file[2])


def _build(
    context: Context,
    upload: Any,
    values: Mapping[str, Any],
    existing: Mapping[str, Any] | None = None,
) -> Response:
    """Build an app from an upload, and return the response with the id of the job.

    Raises:
        HTTPError: 400, if the upload does not exist.
    """
    number = parse_id(str(upload))
    file = context.store.get_file(_name_file(number))
    if file is None:
        body = {"error": "InvalidUpload", "description": "The upload was not found"}
        raise HTTPError(400, body, UNCONFIRMED)
    pk = uuid.UUID(int=context.store.next_id()).hex
    url = f"{BASE_URL}/api/v2/apps/job_statuses/{pk}.json"
    job: dict[str, Any] = {"id": pk, "url": url, "app_id": None, "retry_in": 3}
    try:
        package = read_package(file[2])
    except InvalidPackageError as error:
        ended: dict[str, Any] = {
            "status": "failed",
            "message": str(error),
            "progress": None,
            "total": None,
        }
    else:
        app = _write_app(context, package, values, existing)
        job["app_url"] = f"{BASE_URL}/api/v2/apps/{app}.json"
        job["app_id"] = app
        context.store.drop_file(f"app-{app}")
        context.store.save_file(f"app-{app}", *file)
        message = f"Completed at {context.timestamp()}"
        ended = {"status": "completed", "message": message, "progress": 1, "total": 1}
    context.store.drop_file(_name_file(number))
    context.store.put([StoredRow(_JOB, pk, {**job, **ended})], context.now())
    return Response(202, dump_json({"job_id": pk}))


def _write_app(
    context: Context,
    package: Package,
    values: Mapping[str, Any],
    existing: Mapping[str, Any] | None,
) -> int:
    """Create or update an app from its manifest, and return its id."""
    manifest, now = package.manifest, context.timestamp()
    author = manifest.get("author")
    author = author if isinstance(author, dict) else {}
    previous = existing or {**build_row(_META), "id": context.store.next_id(), "created_at": now}
    row: dict[str, Any] = {
        **previous,
        "name": values.get("name") or previous["name"] or manifest.get("name"),
        "short_description": values.get("short_description") or previous["short_description"],
        "version": manifest.get("version"),
        "author_name": author.get("name"),
        "author_email": author.get("email"),
        "default_locale": manifest.get("defaultLocale"),
        "framework_version": manifest.get("frameworkVersion"),
        "single_install": bool(manifest.get("singleInstall")),
        "parameters": _build_parameters(manifest, previous["id"]),
        "installable": True,
        "visibility": "private",
        "state": "published",
        "products": ["support"],
        "updated_at": now,
    }
    context.write(_META, row)
    pk: int = row["id"]
    return pk


def _build_parameters(manifest: Mapping[str, Any], app: int) -> list[dict[str, Any]]:
    """Return the parameters of a manifest in the form of responses."""
    declared = manifest.get("parameters")
    return [
        {
            "app_id": app,
            "id": position,
            "name": item.get("name"),
            "kind": item.get("type") or "text",
            "required": bool(item.get("required")),
            "secure": bool(item.get("secure")),
            "default_value": item.get("default"),
            "position": position,
        }
        for position, item in enumerate(declared if isinstance(declared, list) else ())
        if isinstance(item, dict)
    ]


def _name_file(upload: Any) -> str:
    return f"app-upload-{upload}"


_ALIVE = Where("state < ?", (DELETED,))
_SOURCE = "https://developer.zendesk.com/api-reference/ticketing/apps/apps/#get-job-status"
