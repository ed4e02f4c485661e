"""Brands: the default brand, host mapping and logos.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.tickets import uploads
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Brand


_META = Brand._meta
#: The name of the file in the form.
_LOGO_FIELD = "brand[logo][uploaded_data]"
#: Hosts below this domain do not resolve.
_UNRESOLVABLE = ".invalid"


@route("GET", "brands", Brand)
def list_brands(context: Context, request: Request, target: Target) -> Response:
    """Return a page of brands, including deleted brands if `include_deleted` is true."""
    with_deleted = request.params.get("include_deleted") == "true"
    page = select_page(context, request, target, Where("state < ?", (DELETED + with_deleted,)))
    return Response(text=render_list(target, page.texts, "", page.metadata))


@creates(Brand)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a brand whose help center is disabled.

    Raises:
        HTTPError: 422, if name or subdomain is missing, or the subdomain is taken.
    """
    for name in ("name", "subdomain"):
        if not str(payload.get(name) or "").strip():
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})
    _check_available(context, payload["subdomain"])
    also = {
        "brand_url": payload.get("brand_url") or f"https://{payload['subdomain']}.zendesk.com",
        "help_center_state": "disabled",
        "is_deleted": False,
        "default": False,
    }
    written = resources.create(context, meta, payload, path, also)
    return WriteResult(_make_default(context, written.row)) if payload.get("default") else written


@updates(Brand)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a brand. If it becomes the default brand, the previous one no longer is.

    Raises:
        HTTPError: 422, if the subdomain is taken, or the account would have no default brand.
    """
    if payload.get("subdomain", stored.doc["subdomain"]) != stored.doc["subdomain"]:
        _check_available(context, payload["subdomain"])
    default = payload.get("default")
    if default is False and stored.doc["default"]:
        text = "Default: make another brand the default one instead"
        raise invalid_record({"default": [field_error(text, "InvalidValue")]})
    written = resources.update(context, meta, stored, payload)
    return WriteResult(_make_default(context, written.row)) if default else written


@deletes(Brand)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a brand; it can still be listed with `include_deleted`.

    Raises:
        HTTPError: 422, if it is the default brand.
    """
    if stored.doc["default"]:
        text = "Base: the default brand cannot be deleted"
        raise invalid_record({"base": [field_error(text, "InvalidValue")]})
    row = {**stored.doc, "active": False, "is_deleted": True, "updated_at": context.timestamp()}
    context.write(meta, row, state=DELETED)
    return WriteResult(row)


@route("GET", "brands/{id}/check_host_mapping", Brand)
def check_host_mapping(context: Context, request: Request, target: Target) -> Response:
    """Return whether the host mapping of a brand is valid."""
    row = resources.get(context, _META, target.args[0]).doc
    return _respond_to_check(row["host_mapping"], row["subdomain"])


@route("GET", "brands/check_host_mapping", Brand)
def check_any_host_mapping(context: Context, request: Request, target: Target) -> Response:
    """Return whether a host can be mapped to a subdomain.

    Raises:
        HTTPError: 400, if one of both is missing.
    """
    for name in ("host_mapping", "subdomain"):
        if not request.params.get(name):
            raise missing_parameter(name)
    return _respond_to_check(request.params["host_mapping"], request.params["subdomain"])


@route("PUT", "brands/{id}/logo", Brand)
def set_logo(context: Context, request: Request, target: Target) -> Response:
    """Set the logo of a brand to the file of a form, and return the brand.

    Raises:
        HTTPError: 404, if the brand does not exist; 400, if the file is missing.
    """
    stored = resources.get(context, _META, target.args[0])
    _, file = parse_form(request, _LOGO_FIELD)
    if file is None:
        raise missing_parameter(_LOGO_FIELD)
    image = evolve(request, content=file.content, headers={"content-type": file.type})
    logo = uploads.save_file(context, image, file.name or "logo")
    row = {**stored.doc, "logo": logo, "updated_at": context.timestamp()}
    context.write(_META, row)
    return Response(text=dump_json({"brand": row}))


@route("DELETE", "brands/{id}/logo", Brand)
def delete_logo(context: Context, request: Request, target: Target) -> Response:
    """Delete the logo of a brand, if it has one."""
    row = resources.get(context, _META, target.args[0]).doc
    context.write(_META, {**row, "logo": None, "updated_at": context.timestamp()})
    return Response(204)


def _respond_to_check(host: str | None, subdomain: str) -> Response:
    """Return the result of a DNS lookup: every host is valid, except for `*.invalid`."""
    expected = f"{subdomain}.zendesk.com"
    if host and not host.endswith(_UNRESOLVABLE):
        body = {"cname": expected, "expected_cnames": [expected], "is_valid": True, "reason": None}
    else:
        body = {
            "cname": None,
            "expected_cnames": [expected],
            "is_valid": False,
            "reason": "not_a_cname",
        }
    return Response(text=dump_json(body))


def _make_default(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    for other in context.store.find(_META.label, "default", 1):
        if other["id"] != row["id"]:
            context.write(_META, {**other, "default": False, "updated_at": context.timestamp()})
    default = {**row, "default": True}
    context.write(_META, default)
    context.brand_id = row["id"]
    return default


def _check_available(context: Context, subdomain: Any) -> None:
    if context.store.find(_META.label, "subdomain", subdomain):
        text = f"Subdomain: {subdomain} has already been taken"
        raise invalid_record({"subdomain": [field_error(text, "DuplicateValue")]})
