"""One job, one contender, one fresh process: prints what came out of it as a line of JSON.

It runs in the contender's own interpreter, so it needs nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from timeit import Timer
from typing import Any

from benchmarks import server
from benchmarks.contenders import contender
from benchmarks.jobs import JOBS


#: Rows between two looks at the memory, and rows before the first one.
STRIDE, SETTLED = 5_000, 200

#: Repetitions of which the best is taken, where nanoseconds are measured.
REPEATS = 7


def measured(name: str, job: str, url: str) -> dict[str, Any]:
    """Do the job and return its measures; `value` is its answer, or `error` why there is none.

    A contender that has no method for it gives `{}`.
    """
    does = JOBS[job].does
    peer = contender(name, url)
    method = getattr(peer, does, None)
    if method is None:
        return {}
    peer.warm()
    try:
        given = getattr(peer, f"given_{does}", None)
        arguments = () if given is None else (given(),)
        server.reset(url)
        found = _done(method, arguments)
    except Exception as error:
        reason = (str(error).strip() or "no message").splitlines()[0]
        found = {"error": f"{type(error).__name__}: {reason[:160]}"}
    counted = server.stats(url)
    return {**found, "calls": counted["total"], "kilobytes": counted["bytes"] / 1_000}


def _done(method: Callable[..., Any], arguments: tuple[Any, ...]) -> dict[str, Any]:
    before = _memory()
    wall, cpu = time.perf_counter(), time.process_time()
    value = method(*arguments)
    found: dict[str, Any] = {}
    if isinstance(value, Iterator):
        value, found["growth_mb"] = _streamed(value)
    found["seconds"], found["cpu"] = time.perf_counter() - wall, time.process_time() - cpu
    found["grown"] = _memory() - before
    if isinstance(value, dict):
        return {name: _nanoseconds(call) for name, call in value.items()}
    return {**found, "value": value}


def _streamed(ids: Iterator[int]) -> tuple[int, float]:
    """Return the sum of the ids, and by how many MB the process grew after the second page."""
    total = settled = most = 0
    for position, each in enumerate(ids, 1):
        total += each
        if position == SETTLED:
            settled = _memory()
        elif position % STRIDE == 0:
            most = max(most, _memory())
    return total, (most - settled) / 1e6


def _nanoseconds(call: Callable[[], object]) -> float:
    """Return what the call takes, less what calling anything takes."""
    empty = _best(lambda: None)
    return max(0.0, _best(call) - empty)


def _best(call: Callable[[], object]) -> float:
    timer = Timer(call)
    loops, _ = timer.autorange()
    return min(timer.repeat(REPEATS, loops)) / loops * 1e9


def _memory() -> int:
    """Return the resident bytes of this process, or 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1_024


if __name__ == "__main__":
    print(json.dumps(measured(*sys.argv[1:])))
