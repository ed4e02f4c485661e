"""Files at the records of custom objects.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_record_attachments/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.forms import parse_form
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal, missing_parameter, not_found
from zendesk_orm.emulator.store import Stored, Where, dumped
from zendesk_orm.emulator.world import HOME, Answer, Call, Target, World
from zendesk_orm.support import (
    CustomObject,
    CustomObjectRecord,
    CustomObjectRecordAttachment,
    User,
)


_KEY = "custom_object_record_attachment"
_LABEL = CustomObjectRecordAttachment._meta.label


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with the files of a record."""
    _, record = _record(world, target)
    rows = world.store.docs(_LABEL, Where("parent = ?", (record,)))
    return Answer(text=dumped({f"{_KEY}s": rows}))


def upload(world: World, call: Call, target: Target) -> Answer:
    """Answer with a file of a form, which now is at the record.

    Raises:
        Refusal: there is no file, or the object's records take none.
    """
    key, record = _record(world, target)
    if not plain.stored(world, CustomObject._meta, key).doc["allows_attachments"]:
        body = {"error": "Attachments are not allowed for this custom object"}
        raise Refusal(400, body, UNCONFIRMED)
    _, found = parse_form(call, "uploaded_data")
    if found is None:
        raise missing_parameter("uploaded_data")
    pk, content = f"01{world.store.next_id():024X}", found.content
    path = f"{HOME}/api/v2/custom_objects/{key}/records/{record}/attachments/{pk}/download"
    author = world.store.get(User._meta.label, world.author) or {}
    row = {
        "id": pk,
        "filename": found.name,
        "content_type": found.type,
        "content_url": path,
        "size": len(content),
        "custom_object_record_id": record,
        "created_at": world.stamp(),
        "created_by": author.get("name"),
        "malware_access_override": False,
        "malware_scan_status": "malware_not_found",
        "malware_scan_completed_at": world.stamp(),
    }
    world.store.keep_file(pk, str(found.name), str(found.type), content)
    _keep(world, row)
    return Answer(text=dumped({_KEY: row}))


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with a file that can be read although it was flagged, or no more."""
    row = _file(world, target)
    row["malware_access_override"] = bool(call.envelope(_KEY).get("malware_access_override"))
    _keep(world, row)
    return Answer(text=dumped({_KEY: row}))


def delete(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the file is gone."""
    row = _file(world, target)
    world.store.drop(_LABEL, row["id"])
    world.store.drop_file(row["id"])
    return Answer(204)


def download(world: World, call: Call, target: Target) -> Answer:
    """Answer with the bytes of a file."""
    found = world.store.file(_file(world, target)["id"])
    if found is None:
        raise not_found()
    _, kind, content = found
    return Answer(200, headers={"Content-Type": kind}, content=content)


def _record(world: World, target: Target) -> tuple[str, str]:
    key, record = target.places[:2]
    plain.stored(world, CustomObjectRecord._meta, record, {"custom_object_key": key})
    return str(key), str(record)


def _file(world: World, target: Target) -> dict[str, Any]:
    _, record = _record(world, target)
    row = world.store.get(_LABEL, target.places[2])
    if row is None or row["custom_object_record_id"] != record:
        raise not_found()
    return row


def _keep(world: World, row: dict[str, Any]) -> None:
    kept = Stored(_LABEL, row["id"], row, parent=row["custom_object_record_id"])
    world.store.put([kept], world.now())


_PATH = "custom_objects/{}/records/{}/attachments"
ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", _PATH, _LABEL): list_rows,
    ("POST", _PATH, _LABEL): upload,
    ("PUT", f"{_PATH}/{{}}", _LABEL): update,
    ("DELETE", f"{_PATH}/{{}}", _LABEL): delete,
    ("GET", f"{_PATH}/{{}}/download", _LABEL): download,
}
