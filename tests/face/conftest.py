"""These tests only read, so that one seeded emulator serves them all."""

from __future__ import annotations

import pytest

from zendesk_orm import Account
from zendesk_orm.emulator import Emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account: the emulator that is only read."""
    return seeded.connect()
