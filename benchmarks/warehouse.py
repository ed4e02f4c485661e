"""Speed of warehouses and mirrors, compared with DuckDB itself on a million tickets.

.venv/bin/python -m benchmarks.warehouse [JOB ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import requests

from benchmarks.figures import Goal, Jobs, run_jobs
from zendesk_orm import Mirror, Ticket, User, connect, connect_warehouse
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
from zendesk_orm.warehouse import layouts


_TICKETS, _SYNCED, _STREAMED, _ROUNDS = 1_000_000, 100_000, 100_000, 7
_WORDS = [
    "printer",
    "burns",
    "room",
    "toner",
    "paper",
    "screen",
    "login",
    "fails",
    "order",
    "refund",
]
_FILL = f"""
INSERT INTO tickets BY NAME SELECT
    i AS id, 'Printer ' || i || ' burns' AS subject, 'A long text about it' AS description,
    ['new', 'open', 'pending', 'solved'][1 + i % 4] AS status,
    ['low', 'normal', 'high', 'urgent', NULL][1 + i % 5] AS priority,
    1 + i % 50000 AS requester_id,
    TIMESTAMPTZ '2025-01-01' + INTERVAL (i * 30) SECOND AS created_at, created_at AS updated_at,
    ['a', 'b'] AS tags, '{{"channel":"web","source":{{}}}}' AS via, '[]' AS custom_fields,
    FALSE AS _deleted, now() AS _synced_at
FROM range(1, {_TICKETS + 1}) AS t(i);
INSERT INTO users BY NAME SELECT
    i AS id, 'User ' || i AS name, 'u' || i || '@example.com' AS email, TRUE AS active,
    FALSE AS _deleted, now() AS _synced_at
FROM range(1, 50001) AS t(i)
"""
_BY_HAND = """
SELECT t.* FROM tickets AS t WHERE t.status = 'open' AND NOT t._deleted AND EXISTS (
    SELECT 1 FROM users AS u WHERE u.id = t.requester_id AND u.email LIKE '%u77%' AND NOT u._deleted
) ORDER BY t.created_at DESC, t.id DESC LIMIT 100
"""
_SELECT = "SELECT * EXCLUDE (_extra, _version, _deleted, _synced_at) FROM tickets"
#: As `zendesk-orm sync` does it, in a process without the modules of the benchmarks.
_SYNC = """
import gc, resource, sys, time
from zendesk_orm import Mirror, Ticket, connect
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
account = connect(
    base_url=sys.argv[1], oauth_token="emulated", endpoint_limits=NO_ENDPOINT_LIMITS
)
mirror = Mirror(sys.argv[2] + "/zendesk.duckdb", account, [Ticket])
gc.freeze()
started = time.process_time()
mirror.sync()
print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_SERVER = """
import sys
from benchmarks.warehouse import generate
with generate(int(sys.argv[1])) as emulator, emulator.serve(port=0) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


def _cpu_seconds(function: Callable[[], Any]) -> float:
    """Return the CPU time of a call, in which other processes of the machine matter little."""
    started = time.process_time()
    function()
    return time.process_time() - started


def _compare(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = _ROUNDS) -> float:
    """Return the median of the ratios of the CPU times of two calls, one after the other."""
    ours()
    theirs()
    return median(_cpu_seconds(ours) / _cpu_seconds(theirs) for _ in range(rounds))


def _drain(rows: Iterable[Any]) -> None:
    for _ in rows:
        pass


# -- queries -----------------------------------------------------------------------


@cache
def _fill_mirror() -> Path:
    """Return a mirror with a million tickets."""
    path = Path(tempfile.mkdtemp(prefix="zendesk-benchmark-")) / "zendesk.duckdb"
    with Emulator() as emulator:
        Mirror(path, emulator.connect(), [User, Ticket]).sync()
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute("SET TimeZone = 'UTC'; DELETE FROM users")
        connection.execute(_FILL)
    return path


@cache
def _open_mirror() -> tuple[Any, Any]:
    """Return a connection to the mirror, and its tickets."""
    connection = duckdb.connect(str(_fill_mirror()), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    connect_warehouse(connection, layout=layouts.native(), live=None, alias="benchmark")
    return connection, Ticket.objects.using("benchmark")


def _fetch(sql: str) -> None:
    with closing(_open_mirror()[0].cursor()) as cursor:
        cursor.execute(sql)
        while cursor.fetchmany(2_000):
            pass


def _query() -> Any:
    tickets = _open_mirror()[1].filter(status="open", requester__email__contains="u77")
    return tickets.order_by("-created_at")[:100]


def measure_query() -> float:
    """Return the time of filter, order, limit and join as a multiple of that of SQL by hand."""
    return _compare(lambda: list(_query()), lambda: _fetch(_BY_HAND))


def measure_compilation() -> float:
    """Return the milliseconds in which the same query becomes SQL."""
    _ = _query().plan
    return 1_000 * median(_cpu_seconds(lambda: _query().plan) for _ in range(50))


def measure_get() -> float:
    """Return the milliseconds of `get(id)` in the file of a mirror."""
    mirror = Mirror(_fill_mirror(), connect("emulator://", alias="empty"), [Ticket])
    mirror.connect(live=None)
    tickets = Ticket.objects.using("mirror")
    tickets.get(1)
    ids = range(500_000, 500_200)
    ours = 1_000 * median(_cpu_seconds(partial(tickets.get, pk)) for pk in ids)
    statements = [f"{_SELECT} WHERE NOT _deleted AND id = {pk}" for pk in ids]
    theirs = 1_000 * median(_cpu_seconds(partial(_fetch, sql)) for sql in statements)
    print(f"{'':18} {theirs:10.2f} ms by DuckDB alone")
    return ours


def _stream() -> Any:
    return _open_mirror()[1].filter(id__lte=_STREAMED)


def measure_values() -> float:
    """Return the time of streaming three values as a multiple of that of DuckDB's own fetch."""
    rows = _stream().values_list("id", "status", "created_at")
    sql = f"SELECT id, status, created_at FROM tickets WHERE id <= {_STREAMED} ORDER BY id"
    return _compare(lambda: _drain(rows.iterator()), lambda: _fetch(sql), 5)


