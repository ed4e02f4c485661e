"""A Redis server, and accounts that represent processes, with separate caches and tokens."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.services.redis_server import RedisServer
from zendesk_orm import User
from zendesk_orm.contrib.redis import RedisState


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory) -> Iterator[str]:
    """Return the address of a Redis server that tests share, which is `REDIS_URL` if it is set."""
    if "REDIS_URL" in os.environ:
        yield os.environ["REDIS_URL"]
        return
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server.url
    server.kill()


@pytest.fixture
def own_redis(tmp_path) -> Iterator[RedisServer]:
    """Return a Redis server that the test may kill."""
    server = RedisServer(tmp_path, "--appendonly", "yes")
    yield server
    server.kill()


@pytest.fixture
def make_state(request) -> Iterator[Callable[..., RedisState]]:
    """Return a function that returns the state of another process, stored in the shared server."""
    prefix, states = f"test-{uuid.uuid4()}", []

    def make(url: str | None = None, **options) -> RedisState:
        address = request.getfixturevalue("redis_url") if url is None else url
        states.append(RedisState(address, **{"prefix": prefix, **options}))
        return states[-1]

    yield make
    for state in states:
        state.close()


@pytest.fixture
def pk(emulator) -> int:
    """Return the id of an end user, created by an account without shared state."""
    emulator.connect("reader")
    return User.objects.using("reader").create(name="Anna", email="anna@example.com").pk
