"""What the tests of the emulator share: one emulator each, asked as any client would ask it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z


class Client:
    """A `requests.Session` at an emulator, with paths for addresses."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.clock = emulator.clock
        self.session = signed_in_session(emulator)

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Send a request to a path after `/api/v2/`, to one of the host (`/x`), or to a link."""
        below = "" if path.startswith("/") else "/api/v2/"
        url = path if path.startswith("http") else f"https://emulator.zendesk.com{below}{path}"
        return self.session.request(method, url, json=body, **more)

    def get(self, path: str, **params: Any) -> Any:
        """Return the body of a page, which has to be there."""
        response = self.send("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def made(self, path: str, **values: Any) -> Any:
        """Make a row, and return it."""
        response = self.send("POST", path, {path[:-1]: values})
        assert response.status_code == 201, response.text
        return response.json()[path[:-1]]

    def ticket(self, **values: Any) -> Any:
        """Make a ticket, and return it."""
        return self.made("tickets", **{"subject": "Printer", "comment": {"body": "Help"}, **values})

    def done(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Send a bulk request, wait for its job, and return the job."""
        response = self.send(method, path, body, params=params)
        assert response.status_code == 200, response.text
        pk = response.json()["job_status"]["id"]
        self.clock.sleep(5)
        return self.get(f"job_statuses/{pk}")["job_status"]

    def found(self, query: str, **params: Any) -> list[Any]:
        """Return the ids that a search finds, in order."""
        return [row["id"] for row in self.get("search", query=query, **params)["results"]]


@pytest.fixture
def zendesk() -> Iterator[Client]:
    """Return a client of an empty emulator, at a known time."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        yield Client(emulator)


@pytest.fixture
def demo_zendesk() -> Iterator[Client]:
    """Return a client of an emulator with the demonstration's rows."""
    with Emulator(seed="demo") as emulator:
        yield Client(emulator)


def decoded(response: requests.Response) -> tuple[int, Any]:
    """Return status and body."""
    return response.status_code, json.loads(response.text) if response.text else None
