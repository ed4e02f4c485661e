"""Attachments of the records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError, missing_parameter, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import (
    CustomObject,
    CustomObjectRecord,
    CustomObjectRecordAttachment,
    User,
)


_KEY = "custom_object_record_attachment"
_LABEL = CustomObjectRecordAttachment._meta.label
_PATH = "custom_objects/{custom_object_key}/records/{custom_object_record}/attachments"


@route("GET", _PATH, CustomObjectRecordAttachment)
def list_attachments(context: Context, request: Request, target: Target) -> Response:
    """Return the attachments of a record."""
    _, record = _check_record(context, target)
    rows = context.store.select(_LABEL, Where("parent = ?", (record,)))
    return Response(text=dump_json({f"{_KEY}s": rows}))


@route("POST", _PATH, CustomObjectRecordAttachment)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create an attachment from the file of a form.

    Raises:
        HTTPError: 400, if the file is missing or the object does not allow attachments.
    """
    key, record = _check_record(context, target)
    if not resources.get(context, CustomObject._meta, key).doc["allows_attachments"]:
        body = {"error": "Attachments are not allowed for this custom object"}
        raise HTTPError(400, body, UNCONFIRMED)
    _, file = parse_form(request, "uploaded_data")
    if file is None:
        raise missing_parameter("uploaded_data")
    pk = resources.generate_ulid(context)
    path = f"{BASE_URL}/api/v2/custom_objects/{key}/records/{record}/attachments/{pk}/download"
    user = context.store.get(User._meta.label, context.user_id) or {}
    row = {
        "id": pk,
        "filename": file.name,
        "content_type": file.type,
        "content_url": path,
        "size": len(file.content),
        "custom_object_record_id": record,
        "created_at": context.timestamp(),
        "created_by": user.get("name"),
        "malware_access_override": False,
        "malware_scan_status": "malware_not_found",
        "malware_scan_completed_at": context.timestamp(),
    }
    context.store.save_file(pk, file.name, file.type, file.content)
    _write(context, row)
    return Response(text=dump_json({_KEY: row}))


@route("PUT", f"{_PATH}/{{id}}", CustomObjectRecordAttachment)
def update(context: Context, request: Request, target: Target) -> Response:
    """Allow or disallow access to an attachment in which malware was found."""
    row = _get_attachment(context, target)
    row["malware_access_override"] = bool(request.get_object(_KEY).get("malware_access_override"))
    _write(context, row)
    return Response(text=dump_json({_KEY: row}))


@route("DELETE", f"{_PATH}/{{id}}", CustomObjectRecordAttachment)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete an attachment and its file."""
    row = _get_attachment(context, target)
    context.store.drop(_LABEL, row["id"])
    context.store.drop_file(row["id"])
    return Response(204)


@route("GET", f"{_PATH}/{{id}}/download", CustomObjectRecordAttachment)
def download(context: Context, request: Request, target: Target) -> Response:
    """Return the file of an attachment."""
    file = context.store.get_file(_get_attachment(context, target)["id"])
    if file is None:
        raise not_found()
    _, kind, content = file
    return Response(200, headers={"Content-Type": kind}, content=content)


def _check_record(context: Context, target: Target) -> tuple[str, str]:
    """Return the key of the object and the id of the record in the path.

    Raises:
        HTTPError: 404, if the object does not have the record.
    """
    key, record = target.args[:2]
    resources.get(context, CustomObjectRecord._meta, record, {"custom_object_key": key})
    return str(key), str(record)


def _get_attachment(context: Context, target: Target) -> dict[str, Any]:
    _, record = _check_record(context, target)
    row = context.store.get(_LABEL, target.args[2])
    if row is None or row["custom_object_record_id"] != record:
        raise not_found()
    return row


def _write(context: Context, row: dict[str, Any]) -> None:
    stored = StoredRow(_LABEL, row["id"], row, parent=row["custom_object_record_id"])
    context.store.put([stored], context.now())
