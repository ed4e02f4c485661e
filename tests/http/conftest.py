"""Emulators to work with, and the requests that go out to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from zendesk_orm import receiver, request_started
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.adapter import EmulatorAdapter
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


class Wiretap(EmulatorAdapter):
    """The way to an emulator that keeps what went over it."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.wsgi)
        self.seen: list[requests.PreparedRequest] = []
        self.session = requests.Session()
        self.session.mount("https://", self)

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Keep the request, and pass it on."""
        self.seen.append(request)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def wiretap(emulator: Emulator) -> Wiretap:
    """Return the way to the emulator for an own `requests.Session`, `wiretap.session`."""
    return Wiretap(emulator)