def measure_instances() -> float:
    """Return the time of streaming objects as a multiple of that of DuckDB's own fetch."""
    sql = f"{_SELECT} WHERE id <= {_STREAMED} ORDER BY id"
    return _compare(lambda: _drain(_stream().iterator()), lambda: _fetch(sql), 3)


def measure_memory() -> float:
    """Return the megabytes by which the process grows while it streams 300,000 tickets."""
    tickets = _open_mirror()[1]
    _drain(tickets.filter(id__lte=20_000).iterator())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _drain(tickets.filter(id__lte=300_000).iterator())
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1_024


# -- sync --------------------------------------------------------------------------


def _build_ticket(number: int) -> dict[str, Any]:
    words = " ".join(_WORDS[(number + step) % 10] for step in range(12))
    return {
        "subject": f"{_WORDS[number % 10]} {number}",
        "description": words,
        "status": ("new", "open", "pending", "solved")[number % 4],
        "tags": [_WORDS[number % 10], _WORDS[number % 7]],
    }


def generate(count: int) -> Emulator:
    """Return an emulator with generated tickets."""
    emulator = Emulator()
    emulator.connect()
    emulator.generate(Ticket, count, _build_ticket)
    emulator.clock.sleep(120)
    return emulator


@contextmanager
def _serve(count: int) -> Any:
    """Yield the address of an emulator in another process."""
    command = [sys.executable, "-c", _SERVER, str(count)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def _read_export(url: str) -> None:
    """Read and decode all pages of the export."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer emulated"
        page = f"{url}/api/v2/incremental/tickets/cursor.json?start_time=0&per_page=1000"
        data: dict[str, Any] = {}
        while not data.get("end_of_stream"):
            data = session.get(page, timeout=60).json()
            page = data["after_url"]


def _sync(url: str, folder: Path) -> None:
    account = connect(base_url=url, oauth_token="emulated", endpoint_limits=NO_ENDPOINT_LIMITS)
    Mirror(folder / "zendesk.duckdb", account, [Ticket]).sync()


def _run_sync(count: int) -> tuple[float, int]:
    """Return the CPU seconds and the kilobytes of a process that reads tickets into a mirror."""
    with _serve(count) as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _SYNC, url, folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def measure_sync() -> float:
    """Return the time of an update as a multiple of that of reading and decoding its pages."""
    with _serve(_SYNCED) as url, tempfile.TemporaryDirectory() as folder:
        reading = _wall_seconds(lambda: _read_export(url))
        ours = _wall_seconds(lambda: _sync(url, Path(folder)))
    print(f"{'':18} {_SYNCED / ours:10.0f} rows/s of {_SYNCED / reading:.0f} by the emulator")
    return ours / reading


def _wall_seconds(function: Callable[[], Any]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started


def measure_sync_cpu() -> float:
    """Return the rows per second of CPU time of an update; the emulator has its own process."""
    with _serve(_SYNCED) as url:
        seconds, wall = (
            _cpu_seconds(lambda: _read_export(url)),
            _wall_seconds(lambda: _read_export(url)),
        )
    print(
        f"{'':18} {_SYNCED / seconds:10.0f} rows/s by reading and decoding alone, "
        f"{_SYNCED / wall:.0f} by the emulator"
    )
    return _SYNCED / _run_sync(_SYNCED)[0]


def measure_sync_memory() -> float:
    """Return the megabytes by which four times as many tickets let an update grow."""
    small, large = (_run_sync(count)[1] for count in (_SYNCED, 4 * _SYNCED))
    return (large - small) / 1_024


#: Jobs by name, each with its goal.
JOBS: Jobs = {
    "query": (measure_query, Goal(1.2, "x")),
    "compilation": (measure_compilation, Goal(3, "ms")),
    "get": (measure_get, Goal(2, "ms")),
    "values": (measure_values, Goal(1.5, "x")),
    "instances": (measure_instances, Goal(1.5, "x")),
    "memory": (measure_memory, Goal(20, "MB")),
    "sync": (measure_sync, Goal(1.2, "x")),
    "sync_cpu": (measure_sync_cpu, Goal(20_000, "rows/s", higher=True)),
    "sync_memory": (measure_sync_memory, Goal(60, "MB")),
}


if __name__ == "__main__":
    sys.exit(run_jobs(JOBS, sys.argv[1:]))
