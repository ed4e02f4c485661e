"""An account with Talk, and what is laid into it."""

from __future__ import annotations

from datetime import datetime

import pytest

from zendesk_orm import User
from zendesk_orm.emulator import seeding


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def owner(account):
    """The agent whose account it is."""
    return User.objects.filter(role="admin")[0]


@pytest.fixture
def lay(emulator):
    """What lays a row into the emulator that no call makes: `lay(Call, updated_at=...)`."""

    def lay(model, moment, **values):
        at = datetime.fromisoformat(moment).timestamp()
        with emulator._world.dated(at):
            return seeding.made(emulator._world, model._meta, **values)

    return lay
