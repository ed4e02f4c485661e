"""The fake Zendesk of a run: started on a free port, set up before a job, asked after it."""

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


#: Seconds in which the server has to answer after its start.
PATIENCE = 15.0

#: What every job starts from; a job names only what it wants otherwise.
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
def running(script: Path) -> Iterator[str]:
    """Run the server and give its address.

    Raises:
        SystemExit: there is no such script, or it does not come up.
    """
    if not script.is_file():
        raise SystemExit(f"no fake server at {script}: say where it is with --server PATH")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, str(script), "--port", str(port)])
    try:
        _await(process, url)
        yield url
    finally:
        process.terminate()
        process.wait()


def configure(url: str, settings: Mapping[str, int]) -> None:
    """Put the server into the state that a job wants."""
    _control(url, "config?" + urlencode({**SETTINGS, **settings}))
    reset(url)


def reset(url: str) -> None:
    """Set all counters to nothing."""
    _control(url, "reset")


def stats(url: str) -> dict[str, Any]:
    """Return what was counted since the last reset: `total` calls, `bytes` and more."""
    return _control(url, "stats")


def _control(url: str, what: str) -> dict[str, Any]:
    with urlopen(f"{url}/__{what}", timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            stats(url)
        except URLError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the fake server did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
