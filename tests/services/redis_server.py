"""A real Redis server for tests, with its data in a temporary folder."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from redis import Redis, RedisError


#: Seconds after which a server that does not respond has failed.
TIMEOUT = 15.0


class RedisServer:
    """A `redis-server` on a free port, which tests may kill and start again.

    Args:
        folder: the folder of its data.
        options: further options of the command.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        command = shutil.which("redis-server")
        if command is None:
            pytest.skip("needs redis-server: scripts/services --install")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [command, "--port", str(self.port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it responds."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + TIMEOUT
        with Redis.from_url(self.url) as client:
            while not _responds(client):
                assert time.monotonic() < deadline, "redis-server did not start"
                time.sleep(0.01)

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let the server accept connections without a response."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused server respond again."""
        self._process.send_signal(signal.SIGCONT)


def _responds(client: Redis) -> bool:
    try:
        return client.ping()
    except RedisError:
        return False
