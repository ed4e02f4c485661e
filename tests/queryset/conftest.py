"""Fixtures: one seeded emulator, because these tests only read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.queryset.stored import stored_rows_by_id
from zendesk_orm import Account, Organization, User
from zendesk_orm.emulator import Emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account: the emulator that is only read."""
    return seeded.connect()


@pytest.fixture(scope="session")
def rows(seeded: Emulator) -> dict[Any, Any]:
    """Return the rows of all tickets by id, as they are stored."""
    return stored_rows_by_id(seeded)


@pytest.fixture(scope="session")
def user_rows(seeded: Emulator) -> dict[Any, Any]:
    """Return the rows of all users by id."""
    return stored_rows_by_id(seeded, User)


@pytest.fixture(scope="session")
def organization_rows(seeded: Emulator) -> dict[Any, Any]:
    """Return the rows of all organizations by id."""
    return stored_rows_by_id(seeded, Organization)
