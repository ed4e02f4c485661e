"""An account with Chat, and what is laid into it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm.chat import Chat
from zendesk_orm.emulator import seeding


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def lay(emulator):
    """What lays a row into the emulator that no call makes: `lay(Conversion, id="5")`."""

    def lay(model, **values):
        return seeding.made(emulator._world, model._meta, **values)

    return lay


@pytest.fixture
def leave(account):
    """What leaves a message: `leave("Hello")`."""

    def leave(message, day=1, **values):
        visitor = {"id": "1.12345", "name": "Jane", "email": "jane@example.com"}
        told = {"visitor": visitor, "session": {"ip": "192.0.2.1"}, **values}
        moment = datetime(2026, 1, day, tzinfo=timezone.utc)
        return Chat.objects.create(type="offline_msg", message=message, timestamp=moment, **told)

    return leave
