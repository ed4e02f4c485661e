"""Processes that share a sign-in use one token."""

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
    """Serve a strict emulator with the machine's clock; return its address and the emulator."""
    with Emulator(oauth="strict") as emulator, emulator.serve(port=0) as server:
        emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
        yield server.url, emulator


class _KillingStore(FileTokenStore):
    """A store that kills its process after it has stored a pair."""

    def save(self, key, token):
        super().save(key, token)
        os.kill(os.getpid(), signal.SIGKILL)


def _count(url, token, path, deadly=False, times=1):
    store = (_KillingStore if deadly else FileTokenStore)(path)
    connect(base_url=url, oauth=RefreshToken("desktop", token, store=store, expires_in=300))
    for _ in range(times):
        assert Group.objects.count() == 1


def _run(*processes):
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_process_that_is_killed_after_storing_loses_nothing(url, tmp_path):
    """After a process was killed, the next one continues with the pair it has stored."""
    address, emulator = url
    token = sign_in_at(requests.Session(), address)["refresh_token"]
    path = tmp_path / "tokens.json"

    killed = _run(SPAWN.Process(target=_count, args=(address, token, path, True)))
    assert killed == [-signal.SIGKILL]
    assert emulator.requests == []
    after = _run(SPAWN.Process(target=_count, args=(address, token, path)))

    assert after == [0]
    assert emulator.token_requests == ["authorization_code", "refresh_token"]


@pytest.mark.slow
def test_processes_exchange_a_pair_once(url, tmp_path):
    """Four processes that start together request one token."""
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
    """A forked child uses the sign-in, even if a thread of its parent held a lock at the fork."""
    address, emulator = url
    token = sign_in_at(requests.Session(), address)["refresh_token"]
    store = FileTokenStore(tmp_path / "tokens.json")
    account = connect(base_url=address, oauth=RefreshToken("desktop", token, store=store))
    assert Group.objects.count() == 1
    credentials = account.transport.credentials
    locked, release = threading.Event(), threading.Event()

    def hold_lock():
        with credentials._lock, store._lock:
            locked.set()
            release.wait(30)

    thread = threading.Thread(target=hold_lock)
    thread.start()
    locked.wait()
    child = multiprocessing.get_context("fork").Process(target=_renew, args=(credentials,))
    child.start()
    release.set()
    thread.join()
    child.join(30)

    assert child.exitcode == 0
    assert Group.objects.count() == 1
    assert emulator.token_requests.count("refresh_token") == 2


def _renew(credentials):
    """Renew the token in a child process, as after a rejection."""
    before = credentials.authorization()
    assert credentials.renew(before)
    assert credentials.authorization() != before
