"""State in Redis that processes share: tokens, rate limits, cached rows, received webhooks.

::

    from zendesk_orm.contrib.redis import RedisState

    connect(subdomain="acme", oauth=..., shared=RedisState("redis://localhost:6379/0"))

Install `zendesk_orm[redis]`.
"""

from __future__ import annotations

from zendesk_orm.contrib.redis.checkpoints import RedisCheckpointStore
from zendesk_orm.contrib.redis.invocations import RedisInvocations
from zendesk_orm.contrib.redis.state import RedisState
from zendesk_orm.contrib.redis.tokens import RedisTokenStore


__all__ = ["RedisCheckpointStore", "RedisInvocations", "RedisState", "RedisTokenStore"]
