"""Receivers of proxies are called for remote changes, whichever class of the rows is watched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.conftest import DELAY
from zendesk_orm import (
    Comment,
    CustomField,
    Q,
    ReceiverPolicy,
    Ticket,
    Watcher,
    configure_delivery,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
    replay,
)


class OurTicket(Ticket):
    """A ticket with the custom field of the tests."""

    order: CustomField[str] = CustomField("Order")

    class Meta:
        proxy = True


@pytest.fixture
def field_id(account):
    """Return the id of the custom field."""
    values = {"type": "text", "title": "Order"}
    return account.raw.post("/api/v2/ticket_fields", {"ticket_field": values})["ticket_field"]["id"]


@pytest.fixture
def orders(account):
    """Return the list of the senders and the orders that a receiver of the proxy gets."""
    calls = []

    @receiver([remote_created, remote_changed], sender=OurTicket, when=Q(order="A1"))
    def record(sender, instance, change, **kwargs):
        calls.append((sender, change.model, instance.order))

    return calls


def _order(other, field_id, value):
    return other.create(
        subject="Printer",
        comment=Comment(body="x"),
        custom_fields=[{"id": field_id, "value": value}],
    )


def test_receivers_of_proxies_get_instances_of_the_proxy(other, emulator, field_id, orders):
    """`watch()` of a model, of its proxy, or of both calls a receiver of the proxy once."""
    for models in ([Ticket], [OurTicket], [Ticket, OurTicket], [OurTicket, Ticket]):
        orders.clear()
        watcher = Watcher(*models)
        _order(other, field_id, "A1")
        _order(other, field_id, "A2")
        emulator.advance(seconds=DELAY)

        assert watcher.poll() == 2
        assert orders == [(OurTicket, OurTicket, "A1")]


def test_receivers_of_proxies_get_deleted_rows(other, emulator):
    """A receiver of a proxy is called for a ticket that was deleted."""
    calls = []

    @receiver(remote_deleted, sender=OurTicket)
    def record(sender, instance, **kwargs):
        calls.append((sender, type(instance), instance.pk))

    ticket = other.create(subject="Printer", comment=Comment(body="x"))
    emulator.advance(seconds=DELAY)
    watcher = Watcher(Ticket)
    ticket.delete()
    emulator.advance(seconds=DELAY)
    watcher.poll()

    assert calls == [(OurTicket, OurTicket, ticket.pk)]


def test_receivers_of_both_classes_save_one_after_the_other(other, emulator):
    """The edits of receivers of a model and of its proxy are all saved."""

    @receiver(remote_created, sender=Ticket)
    def label(sender, instance, **kwargs):
        instance.tags.append("general")
        instance.save()

    @receiver(remote_created, sender=OurTicket)
    def label_order(sender, instance, **kwargs):
        instance.tags.append("ours")
        instance.save()

    watcher = Watcher(Ticket)
    ticket = other.create(subject="Printer", comment=Comment(body="x"))
    emulator.advance(seconds=DELAY)
    watcher.poll()
    ticket.refresh_from_db()

    assert sorted(ticket.tags) == ["general", "ours"]


def test_failed_receivers_of_proxies_are_called_again(other, emulator, field_id):
    """The second call of a receiver of a proxy has an instance of the proxy, too."""
    configure_delivery(policy=ReceiverPolicy(attempts=2, delays=(1,)))
    calls = []

    @receiver(remote_created, sender=OurTicket)
    def fail_once(sender, instance, **kwargs):
        calls.append(instance.order)
        if len(calls) == 1:
            raise ConnectionError

    watcher = Watcher(Ticket)
    _order(other, field_id, "A1")
    for _ in range(2):
        emulator.advance(seconds=DELAY)
        watcher.poll()

    assert calls == ["A1", "A1"]


def test_replay_calls_receivers_of_proxies_with_earlier_values(other, emulator, orders, field_id):
    """`replay()` of tickets calls receivers of proxies with the ticket as it was."""
    ticket = _order(other, field_id, "A1")
    ticket.custom_fields = [{"id": field_id, "value": "A2"}]
    ticket.save()
    emulator.advance(seconds=DELAY)

    replay(timedelta(hours=1))

    assert orders == [(OurTicket, OurTicket, "A1")]
    assert OurTicket.objects.get(ticket.pk).order == "A2"
