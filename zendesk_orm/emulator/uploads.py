"""Files: uploaded, attached to comments, and given back.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

import mimetypes
import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from attrs import evolve

from zendesk_orm.emulator.forms import parse_form
from zendesk_orm.emulator.refusals import (
    complaint,
    invalid_record,
    missing_parameter,
    not_found,
    too_large,
)
from zendesk_orm.emulator.store import Stored, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Attachment, Upload


_UNKNOWN = "application/octet-stream"


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the token of a file, or of files that belong together.

    Raises:
        Refusal: the file has no name, or is too large, or the token is none any more.
    """
    name = call.params.get("filename")
    # Zendesk's own Ruby client sends files as forms.
    # Source: https://github.com/zendesk/zendesk_api_client_rb, lib/zendesk_api/middleware
    asks_json = call.headers.get("accept", "").startswith("application/json")
    form, file = parse_form(call, "uploaded_data")
    if file is not None:
        name = name or form.get("filename") or file.name
        call = evolve(call, content=file.content, headers={"content-type": file.type})
    if not name:
        raise missing_parameter("filename")
    if len(call.content) > world.switches.largest_file:
        raise too_large()
    token = call.params.get("token")
    if token:
        upload = _valid(world, token)
        if upload is None:
            raise not_found()
    else:
        expires = world.stamp(world.now() + world.switches.upload_seconds)
        upload = {"token": _token(world), "expires_at": expires, "attachments": []}
    attachment = kept(world, call, name)
    upload["attachments"] = [*upload["attachments"], attachment]
    world.store.put([Stored(Upload._meta.label, upload["token"], upload)], world.now())
    # Recorded: JSON that calls itself text, and the address of the file.
    headers = {"Location": attachment["url"]}
    if not asks_json:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    return Answer(201, dumped({"upload": {**upload, "attachment": attachment}}), headers)


def delete(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the files are gone.

    Raises:
        Refusal: there is no such token.
    """
    token = str(target.places[0])
    upload = _valid(world, token)
    if upload is None:
        raise not_found()
    for attachment in upload["attachments"]:
        world.store.drop(Attachment._meta.label, attachment["id"])
        world.store.drop_file(place_of(attachment))
    world.store.drop(Upload._meta.label, token)
    return Answer(204)


def download(world: World, call: Call, target: Target) -> Answer:
    """Answer with the bytes of a file.

    Raises:
        Refusal: there is no such file.
    """
    found = world.store.file(str(target.places[0]))
    if found is None:
        raise not_found()
    name, kind, content = found
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return Answer(200, headers=headers, content=content)


def attached(world: World, tokens: Any) -> list[dict[str, Any]]:
    """Return the attachments under the tokens that a comment names, which are spent by that.

    Raises:
        Refusal: there is no such token any more.
    """
    found: list[dict[str, Any]] = []
    for token in _listed(tokens):
        upload = _valid(world, token)
        if upload is not None:
            world.store.drop(Upload._meta.label, token)
            found += upload["attachments"]
        elif world.switches.unknown_uploads_refused:
            text = f"Uploads: {token} is not valid"
            raise invalid_record({"uploads": [complaint(text, "InvalidValue")]})
    return found


def _listed(tokens: Any) -> Iterable[str]:
    if isinstance(tokens, str):
        return [tokens]
    return [str(token) for token in tokens or ()]


def _valid(world: World, token: str) -> dict[str, Any] | None:
    upload = world.store.get(Upload._meta.label, token)
    if upload is None or load_datetime(upload["expires_at"]).timestamp() < world.now():
        return None
    return upload


def kept(world: World, call: Call, name: str) -> dict[str, Any]:
    """Keep the file that a call sends, and return the attachment that tells of it."""
    place, pk = _token(world), world.store.next_id()
    kind = call.headers.get("content-type") or mimetypes.guess_type(name)[0] or _UNKNOWN
    world.store.keep_file(place, name, kind, call.content)
    url = f"{HOME}/attachments/token/{place}/?name={quote(name)}"
    row = {
        "url": f"{HOME}/api/v2/attachments/{pk}.json",
        "id": pk,
        "file_name": name,
        "content_url": url,
        "mapped_content_url": url,
        "content_type": kind,
        "size": len(call.content),
        "width": None,
        "height": None,
        "inline": False,
        "deleted": False,
        "malware_access_override": False,
        "malware_scan_result": "not_scanned",
        "thumbnails": [],
    }
    world.write(Attachment._meta, row)
    return row


def place_of(attachment: dict[str, Any]) -> str:
    """Return what the file of an attachment is kept under."""
    return str(attachment["content_url"]).split("/token/")[1].partition("/")[0]


def _token(world: World) -> str:
    seed = f"file {world.store.next_id('file')}"
    return f"tok{random.Random(seed).getrandbits(96):024x}"  # noqa: S311 - not secret
