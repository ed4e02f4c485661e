"""A user with a conversation, and another client of the same app."""

from __future__ import annotations

import pytest

from zendesk_orm.messaging import Conversation, Integration, User


@pytest.fixture
def user(account):
    """Return a user."""
    return User.objects.create(external_id="42", profile={"given_name": "Ann", "surname": "Lee"})


@pytest.fixture
def conversation(user):
    """Return a conversation of the user."""
    return Conversation.objects.create(type="personal", users=[user], display_name="Order 7")


@pytest.fixture
def bot(account):
    """Return a custom integration."""
    return Integration.objects.create(type="custom", display_name="Bot")
