"""Users of an account, and connections that send requests on their behalf."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.tokens import user_token
from zendesk_orm import User, connect
from zendesk_orm.emulator.messages import BASE_URL


if TYPE_CHECKING:
    from collections.abc import Generator

    from zendesk_orm import Account
    from zendesk_orm.emulator import Emulator


def create_user(name: str, **values: object) -> User:
    """Create a user with an email address."""
    return User.objects.create(name=name, email=f"{name.lower()}@example.com", **values)


@contextmanager
def connect_as(emulator: Emulator, user: User, alias: str = "other") -> Generator[Account]:
    """Connect a second account, whose requests are sent by a user."""
    yield connect(
        base_url=BASE_URL,
        session=emulator.session(),
        oauth_token=user_token(emulator, user),
        alias=alias,
        clock=emulator.clock,
    )
