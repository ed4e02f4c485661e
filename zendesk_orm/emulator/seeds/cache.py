"""Copies of seeded accounts in the user's cache folder, so that an emulator starts at once.

A copy belongs to one version of the package and lasts a day, because the rows of a seed are spread
over the time before it was built. Processes may build the same copy: the last one stays.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from zendesk_orm import __version__, fork
from zendesk_orm.emulator.storage.store import Store


_logger = logging.getLogger("zendesk_orm.emulator")

#: Seconds for which a copy is used, and for which copies of other versions are kept.
_MAX_AGE, _KEEP = 86_400, 7 * 86_400
_PACKAGE = Path(__file__).parents[2]


def load(store: Store, seed: str) -> bool:
    """Replace the rows of a store in memory by those of a copy, and return True if there is one."""
    path = find_path(seed)
    try:
        if not 0 <= time.time() - path.stat().st_mtime < _MAX_AGE:
            return False
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source:
            source.execute("SELECT 1 FROM rows LIMIT 1").fetchall()
            store.restore(source)
    except FileNotFoundError:
        return False
    except (OSError, sqlite3.Error) as error:
        _logger.debug("the copy %s of the seed cannot be read: %s", path, error)
        return False
    return True


def save(store: Store, seed: str) -> None:
    """Write the rows of a store to a copy; a folder that cannot be written is no error."""
    path = find_path(seed)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            with closing(sqlite3.connect(temporary)) as target, fork.delayed:
                store._connection.backup(target)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        for other in _find_old_copies(path):
            other.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        _logger.debug("the copy %s of the seed cannot be written: %s", path, error)


def find_path(seed: str) -> Path:
    """Return the path of the copy of a seed for this version of the package."""
    digest = hashlib.sha256(f"{__version__} {sqlite3.sqlite_version}".encode())
    # A checkout changes without its version.
    for path in sorted(_PACKAGE.rglob("*.py")):
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}".encode())
    return find_folder() / f"{seed}-{__version__}-{digest.hexdigest()[:16]}.db"


def find_folder() -> Path:
    """Return the folder of the copies, which may not exist."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "zendesk_orm"


def _find_old_copies(path: Path) -> Iterator[Path]:
    """Yield the copies that no version has used for some days."""
    seed = path.name.partition("-")[0]
    for other in path.parent.glob(f"{seed}-*.db"):
        with suppress(FileNotFoundError):
            if time.time() - other.stat().st_mtime > _KEEP:
                yield other
