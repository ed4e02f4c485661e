"""A way to the emulator that keeps what went over it."""

from __future__ import annotations

import pytest
import requests

from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.adapter import EmulatorAdapter


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
