"""Records of custom objects in `watch()`."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.sync.conftest import DELAY
from zendesk_orm import (
    CustomObject,
    CustomObjectRecord,
    InvalidValue,
    MemoryCheckpointStore,
    Watcher,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)


class Bike(CustomObjectRecord):
    """A bike."""

    class Meta(CustomObjectRecord.Meta):
        filter: ClassVar = {"custom_object_key": "bike"}


class Train(CustomObjectRecord):
    """A train."""

    class Meta(CustomObjectRecord.Meta):
        filter: ClassVar = {"custom_object_key": "train"}


def test_records_of_custom_objects_are_watched(emulator, account):
    """Creations, changes and deletions by others reach the receivers of each custom object."""
    for key in ("bike", "train"):
        CustomObject.objects.create(key=key, title=key, title_pluralized=key)
    other = emulator.connect(alias="other").raw
    log, store = [], MemoryCheckpointStore()

    @receiver([remote_created, remote_changed, remote_deleted], sender=[Bike, Train])
    def record(sender, instance, change, **kwargs):
        name = None if change.kind == "deleted" else instance.name
        log.append((sender, change.kind, name, dict(change.changes)))

    def send(method, path, **values):
        emulator.advance(seconds=5)
        body = {"custom_object_record": values} if values else None
        path = f"/api/v2/custom_objects/{path}"
        return getattr(other, method)(path, body) if body else getattr(other, method)(path)

    watcher = Watcher(Bike, Train, checkpoints=store)
    bike = send("post", "bike/records", name="A")["custom_object_record"]["id"]
    send("post", "train/records", name="T")
    emulator.advance(seconds=DELAY)
    counts = [watcher.poll()]
    send("patch", f"bike/records/{bike}", name="B")
    emulator.advance(seconds=DELAY)
    counts.append(watcher.poll())
    Bike.objects.create(name="Own").delete()
    send("delete", f"bike/records/{bike}")
    emulator.advance(seconds=DELAY)
    # Places are stored for each object.
    counts += [Watcher(Bike, Train, checkpoints=store).poll(), watcher.poll()]

    assert log == [
        (Bike, "created", "A", {}),
        (Train, "created", "T", {}),
        (Bike, "changed", "B", {"name": ("A", "B")}),
        (Bike, "deleted", None, {}),
    ]
    assert counts == [2, 1, 1, 0]


def test_all_records_cannot_be_watched(account):
    """The records of all custom objects have no common export."""
    with pytest.raises(InvalidValue, match="custom_object_key"):
        Watcher(CustomObjectRecord)
