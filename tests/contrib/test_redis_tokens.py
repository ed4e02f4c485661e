"""Tokens that processes share in Redis."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import threading

import pytest
import requests
from redis import Redis

from tests.oauth.conftest import HOME, REDIRECT, sign_in_at
from zendesk_orm import (
    ClientCredentials,
    ConfigurationError,
    Group,
    InvalidValue,
    RefreshToken,
    Token,
    TokenStoreError,
    connect,
)
from zendesk_orm.contrib.redis import RedisState, RedisTokenStore
from zendesk_orm.emulator import Emulator


SPAWN = multiprocessing.get_context("spawn")
KEY = "acme.zendesk.com my_app"


@pytest.fixture
def strict():
    """Return an emulator whose tokens expire, with a public client `desktop`."""
    with Emulator(oauth="strict") as emulator:
        emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
        yield emulator


@pytest.fixture
def join(strict, make_state):
    """Return a function that connects as another process."""

    def connect_with_state(oauth, state=None):
        options = {"session": strict.session(), "clock": strict.clock}
        shared = make_state() if state is None else state
        return connect(base_url=HOME, oauth=oauth, shared=shared, **options)

    return connect_with_state


@pytest.fixture
def refresh_token(strict):
    """Return the refresh token of a person who has signed in."""
    return sign_in_at(strict.session(), HOME)["refresh_token"]


@pytest.fixture
def stores(own_redis):
    """Return the stores of two processes, in a server that the test may kill."""
    stores = RedisTokenStore(own_redis.url), RedisTokenStore(own_redis.url)
    yield stores
    for store in stores:
        store.close()


def _build_token(text):
    return Token(f"access-{text}", f"refresh-{text}", issued_at=1.0, expires_in=300.0)


def test_a_program_signs_in_once_for_all_processes(strict, join):
    """With client credentials, the second process uses the token of the first."""
    client = strict.oauth_client
    for _ in range(3):
        join(ClientCredentials(client.identifier, client.secret))
        assert Group.objects.count() == 1

    assert strict.token_requests == ["client_credentials"]


def test_a_refresh_token_is_exchanged_once(strict, join, refresh_token):
    """Processes that start with the same refresh token use the pair that one has received."""
    for _ in range(3):
        join(RefreshToken("desktop", refresh_token))
        assert Group.objects.count() == 1

    assert strict.token_requests == ["authorization_code", "refresh_token"]


def test_a_store_of_the_grant_is_used(join, make_state, refresh_token, redis_url):
    """A grant with a store keeps it; `tokens=False` shares no tokens."""
    store = RedisTokenStore(redis_url, "own-prefix")
    account = join(RefreshToken("desktop", refresh_token, store=store))
    other = join(ClientCredentials("my_app", "secret"), make_state(tokens=False))

    assert account.transport.credentials.store is store
    assert other.transport.credentials.grant.store is None
    store.close()


def test_each_process_uses_the_latest_tokens(strict, join, refresh_token):
    """Each process continues with the latest pair of tokens, whichever process has renewed it."""
    accounts = [join(RefreshToken("desktop", refresh_token)) for _ in range(2)]
    for turn in range(4):
        strict.clock.sleep(7_300)
        credentials = accounts[turn % 2].transport.credentials
        assert credentials.authorization()

    assert strict.token_requests.count("refresh_token") == 4
    assert [line for line in strict.token_requests if "invalid" in line] == []


# -- the store -------------------------------------------------------------------


def test_a_saved_token_is_loaded_until_it_is_deleted(stores):
    """A token that one process has saved is loaded by another, until it is deleted."""
    one, two = stores
    assert two.load(KEY) is None

    one.save(KEY, _build_token(1))
    assert two.load(KEY) == _build_token(1)
    two.save(KEY, _build_token(2))
    assert one.load(KEY) == _build_token(2)
    one.delete(KEY)

    assert (one.load(KEY), two.load(KEY)) == (None, None)


def test_a_token_that_the_server_has_lost_is_stored_again(own_redis, stores):
    """After the server has lost its data, processes store and use their latest token."""
    one, two = stores
    one.save(KEY, _build_token(1))
    assert two.load(KEY) == _build_token(1)
    one.save(KEY, _build_token(2))
    with Redis.from_url(own_redis.url) as client:
        client.flushall()

    assert two.load(KEY) == _build_token(1)
    assert one.load(KEY) == _build_token(2)
    assert two.load(KEY) == _build_token(2)


def test_a_killed_server_keeps_its_tokens(own_redis, stores):
    """With `appendonly yes`, a token is on disk before `save()` returns."""
    one, two = stores
    one.save(KEY, _build_token(1))
    own_redis.kill()
    with pytest.raises(TokenStoreError, match="redis"):
        two.load(KEY)
    own_redis.start()

    assert two.load(KEY) == _build_token(1)


def test_a_damaged_token_is_replaced_by_the_next_sign_in(own_redis, stores):
    """Each damaged entry raises `InvalidValue`, until a token is saved, which all processes use."""
    one, two = stores
    entries = ("", "x", "[]", "{}", "5", "[" * 100_000, b"\xff", '{"serial": 1, "token": 5}')
    numbers = ("1e400", "NaN", "-1", "true", "1.5", '"1"', "null", "9" * 5_000)
    with Redis.from_url(own_redis.url) as client:
        for entry in (*entries, *(f'{{"serial": {number}, "token": null}}' for number in numbers)):
            one.save(KEY, _build_token(1))
            assert two.load(KEY) == _build_token(1)
            for change in (lambda store: store.save(KEY, _build_token(2)), lambda s: s.delete(KEY)):
                client.set(one._name(KEY), entry)
                with pytest.raises(InvalidValue, match="damaged"):
                    two.load(KEY)

                one.check(KEY)
                change(one)

                assert two.load(KEY) == one.load(KEY)


def test_a_damaged_token_is_reported(own_redis, stores):
    """A stored token that is not valid raises an error, which does not contain the token."""
    one, _ = stores
    one.save(KEY, _build_token(1))
    with Redis.from_url(own_redis.url) as client:
        client.set(one._name(KEY), '{"serial": 1, "token": "s3cret"}')
        with pytest.raises(Exception, match="damaged") as caught:
            one.load(KEY)

    assert "s3cret" not in str(caught.value)


def test_threads_take_turns(stores):
    """Of all threads of all processes, only one holds the lock."""
    inside, most, lock = [], [0], threading.Lock()

    def enter(store):
        with store.lock(KEY):
            with lock:
                inside.append(store)
                most[0] = max(most[0], len(inside))
            threading.Event().wait(0.02)
            with lock:
                inside.pop()

    threads = [threading.Thread(target=enter, args=(store,)) for store in stores * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1]


def test_no_representation_shows_a_secret():
    """Neither the store nor the grant shows the password of the server."""
    store = RedisTokenStore("redis://:s3cret@localhost:6379/0")

    assert "s3cret" not in repr(store) + repr(RefreshToken("my_app", store=store))


# -- a server that cannot be reached ------------------------------------------------


def test_client_credentials_need_no_server(strict, join, own_redis, make_state):
    """While the server is lost, each process signs in for itself, and stores the token later."""
    client = strict.oauth_client
    grant = ClientCredentials(client.identifier, client.secret)
    join(grant, make_state(own_redis.url, pause=0.01))
    own_redis.kill()

    assert Group.objects.count() == 1
    own_redis.start()
    threading.Event().wait(0.02)
    strict.clock.sleep(7_300)
    assert Group.objects.count() == 1
    join(grant, make_state(own_redis.url, pause=0.01))
    assert Group.objects.count() == 1

    assert strict.token_requests == ["client_credentials"] * 2


def test_a_refresh_token_is_not_spent_without_the_server(
    strict, join, own_redis, make_state, refresh_token
):
    """Without the server, the access token is used until it expires; then requests raise."""
    join(RefreshToken("desktop", refresh_token), make_state(own_redis.url, pause=0.01))
    assert Group.objects.count() == 1
    own_redis.kill()
    strict.clock.sleep(7_150)
    assert Group.objects.count() == 1
    strict.clock.sleep(7_300)
    with pytest.raises(TokenStoreError):
        Group.objects.count()
    own_redis.start()

    assert Group.objects.count() == 1
    assert strict.token_requests == ["authorization_code", "refresh_token", "refresh_token"]


def test_an_unreachable_server_is_reported(strict, join, refresh_token):
    """`connect()` names the server and the remedy, and sends nothing."""
    with pytest.raises(ConfigurationError, match=re.escape("redis://127.0.0.1:1/0")) as caught:
        join(RefreshToken("desktop", refresh_token), RedisState("redis://:s3cret@127.0.0.1:1/0"))

    assert "s3cret" not in str(caught.value)
    assert strict.token_requests == ["authorization_code"]


def test_a_silent_server_is_reported(join, own_redis, make_state, refresh_token):
    """`connect()` also names a server that accepts connections and does not respond."""
    own_redis.pause()
    try:
        with pytest.raises(ConfigurationError, match="TimeoutError"):
            join(RefreshToken("desktop", refresh_token), make_state(own_redis.url, timeout=0.1))
    finally:
        own_redis.go_on()


@pytest.mark.parametrize("url", ["", None, "http://localhost", "redis://localhost:port/0", 6379])
def test_an_invalid_address_is_rejected(url):
    """An invalid address raises before anything is sent."""
    with pytest.raises(ConfigurationError, match="redis://"):
        RedisState(url)


def test_a_server_that_may_lose_tokens_is_rejected(own_redis, make_state):
    """A server that may evict keys without an expiry raises."""
    with Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")

    with pytest.raises(ConfigurationError, match="volatile-ttl"):
        make_state(own_redis.url).check()


@pytest.mark.parametrize("shared", [object(), "redis://localhost", RedisState])
def test_shared_must_be_a_state(shared):
    """`shared=` rejects values other than a state."""
    with pytest.raises(ConfigurationError, match="RedisState"):
        connect(subdomain="acme", oauth_token="x", shared=shared)


# -- processes ---------------------------------------------------------------------


def _count(address, token, url):
    state = RedisState(url)
    connect(base_url=address, oauth=RefreshToken("desktop", token, expires_in=300), shared=state)
    for _ in range(5):
        assert Group.objects.count() == 1


class _FatalStore(RedisTokenStore):
    """A store whose process is killed while it holds the lock."""

    def check(self, key):
        os.kill(os.getpid(), signal.SIGKILL)


def _acquire_and_exit(address, token, url):
    store = _FatalStore(url)
    connect(base_url=address, oauth=RefreshToken("desktop", token, store=store))
    Group.objects.count()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_process_blocks_others_for_seconds(own_redis):
    """The lock of a killed process expires, and others use the refresh token."""
    with Emulator(oauth="strict") as emulator, emulator.serve(port=0) as server:
        emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
        token = sign_in_at(requests.Session(), server.url)["refresh_token"]
        killed = SPAWN.Process(target=_acquire_and_exit, args=(server.url, token, own_redis.url))
        killed.start()
        killed.join(30)
        others = [
            SPAWN.Process(target=_count, args=(server.url, token, own_redis.url)) for _ in range(4)
        ]
        for process in others:
            process.start()
        for process in others:
            process.join(90)

        assert killed.exitcode == -signal.SIGKILL
        assert [process.exitcode for process in others] == [0] * 4
        assert emulator.token_requests == ["authorization_code", "refresh_token"]
