"""The fake Zendesk: started on a free port, configured for each job, and queried for counts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen


#: Seconds after which a server that does not respond has failed.
TIMEOUT = 15.0

#: Default settings; a job overrides some of them.
SETTINGS: Mapping[str, int] = {
    "tickets": 10_000,
    "users": 10_000,
    "orgs": 1_000,
    "users_per_ticket": 300,
    "orgs_per_ticket": 50,
    "search_hits": 5_000,
    "latency_ms": 0,
    "job_ms": 0,
    "gzip": 0,
}


@contextmanager
def run_server(script: Path) -> Iterator[str]:
    """Run the server and yield its URL.

    Raises:
        SystemExit: the script does not exist, or the server does not start.
    """
    if not script.is_file():
        raise SystemExit(f"{script} does not exist; pass the fake server with --server PATH")
    port = _find_free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, str(script), "--port", str(port)])
    try:
        _wait_until_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.wait()


def configure(url: str, settings: Mapping[str, int]) -> None:
    """Apply the settings of a job to the server and reset its counters."""
    _send_command(url, "config?" + urlencode({**SETTINGS, **settings}))
    reset(url)


def reset(url: str) -> None:
    """Set all counters of the server to 0."""
    _send_command(url, "reset")


def get_stats(url: str) -> dict[str, Any]:
    """Return the counters since the last reset, such as `total` (requests) and `bytes`."""
    return _send_command(url, "stats")


def _send_command(url: str, command: str) -> dict[str, Any]:
    with urlopen(f"{url}/__{command}", timeout=TIMEOUT) as response:
        content: dict[str, Any] = json.load(response)
    return content


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            get_stats(url)
        except URLError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the fake server did not start")


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
