"""Fixtures for tests of the emulator: HTTP clients."""

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
    """A `requests.Session` for an emulator, with paths instead of addresses."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.clock = emulator.clock
        self.session = signed_in_session(emulator)

    def send(self, method: str, path: str, body: Any = None, **kwargs: Any) -> requests.Response:
        """Send a request to a path below `/api/v2/`, a path of the host (`/x`), or an address."""
        below = "" if path.startswith("/") else "/api/v2/"
        url = path if path.startswith("http") else f"https://emulator.zendesk.com{below}{path}"
        return self.session.request(method, url, json=body, **kwargs)

    def get(self, path: str, **params: Any) -> Any:
        """Return the body of a response, whose status has to be 200."""
        response = self.send("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def create(self, path: str, **values: Any) -> Any:
        """Create a row and return it."""
        response = self.send("POST", path, {path[:-1]: values})
        assert response.status_code == 201, response.text
        return response.json()[path[:-1]]

    def create_ticket(self, **values: Any) -> Any:
        """Create a ticket and return it."""
        return self.create(
            "tickets", **{"subject": "Printer", "comment": {"body": "Help"}, **values}
        )

    def run_job(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Send a bulk request, wait for its job, and return the job."""
        response = self.send(method, path, body, params=params)
        assert response.status_code == 200, response.text
        pk = response.json()["job_status"]["id"]
        self.clock.sleep(5)
        return self.get(f"job_statuses/{pk}")["job_status"]

    def search(self, query: str, **params: Any) -> list[Any]:
        """Return the ids of the results of a search, in order."""
        return [row["id"] for row in self.get("search", query=query, **params)["results"]]


@pytest.fixture
def zendesk() -> Iterator[Client]:
    """Return a client of a new emulator with a virtual clock."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        yield Client(emulator)


@pytest.fixture
def demo_zendesk() -> Iterator[Client]:
    """Return a client of an emulator with the demo rows."""
    with Emulator(seed="demo") as emulator:
        yield Client(emulator)


def decode(response: requests.Response) -> tuple[int, Any]:
    """Return the status and the decoded body of a response."""
    return response.status_code, json.loads(response.text) if response.text else None
