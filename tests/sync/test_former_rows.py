"""Old values of users and organizations, and deleted organizations, in `watch()`."""

from __future__ import annotations

import pytest

from tests.sync.conftest import DELAY
from zendesk_orm import (
    Organization,
    User,
    Watcher,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)


@pytest.fixture
def other(emulator, account):
    """Return another program of the same account."""
    return emulator.connect(alias="other").raw


@pytest.fixture
def log(account):
    """Return the list of the changes of users and organizations."""
    changes = []

    @receiver([remote_created, remote_changed, remote_deleted], sender=[User, Organization])
    def record(sender, instance, change, **kwargs):
        changes.append((change.kind, instance.pk, dict(change.changes)))

    return changes


def _update(emulator, other, path, key, **values):
    emulator.advance(seconds=5)
    other.put(f"/api/v2/{path}", {key: values})
    emulator.advance(seconds=DELAY)


def test_old_values_are_those_of_the_row_that_was_read_before(emulator, account, other, log):
    """Rows that the watcher has read, or the program has written, have old values."""
    ann, bob, cid = (User.objects.create(name=name).pk for name in ("Ann", "Bob", "Cid"))
    # Bob was not written by this program.
    account.own_changes._rows.pop(("support.User", str(bob)))
    emulator.advance(seconds=DELAY)
    watcher = Watcher(User)
    for pk, values in (
        (ann, {"name": "Anne"}),
        (ann, {"name": "Anna"}),
        (bob, {"notes": "A"}),
        (bob, {"notes": "B", "details": "C"}),
    ):
        _update(emulator, other, f"users/{pk}", "user", **values)
        watcher.poll()
    written = User.objects.get(id=cid)
    written.details = "A"
    written.save()
    _update(emulator, other, f"users/{cid}", "user", details="B")
    watcher.poll()

    assert log == [
        ("changed", ann, {"name": ("Ann", "Anne")}),
        ("changed", ann, {"name": ("Anne", "Anna")}),
        ("changed", bob, {}),
        ("changed", bob, {"notes": ("A", "B"), "details": (None, "C")}),
        ("changed", cid, {"details": ("A", "B")}),
    ]


def test_old_values_survive_a_failed_round(emulator, account, other, log):
    """A page that is read again has the same old values."""
    user = User.objects.create(name="Ann")
    emulator.advance(seconds=DELAY)
    watcher = Watcher(User)
    _update(emulator, other, f"users/{user.pk}", "user", name="Anne")
    watcher.poll()
    _update(emulator, other, f"users/{user.pk}", "user", name="Anna")

    def fail(*args, **kwargs):
        raise KeyboardInterrupt

    deliver, watcher._deliver = watcher._deliver, fail
    with pytest.raises(KeyboardInterrupt):
        watcher.poll()
    watcher._deliver = deliver
    watcher.poll()

    assert [changes for _, _, changes in log] == [
        {"name": ("Ann", "Anne")},
        {"name": ("Anne", "Anna")},
    ]


def test_deleted_organizations_are_announced_as_deleted(emulator, account, other, log):
    """One request finds out which of the changed organizations exist."""
    ids = [Organization.objects.create(name=f"Org {n}").pk for n in range(3)]
    emulator.advance(seconds=DELAY)
    watcher = Watcher(Organization)
    emulator.advance(seconds=5)
    other.put(f"/api/v2/organizations/{ids[0]}", {"organization": {"notes": "x"}})
    other.delete(f"/api/v2/organizations/{ids[1]}")
    other.delete(f"/api/v2/organizations/{ids[2]}")
    emulator.advance(seconds=DELAY)
    before = account.requests_sent
    watcher.poll()

    assert account.requests_sent - before <= 3
    assert sorted(log) == [
        ("changed", ids[0], {"notes": (None, "x")}),
        ("deleted", ids[1], {}),
        ("deleted", ids[2], {}),
    ]
