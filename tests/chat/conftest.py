"""An account with Chat, and rows that only Zendesk creates."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm.chat import Chat
from zendesk_orm.emulator.seeds import new_account


@pytest.fixture
def seed_row(emulator):
    """Return a function that writes a row that no request creates: `seed_row(Goal, id="5")`."""

    def seed_row(model, **values):
        return new_account.create_row(emulator._context, model._meta, **values)

    return seed_row


@pytest.fixture
def leave_message(account):
    """Return a function that creates an offline message: `leave_message("Hello")`."""

    def leave_message(message, day=1, **values):
        visitor = {"id": "1.12345", "name": "Jane", "email": "jane@example.com"}
        session = {"ip": "192.0.2.1"}
        moment = datetime(2026, 1, day, tzinfo=timezone.utc)
        return Chat.objects.create(
            type="offline_msg",
            message=message,
            timestamp=moment,
            **{"visitor": visitor, "session": session, **values},
        )

    return leave_message
