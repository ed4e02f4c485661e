"""Runs one job of one contender in a new process and prints the result as a line of JSON.

The module runs in the contender's interpreter, so it uses only the standard library.
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
from benchmarks.contenders import connect_contender
from benchmarks.jobs import JOBS, Job


#: Rows between two memory readings, and rows before the first one.
ROWS_PER_READING, FIRST_READING = 5_000, 200

#: Repetitions of a call that takes nanoseconds; the fastest one counts.
REPETITIONS = 7


def run_job(contender: str, name: str, url: str) -> dict[str, Any]:
    """Run a job and return its measures, with its answer as `value`, or with an `error`.

    Returns:
        `{}` if the contender has no method for the job.
    """
    job = JOBS[name]
    client = connect_contender(contender, url)
    method = getattr(client, job.method_name, None)
    if method is None:
        return {}
    client.open_connection()
    try:
        prepare = getattr(client, f"prepare_{job.method_name}", None)
        arguments = () if prepare is None else (prepare(),)
        server.reset(url)
        calls = [_measure(job, method, arguments) for _ in range(job.calls_per_process)]
        result = _merge(job, calls)
    except Exception as error:
        reason = (str(error).strip() or "no message").splitlines()[0]
        result = {"error": f"{type(error).__name__}: {reason[:160]}"}
    counts = server.get_stats(url)
    requests, size = counts["total"], counts["bytes"] / 1_000
    per_call = job.calls_per_process
    return {**result, "calls": requests / per_call, "kilobytes": size / per_call}


def _merge(job: Job, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the smallest of each measure, and the first wrong answer if there is one."""
    result = {name: min(call[name] for call in calls) for name in calls[0] if name != "value"}
    if "value" in calls[0]:
        values = [call["value"] for call in calls]
        result["value"] = next((value for value in values if value != job.expected), values[0])
    return result


def _measure(job: Job, method: Callable[..., Any], arguments: tuple[Any, ...]) -> dict[str, Any]:
    memory = _read_resident_bytes()
    wall, cpu = time.perf_counter(), time.process_time()
    value = method(*arguments)
    result: dict[str, Any] = {}
    if isinstance(value, Iterator):
        value, result["growth_mb"] = _consume_stream(value)
    result["seconds"], result["cpu"] = time.perf_counter() - wall, time.process_time() - cpu
    result["cpu_us"] = result["cpu"] / job.operations * 1e6
    result["growth"] = _read_resident_bytes() - memory
    if isinstance(value, dict):
        return {name: _measure_nanoseconds(call) for name, call in value.items()}
    return {**result, "value": value}


def _consume_stream(ids: Iterator[int]) -> tuple[int, float]:
    """Return the sum of the ids, and the growth of the process in MB after the second page."""
    total = start = peak = 0
    for position, pk in enumerate(ids, 1):
        total += pk
        if position == FIRST_READING:
            start = _read_resident_bytes()
        elif position % ROWS_PER_READING == 0:
            peak = max(peak, _read_resident_bytes())
    return total, (peak - start) / 1e6


def _measure_nanoseconds(call: Callable[[], object]) -> float:
    """Return the duration of a call, less the duration of calling an empty function."""
    empty = _measure_fastest(lambda: None)
    return max(0.0, _measure_fastest(call) - empty)


def _measure_fastest(call: Callable[[], object]) -> float:
    timer = Timer(call)
    loops, _ = timer.autorange()
    return min(timer.repeat(REPETITIONS, loops)) / loops * 1e9


def _read_resident_bytes() -> int:
    """Return the resident memory of this process, or 0 on a system without `/proc`."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1_024


if __name__ == "__main__":
    print(json.dumps(run_job(*sys.argv[1:])))
