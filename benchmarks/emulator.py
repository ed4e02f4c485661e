"""Speed of the emulator: requests per second, searches, start and memory.

.venv/bin/python -m benchmarks.emulator [JOB ...]
"""

from __future__ import annotations

import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit

import requests

from benchmarks.figures import Goal, Jobs, run_jobs
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator


_HOST = "https://emulator.zendesk.com"
_START = """
import time
from zendesk_orm.emulator import Emulator
Emulator(seed="demo").close()
started = time.process_time()
Emulator(seed="demo").close()
print(1000 * (time.process_time() - started))
"""


def measure_in_process() -> float:
    """Return the tickets per second that are shown in process."""
    with Emulator() as emulator, emulator.session() as session:
        return _measure_rate(session, _HOST, emulator, count=2_000)


def measure_at_socket() -> float:
    """Return the tickets per second that are shown through a socket with keep-alive."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        (pk,) = emulator.make_ids(Ticket)
        address = urlsplit(server.url)
        head = f"GET /api/v2/tickets/{pk}.json HTTP/1.1\r\nHost: {address.netloc}\r\n"
        headers = "Accept: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: x\r\n"
        request = f"{head}{headers}Authorization: Basic bWVAYWNtZS5jb206eA==\r\n\r\n".encode()
        # A client that costs nothing: clients would take longer than the server.
        with socket.create_connection((address.hostname, address.port)) as client:
            started = time.process_time()
            for _ in range(2_000):
                client.sendall(request)
                response = client.recv(65_536)
            assert response.startswith(b"HTTP/1.1 200"), response
            return 2_000 / (time.process_time() - started)


def measure_updates() -> float:
    """Return the tickets per second that are updated in process."""
    with Emulator() as emulator, emulator.session() as session:
        (pk,) = emulator.make_ids(Ticket)
        url = f"{_HOST}/api/v2/tickets/{pk}.json"
        bodies = [{"ticket": {"priority": name}} for name in ("low", "high")]
        started = time.process_time()
        for number in range(500):
            assert session.put(url, json=bodies[number % 2]).status_code == 200
        return 500 / (time.process_time() - started)


def measure_search() -> float:
    """Return the milliseconds of a page of a search by words and keywords."""
    return _measure_stored_search("type:ticket status:open burns 77")


def measure_text_search() -> float:
    """Return the milliseconds of a search for a rare word."""
    return _measure_stored_search("type:ticket 99977")


def measure_keyword_search() -> float:
    """Return the milliseconds of a search by keywords alone."""
    return _measure_stored_search("type:ticket status:pending priority:urgent")


def measure_broad_search() -> float:
    """Return the milliseconds of the first page of a search that almost all tickets match."""
    return _measure_stored_search("type:ticket status:open burns")


def _measure_stored_search(query: str) -> float:
    """Return the milliseconds of a page of a search in 100,000 stored tickets."""
    with Emulator() as emulator, emulator.session() as session:
        emulator.load(map(_build_line, range(1, 100_001)))
        return _measure_search(session, query)


def _build_line(number: int) -> str:
    """Return a ticket as a line of JSON."""
    row = {
        "id": number,
        "subject": f"Printer {number} burns in room {number % 500}",
        "status": "pending" if number % 100 == 7 else "open",
        "priority": "urgent" if number % 3 else "low",
    }
    return json.dumps({"model": "Ticket", "row": row})


def measure_generated_search() -> float:
    """Return the milliseconds of a search in a million generated tickets."""
    with Emulator() as emulator, emulator.session() as session:
        emulator.generate(
            Ticket, 1_000_000, lambda number: {"priority": "urgent" if number % 997 else "low"}
        )
        return _measure_search(session, "type:ticket priority:low", count=1)


def measure_start() -> float:
    """Return the milliseconds that the demo account takes to start after the first time."""
    output = subprocess.run([sys.executable, "-c", _START], capture_output=True, check=True)
    return float(output.stdout)


def measure_memory() -> float:
    """Return the growth of the process in MB during 20,000 requests."""
    with Emulator() as emulator, emulator.session() as session:
        _measure_rate(session, _HOST, emulator, count=2_000)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _measure_rate(session, _HOST, emulator, count=20_000)
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _measure_rate(session: requests.Session, host: str, emulator: Emulator, *, count: int) -> float:
    """Return the tickets per second that are shown, without the cost of the client."""
    (pk,) = emulator.make_ids(Ticket)
    url = f"{host}/api/v2/tickets/{pk}.json"
    session.trust_env = False
    request = session.prepare_request(requests.Request("GET", url, auth=("me@acme.com", "x")))
    adapter = session.get_adapter(url)
    assert adapter.send(request).status_code == 200
    started = time.process_time()
    for _ in range(count):
        _ = adapter.send(request).content
    return count / (time.process_time() - started)


def _measure_search(session: requests.Session, query: str, *, count: int = 7) -> float:
    """Return the median of the milliseconds of a first page, each time after a change of a row."""
    params = {"query": query, "per_page": "25"}
    user = {"user": {"name": "Ada"}}
    times = []
    for _ in range(count):
        # Until a row changes, searches are answered from a cache.
        assert session.post(f"{_HOST}/api/v2/users.json", json=user).status_code == 201
        started = time.process_time()
        response = session.get(f"{_HOST}/api/v2/search.json", params=params)
        times.append(1000 * (time.process_time() - started))
        assert response.json()["results"], response.text
    return statistics.median(times)


JOBS: Jobs = {
    "in_process": (measure_in_process, Goal(1_000, "requests/s", higher=True)),
    "socket": (measure_at_socket, Goal(800, "requests/s", higher=True)),
    "updates": (measure_updates, Goal(200, "requests/s", higher=True)),
    "search": (measure_search, Goal(5, "ms")),
    "text_search": (measure_text_search, Goal(5, "ms")),
    "keyword_search": (measure_keyword_search, Goal(5, "ms")),
    # The first search counts 99,000 rows, which takes some 20 ms; the others count changed rows.
    "broad_search": (measure_broad_search, Goal(5, "ms")),
    "generated_search": (measure_generated_search, Goal(1_000, "ms")),
    "start": (measure_start, Goal(200, "ms")),
    "memory": (measure_memory, Goal(20, "MB")),
}


if __name__ == "__main__":
    sys.exit(run_jobs(JOBS, sys.argv[1:]))
