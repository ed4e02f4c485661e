"""The connections to Redis, which are skipped while it cannot be reached."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, urlsplit

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.extras import require_extra
from zendesk_orm.http.limits import is_duration
from zendesk_orm.http.secret import conceal_arguments, reveal
from zendesk_orm.messages import display


with require_extra("redis"):
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry


T = TypeVar("T")
D = TypeVar("D")
#: A client of redis-py, whose methods return bytes.
Client = Any

logger = logging.getLogger("zendesk_orm.redis")

_SCHEMES = ("redis", "rediss", "unix")
#: The remedy for an address that cannot be used.
_FORM = "give its address as redis://:password@host:6379/0 (rediss:// for TLS, unix:// for a path)"
#: Policies by which Redis evicts keys that never expire, such as those of tokens.
_EVICTING = "allkeys-"


class RedisServer:
    """The connections of this process to a Redis server.

    If the server is lost, a warning is logged once, and the actions are skipped. It is tried again
    every few seconds, by one thread at a time.

    Args:
        url: its address.
        prefix: the beginning of all keys.
        timeout: seconds to wait for a connection, and for each response.
        pause: seconds between two attempts to reach it again.

    Attributes:
        epoch: how often the server was lost, and found again.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    @conceal_arguments
    def __init__(
        self, url: str, prefix: str = "zendesk_orm", timeout: float = 1.0, pause: float = 5.0
    ) -> None:
        for name, value in (("timeout", timeout), ("pause", pause)):
            if not is_duration(value):
                raise ConfigurationError(
                    f"{name} must be a number of seconds, not {display(value)}"
                )
        text: object = prefix
        if not isinstance(text, str) or not text or "{" in text:
            raise ConfigurationError(f"prefix must be a text without braces, not {display(prefix)}")
        self.prefix, self.pause = prefix, pause
        self.name = _shown_url(url)
        self.epoch = 0
        self.client = _connect(url, timeout)
        self._on_return: list[Callable[[Client], None]] = []
        self._lost_at: float | None = None
        self._retry_at = 0.0
        self._lock = fork.Lock()

    @property
    def is_available(self) -> bool:
        """Whether the server can be reached; one that was lost is tried again now and then."""
        return self._lost_at is None or self._find_again()

    @property
    def is_found(self) -> bool:
        """Whether the last action reached the server."""
        return self._lost_at is None

    def key(self, *parts: str) -> str:
        """Return the key of a value; values of one account are stored on one node of a cluster."""
        first, *others = (quote(part, safe=".:-_@ ") for part in parts)
        return ":".join([self.prefix, f"{{{first}}}", *others])

    def on_return(self, function: Callable[[Client], None]) -> None:
        """Call a function whenever the server can be reached again, before other actions."""
        self._on_return.append(function)

    def run(self, action: Callable[[Client], T], otherwise: D) -> T | D:
        """Return the result of an action, or another value if the server cannot be reached."""
        if not self.is_available:
            return otherwise
        try:
            return action(self.client)
        except (redis.RedisError, OSError) as error:
            self._note_loss(error)
            return otherwise

    @conceal_arguments
    def check(self) -> None:
        """Check that the server can be reached, and evicts no keys.

        Raises:
            ConfigurationError: it cannot be reached, or its settings would lose state.
        """
        try:
            self.client.ping()
            memory = self._get_memory()
        except (redis.RedisError, OSError) as error:
            reason = type(error).__name__
        else:
            policy = str(memory.get("maxmemory_policy", ""))
            if policy.startswith(_EVICTING) and memory.get("maxmemory"):
                raise ConfigurationError(
                    f"{self.name} evicts any key if its memory is full (maxmemory-policy "
                    f"{policy}), which would lose tokens: set it to noeviction or volatile-ttl"
                )
            self._lost_at = None
            return
        raise ConfigurationError(
            f"{self.name} cannot be used ({reason}): start the server, or correct the address, "
            "user and password; without shared= each process has its own state"
        )

    def _get_memory(self) -> dict[str, Any]:
        """Return the figures of the memory of the server; {} if the user may not read them."""
        try:
            memory: Any = self.client.info("memory")
        except redis.ResponseError:
            return {}
        return dict(memory)

    def close(self) -> None:
        """Close the connections; a later action opens new ones."""
        self.client.close()

    def _note_loss(self, error: Exception) -> None:
        with self._lock:
            self._retry_at = time.monotonic() + self.pause
            if self._lost_at is not None:
                return
            self._lost_at = time.monotonic()
            self.epoch += 1
        logger.warning(
            "%s cannot be used (%s): this process continues without the state of others, and "
            "tries it again every %g seconds",
            self.name,
            type(error).__name__,
            self.pause,
        )

    def _find_again(self) -> bool:
        """Return whether a server that was lost can be reached again."""
        with self._lock:
            if self._lost_at is None:
                return True
            if time.monotonic() < self._retry_at:
                return False
            # Other threads do not wait for the same server.
            self._retry_at = time.monotonic() + self.pause
        try:
            self.client.ping()
            for function in self._on_return:
                function(self.client)
        except (redis.RedisError, OSError):
            return False
        with self._lock:
            seconds, self._lost_at = time.monotonic() - (self._lost_at or 0.0), None
            self.epoch += 1
        logger.info("%s can be used again, after %.0f seconds", self.name, seconds)
        return True

    def __reduce__(self) -> NoReturn:
        raise TypeError("connections to Redis are never pickled: create them in each process")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


@conceal_arguments
def _connect(url: object, timeout: float) -> Client:
    """Return a client; no connection is opened.

    Raises:
        ConfigurationError: the address is invalid; the message does not contain it.
    """
    if not isinstance(url, str) or urlsplit(str.__str__(url)).scheme not in _SCHEMES:
        raise ConfigurationError(f"the address of Redis is invalid: {_FORM}")
    try:
        return redis.Redis.from_url(
            reveal(url),
            socket_connect_timeout=timeout,
            socket_timeout=timeout,
            # A connection that was closed while it was idle is opened again, once.
            retry=Retry(NoBackoff(), 1),
        )
    except (ValueError, redis.RedisError):
        pass
    raise ConfigurationError(f"the address of Redis is invalid: {_FORM}")


def _shown_url(url: Any) -> str:
    """Return an address without user and password."""
    try:
        parts = urlsplit(str.__str__(url))
        port = f":{parts.port}" if parts.port else ""
    except (TypeError, ValueError):
        return "Redis"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
