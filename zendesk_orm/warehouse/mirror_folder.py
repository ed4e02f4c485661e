"""A mirror in Parquet files: a folder for each table and day, and a manifest.

A transaction writes new files for the days whose rows changed, and then replaces `manifest.json`,
which lists the files that are valid, and contains the checkpoints. A process that is killed before
leaves files that no manifest lists.

Source: https://duckdb.org/docs/stable/data/parquet/overview
"""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from zendesk_orm import fork
from zendesk_orm.durable_files import dump_with_digest, load_with_digest, read_file, replace_file
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.export.locks import acquire_lock
from zendesk_orm.export.packages import load_package
from zendesk_orm.warehouse.executors import CHUNK
from zendesk_orm.warehouse.mirror_file import transaction
from zendesk_orm.warehouse.mirror_staging import literal, quote
from zendesk_orm.warehouse.mirror_tables import fill


MANIFEST = "manifest.json"
#: Seconds for which files that were replaced are kept, for programs that are reading them.
GRACE = 3_600.0
#: The name of the folder of rows without a day.
_NO_DAY = "none"
_LOAD = "INSERT INTO $table BY NAME SELECT * FROM $files"
_CREATE_VIEW = "CREATE VIEW $table AS SELECT * FROM $files"
_FIND_DAYS = "SELECT DISTINCT $day FROM $table"
_FIND_FILES = "SELECT DISTINCT filename FROM $files WHERE id IN (SELECT id FROM staged)"
_WRITE = """
COPY (SELECT * FROM $table WHERE $day = $name ORDER BY id) TO $file (FORMAT parquet, CODEC 'zstd')
"""


