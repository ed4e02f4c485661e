"""Uploads of files, and downloads of attachments.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import mimetypes
import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import (
    field_error,
    invalid_attribute,
    invalid_record,
    missing_parameter,
    not_found,
    too_large,
)
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Attachment, Upload


_DEFAULT_TYPE = "application/octet-stream"


@route("POST", "uploads", Upload)
def create(context: Context, request: Request, target: Target) -> Response:
    """Upload a file under a new token, or under the token of previous files.

    Raises:
        HTTPError: 400, if the file has no name; 413, if it is too large; 404, if the token is
            invalid or has expired.
    """
    name = request.params.get("filename")
    # Zendesk's own Ruby client sends files as forms.
    # Source: https://github.com/zendesk/zendesk_api_client_rb, lib/zendesk_api/middleware
    accepts_json = request.headers.get("accept", "").startswith("application/json")
    form, file = parse_form(request, "uploaded_data")
    if file is not None:
        name = name or form.get("filename") or file.name
        request = evolve(request, content=file.content, headers={"content-type": file.type})
    if not name:
        raise missing_parameter("filename")
    if len(request.content) > context.switches.max_file_size:
        raise too_large()
    token = request.params.get("token")
    if token:
        upload = _get_upload(context, token)
        if upload is None:
            raise not_found()
    else:
        expires = context.timestamp(context.now() + context.switches.upload_seconds)
        upload = {"token": _generate_token(context), "expires_at": expires, "attachments": []}
    attachment = save_file(context, request, name)
    upload["attachments"] = [*upload["attachments"], attachment]
    context.store.put([StoredRow(Upload._meta.label, upload["token"], upload)], context.now())
    # Recorded: the body is JSON with the type of text, and `Location` is the URL of the file.
    headers = {"Location": attachment["url"]}
    if not accepts_json:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    return Response(201, dump_json({"upload": {**upload, "attachment": attachment}}), headers)


@route("DELETE", "uploads/{id}", Upload)
def delete(context: Context, request: Request, target: Target) -> Response:
    """Delete the files of a token.

    Raises:
        HTTPError: 404, if the token is invalid or has expired.
    """
    token = str(target.args[0])
    upload = _get_upload(context, token)
    if upload is None:
        raise not_found()
    for attachment in upload["attachments"]:
        context.store.drop(Attachment._meta.label, attachment["id"])
        context.store.drop_file(file_token(attachment))
    context.store.drop(Upload._meta.label, token)
    return Response(204)


@route("GET", "~/attachments/token/{id}", Attachment)
def download(context: Context, request: Request, target: Target) -> Response:
    """Return the bytes of a file.

    Raises:
        HTTPError: 404, if the file does not exist.
    """
    return send_file(context, str(target.args[0]))


def send_file(context: Context, token: str) -> Response:
    """Return the response with the bytes of a file.

    Raises:
        HTTPError: 404, if the file does not exist.
    """
    file = context.store.get_file(token)
    if file is None:
        raise not_found()
    name, kind, content = file
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return Response(200, headers=headers, content=content)


def use_tokens(context: Context, tokens: Any) -> list[dict[str, Any]]:
    """Return the attachments of the tokens of a comment. A token can be used once.

    Raises:
        HTTPError: 422, if a token is invalid or has expired.
    """
    attachments: list[dict[str, Any]] = []
    for token in _parse_tokens(tokens):
        upload = _get_upload(context, token)
        if upload is not None:
            context.store.drop(Upload._meta.label, token)
            attachments += upload["attachments"]
        elif context.switches.reject_unknown_uploads:
            text = f"Uploads: {token} is not valid"
            raise invalid_record({"uploads": [field_error(text, "InvalidValue")]})
    return attachments


def copy_files(context: Context, attachments: Iterable[dict[str, Any]]) -> str:
    """Copy the files of attachments, and return a token under which a comment can use them."""
    copies = []
    for attachment in attachments:
        pk, token = context.store.next_id(), _generate_token(context)
        file = context.store.get_file(file_token(attachment))
        row = {**attachment, "id": pk, "url": f"{BASE_URL}/api/v2/attachments/{pk}.json"}
        if file is not None:
            context.store.save_file(token, *file)
            url = f"{BASE_URL}/attachments/token/{token}/?name={quote(attachment['file_name'])}"
            row.update(content_url=url, mapped_content_url=url)
        context.write(Attachment._meta, row)
        copies.append(row)
    expires = context.timestamp(context.now() + context.switches.upload_seconds)
    upload = {"token": _generate_token(context), "expires_at": expires, "attachments": copies}
    context.store.put([StoredRow(Upload._meta.label, upload["token"], upload)], context.now())
    return str(upload["token"])


def save_file(context: Context, request: Request, name: str) -> dict[str, Any]:
    """Store the file in a request, and return its attachment."""
    token, pk = _generate_token(context), context.store.next_id()
    kind = request.headers.get("content-type") or mimetypes.guess_type(name)[0] or _DEFAULT_TYPE
    context.store.save_file(token, name, kind, request.content)
    url = f"{BASE_URL}/attachments/token/{token}/?name={quote(name)}"
    row = {
        "url": f"{BASE_URL}/api/v2/attachments/{pk}.json",
        "id": pk,
        "file_name": name,
        "content_url": url,
        "mapped_content_url": url,
        "content_type": kind,
        "size": len(request.content),
        "width": None,
        "height": None,
        "inline": False,
        "deleted": False,
        "malware_access_override": False,
        "malware_scan_result": "not_scanned",
        "thumbnails": [],
    }
    context.write(Attachment._meta, row)
    return row


def file_token(attachment: dict[str, Any]) -> str:
    """Return the token under which the file of an attachment is stored."""
    return str(attachment.get("content_url")).partition("/token/")[2].partition("/")[0]


def _parse_tokens(tokens: Any) -> Iterable[str]:
    if isinstance(tokens, str):
        return [tokens]
    if not isinstance(tokens or [], list):
        raise invalid_attribute("uploads", "uploads must be an array")
    return [str(token) for token in tokens or ()]


def _get_upload(context: Context, token: str) -> dict[str, Any] | None:
    """Return the upload of a token, or None if it does not exist or has expired."""
    upload = context.store.get(Upload._meta.label, token)
    if upload is None or load_datetime(upload["expires_at"]).timestamp() < context.now():
        return None
    return upload


def _generate_token(context: Context) -> str:
    seed = f"file {context.store.next_id('file')}"
    return f"tok{random.Random(seed).getrandbits(96):024x}"  # noqa: S311 - not secret
