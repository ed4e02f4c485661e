"""Themes and their jobs, and custom claims.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/theming/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.bulk import ACCOUNT_ID
from zendesk_orm.emulator.help_center.errors import guide_error, invalid_field
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.routes import creates, deletes, route
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import CustomClaim, Theme, ThemeJob
from zendesk_orm.schema.options import Options


_META = Theme._meta
_JOBS = "guide/theming/jobs"
_MAX_CLAIMS = 5
#: The storage of files, which is not emulated.
_STORAGE = "https://storage.example.com/themes"


@creates(CustomClaim)
def create_claim(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a claim of the brand.

    Raises:
        HTTPError: 400, if a value is blank or there are five claims.
    """
    for name in ("claim_identifier", "claim_value"):
        if not payload.get(name):
            raise invalid_field(name, "can't be blank")
    if len(context.store.find(meta.label, "brand_id", context.brand_id)) >= _MAX_CLAIMS:
        raise invalid_field("base", f"at most {_MAX_CLAIMS} claims are allowed")
    defaults = {"brand_id": context.brand_id, "account_id": ACCOUNT_ID}
    return resources.create(context, meta, payload, path, defaults)


@deletes(Theme)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a theme.

    Raises:
        HTTPError: 422, if it is live; the status is unconfirmed.
    """
    if stored.doc["live"]:
        raise guide_error("LiveThemeDeleted", "The live theme cannot be deleted", 422)
    return resources.delete(context, meta, stored)


@route("POST", "guide/theming/themes/{id}/publish", Theme)
def publish(context: Context, request: Request, target: Target) -> Response:
    """Make a theme the live one of its brand.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    stored = _get_theme(context, target.args[0])
    for other in context.store.find(_META.label, "brand_id", stored["brand_id"]):
        context.write(_META, {**other, "live": other["id"] == stored["id"]})
    return Response(text=dump_json({"theme": {**stored, "live": True}}))


@route("POST", f"{_JOBS}/themes/imports", Theme)
def start_import(context: Context, request: Request, target: Target) -> Response:
    """Start the import of a theme, whose file is never received; the theme exists at once.

    Raises:
        HTTPError: 400, if there is no brand.
    """
    brand = _get_attributes(request).get("brand_id")
    if not brand:
        raise guide_error("InvalidBrand", "The brand is invalid", 400)
    pk = str(uuid.UUID(int=context.store.next_id()))
    row = {
        "id": pk,
        "name": "Imported theme",
        "version": "1.0.0",
        "author": "",
        "live": False,
        "brand_id": str(brand),
        "created_at": context.timestamp(),
        "updated_at": context.timestamp(),
    }
    context.write(_META, row)
    return _start_job(context, pk, {"upload": {"url": _STORAGE, "parameters": {"key": pk}}})


@route("POST", f"{_JOBS}/themes/updates", Theme)
def start_update(context: Context, request: Request, target: Target) -> Response:
    """Start the update of a theme, whose file is never received.

    Raises:
        HTTPError: 404, if the theme does not exist.
    """
    pk = _get_theme(context, _get_attributes(request).get("theme_id"))["id"]
    return _start_job(context, pk, {"upload": {"url": _STORAGE, "parameters": {"key": pk}}})


@route("POST", f"{_JOBS}/themes/exports", Theme)
def start_export(context: Context, request: Request, target: Target) -> Response:
    """Start the export of a theme.

    Raises:
        HTTPError: 404, if the theme does not exist.
    """
    pk = _get_theme(context, _get_attributes(request).get("theme_id"))["id"]
    return _start_job(context, pk, {"download": {"url": f"{_STORAGE}/{pk}.zip"}})


def _get_attributes(request: Request) -> Mapping[str, Any]:
    attributes = request.get_object("job").get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def _get_theme(context: Context, pk: Any) -> dict[str, Any]:
    """Return the row of a theme.

    Raises:
        HTTPError: 404, if it does not exist.
    """
    row = context.store.get(_META.label, pk)
    if row is None:
        raise guide_error("ThemeNotFound", "The theme was not found", 404)
    return row


def _start_job(context: Context, theme: str, data: Mapping[str, Any]) -> Response:
    """Return a job that has just started; it has ended when it is read."""
    pk = str(uuid.UUID(int=context.store.next_id()))
    row = {"id": pk, "status": "completed", "errors": None, "data": {"theme_id": theme, **data}}
    context.store.put([StoredRow(ThemeJob._meta.label, pk, row)], context.now())
    return Response(202, dump_json({"job": {**row, "status": "pending"}}))
