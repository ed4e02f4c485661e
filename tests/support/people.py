"""What the tests of users share: somebody else, who is signed in at the same account."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.tokens import user_token
from zendesk_orm import User, connect
from zendesk_orm.emulator.world import HOME


if TYPE_CHECKING:
    from collections.abc import Generator

    from zendesk_orm import Account
    from zendesk_orm.emulator import Emulator


def person(name: str, **values: object) -> User:
    """Make a user with an address."""
    return User.objects.create(name=name, email=f"{name.lower()}@example.com", **values)


@contextmanager
def signed_in(emulator: Emulator, user: User, alias: str = "other") -> Generator[Account]:
    """Connect a second account, whose requests are those of a user."""
    yield connect(
        base_url=HOME,
        session=emulator.session(),
        oauth_token=user_token(emulator, user),
        alias=alias,
        clock=emulator.clock,
    )
