"""A server that answers over a real socket with any bytes, whether they are HTTP or not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HostileServer:
    """Answers each connection's requests with the same bytes, and closes the connection.

    Attributes:
        url: its address.
        answer: the bytes.
        received: the beginnings of the requests.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.answer = b""
        self.received: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self.received.append(connection.recv(65536))
                connection.sendall(self.answer)

    def close(self) -> None:
        """Refuse further connections."""
        self._socket.close()


@contextmanager
def run_hostile_server() -> Iterator[HostileServer]:
    """Run the server, and close it at the end."""
    server = HostileServer()
    try:
        yield server
    finally:
        server.close()
