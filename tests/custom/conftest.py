"""An account with the custom fields of the tests."""

from __future__ import annotations

from datetime import date

import pytest

from tests.custom.shop import SupportTicket, add_fields
from zendesk_orm import Comment


@pytest.fixture
def shop(account):
    """Return the default account with custom fields."""
    add_fields()
    return account


@pytest.fixture
def ticket(shop):
    """Return a ticket with values of most custom fields."""
    return SupportTicket.objects.create(
        subject="Help",
        comment=Comment(body="It burns."),
        severity="Critical",
        products=["Laser"],
        ships=date(2026, 3, 1),
        escalated=True,
        seats=5,
        price=9.5,
        order="AB-17",
    )
