"""`RedisTokenStore`: tokens in Redis, which one process at a time renews."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.errors import InvalidValue, TokenStoreError
from zendesk_orm.extras import require_extra
from zendesk_orm.http.clock import RequestLock
from zendesk_orm.http.oauth.stores import TokenStore, wait_for_lock
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.secret import conceal_arguments, hide


with require_extra("redis"):
    from redis import RedisError
    from redis.lock import Lock


T = TypeVar("T")

#: Seconds after which the lock of a process that was killed is free.
_LOCK_SECONDS = 30.0
#: Seconds between two extensions of a lock by the process that holds it.
_EXTENSION_SECONDS = 8.0
#: Seconds for which a deleted token is remembered as such.
_DELETED_SECONDS = 7 * 86_400


class RedisTokenStore(TokenStore):
    """Keeps tokens in Redis, for processes of any number of machines.

    ::

        store = RedisTokenStore("redis://localhost:6379/0")
        connect(subdomain="acme", oauth=RefreshToken("my_app", store=store))

    `connect(shared=RedisState(...))` uses one, too. A process that renews a token holds a lock,
    which is free 30 seconds after the process was killed. If Redis has lost a token, because it
    was restarted without its data, the process that has the latest one stores it again.

    Needs the extra `redis`: `pip install "zendesk_orm[redis]"`. Tokens are stored in plain text:
    protect the server by a password and TLS, and let it write its data to disk (`appendonly yes`).

    Args:
        url: the address of the server.
        prefix: the beginning of all keys.
        is_required: True if a token must not be renewed while the server cannot be reached; else
            this process signs in for itself then, which is possible with client credentials only.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    @conceal_arguments
    def __init__(
        self, url: str | RedisServer, prefix: str = "zendesk_orm", *, is_required: bool = True
    ) -> None:
        server = url if isinstance(url, RedisServer) else RedisServer(hide(url), prefix)
        self._server = server
        self._is_required = is_required
        # The latest tokens that this process has loaded or saved, with their serial numbers.
        self._latest: dict[str, tuple[int, Token]] = {}
        self._lock = RequestLock()
        self.shared_name = f"{server.name} {server.prefix}"

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if it has no token.

        Raises:
            TokenStoreError: the server cannot be reached.
            InvalidValue: the token is damaged; `save()` and `delete()` replace it.
        """
        latest = self._latest.get(key)
        serial, token = self._read(key)
        if latest is None or serial >= latest[0]:
            self._remember(key, serial, token)
            return token
        # The server has lost it, or could not be reached when it was saved.
        self._write(key, *latest)
        return latest[1]

    def save(self, key: str, token: Token) -> None:
        """Store a token.

        Raises:
            TokenStoreError: the server cannot be reached.
        """
        serial = 1 + max(self._read_serial(key), self._latest[key][0] if key in self._latest else 0)
        self._write(key, serial, token)
        self._remember(key, serial, token)

    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one.

        Raises:
            TokenStoreError: the server cannot be reached.
        """
        # Other processes know by the number that it was deleted, and not lost.
        self._write(key, self._read_serial(key) + 1, None)
        self._latest.pop(key, None)

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        """Hold the lock of a key; processes and threads take turns.

        Raises:
            TokenStoreError: the server cannot be reached, or another process has held the lock
                for longer than a renewal takes.
        """
        lock = Lock(
            self._server.client,
            self._server.key(key, "lock"),
            timeout=_LOCK_SECONDS,
            blocking=False,
            thread_local=False,
        )
        is_acquired = self._run(lambda: wait_for_lock(lock.acquire, self.lock_seconds), None)
        if is_acquired is False:
            raise TokenStoreError(
                f"another process has locked the tokens in {self._server.name} for "
                f"{self.lock_seconds:.0f} seconds"
            )
        if not is_acquired:
            # Without the server, the threads of this process take turns.
            with self._lock:
                yield
            return
        released = threading.Event()
        thread = threading.Thread(target=_extend, args=(lock, released), daemon=True)
        try:
            thread.start()
            yield
        finally:
            # First: Ctrl+C at any moment ends the extensions, so that the lock expires.
            released.set()
            if thread.ident is not None:
                thread.join()
            # If the server is lost, the lock expires by itself.
            with suppress(RedisError, OSError):
                lock.release()

    def check(self, key: str) -> None:
        """Read the token, which fails if the server cannot be reached.

        Raises:
            TokenStoreError: the server cannot be reached.
        """
        self._read_serial(key)

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._server.close()

    def _read(self, key: str) -> tuple[int, Token | None]:
        """Return the serial number of a stored token, and the token; (0, None) without one."""
        text: Any = self._run(lambda: self._server.client.get(self._name(key)), None)
        if text is None:
            return 0, None
        try:
            entry = json.loads(text)
            serial, token = entry["serial"], entry["token"]
        except (ValueError, TypeError, KeyError, RecursionError):
            serial, token = -1, None
        text = entry = None
        if type(serial) is not int or serial < 0:
            raise InvalidValue(f"the token in {self._server.name} is damaged: sign in again")
        return serial, None if token is None else Token.from_json(token)

    def _read_serial(self, key: str) -> int:
        """Return the serial number of a stored token; a higher one if the token is damaged."""
        try:
            return self._read(key)[0]
        except InvalidValue:
            # No token is changed so often: the next one replaces those that processes know.
            return int(time.time())

    def _write(self, key: str, serial: int, token: Token | None) -> None:
        text = json.dumps({"serial": serial, "token": None if token is None else token.to_json()})
        expires = _DELETED_SECONDS if token is None else None
        self._run(lambda: self._server.client.set(self._name(key), text, ex=expires), None)

    def _remember(self, key: str, serial: int, token: Token | None) -> None:
        if token is None:
            self._latest.pop(key, None)
        else:
            self._latest[key] = serial, token

    def _run(self, action: Any, otherwise: T) -> Any | T:
        """Return the result of an action.

        Raises:
            TokenStoreError: the server cannot be reached, and is required.
        """
        if not self._is_required:
            return self._server.run(lambda _: action(), otherwise)
        try:
            return action()
        except (RedisError, OSError) as error:
            reason = type(error).__name__
        raise TokenStoreError(
            f"the tokens in {self._server.name} cannot be read or stored ({reason}): start the "
            "server, or correct the address, user and password"
        )

    def _name(self, key: str) -> str:
        return self._server.key(key, "token")

    def __repr__(self) -> str:
        return f"RedisTokenStore({self._server.name!r})"


def _extend(lock: Lock, released: threading.Event) -> None:
    """Extend a lock until it is released."""
    while not released.wait(_EXTENSION_SECONDS):
        with suppress(RedisError, OSError):
            lock.extend(_LOCK_SECONDS, replace_ttl=True)
