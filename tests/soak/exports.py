"""An export that is killed at random moments while rows change; run by `scripts/killed-exports`.

A child process exports tickets over a socket, and writes each row to a file when it processes it.
It is killed with SIGKILL, and another one continues. Fails if the file lacks a version of a row
that the account still has, or if a run repeats more rows than one page has.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from attrs import field, frozen

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import FileCheckpointStore, Ticket, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS


@frozen
class Result:
    """The result of an export that was killed.

    Attributes:
        rows: the rows that were written.
        missing: the tickets of which the last version was not written.
        repeated: the rows that were written more than once.
        kills: how often the export was killed.
        page_size: the rows of a page.
    """

    rows: int
    missing: list[int] = field(repr=False)
    repeated: int
    kills: int
    page_size: int

    @property
    def is_right(self) -> bool:
        """Whether no row is lost, and no run repeated more than a page."""
        return not self.missing and self.repeated <= self.kills * self.page_size


def export(url: str, folder: str, page_size: int) -> None:
    """Export the tickets of an account, from the stored checkpoint on; run in a child process."""
    connect(
        base_url=url,
        email="owner@example.com",
        token="any",
        endpoint_limits=NO_ENDPOINT_LIMITS,
        read_ahead=2,
    )
    store = FileCheckpointStore(Path(folder) / "exports.json")
    file = os.open(Path(folder) / "rows", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    rows = Ticket.objects.changed_since(0).resume_from(store, "tickets").iterator(page_size)
    for ticket in rows:
        os.write(file, f"{ticket.id} {ticket.generated_timestamp} {ticket.subject}\n".encode())


def check(
    emulator: Emulator, *, kills: int, changes: int, page_size: int, seed: int, pause: float
) -> Result:
    """Export the tickets of an emulator while they change, and return the result.

    Args:
        emulator: the emulator, with a virtual clock.
        kills: how often the export is killed.
        changes: how many tickets change meanwhile.
        page_size: the rows of a page.
        seed: selects the moments and the tickets.
        pause: the longest time until a kill, in seconds.
    """
    chance, stopped = random.Random(seed), threading.Event()
    emulator.connect(alias="others")
    ids = [row[1] for row in emulator._store.select_texts("support.Ticket", Where("1"))]

    def change() -> None:
        for number in range(changes):
            ticket = Ticket.objects.using("others").get(chance.choice(ids))
            ticket.subject = f"changed {number}"
            ticket.save(safe=False)
            emulator.clock.sleep(1)
            if not stopped.is_set():
                time.sleep(0.001)

    with tempfile.TemporaryDirectory() as folder, emulator.serve(port=0) as server:
        thread = threading.Thread(target=change)
        thread.start()
        arguments = ["--child", server.url, folder, str(page_size)]
        command = [sys.executable, "-m", "tests.soak.exports", *arguments]
        done = 0
        while done < kills:
            process = subprocess.Popen(command)
            _wait_for_rows(process, Path(folder) / "rows")
            time.sleep(chance.random() * pause)
            process.send_signal(signal.SIGKILL)
            code = process.wait()
            done += code == -signal.SIGKILL
            if code not in (0, -signal.SIGKILL):
                raise subprocess.CalledProcessError(code, command)
            if code == 0:
                # The export was complete; changes are left for the next runs.
                emulator.clock.sleep(61)
                if stopped.is_set():
                    break
                if not thread.is_alive():
                    stopped.set()
        stopped.set()
        thread.join()
        emulator.clock.sleep(61)
        subprocess.run(command, check=True)
        written = (Path(folder) / "rows").read_text(encoding="utf-8").splitlines()
    return _compare(emulator, written, done, page_size)


def _wait_for_rows(process: subprocess.Popen[bytes], path: Path) -> None:
    """Wait until a process has written a row, or has ended."""
    before = path.stat().st_size if path.exists() else 0
    while process.poll() is None and not (path.exists() and path.stat().st_size > before):
        time.sleep(0.005)


def _compare(emulator: Emulator, written: list[str], kills: int, page_size: int) -> Result:
    """Compare the rows that were written with those of the account."""
    latest: dict[int, str] = {}
    for line in written:
        pk, _, version = line.partition(" ")
        latest[int(pk)] = version
    rows = emulator._store.select("support.Ticket", Where("1"))
    expected = {row["id"]: f"{row['generated_timestamp']} {row['subject']}" for row in rows}
    missing = [pk for pk, version in expected.items() if latest.get(pk) != version]
    repeated = sum(count - 1 for count in Counter(written).values())
    result = Result(len(written), missing, repeated, kills, page_size)
    print(result, f"{len(missing)} missing", "right" if result.is_right else "WRONG", flush=True)
    return result


def main() -> int:
    """Run the checks that the arguments describe, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, metavar=("URL", "FOLDER", "PAGE_SIZE"))
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--ties", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--pause", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.child:
        url, folder, page_size = options.child
        export(url, folder, int(page_size))
        return 0
    fixed = {"kills": options.kills, "seed": options.seed, "pause": options.pause}
    emulator = Emulator(clock=VirtualClock(1_780_000_000.0))
    emulator.generate(Ticket, options.rows, lambda number: {"subject": f"No. {number}"})
    results = [check(emulator, changes=options.changes, page_size=1000, **fixed)]
    with emulator_with_tickets(options.ties) as emulator:
        tie_all(emulator)
        results.append(check(emulator, changes=0, page_size=100, **fixed | {"pause": 1.0}))
    return 0 if all(result.is_right for result in results) else 1


def tie_all(emulator: Emulator) -> None:
    """Let all tickets of an emulator have changed in the same second."""
    stamps = {"updated_at": "2026-01-01T00:00:05Z", "generated_timestamp": 1_767_225_605}
    for name, value in stamps.items():
        emulator._store.set_value("support.Ticket", name, value, Where("1"))


if __name__ == "__main__":
    sys.exit(main())
