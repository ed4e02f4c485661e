"""Stores of checkpoints: in memory, in a file, and in a SQLite database."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from zendesk_orm.durable_files import hold_lock, read_file, replace_file
from zendesk_orm.errors import CheckpointStoreError, ConfigurationError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.query.checkpoint import Checkpoint


_CREATE = """
CREATE TABLE IF NOT EXISTS zendesk_orm_checkpoints (name TEXT PRIMARY KEY, checkpoint TEXT NOT NULL)
"""
_LOAD = "SELECT checkpoint FROM zendesk_orm_checkpoints WHERE name = ?"
_SAVE = "REPLACE INTO zendesk_orm_checkpoints (name, checkpoint) VALUES (?, ?)"
_DELETE = "DELETE FROM zendesk_orm_checkpoints WHERE name = ?"
#: SQLite finds no row in a page that was cut off.
_CHECK = "PRAGMA quick_check(zendesk_orm_checkpoints)"
#: Seconds to wait for another process that writes to the database.
_TIMEOUT = 60.0


class MemoryCheckpointStore:
    """Keeps checkpoints as long as the process lives: for tests, and for loops that never end."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none."""
        text = self._texts.get(name)
        return None if text is None else Checkpoint.from_text(text)

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name."""
        self._texts[name] = Checkpoint.require_text(checkpoint)

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one."""
        self._texts.pop(name, None)

    def __repr__(self) -> str:
        return f"<MemoryCheckpointStore: {len(self._texts)} checkpoints>"


class FileCheckpointStore:
    """Keeps checkpoints in a JSON file: `FileCheckpointStore("exports.json")`.

    A new version replaces the file in one step, after it was written to disk. Processes take turns
    to write it, except on Windows, by a lock file next to it.

    Args:
        path: the file; its folder is created if it is missing.

    Raises:
        ConfigurationError: the path is invalid.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Absolute: programs change their folder, and would then begin again.
        self.path = _require_path(path).absolute()

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none.

        Raises:
            CheckpointStoreError: the file is damaged or cannot be read.
        """
        texts = self._read()
        return parse_checkpoint(texts[name], name, self.path) if name in texts else None

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name, after it is safely on disk.

        Raises:
            InvalidValue: the argument is not a checkpoint.
            CheckpointStoreError: the file is damaged or cannot be written.
        """
        text = Checkpoint.require_text(checkpoint)
        with self._change() as texts:
            texts[name] = text

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one.

        Raises:
            CheckpointStoreError: the file is damaged or cannot be written.
        """
        with self._change() as texts:
            texts.pop(name, None)

    @contextmanager
    def _change(self) -> Generator[dict[str, Any], None, None]:
        """Return the texts by name, which are written at the end of the block."""
        # The file itself, if the path is a symbolic link.
        path = Path(os.path.realpath(self.path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with hold_lock(path):
                texts = self._read()
                yield texts
                replace_file(path, partial(json.dumps, {"checkpoints": texts}, indent=1))
        except OSError as error:
            raise _make_access_error(self.path, error) from error

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(read_file(self.path))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _make_access_error(self.path, error) from error
        except (ValueError, RecursionError):
            data = None
        texts = data.get("checkpoints") if isinstance(data, dict) else None
        if not isinstance(texts, dict):
            raise _make_damage_error("it is not a file of checkpoints", self.path)
        return texts

    def __repr__(self) -> str:
        return f"FileCheckpointStore({os.fspath(self.path)!r})"


class SQLiteCheckpointStore:
    """Keeps checkpoints in a table of a SQLite database: `zendesk_orm_checkpoints`.

    With the connection of the application, a checkpoint becomes a part of its open transaction. If
    the rows of a page are written in the same transaction, each row is stored exactly once::

        store = SQLiteCheckpointStore(connection)
        rows = Ticket.objects.changed_since(0).iterator()
        for page in rows.pages():
            with connection:
                connection.executemany("REPLACE INTO tickets VALUES (?, ?)", to_values(page))
                store.save("tickets", page.checkpoint)

    Without an open transaction, a checkpoint is committed at once.

    Args:
        database: the path of a database, or a `sqlite3.Connection`.

    Raises:
        ConfigurationError: the argument is neither of them.
    """

    def __init__(self, database: str | os.PathLike[str] | sqlite3.Connection) -> None:
        is_connection = isinstance(database, sqlite3.Connection)
        self._connection = database if isinstance(database, sqlite3.Connection) else None
        self._path = None if is_connection else _require_path(database).absolute()

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none.

        Raises:
            CheckpointStoreError: the database is damaged or cannot be read.
        """
        if rows := self._execute(_LOAD, (name,)):
            return parse_checkpoint(rows[0][0], name, self._name)
        ((problem,), *_) = self._execute(_CHECK, ())
        if problem != "ok":
            raise _make_damage_error(problem, self._name)
        return None

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name.

        Raises:
            InvalidValue: the argument is not a checkpoint.
            CheckpointStoreError: the database is damaged or cannot be written.
        """
        self._execute(_SAVE, (name, Checkpoint.require_text(checkpoint)))

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one.

        Raises:
            CheckpointStoreError: the database is damaged or cannot be written.
        """
        self._execute(_DELETE, (name,))

    @property
    def _name(self) -> str:
        return "the database" if self._path is None else str(self._path)

    def _execute(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        """Return the rows of a statement, which is committed unless a transaction is open."""
        try:
            if self._connection is not None:
                return _run(self._connection, statement, values)
            # A connection for each call: threads and forked processes must not share one.
            with closing(sqlite3.connect(self._name, timeout=_TIMEOUT)) as connection:
                return _run(connection, statement, values)
        except sqlite3.OperationalError as error:
            raise _make_access_error(self._name, error) from error
        except sqlite3.DatabaseError as error:
            raise _make_damage_error(str(error), self._name) from error

    def __repr__(self) -> str:
        return f"<SQLiteCheckpointStore in {self._name}>"


def _run(connection: sqlite3.Connection, statement: str, values: tuple[str, ...]) -> list[Any]:
    is_open = connection.in_transaction
    connection.execute(_CREATE)
    rows = connection.execute(statement, values).fetchall()
    if not is_open and connection.in_transaction:
        connection.commit()
    return rows


def _require_path(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise ConfigurationError(f"a store needs the path of its file, not {display(path)}")
    return Path(path)


def parse_checkpoint(text: Any, name: str, place: Any) -> Checkpoint:
    """Return a stored checkpoint.

    Raises:
        CheckpointStoreError: its text is damaged.
    """
    try:
        return Checkpoint.from_text(text)
    except InvalidValue:
        raise CheckpointStoreError(
            f"{place}: the checkpoint {display(name)} is damaged; restore it, or "
            f"delete({display(name)}) to begin again at the moment of changed_since()"
        ) from None


def _make_damage_error(problem: str, place: Any) -> CheckpointStoreError:
    return CheckpointStoreError(
        f"{place}: {problem}; restore it from a backup, or move it away to begin again at the "
        "moment of changed_since()"
    )


def _make_access_error(place: Any, error: Exception) -> CheckpointStoreError:
    return CheckpointStoreError(
        f"{place} cannot be used ({error}): check the path, and that this user may read and write "
        "it; the rows of the last page will be returned again"
    )