class MirrorFolder:
    """The Parquet files of a mirror; see `executors.Executor`.

    Args:
        path: the folder, which is created.

    Raises:
        ModuleNotFoundError: DuckDB is not installed.
    """

    dialect = "duckdb"
    #: The errors of DuckDB if it needs more memory than `open_for_writing()` allows.
    memory_errors: tuple[type[Exception], ...] = ()

    def __init__(self, path: Path) -> None:
        self._duckdb = load_package("duckdb", "warehouse")
        self.path = path
        self._lock = fork.Lock()
        self._reader: Any = None
        self._version: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """The path of the folder."""
        return str(self.path)

    @contextmanager
    def lease(self) -> Generator[None]:
        """Be the only writer during the block; the lease of a killed process ends.

        Raises:
            BlockingIOError: another process, or another thread, has the lease.
        """
        file = acquire_lock(self.path / ".lock")
        if file is None:
            raise BlockingIOError(
                errno.EAGAIN, "another process updates the mirror; wait until it ends", self.name
            )
        with file:
            self._remove_old_files()
            yield

    @contextmanager
    def open_for_writing(self, memory: int | None = None) -> Generator[Any]:
        """Yield a cursor whose tables have the columns of the mirror, and no rows.

        The tables that the mirror keeps for itself have their rows. All are in memory, so that
        `memory` is of no importance.
        """
        with closing(self._duckdb.connect()) as cursor:
            cursor.execute("SET TimeZone = 'UTC'")
            manifest = self._load_manifest()
            for table, columns in manifest["columns"].items():
                _create(cursor, table, columns)
            for table, rows in manifest["rows"].items():
                _insert(cursor, table, rows)
            yield cursor

    @contextmanager
    def transaction(
        self, cursor: Any, table: str | None = None, *, all_rows: bool = False
    ) -> Generator[None]:
        """Run the statements of the block, and write the days that they change.

        Args:
            cursor: the cursor of `open_for_writing()`.
            table: the table that is written; its rows of the days of the staged rows are loaded.
            all_rows: whether all its rows are loaded.
        """
        manifest = self._load_manifest()
        days: dict[str, str] = manifest["files"].get(table, {})
        loaded = list(days) if all_rows else self._find_days(cursor, table, days)
        files = [days[day] for day in loaded if day in days]
        if table is not None and files:
            cursor.execute(fill(_LOAD, table=quote(table), files=self._list(files)))
        with transaction(cursor):
            yield
        if table is not None:
            written = self._write_days(cursor, table)
            others = {day: file for day, file in days.items() if day not in loaded}
            manifest["files"][table] = dict(sorted({**others, **written}.items()))
            cursor.execute(fill("DELETE FROM $table", table=quote(table)))
        names = cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")
        for (name,) in names.fetchall():
            described = cursor.execute(f"DESCRIBE {quote(name)}").fetchall()
            manifest["columns"][name] = {column: type_ for column, type_, *_ in described}
            if name.startswith("_"):
                rows = cursor.execute(fill("SELECT * FROM $table", table=quote(name))).fetchall()
                manifest["rows"][name] = [[_to_json(value) for value in row] for row in rows]
        replace_file(self.path / MANIFEST, partial(dump_with_digest, manifest, indent=1))

    def run(self, sql: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a statement, many at once."""
        if not (self.path / MANIFEST).exists():
            raise ConfigurationError(f"{self.name} does not exist; call sync() first")
        with closing(self._open_reader()) as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(CHUNK):
                yield rows

    def _open_reader(self) -> Any:
        """Return a cursor whose views are the tables of the present manifest."""
        status = (self.path / MANIFEST).stat()
        version = status.st_ino, status.st_mtime_ns
        with self._lock:
            if self._version != version:
                # Programs that are reading keep the views, and files, of the manifest before.
                self._reader, self._version = self._create_views(), version
            return self._reader.cursor()

    def _create_views(self) -> Any:
        connection = self._duckdb.connect()
        # Cursors take the time zone of the database.
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        manifest = self._load_manifest()
        for table, columns in manifest["columns"].items():
            files = manifest["files"].get(table)
            if files:
                paths = self._list(files.values())
                connection.execute(fill(_CREATE_VIEW, table=quote(table), files=paths))
                continue
            _create(connection, table, columns)
            _insert(connection, table, manifest["rows"].get(table, ()))
        return connection

    def _load_manifest(self) -> dict[str, Any]:
        """Return the manifest; an empty one before the first transaction.

        Raises:
            ConfigurationError: the file is damaged.
        """
        path = self.path / MANIFEST
        problem = "it is damaged"
        try:
            manifest = load_with_digest(read_file(path))
        except FileNotFoundError:
            return {"columns": {}, "rows": {}, "files": {}}
        except OSError as error:
            manifest, problem = None, str(error)
        if manifest is None:
            raise ConfigurationError(
                f"{path} cannot be read: {problem}; restore it from a backup, or choose another "
                "path"
            )
        return manifest

    def _find_days(self, cursor: Any, table: str | None, days: dict[str, str]) -> list[str]:
        """Return the days of the staged rows, and those of the rows that they replace."""
        if table is None:
            return []
        day = _day(cursor, "staged")
        names = cursor.execute(fill(_FIND_DAYS, table="staged", day=day)).fetchall()
        dates = {name for (name,) in names}
        if days:
            paths = self._list(days.values(), ", filename = true")
            names = cursor.execute(fill(_FIND_FILES, files=paths)).fetchall()
            dates |= {Path(name).parent.name.partition("=")[2] for (name,) in names}
        return sorted(dates)

    def _write_days(self, cursor: Any, table: str) -> dict[str, str]:
        """Write the rows of a table to new files, and return these by day."""
        day, written = _day(cursor, table), {}
        names = cursor.execute(fill(_FIND_DAYS, table=quote(table), day=day)).fetchall()
        for (name,) in names:
            file = f"{table}/day={name}/{uuid.uuid4().hex}.parquet"
            path = self.path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            parts = {"table": quote(table), "day": day, "name": literal(name)}
            cursor.execute(fill(_WRITE, file=literal(str(path)), **parts))
            with path.open("rb+") as written_file:
                os.fsync(written_file)
            written[name] = file
        return written

    def _list(self, files: Iterable[str], options: str = "") -> str:
        """Return the function that reads files, as SQL."""
        paths = ", ".join(literal(str(self.path / file)) for file in files)
        return f"read_parquet([{paths}], hive_partitioning = false{options})"

    def _remove_old_files(self) -> None:
        """Remove the files that the manifest has not listed for a while."""
        listed = {
            file for files in self._load_manifest()["files"].values() for file in files.values()
        }
        end = time.time() - GRACE
        for path in self.path.glob("*/day=*/*.parquet"):
            if path.relative_to(self.path).as_posix() not in listed and path.stat().st_mtime < end:
                path.unlink()


def _create(connection: Any, table: str, columns: dict[str, str]) -> None:
    declared = ", ".join(f"{quote(name)} {type_}" for name, type_ in columns.items())
    connection.execute(f"CREATE TABLE {quote(table)} ({declared})")


def _insert(connection: Any, table: str, rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(
            fill("INSERT INTO $table VALUES ($marks)", table=quote(table), marks=marks), row
        )


def _day(cursor: Any, table: str) -> str:
    """Return the day on which a row of a table was created, as SQL."""
    names = {name for name, *_ in cursor.execute(f"DESCRIBE {quote(table)}").fetchall()}
    day = "CAST(CAST(created_at AS DATE) AS VARCHAR)" if "created_at" in names else "NULL"
    return f"coalesce({day}, '{_NO_DAY}')"


def _to_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
