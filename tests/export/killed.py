"""A program that exports tickets in child processes, and kills them at random moments.

Arguments: the address of an emulator, the path, the format, the column of the partitions or "", the
seed, and the number of children that are killed. It writes how often a child was killed before its
end, and the number of rows.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from zendesk_orm import Ticket, connect
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS


def export(url: str, path: str, name: str, partition_by: str) -> int:
    """Continue the export, and return the number of rows."""
    connect(base_url=url, oauth_token="emulated", endpoint_limits=NO_ENDPOINT_LIMITS)
    rows = Ticket.objects.page_size(50)
    columns = rows.values("id", "subject", "status", "requester__name")
    by = partition_by or ()
    return columns.export(path, format=name, partition_by=by, resume=True).rows


def main() -> None:
    """Kill children until one of them may end."""
    url, path, name, partition_by, seed, kills = sys.argv[1:]
    rng, killed = random.Random(int(seed)), 0
    for _ in range(int(kills)):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                export(url, path, name, partition_by)
                status = 0
            except FileExistsError:
                status = 0
            except Exception:  # noqa: BLE001 - the child must not run the code of its parent
                traceback.print_exc()
            os._exit(status)
        time.sleep(rng.uniform(0.02, 0.15))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            killed += 1
        elif os.WEXITSTATUS(status):
            sys.exit("a child failed")
        else:
            break
    complete = Path(path).exists() and not Path(f"{path}.partial").exists()
    rows = -1 if complete else export(url, path, name, partition_by)
    sys.stdout.write(f"{killed} {rows}\n")


if __name__ == "__main__":
    main()
