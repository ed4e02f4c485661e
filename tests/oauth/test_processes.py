"""Processes that share a sign-in, over a socket."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest
import requests

from tests.oauth.conftest import REDIRECT, sign_in_at
from zendesk_orm import FileTokenStore, Group, RefreshToken, connect
from zendesk_orm.emulator import Emulator


SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def url() -> Iterator[tuple[str, Emulator]]:
    """Serve a strict emulator with the machine's clock; return its address and itself."""
    with Emulator(oauth="strict") as emulator, emulator.serve(port=0) as server:
        emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
        yield server.url, emulator


class _Deadly(FileTokenStore):
    """A store whose process is killed as soon as it has stored a pair."""

    def save(self, key, token):
        super().save(key, token)
        os.kill(os.getpid(), signal.SIGKILL)


def _count(url, token, path, deadly=False, times=1):
    store = (_Deadly if deadly else FileTokenStore)(path)
    connect(base_url=url, oauth=RefreshToken("desktop", token, store=store, expires_in=300))
    for _ in range(times):
        assert Group.objects.count() == 1


def _run(*processes):
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_process_that_is_killed_after_storing_loses_nothing(url, tmp_path):
    """The next one continues with the stored pair, and needs nobody to sign in."""
    address, emulator = url
    token = sign_in_at(requests.Session(), address)["refresh_token"]
    path = tmp_path / "tokens.json"

    killed = _run(SPAWN.Process(target=_count, args=(address, token, path, True)))
    assert killed == [-signal.SIGKILL]
    assert emulator.requests == []
    after = _run(SPAWN.Process(target=_count, args=(address, token, path)))

    assert after == [0]
    assert emulator.token_requests == ["authorization_code", "refresh_token"]


def test_processes_exchange_a_pair_once(url, tmp_path):
    """Four processes that start at the same moment request one token."""
    address, emulator = url
    token = sign_in_at(requests.Session(), address)["refresh_token"]
    path = tmp_path / "tokens.json"

    codes = _run(
        *(SPAWN.Process(target=_count, args=(address, token, path, False, 5)) for _ in range(4))
    )

    assert codes == [0] * 4
    assert emulator.token_requests == ["authorization_code", "refresh_token"]
    assert len(emulator.requests) == 20


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_shares_the_sign_in(url, tmp_path):
    """Even if a thread of the parent held a lock when it was forked."""
    address, emulator = url
    token = sign_in_at(requests.Session(), address)["refresh_token"]
    store = FileTokenStore(tmp_path / "tokens.json")
    account = connect(base_url=address, oauth=RefreshToken("desktop", token, store=store))
    assert Group.objects.count() == 1
    credentials = account.transport.credentials
    held, release = threading.Event(), threading.Event()

    def hold():
        with credentials._lock, store._lock:
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = multiprocessing.get_context("fork").Process(target=_renew, args=(credentials,))
    child.start()
    release.set()
    thread.join()
    child.join(30)

    assert child.exitcode == 0
    assert Group.objects.count() == 1
    assert emulator.token_requests.count("refresh_token") == 2


def _renew(credentials):
    """Renew in a child, as if the token had been rejected."""
    before = credentials.authorization()
    assert credentials.renew(before)
    assert credentials.authorization() != before
