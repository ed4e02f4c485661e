"""`RedisInvocations`: remembers the deliveries of webhooks that processes have handled."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.sync.webhooks.invocations import State


#: Claims all keys, or returns the state of the first one that was claimed before.
_CLAIM = """
for _, key in ipairs(KEYS) do
    local state = redis.call('GET', key)
    if state then return state end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, 'running', 'PX', ARGV[1]) end
return false
"""


class RedisInvocations:
    """Remembers deliveries in Redis, so that each is handled by one of several processes.

    ::

        app = webhook_app(secret, invocations=RedisInvocations("redis://localhost:6379/0"))

    While the server cannot be reached, no delivery is accepted, and Zendesk repeats it. Needs the
    extra `redis`: `pip install "zendesk_orm[redis]"`.

    Args:
        url: the address of the server.
        prefix: the beginning of all keys.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    def __init__(self, url: str, prefix: str = "zendesk_orm") -> None:
        self._server = RedisServer(url, prefix)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._server.name}>"

    def claim(self, keys: Sequence[str], seconds: float) -> State | None:
        """Claim the keys of a delivery, all or none; see `InvocationStore.claim()`.

        Raises:
            redis.RedisError: the server cannot be reached.
        """
        names = self._names(keys)
        state = self._server.client.eval(_CLAIM, len(names), *names, _milliseconds(seconds))
        if state is None:
            return None
        return "done" if state == b"done" else "running"

    def finish(self, keys: Sequence[str], seconds: float) -> None:
        """Remember a delivery as handled for some time; raises as `claim()`."""
        with self._server.client.pipeline() as pipeline:
            for name in self._names(keys):
                pipeline.set(name, "done", px=_milliseconds(seconds))
            pipeline.execute()

    def release(self, keys: Sequence[str]) -> None:
        """Forget a delivery whose handling has failed; raises as `claim()`."""
        if keys:
            self._server.client.delete(*self._names(keys))

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._server.close()

    def _names(self, keys: Sequence[str]) -> list[str]:
        return [self._server.key("webhooks", key) for key in keys]


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))
