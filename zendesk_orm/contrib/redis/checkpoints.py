"""`RedisCheckpointStore`: checkpoints of exports, which any machine can continue."""

from __future__ import annotations

from typing import Any

from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.errors import CheckpointStoreError
from zendesk_orm.extras import require_extra
from zendesk_orm.http.secret import conceal_arguments, hide
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.sync.checkpoints import parse_checkpoint


with require_extra("redis"):
    from redis import RedisError


class RedisCheckpointStore:
    """Keeps checkpoints in Redis: `RedisCheckpointStore("redis://localhost:6379/0")`.

    Let the server write each change to disk (`appendonly yes`, `appendfsync always`) and evict no
    keys: if it loses a checkpoint, the export begins again at an older one, or at its moment.

    Needs the extra `redis`: `pip install "zendesk_orm[redis]"`.

    Args:
        url: the address of the server.
        prefix: the beginning of all keys.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    @conceal_arguments
    def __init__(self, url: str | RedisServer, prefix: str = "zendesk_orm") -> None:
        server = url if isinstance(url, RedisServer) else RedisServer(hide(url), prefix)
        self._server = server

    def load(self, name: str) -> Checkpoint | None:
        """Return the checkpoint of a name, or None if it has none.

        Raises:
            CheckpointStoreError: the server cannot be reached, or the checkpoint is damaged.
        """
        text = self._run("get", name)
        if text is None:
            return None
        return parse_checkpoint(bytes(text).decode("ascii", "replace"), name, self._server.name)

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        """Store the checkpoint of a name.

        Raises:
            InvalidValue: the argument is not a checkpoint.
            CheckpointStoreError: the server cannot be reached.
        """
        self._run("set", name, Checkpoint.require_text(checkpoint))

    def delete(self, name: str) -> None:
        """Delete the checkpoint of a name, if there is one.

        Raises:
            CheckpointStoreError: the server cannot be reached.
        """
        self._run("delete", name)

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._server.close()

    def _run(self, command: str, name: str, *values: str) -> Any:
        """Return the result of a command.

        Raises:
            CheckpointStoreError: the server cannot be reached.
        """
        try:
            return getattr(self._server.client, command)(
                self._server.key("checkpoints", name), *values
            )
        except (RedisError, OSError) as error:
            reason = type(error).__name__
        raise CheckpointStoreError(
            f"the checkpoints in {self._server.name} cannot be read or stored ({reason}): check "
            "that the server runs; the rows of the last page will be returned again"
        )

    def __repr__(self) -> str:
        return f"<RedisCheckpointStore in {self._server.name}>"
