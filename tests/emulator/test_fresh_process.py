"""`zendesk-orm emulator` in a process that has imported no model serves all that is declared."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.emulator.malformed import routes


COMMAND = [
    sys.executable,
    "-c",
    "from zendesk_orm import cli; cli.main()",
    "emulator",
    "--port",
    "0",
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of an emulator in a process of its own."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found
        yield found[0]
        process.terminate()


@pytest.mark.slow
def test_every_declared_route_is_served(url):
    """No declared path is answered with "no such endpoint", be it by the first request."""
    unknown = []
    with requests.Session() as session:
        for method, path, _ in routes():
            place = re.sub(r"<at\d+>", "1", path)
            below = place[2:] if place.startswith("/~") else f"/api/v2{place}"
            answer = session.request(method, f"{url}{below}", json={}, timeout=9)
            if "InvalidEndpoint" in answer.text or answer.status_code >= 502:
                unknown.append(f"{method} {path} {answer.status_code}")

    assert [] == unknown
    assert len(routes()) > 980


@pytest.mark.parametrize("path", ["organization_fields", "custom_roles", "sharing_agreements"])
def test_the_first_request_of_a_fresh_process_is_answered(path):
    """A path whose model nothing has imported yet is served at once."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found
        status = requests.get(f"{found[0]}/api/v2/{path}", timeout=9).status_code
        process.terminate()

    assert 200 == status
