"""A fixture that records the requests which are sent to the emulator."""

from __future__ import annotations

import pytest
import requests

from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.adapter import EmulatorAdapter


class RecordingAdapter(EmulatorAdapter):
    """An adapter to an emulator that records requests."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.wsgi)
        self.requests: list[requests.PreparedRequest] = []
        self.session = requests.Session()
        self.session.mount("https://", self)

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Record the request, and pass it to the emulator."""
        self.requests.append(request)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def recorder(emulator: Emulator) -> RecordingAdapter:
    """Return a recording adapter; its `session` is a `requests.Session` that uses it."""
    return RecordingAdapter(emulator)
