"""Emulators whose list of received requests is the number of requests sent."""

from __future__ import annotations

import pytest

from zendesk_orm import Account
from zendesk_orm.emulator import Emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account of the shared emulator, which is only read."""
    return seeded.connect()


@pytest.fixture
def demo_emulator(seeded: Emulator) -> Emulator:
    """Return the shared emulator, which is only read, connected as the default account."""
    seeded.connect()
    return seeded
