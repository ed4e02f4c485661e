"""Own changes of rows without old values are recognized, whichever method made them."""

from __future__ import annotations

import pytest

from tests.sync.conftest import DELAY
from zendesk_orm import (
    CustomField,
    Organization,
    User,
    Watcher,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)


class OurUser(User):
    """A user with the custom field of the tests."""

    level: CustomField[str] = CustomField("level")

    class Meta:
        proxy = True


@pytest.fixture
def log(account, emulator):
    """Return the list of the names of the rows that receivers get, in an account with a field."""
    field = {"type": "text", "title": "Level", "key": "level"}
    account.raw.post("/api/v2/user_fields", {"user_field": field})
    names = []

    @receiver([remote_created, remote_changed, remote_deleted], sender=[User, Organization])
    def record(sender, instance, **kwargs):
        names.append(instance.name)

    emulator.advance(minutes=5)
    return names


def test_own_writes_by_other_keys_and_objects_are_recognized(emulator, log):
    """`update_or_create()`, and a save of an object with an older row, are not announced."""
    watcher = Watcher(User)
    user = OurUser.objects.create(name="Ada", email="ada@example.com")
    emulator.advance(seconds=DELAY)
    watcher.poll()
    emulator.advance(seconds=DELAY)
    OurUser.objects.update_or_create(email="ada@example.com", defaults={"level": "gold"})
    emulator.advance(seconds=5)
    user.notes = "x"
    user.save()
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert log == []


def test_changes_of_others_before_own_writes_are_announced(account, emulator, log):
    """`update_or_create()` does not hide a change that another program made before it."""
    user = User.objects.create(name="Ada", email="ada@example.com")
    emulator.advance(seconds=DELAY)
    watcher = Watcher(User)
    other = emulator.connect(alias="other").raw
    other.put(f"/api/v2/users/{user.pk}", {"user": {"notes": "theirs"}})
    emulator.advance(seconds=5)
    User.objects.update_or_create(email="ada@example.com", defaults={"details": "ours"})
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert log == ["Ada"]


def test_own_deletions_of_organizations_are_recognized(emulator, log):
    """The export contains a deleted organization like a changed one."""
    organization = Organization.objects.create(name="Acme")
    emulator.advance(seconds=DELAY)
    watcher = Watcher(Organization)
    organization.delete()
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert log == []
