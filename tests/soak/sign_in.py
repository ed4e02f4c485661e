"""Several processes and threads share one sign-in, while its tokens expire again and again.

Tokens last 300 seconds of a clock that runs faster than the machine's. The emulator is strict
and listens on a socket; each worker process reads tickets in several threads. At the end, no
request may have failed, and no pair of tokens may have been exchanged twice.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import requests

from zendesk_orm import ClientCredentials, FileTokenStore, RefreshToken, Ticket, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import Clock


sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oauth.conftest import REDIRECT, sign_in_at


class FastClock(Clock):
    """A clock that runs faster than the machine's after `speed_up()`, in all processes.

    Args:
        speed: the factor by which it is faster.
    """

    def __init__(self, speed: float) -> None:
        self._start = float("inf")
        self._speed = speed

    def speed_up(self) -> None:
        """Let time pass faster from now on, also in processes that are started later."""
        self._start = time.time()

    def now(self) -> float:
        """Return seconds since the epoch."""
        now = time.time()
        return now if now < self._start else self._start + (now - self._start) * self._speed

    def monotonic(self) -> float:
        """Return the same, because the machine's clock is not set during the test."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Wait for a shorter time, divided by the speed."""
        time.sleep(seconds / self._speed)

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait for an event, for a time that is divided by the speed."""
        event.wait(seconds / self._speed)


def work(
    url: str, grant: dict[str, Any], clock: FastClock, options: argparse.Namespace, out: Any
) -> None:
    """Read tickets in threads until the parent sets the event `stop`."""
    if grant["kind"] == "refresh":
        store = FileTokenStore(grant["file"])
        oauth: Any = RefreshToken("desktop", grant["token"], store=store, expires_in=300)
    else:
        oauth = ClientCredentials(grant["id"], grant["secret"], expires_in=300)
    account = connect(base_url=url, oauth=oauth, clock=clock)
    errors: list[str] = []
    rows = [0] * options.threads

    def read(number: int) -> None:
        try:
            while not options.stop.is_set():
                for _ in Ticket.objects.fresh().page_size(options.page):
                    rows[number] += 1
                    if rows[number] % options.page == 0 and options.stop.is_set():
                        break
        except Exception:  # noqa: BLE001 - whatever it is, it is an error of the test
            errors.append(traceback.format_exc())

    threads = [threading.Thread(target=read, args=(number,)) for number in range(options.threads)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        out.put(("rows", multiprocessing.current_process().name, sum(rows)))
        time.sleep(0.5)
    out.put(("rows", multiprocessing.current_process().name, sum(rows)))
    out.put(("done", account.transport.credentials.renewals, errors))  # type: ignore[union-attr]


def run(kind: str, options: argparse.Namespace) -> bool:
    """Run all workers with one kind of sign-in; return whether nothing failed."""
    context = multiprocessing.get_context("spawn")
    clock = FastClock(options.speed)
    with (
        tempfile.TemporaryDirectory() as folder,
        Emulator(oauth="strict", seed="demo", clock=clock) as emulator,
        emulator.serve(port=0) as server,
    ):
        if kind == "refresh":
            emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
            pair = sign_in_at(requests.Session(), server.url)
            grant = {
                "kind": kind,
                "token": pair["refresh_token"],
                "file": str(Path(folder) / "tokens.json"),
            }
        else:
            client = emulator.oauth_client
            grant = {"kind": kind, "id": client.identifier, "secret": str.__str__(client.secret)}
        # The clock was not faster before, because the code of a sign-in is valid for 120 seconds.
        clock.speed_up()
        options.stop, out = context.Event(), context.Queue()
        workers = [
            context.Process(
                target=work, args=(server.url, grant, clock, options, out), name=f"w{n}"
            )
            for n in range(options.processes)
        ]
        for worker in workers:
            worker.start()
        rows: dict[str, int] = {}
        renewals, errors, done = 0, [], 0
        started = time.monotonic()
        while done < len(workers):
            what, *values = out.get(timeout=120)
            if what == "rows":
                rows[values[0]] = values[1]
            else:
                done += 1
                renewals += values[0]
                errors += values[1]
            asked = len(emulator.token_requests)
            enough = sum(rows.values()) >= options.rows and asked >= options.renewals
            if enough or errors or time.monotonic() - started > options.seconds:
                options.stop.set()
        for worker in workers:
            worker.join()
        outcomes = collections.Counter(map(str, emulator.token_requests))
        seconds = time.monotonic() - started
        refused = sum(count for name, count in outcomes.items() if "invalid" in name)
        print(
            f"{kind}: {sum(rows.values()):,} rows in {seconds:.0f} s by {options.processes} "
            f"processes of {options.threads} threads; {renewals} renewals, {dict(outcomes)}; "
            f"{len(errors)} errors"
        )
        for error in errors[:3]:
            print(error)
        requested = len(emulator.token_requests)
        fell_short = sum(rows.values()) < options.rows or requested < options.renewals
        if fell_short:
            print(f"{kind}: ended after {options.seconds} seconds, before it had enough")
        return not errors and not refused and not fell_short


def main() -> None:
    """Run both kinds of sign-in; exit with 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--renewals", type=int, default=20)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--speed", type=float, default=100.0)
    parser.add_argument("--page", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=1_200.0, help="the longest run")
    parser.add_argument("--kind", choices=["refresh", "client"], action="append")
    options = parser.parse_args()
    results = [run(kind, options) for kind in options.kind or ("refresh", "client")]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
