"""A client of an emulator that sends the requests of tests without the library."""

from __future__ import annotations

import json
from typing import Any

from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator


class Sender:
    """Sends requests to an emulator that have to succeed.

    Args:
        emulator: the emulator, with the demo rows.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.session = signed_in_session(emulator)

    def send(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        """Return the decoded body of a response, or None for an empty one."""
        prefix = "" if path.startswith("/") else "/api/v2/"
        url = f"https://emulator.zendesk.com{prefix}{path}"
        response = self.session.request(method, url, json=body, **kwargs)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        # Uploads have the type of a text, as recorded.
        return json.loads(response.text) if response.text.startswith(("{", "[")) else None

    def get(self, path: str, **params: Any) -> Any:
        """Return the decoded body of a response to GET."""
        return self.send("GET", path, params=params)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        """Return the decoded body of a response to POST."""
        return self.send("POST", path, body, **kwargs)

    def put(self, path: str, body: Any = None, **kwargs: Any) -> Any:
        """Return the decoded body of a response to PUT."""
        return self.send("PUT", path, body, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Any:
        """Return the decoded body of a response to DELETE."""
        return self.send("DELETE", path, **kwargs)

    def create(self, path: str, key: str, **values: Any) -> Any:
        """Create a row and return its id."""
        return self.post(path, {key: values})[key]["id"]

    def upload(self, path: str, key: str = "file", **kwargs: Any) -> Any:
        """Send a file in a form."""
        return self.post(path, files={key: ("a.png", b"\x89PNG", "image/png")}, **kwargs)

    def finish_jobs(self) -> None:
        """Let the running jobs end."""
        self.emulator.advance(seconds=10)
