"""Locks between processes that write to the same path."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO


#: The errors of a lock that another process has.
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def acquire_lock(path: Path) -> IO[bytes] | None:
    """Return an open file that holds a lock until it is closed; the system closes it, too.

    The folder of the file is created.

    Args:
        path: the file.

    Returns:
        The file, or None if another process, or another thread, has the lock.

    Raises:
        OSError: the folder or the file cannot be created.
    """
    while True:
        path.parent.mkdir(exist_ok=True)
        try:
            file = path.open("ab")
        except FileNotFoundError:
            # The owner of the lock has just removed the folder.
            continue
        try:
            _lock(file)
        except OSError as error:
            file.close()
            if error.errno not in _BUSY:
                raise
            return None
        if _is_same_file(file, path):
            return file
        file.close()


def _is_same_file(file: IO[bytes], path: Path) -> bool:
    """Return whether a path leads to an open file, which its earlier owner may have removed."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
