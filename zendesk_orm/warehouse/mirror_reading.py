"""A connection that reads the file of a mirror, and is kept for a moment between statements.

Opening a file takes longer than a small query. An open file keeps a writer waiting, so that the
connection is closed when it is not used for a moment, and after each statement while `sync()` runs.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zendesk_orm import fork


#: Seconds after which an unused connection is closed.
IDLE = 0.25
#: Connections of parent processes.
_INHERITED: list[Any] = []


class SharedReader:
    """A connection that several threads read from.

    Args:
        connect: opens the file for reading.
        writing: the file that exists while a process writes.
    """

    def __init__(self, connect: Callable[[], Any], writing: Path) -> None:
        self._connect, self._writing = connect, writing
        self._lock = fork.Lock()
        self._connection: Any = None
        self._readers, self._process, self._used = 0, 0, 0.0
        self._closer: threading.Thread | None = None

    @contextmanager
    def cursor(self) -> Generator[Any]:
        """Yield a cursor; the connection stays open for a moment after the block."""
        with self._lock:
            if self._process != os.getpid():
                # A forked child can neither use nor close the connection of its parent.
                _INHERITED.append(self._connection)
                self._connection, self._readers, self._process = None, 0, os.getpid()
                self._closer = None
            if self._connection is None:
                self._connection = self._connect()
            self._readers += 1
            cursor = self._connection.cursor()
        try:
            with contextlib.closing(cursor):
                yield cursor
        finally:
            with self._lock:
                self._readers -= 1
                self._used = time.monotonic()
                if self._writing.exists():
                    self._close()
                elif self._closer is None:
                    # Not a daemon, which Python stops at its end: DuckDB aborts the process then.
                    self._closer = threading.Thread(
                        target=self._close_when_idle, name="zendesk_orm-mirror", daemon=False
                    )
                    self._closer.start()

    def close(self) -> None:
        """Close the connection, unless a statement is running."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._readers == 0 and self._connection is not None:
            self._connection.close()
            self._connection = None

    def _close_when_idle(self) -> None:
        main = threading.main_thread()
        while True:
            # The end of the program ends the wait; other threads may still read after it.
            wait = main.join if main.is_alive() else time.sleep
            wait(IDLE)
            with self._lock:
                is_idle = time.monotonic() - self._used >= IDLE or not main.is_alive()
                if is_idle or self._writing.exists():
                    self._close()
                if self._connection is None:
                    self._closer = None
                    return
