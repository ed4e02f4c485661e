"""Signals for changes that others made, each delivered to receivers once."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Q,
    RemoteChange,
    Ticket,
    connect,
    connections,
    post_save,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)
from zendesk_orm.sync.delivery import deliver


@pytest.fixture
def ticket():
    """A ticket of an emulated account."""
    connect("emulator://")
    return Ticket.objects.create(
        subject="Printer", comment={"body": "It burns."}, priority="urgent"
    )


def _change(ticket, kind, **changes):
    return RemoteChange("audit:1", Ticket, ticket.pk, kind, "export", None, changes, 7, ticket)


def _record(events, signal):
    """Connect a receiver that appends what it is called with."""

    @receiver(signal, sender=Ticket)
    def append(sender, instance, **values):
        events.append((signal.name, instance.pk, values.get("created"), values.get("changes")))


def test_remote_changed_is_sent_with_old_and_new_values(ticket):
    """A change of others sends `remote_changed` with the changed fields."""
    events = []
    _record(events, remote_changed)

    deliver(connections["default"], _change(ticket, "changed", priority=("low", "urgent")))

    assert events == [("remote_changed", ticket.pk, False, {"priority": ("low", "urgent")})]


def test_a_creation_sends_no_remote_changed(ticket):
    """An object that others created does not send `remote_changed`."""
    events = []
    _record(events, remote_changed)

    deliver(connections["default"], _change(ticket, "created"))

    assert events == []


def test_remote_created_is_sent_with_the_object(ticket):
    """An object that others created sends `remote_created`."""
    events = []
    _record(events, remote_created)

    deliver(connections["default"], _change(ticket, "created"))

    assert events == [("remote_created", ticket.pk, True, {})]


def test_remote_deleted_is_sent_with_the_object(ticket):
    """An object that others deleted sends `remote_deleted`."""
    events = []
    _record(events, remote_deleted)

    deliver(connections["default"], _change(ticket, "deleted"))

    assert events == [("remote_deleted", ticket.pk, None, None)]


def test_a_deletion_sends_only_remote_deleted(ticket):
    """An object that others deleted sends neither `remote_created` nor `remote_changed`."""
    events = []
    _record(events, remote_created)
    _record(events, remote_changed)
    _record(events, remote_deleted)

    deliver(connections["default"], _change(ticket, "deleted"))

    assert [name for name, *_ in events] == ["remote_deleted"]


def test_one_receiver_serves_local_and_remote_changes(ticket):
    """A receiver of both kinds of signals is called for both, with their origin."""
    origins = []

    @receiver([post_save, remote_changed], sender=Ticket, when=Q(priority="urgent"))
    def append(sender, instance, origin, **values):
        origins.append(origin)

    ticket.subject = "Printer on fire"
    ticket.save()
    deliver(connections["default"], _change(ticket, "changed", priority=("low", "urgent")))

    assert origins == ["local", "remote"]
