"""Files that are replaced as a whole, and are on disk before a function returns."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


if sys.platform != "win32":
    import fcntl


#: The key of the digest in a text of `dump_with_digest()`.
_DIGEST = "digest"


def dump_with_digest(values: Mapping[str, Any], indent: int | None = None) -> str:
    """Return values as JSON, with a digest by which `load_with_digest()` recognizes damage."""
    return json.dumps({**values, _DIGEST: _digest(values)}, indent=indent)


def load_with_digest(text: bytes) -> dict[str, Any] | None:
    """Return the values of a text of `dump_with_digest()`; None if it is something else."""
    try:
        values = json.loads(text)
        is_intact = values.pop(_DIGEST) == _digest(values)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return values if is_intact else None


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read, or is a folder, a device or a pipe, which might never end.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return path.read_bytes()


def replace_file(path: Path, dump: Callable[[], str]) -> None:
    """Replace a file, which only its owner can read, in one step, after the new one is on disk.

    Two processes must not replace it at the same time; see `hold_lock()`.

    Args:
        path: the file.
        dump: returns its text, which may be secret, and is in no variable that tracebacks show.

    Raises:
        OSError: the folder cannot be written, or the disk is full; the file is unchanged.
    """
    prefix = f".{path.name}.new-"
    # Left by a process that was killed while it wrote.
    for leftover in path.parent.glob(f"{glob.escape(prefix)}*"):
        leftover.unlink(missing_ok=True)
    # mkstemp makes a file that only its owner can read and write.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(dump())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def hold_lock(path: Path) -> Generator[None, None, None]:
    """Hold the lock of a file; threads and processes take turns, except on Windows.

    A process that is killed releases it.
    """
    with Path(f"{path}.lock").open("a", encoding="utf-8") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sync_folder(folder: Path) -> None:
    """Make the renaming durable, too. Windows cannot open folders and needs no such step."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
