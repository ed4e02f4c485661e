"""A forked child process shares no connection and no thread with its parent."""

from __future__ import annotations

import multiprocessing
import os
import threading

import pytest
import requests

from tests.oauth.scripted import Reply, ScriptedServer
from zendesk_orm import Comment, Group, Ticket, connect, connections
from zendesk_orm.emulator import Emulator


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]
FORK = multiprocessing.get_context("fork")


def _run_in_child(target, *args):
    child = FORK.Process(target=target, args=args)
    child.start()
    child.join(20)
    alive = child.is_alive()
    child.kill()
    return None if alive else child.exitcode


@pytest.mark.parametrize("has_session", [False, True])
def test_a_child_opens_new_connections(has_session):
    """A child opens a new connection, and the parent continues to use its connection."""
    with ScriptedServer(lambda body, number: Reply()) as server:
        session = requests.Session() if has_session else None
        account = connect(base_url=server.url, anonymous=True, session=session)
        account.raw.get("/api/v2/groups")
        assert server.connections == 1

        assert _run_in_child(account.raw.get, "/api/v2/groups") == 0
        assert server.connections == 2
        account.raw.get("/api/v2/groups")

        assert server.connections == 2


def _read_group():
    Group.objects.get(id=Group.objects.first().pk)
    with connections["default"].acting_as(1):
        connections["default"].current()


def test_a_child_ignores_locks_of_threads_of_its_parent():
    """A child can send requests although a thread of its parent held all locks during the fork."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, email="owner@example.com", token="any")
        account.raw.get("/api/v2/groups")
        locked, release = threading.Event(), threading.Event()

        def hold_locks():
            with (
                account.transport._lock,
                account.cache._lock,
                account.recent._lock,
                account.ahead._lock,
                account._views_lock,
            ):
                locked.set()
                release.wait(30)

        thread = threading.Thread(target=hold_locks)
        thread.start()
        locked.wait()
        code = _run_in_child(_read_group)
        release.set()
        thread.join()

        assert code == 0


def _read_all():
    assert len(list(Ticket.objects.fresh().page_size(5))) == 30


def test_a_child_reads_ahead_with_new_threads():
    """A child starts new threads to read ahead, because those of its parent do not run in it."""
    with Emulator() as emulator:
        emulator.connect()
        Ticket.objects.bulk_create(
            Ticket(subject=str(number), comment=Comment(body="x")) for number in range(30)
        )
        with emulator.serve(port=0) as server:
            connect(base_url=server.url, email="owner@example.com", token="any", read_ahead=3)
            _read_all()

            assert _run_in_child(_read_all) == 0
