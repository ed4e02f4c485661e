"""Reads a mirror again and again; the tests run it during updates. Argument: the path."""

from __future__ import annotations

import os
import sys
import time

from zendesk_orm import Mirror, Ticket, connect


def main() -> None:
    """Print whether each statement saw the tickets of whole transactions, until input ends."""
    connect("emulator://")
    mirror = Mirror(sys.argv[1], models=[Ticket])
    mirror.connect(live=None)
    tickets = Ticket.objects.using("mirror")
    counts = [tickets.count()]
    os.write(1, b"reading\n")
    os.set_blocking(0, False)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        counts.append(tickets.count())
        try:
            if os.read(0, 1) == b"":
                break
        except BlockingIOError:
            time.sleep(0.005)
    is_whole = all(count % 100 == 0 for count in counts)
    os.write(1, f"{is_whole and counts == sorted(counts)} {counts[-1]}\n".encode())


if __name__ == "__main__":
    main()
