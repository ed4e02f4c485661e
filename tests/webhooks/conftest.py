"""Fixtures for tests of received webhooks."""

from __future__ import annotations

import pytest

from tests.webhooks.signing import NOW, SECRET
from zendesk_orm import WebhookReceiver, receiver, webhook_received
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture
def zendesk():
    """Return an emulator at the time of the signatures, connected as the default account."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def receiving(zendesk):
    """Return a receiver of webhooks for the default account."""
    return WebhookReceiver(SECRET)


@pytest.fixture
def payloads():
    """Return the list of the payloads that are received from now on."""
    received = []

    @receiver(webhook_received)
    def record(sender, payload, **kwargs):
        received.append(payload)

    return received
