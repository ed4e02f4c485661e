"""Emulators that count for themselves: what they received is what was sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zendesk_orm import Account, receiver, request_started
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return an empty emulator, connected as the default account."""
    with Emulator() as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture(scope="session")
def seeded() -> Iterator[Emulator]:
    """Return an emulator with the demonstration's rows, which no test here changes."""
    with Emulator(seed="demo") as emulator:
        yield emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account: the emulator that is only read."""
    return seeded.connect()


@pytest.fixture
def demo_emulator(seeded: Emulator) -> Emulator:
    """Return the emulator that is only read, connected as the default account."""
    seeded.connect()
    return seeded


@pytest.fixture
def sent() -> list[Request]:
    """Return the requests that go out from now on, filled as they do."""
    requests: list[Request] = []

    @receiver(request_started)
    def started(sender, request, **kwargs):
        requests.append(request)

    return requests
