"""Forked processes: connections, threads and locks are not shared with the parent."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.servers import HOST, Server, ServerRequest
from zendesk_orm import Comment, Group, Ticket, User, ZendeskError, connect
from zendesk_orm.emulator import Emulator


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
    # Python 3.12 warns of forks in processes with threads, which are tested here.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]

PAGES = 4


def groups(request: ServerRequest) -> Any:
    """Return one page of four, each with one group."""
    number = int(request.params.get("p", 1))
    link = f"{HOST}/api/v2/groups?p={number + 1}"
    return {
        "groups": [{"id": number, "name": f"Group {number}"}],
        "meta": {"has_more": number < PAGES},
        "links": {"next": link},
    }


def users(request: ServerRequest) -> Any:
    """Return the same rows as users, which are listed in a stable order."""
    body = groups(request)
    return {**body, "users": body["groups"]}


def in_child(work: Callable[[], Any]) -> Any:
    """Return the result of a function in a forked process, which is killed if it hangs."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:  # pragma: no cover - coverage is not measured in the child
        signal.alarm(10)
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - is reported to the parent
            result = repr(error)
        os.write(writing, json.dumps(result).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        output = pipe.read()
    assert os.waitpid(pid, 0)[1] == 0, "the child hung"
    return json.loads(output)


def names() -> list[str]:
    """Return the names of all groups."""
    return [group.name for group in Group.objects.all()]


ALL = [f"Group {number}" for number in range(1, PAGES + 1)]


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_child_reads_lists_after_its_parent(depth):
    """A child fetches all pages itself, with threads started by the child."""
    Server(groups).connect(read_ahead=depth)

    assert names() == ALL
    assert in_child(names) == ALL
    assert names() == ALL


def test_workers_of_a_pool_read_lists():
    """Workers of a `multiprocessing` pool can read lists that their parent has read."""
    Server(groups).connect(read_ahead=1)
    names()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = [pool.apply_async(names) for _ in range(4)]
        read = [result.get(timeout=20) for result in results]

    assert read == [ALL] * 4


def test_a_child_of_a_child_reads_lists():
    """A child of a child can read lists, too."""
    Server(groups).connect(read_ahead=1)
    names()

    assert in_child(lambda: [names(), in_child(names)]) == [ALL, ALL]


@pytest.mark.parametrize("depth", [0, 1])
def test_a_partly_read_list_is_read_again_in_the_child(depth):
    """A QuerySet that the parent has read in part returns all rows in the child."""
    Server(groups).connect(read_ahead=depth)
    rows = Group.objects.all()
    iterator = iter(rows)
    next(iterator), next(iterator), next(iterator)

    assert in_child(lambda: [group.name for group in rows]) == ALL
    assert in_child(lambda: [group.name for group in iterator]) == ALL[3:]
    assert [group.name for group in rows] == ALL


def test_an_iterator_with_a_prefetching_thread_raises_in_the_child():
    """The thread that fetches the next page does not exist in the child, so the iterator raises."""
    Server(users).connect(read_ahead=1)
    iterator = User.objects.iterator()
    next(iterator), next(iterator)

    def continue_iteration():
        with pytest.raises(ZendeskError, match="again"):
            list(iterator)
        return [user.name for user in User.objects.all()]

    assert in_child(continue_iteration) == ALL
    assert [user.name for user in iterator] == ALL[2:]


def test_an_iteration_over_ids_continues_in_the_child(emulator):
    """Chunks of ids that the parent has requested, but not returned, are requested again."""
    account = emulator.connect(read_ahead=2)
    for start in range(0, 300, 100):
        Ticket.objects.bulk_create(
            Ticket(subject=f"{start + n}", comment=Comment(body="?")) for n in range(100)
        )
    ids = [ticket.id for ticket in Ticket.objects.fresh()]
    iterator = Ticket.objects.filter(id__in=ids).iterator()
    first = next(iterator).id

    assert sorted([first, *in_child(lambda: [ticket.id for ticket in iterator])]) == sorted(ids)
    assert sorted([first, *(ticket.id for ticket in iterator)]) == sorted(ids)
    account.close()


class PortHandler(BaseHTTPRequestHandler):
    """Responds to each request for a ticket with the client's port."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Return the ticket, whose subject is the port."""
        pk = int(self.path.rpartition("/")[2])
        body = json.dumps({"ticket": {"id": pk, "subject": str(self.client_address[1])}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def url():
    """Return the address of a real server with persistent connections."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), PortHandler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "own_session", [False, True], ids=["session of the library", "own session"]
)
def test_processes_do_not_share_connections(url, own_session):
    """Parent and children use one connection each, so that none reads another's responses."""
    session = requests.Session() if own_session else None
    connect(base_url=url, email="a@b.c", token="x", session=session)

    def ports():
        return [Ticket.objects.get(pk).subject for pk in range(1, 4)]

    before = ports()
    children = [in_child(ports) for _ in range(2)]
    after = ports()

    assert len({*before, *after}) == 1
    assert all(len({*ports_of_child}) == 1 for ports_of_child in children)
    assert len({before[0], *(ports_of_child[0] for ports_of_child in children)}) == 3


def test_locks_held_by_threads_do_not_block_a_child(emulator):
    """A child can work although a thread of its parent held all locks during the fork."""
    account = emulator.connect(read_ahead=1)
    Ticket.objects.create(subject="x", comment=Comment(body="?"))
    session, store = account.current(), emulator._store
    locks = [
        account.cache._lock,
        account.recent._lock,
        account.ahead._lock,
        account.transport._lock,
        session.identity._lock,
        store.lock,
        emulator.clock._lock,
    ]
    ready, release = threading.Event(), threading.Event()

    def hold():
        for lock in locks:
            lock.__enter__()
        ready.set()
        release.wait()
        for lock in locks:
            lock.__exit__()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(60), "the thread ended before it had the locks"

    def work():
        Ticket.objects.create(subject="y", comment=Comment(body="?"))
        emulator.clock.sleep(1)
        return [ticket.subject for ticket in Ticket.objects.fresh()]

    try:
        result = in_child(work)
    finally:
        release.set()
        thread.join()

    assert result == ["x", "y"]
    assert [ticket.subject for ticket in Ticket.objects.fresh()] == ["x"]


def test_a_lock_of_sqlite_does_not_block_a_child(emulator):
    """The emulator responds to a child that was forked while a thread was executing a query."""
    emulator.connect()
    Ticket.objects.create(subject="x", comment=Comment(body="?"))
    started, ended = threading.Event(), threading.Event()
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"

    def read():
        while not ended.is_set():
            emulator._store.execute(f"{numbers} SELECT max(length(normalize_words(i))) FROM n")
            started.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert started.wait(60), "the thread ended before it read a row"
    try:
        result = [
            in_child(lambda: [ticket.subject for ticket in Ticket.objects.fresh()])
            for _ in range(5)
        ]
    finally:
        ended.set()
        thread.join()

    assert result == [["x"]] * 5


def test_a_fork_inside_a_locked_block_works(emulator):
    """A lock that the forking thread holds is free in the child."""
    account = emulator.connect()
    with account.cache._lock:
        result = in_child(lambda: [group.name for group in Group.objects.all()])

    assert result == [group.name for group in Group.objects.all()]


def test_a_file_of_the_emulator_is_shared_by_parent_and_child(tmp_path):
    """Each process opens the file itself, and sees the rows written by the other."""
    with Emulator(str(tmp_path / "zendesk.db")) as emulator:
        emulator.connect()
        Ticket.objects.create(subject="parent", comment=Comment(body="?"))

        def work():
            Ticket.objects.create(subject="child", comment=Comment(body="?"))
            return [ticket.subject for ticket in Ticket.objects.fresh()]

        assert in_child(work) == ["parent", "child"]
        assert [ticket.subject for ticket in Ticket.objects.fresh()] == ["parent", "child"]


def save_priority(pk: int) -> str:
    """Save a ticket, and return the name of the error or the priority."""
    ticket = Ticket.objects.get(pk)
    ticket.priority = "urgent"
    try:
        ticket.save()
    except ZendeskError as error:
        return type(error).__name__
    return str(ticket.priority)


def exit_block(block: Any) -> int:
    """Exit a block, and return the number of its changes."""
    block.__exit__(None, None, None)
    return len(block)


def test_a_child_is_not_part_of_its_parents_batch(tmp_path):
    """A child saves at once, and sends no changes of its parent when the block ends."""
    with Emulator(str(tmp_path / "zendesk.db")) as emulator:
        account = emulator.connect()
        first, second = (
            Ticket.objects.create(subject="T", comment=Comment(body="x")) for _ in range(2)
        )
        with account.batch() as batch:
            first.priority = "high"
            first.save()
            assert in_child(lambda: save_priority(second.pk)) == "urgent"
            in_child(lambda: exit_block(batch))
            emulator.connect(alias="reader")
            rows = Ticket.objects.using("reader").filter(id__in=[first.pk, second.pk])
            assert {row.pk: row.priority for row in rows} == {first.pk: None, second.pk: "urgent"}

        assert len(batch.result) == 1
        first.refresh_from_db()
        assert first.priority == "high"


def test_a_child_cannot_save_in_its_parents_dry_run(tmp_path):
    """A save in the child raises, like a save in another thread."""
    with Emulator(str(tmp_path / "zendesk.db")) as emulator:
        account = emulator.connect()
        ticket = Ticket.objects.create(subject="T", comment=Comment(body="x"))
        with account.dry_run(quiet=True) as diff:
            assert in_child(lambda: save_priority(ticket.pk)) == "DryRunError"

        assert len(diff) == 0
        ticket.refresh_from_db()
        assert ticket.priority is None
