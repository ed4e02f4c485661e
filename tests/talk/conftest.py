"""An account with Talk, and rows that only Zendesk creates."""

from __future__ import annotations

from datetime import datetime

import pytest

from zendesk_orm import User
from zendesk_orm.emulator.seeds import new_account


@pytest.fixture
def owner(account):
    """Return the owner of the account."""
    return User.objects.filter(role="admin")[0]


@pytest.fixture
def seed_row(emulator):
    """Return a function that writes a row at a time: `seed_row(Call, "2026-01-01")`."""

    def seed_row(model, moment, **values):
        timestamp = datetime.fromisoformat(moment).timestamp()
        with emulator._context.backdate(timestamp):
            return new_account.create_row(emulator._context, model._meta, **values)

    return seed_row
