"""Emulators that count for themselves: what they received is what was sent."""

from __future__ import annotations

import pytest

from zendesk_orm import Account
from zendesk_orm.emulator import Emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account: the emulator that is only read."""
    return seeded.connect()


@pytest.fixture
def demo_emulator(seeded: Emulator) -> Emulator:
    """Return the emulator that is only read, connected as the default account."""
    seeded.connect()
    return seeded
