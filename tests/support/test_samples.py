"""Samples of exports, memberships below their users, events of records, and public addresses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.people import create_user
from zendesk_orm import (
    CustomObject,
    CustomObjectRecord,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    User,
)
from zendesk_orm.support import PublicIPs, TicketEvent


def test_samples_contain_rows_of_exports(emulator, account, ticket, count_requests):
    """A sample returns the rows that have changed since a time, in one request."""
    organization = Organization.objects.create(name="Acme")
    emulator.clock.advance(minutes=5)
    start = datetime.fromtimestamp(emulator.clock.now(), timezone.utc) - timedelta(days=1)

    with count_requests(account, 4):
        assert ticket in Ticket.objects.sample(start)
        assert ticket.requester in User.objects.sample(start)
        assert Organization.objects.sample(start) == [organization]
        assert [event.ticket for event in TicketEvent.objects.sample(start)] == [ticket]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="time zone"):
        Ticket.objects.sample(datetime(2026, 1, 1))


def test_memberships_are_read_below_their_user(account, count_requests):
    """A membership is read by user and id in one request, and that of another user is not found."""
    amy, bob = create_user("Amy", role="agent"), create_user("Bob", role="agent")
    membership = Group.objects.create(name="Sales").memberships.create(user=amy)
    joined = Organization.objects.create(name="Acme").memberships.create(user=amy)

    with count_requests(account, 2):
        assert amy.group_memberships.get(id=membership.pk) == membership
        assert amy.organization_memberships.get(id=joined.pk) == joined
    assert bob.group_memberships.filter(id=membership.pk).first() is None


def test_events_record_the_changes_of_a_record(account, count_requests):
    """The events of a record contain old and new values, the newest first."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    record = CustomObjectRecord.objects.create(custom_object_key="car", name="Tesla")
    record.name = "Volvo"
    record.save()
    record.save(force_insert=False)

    with count_requests(account, 1):
        changed, created = record.events.all()
    assert (changed.type, created.type) == ("record_updated", "record_created")
    assert changed.properties == {"name": {"previous": "Tesla", "current": "Volvo"}}
    assert changed.actor == {"user_id": str(User.objects.me().pk)}
    assert changed.custom_object_record == record


def test_public_addresses_are_read(account, count_requests):
    """The addresses of Zendesk's servers are read in one request."""
    with count_requests(account, 1):
        addresses = PublicIPs.objects.get()

    assert addresses.egress["all"] == ["102.16.12.41/32", "102.16.90.41/32"]
    assert addresses.ingress.keys() == {"all", "specific"}
