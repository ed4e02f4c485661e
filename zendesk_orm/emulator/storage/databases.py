"""Database files: those of emulators, and those of other programs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from zendesk_orm import fork


T = TypeVar("T")

#: Seconds to wait while another connection writes to the file, and between two attempts.
_LOCK_SECONDS, _LOCK_PAUSE = 60.0, 0.005


def check_tables(names: AbstractSet[str]) -> None:
    """Check that a database with tables is one of an emulator, before anything is changed.

    Raises:
        ValueError: it belongs to another program.
    """
    if names and "rows" not in names:
        raise ValueError("it belongs to another program")


def wait_for_lock(function: Callable[[], T]) -> T:
    """Call a function that uses a connection, again while another connection locks the file.

    SQLite would wait with `fork.delayed` held, which the other connection needs to finish if it
    belongs to this process.

    Raises:
        sqlite3.OperationalError: the file is locked for a minute.
    """
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            with fork.delayed:
                return function()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(_LOCK_PAUSE)
