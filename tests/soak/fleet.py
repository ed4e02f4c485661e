"""Measures processes that share the rate limit of one account and send requests without pause.

The emulator listens on a socket in a process of its own and applies its limit as Zendesk does: to
periods of a minute, each of which begins with its first request. Only whole periods are counted.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import os
import sys
import time
import uuid
from typing import Any

from zendesk_orm import Group, connect
from zendesk_orm.contrib.redis import RedisState
from zendesk_orm.emulator import Emulator


#: Seconds after which a run that has not ended counts as failed.
TIMEOUT = 120.0
#: The minimum share of the limit that is used, and the minimum share of one process.
LEAST_USED, LEAST_SERVED = 0.95, 0.25


def serve(limit: int, channel: Any) -> None:
    """Serve an emulator, and report the times and the statuses of its responses."""
    responses: list[tuple[float, str]] = []
    with Emulator(requests_per_minute=limit) as emulator:
        application = emulator.wsgi

        def record(environ: Any, start_response: Any) -> Any:
            moment = time.monotonic()

            def start(status: str, *arguments: Any) -> Any:
                responses.append((moment, status[:3]))
                return start_response(status, *arguments)

            return application(environ, start)

        emulator.wsgi = record
        with emulator.serve(port=0) as served:
            channel.send(served.url)
            channel.recv()
            channel.send(responses)
        emulator.wsgi = application


def work(url: str, prefix: str, start: Any, stop: Any, results: Any) -> None:
    """Send requests until the end, and report the number of responses."""
    state = RedisState(os.environ["REDIS_URL"], prefix=prefix)
    account = connect(base_url=url, email="me@acme.com", token="emulated", shared=state)
    start.wait()
    while not stop.is_set():
        Group.objects.fresh().count()
    results.put((os.getpid(), dict(account.stats.responses)))


def run(processes: int, limit: int, periods: int) -> bool:
    """Run a number of processes, print the figures, and return whether they meet the minimum."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(limit, theirs))
    server.start()
    url, prefix = ours.recv(), f"fleet-{uuid.uuid4()}"
    start, stop, results = context.Barrier(processes + 1), context.Event(), context.Queue()
    workers = [
        context.Process(target=work, args=(url, prefix, start, stop, results))
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    start.wait(TIMEOUT)
    # The first request of the period after the last one that is counted ends the run.
    time.sleep(periods * 61 + 5)
    stop.set()
    served = dict(results.get(timeout=TIMEOUT) for _ in workers)
    for worker in workers:
        worker.join()
    ours.send("stop")
    responses = ours.recv()
    server.join()
    return report(processes, limit, periods, responses, served)


def report(
    processes: int,
    limit: int,
    periods: int,
    responses: list[tuple[float, str]],
    served: dict[int, dict[str, int]],
) -> bool:
    """Print the figures of a run, and return whether they meet the minimum."""
    responses.sort()
    starts: list[float] = []
    for moment, _ in responses:
        if not starts or moment >= starts[-1] + 60:
            starts.append(moment)
    end = starts[periods] if len(starts) > periods else responses[-1][0]
    number = sum(moment < end for moment, _ in responses)
    used = number / (limit * (end - starts[0]) / 60)
    rejected = sum(status == "429" for _, status in responses)
    counts = [sum(statuses.values()) for statuses in served.values()]
    share = min(counts) / max(counts)
    print(
        f"{processes} processes, limit {limit} a minute: {number} requests in "
        f"{end - starts[0]:.1f} s, {used:.1%} of the limit, {rejected} rejected; "
        f"a process sent {min(counts)} to {max(counts)} requests ({share:.0%}); "
        f"statuses {dict(collections.Counter(status for _, status in responses))}",
        flush=True,
    )
    return not rejected and used >= LEAST_USED and share >= LEAST_SERVED


def main() -> int:
    """Run all numbers of processes, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--limit", type=int, default=600, help="requests in a minute")
    parser.add_argument("--periods", type=int, default=1, help="minutes that are counted")
    arguments = parser.parse_args()
    results = [run(number, arguments.limit, arguments.periods) for number in arguments.processes]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
