"""A forked child shares no connection and no thread with its parent."""

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


def _run(target, *args):
    child = FORK.Process(target=target, args=args)
    child.start()
    child.join(20)
    alive = child.is_alive()
    child.kill()
    return None if alive else child.exitcode


@pytest.mark.parametrize("own", [False, True])
def test_a_child_opens_connections_of_its_own(own):
    """Answers would be mixed up otherwise; the parent keeps its connection."""
    with ScriptedServer(lambda body, number: Reply()) as server:
        session = requests.Session() if own else None
        account = connect(base_url=server.url, anonymous=True, session=session)
        account.raw.get("/api/v2/groups")
        assert server.connections == 1

        assert _run(account.raw.get, "/api/v2/groups") == 0
        assert server.connections == 2
        account.raw.get("/api/v2/groups")

        assert server.connections == 2


def _read_group():
    Group.objects.get(id=Group.objects.first().pk)
    with connections["default"].acting_as(1):
        connections["default"].current()


def test_a_child_waits_for_no_lock_of_a_thread_of_its_parent():
    """Another thread may open connections, or use kept rows, while the process forks."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, email="owner@example.com", token="any")
        account.raw.get("/api/v2/groups")
        held, release = threading.Event(), threading.Event()

        def hold():
            with (
                account.transport._lock,
                account.rows._lock,
                account.recent._lock,
                account.ahead._lock,
                account._views_lock,
            ):
                held.set()
                release.wait(30)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        code = _run(_read_group)
        release.set()
        thread.join()

        assert code == 0


def _read_all():
    assert len(list(Ticket.objects.fresh().page_size(5))) == 30


def test_a_child_reads_ahead_with_threads_of_its_own():
    """Those of the parent do not run there."""
    with Emulator() as emulator:
        emulator.connect()
        Ticket.objects.bulk_create(
            Ticket(subject=str(number), comment=Comment(body="x")) for number in range(30)
        )
        with emulator.serve(port=0) as server:
            connect(base_url=server.url, email="owner@example.com", token="any", read_ahead=3)
            _read_all()

            assert _run(_read_all) == 0
