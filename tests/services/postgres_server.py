"""A real Postgres server for tests, in a temporary folder, reachable over a socket there only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest


#: Seconds after which a server that does not respond has failed.
TIMEOUT = 30.0
#: Debian has the programs of the server outside of $PATH.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
#: The session's zone and the collation differ from those that the compiler wants.
_SETTINGS = ("fsync=off", "listen_addresses=", "timezone=America/New_York")
_COLLATION = ("--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8")


class PostgresServer:
    """A `postgres` with a private cluster."""

    def __init__(self) -> None:
        initdb, postgres = _find("initdb"), _find("postgres")
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.dsn = f"host={self._folder} user=postgres dbname=postgres"
        # Postgres does not run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        created = subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", *_COLLATION],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if created.returncode:
            self._remove()
            pytest.skip(f"initdb failed: {created.stderr.strip()}")
        settings = [
            f"-c{setting}" for setting in (*_SETTINGS, f"unix_socket_directories={data}/..")
        ]
        with (self._folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [postgres, "-D", data, *settings],
                user=self._user,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        """Wait until the server responds."""
        deadline = time.monotonic() + TIMEOUT
        while not _responds(self.dsn):
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = (self._folder / "log").read_text().strip()
                self.stop()
                pytest.skip(f"postgres did not start: {log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, and remove its data."""
        self._process.kill()
        self._process.wait()
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _find(program: str) -> str:
    """Return the path of a program of the server, or skip the test."""
    path = os.pathsep.join([*map(str, _FOLDERS), os.environ.get("PATH", "")])
    location = shutil.which(program, path=path)
    if location is None:
        pytest.skip(f"needs {program}: scripts/services --install")
    return location


def _responds(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True
