"""A process that watches, and writes a line for each change; run by `test_killed_watchers.py`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from zendesk_orm import (
    FileCheckpointStore,
    Ticket,
    connect,
    receiver,
    remote_changed,
    remote_created,
    watch,
)
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS


def main(url: str, folder: Path, kind: str) -> None:
    """Watch tickets until the process is stopped."""
    connect(base_url=url, oauth_token="x", endpoint_limits=NO_ENDPOINT_LIMITS)
    lines = os.open(folder / "lines.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @receiver([remote_created, remote_changed], sender=Ticket)
    def write(sender, instance, created, changes, **kwargs):
        subject = "" if created else changes["subject"][1]
        os.write(lines, f"{instance.pk} {subject}\n".encode())

    state = folder / "watch.db"
    checkpoints = FileCheckpointStore(folder / "watch.json") if kind == "file" else None
    watch(Ticket, checkpoints=checkpoints, state=state, interval=0.05)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
