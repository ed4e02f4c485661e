"""An emulator in a new process, which has not imported any model."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.emulator.malformed import routes
from tests.tokens import ANY


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
    """Return the address of an emulator in another process."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        results = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert results
        yield results[0]
        process.terminate()


@pytest.mark.slow
def test_every_declared_path_exists(url):
    """No declared path returns "no such endpoint" in a new process."""
    unknown = []
    with requests.Session() as session:
        session.auth = ANY
        for method, path, _ in routes():
            place = re.sub(r"<at\d+>", "1", path)
            below = place[2:] if place.startswith("/~") else f"/api/v2{place}"
            response = session.request(method, f"{url}{below}", json={}, timeout=9)
            if "InvalidEndpoint" in response.text or response.status_code >= 502:
                unknown.append(f"{method} {path} {response.status_code}")

    assert unknown == []
    assert len(routes()) > 980


@pytest.mark.slow
@pytest.mark.parametrize("path", ["organization_fields", "custom_roles", "sharing_agreements"])
def test_the_first_request_imports_its_model(path):
    """The first request of a process succeeds, although its model was not imported before."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        results = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert results
        status = requests.get(f"{results[0]}/api/v2/{path}", auth=ANY, timeout=9).status_code
        process.terminate()

    assert status == 200
