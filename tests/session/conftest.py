"""Emulators to work with, and the requests that go out to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zendesk_orm import receiver, request_started
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.request import Request


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return an empty emulator, connected as the default account."""
    with Emulator() as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def demo_emulator() -> Iterator[Emulator]:
    """Return an emulator with the demonstration's rows, connected as the default account."""
    with Emulator(seed="demo") as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def sent() -> list[Request]:
    """Return the requests that go out from now on, filled as they do."""
    requests: list[Request] = []

    @receiver(request_started)
    def started(sender, request, **kwargs):
        requests.append(request)

    return requests
