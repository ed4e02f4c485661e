"""A forked process has connections, threads and locks of its own."""

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
    # Python 3.12 warns of what is tested here.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]

PAGES = 4


def groups(asked: ServerRequest) -> Any:
    """Answer with one page of four, of one group each."""
    number = int(asked.params.get("p", 1))
    link = f"{HOST}/api/v2/groups?p={number + 1}"
    return {
        "groups": [{"id": number, "name": f"Group {number}"}],
        "meta": {"has_more": number < PAGES},
        "links": {"next": link},
    }


def users(asked: ServerRequest) -> Any:
    """Answer with the same rows as users, which are listed in an order that never changes."""
    body = groups(asked)
    return {**body, "users": body["groups"]}


def in_child(work: Callable[[], Any]) -> Any:
    """Return the result of a function in a forked process, which is killed if it hangs."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:  # pragma: no cover - coverage is not measured in the child
        signal.alarm(10)
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - the parent has to see it
            result = repr(error)
        os.write(writing, json.dumps(result).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    assert os.waitpid(pid, 0)[1] == 0, "the child hung"
    return json.loads(answer)


def names() -> list[str]:
    """Return the names of all groups."""
    return [group.name for group in Group.objects.all()]


ALL = [f"Group {number}" for number in range(1, PAGES + 1)]


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_child_reads_lists_after_its_parent(depth):
    """The parent's threads fetch nothing for the child, which has threads of its own."""
    Server(groups).connect(read_ahead=depth)

    assert names() == ALL
    assert in_child(names) == ALL
    assert names() == ALL


def test_a_child_of_multiprocessing_reads_lists():
    """Workers of a pool read what their parent has read before."""
    Server(groups).connect(read_ahead=1)
    names()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = [pool.apply_async(names) for _ in range(4)]
        read = [result.get(timeout=20) for result in results]

    assert read == [ALL] * 4


def test_a_child_of_a_child_reads_lists():
    """Each process in the chain has its own."""
    Server(groups).connect(read_ahead=1)
    names()

    assert in_child(lambda: [names(), in_child(names)]) == [ALL, ALL]


@pytest.mark.parametrize("depth", [0, 1])
def test_a_list_that_was_begun_by_the_parent_is_read_anew(depth):
    """The rows of a QuerySet that the parent has read in part are read by the child alone."""
    Server(groups).connect(read_ahead=depth)
    rows = Group.objects.all()
    begun = iter(rows)
    next(begun), next(begun), next(begun)

    assert in_child(lambda: [group.name for group in rows]) == ALL
    assert in_child(lambda: [group.name for group in begun]) == ALL[3:]
    assert [group.name for group in rows] == ALL


def test_a_stream_that_a_thread_of_the_parent_reads_raises_in_the_child():
    """The thread that fetches the next page does not exist in the child; waiting would hang."""
    Server(users).connect(read_ahead=1)
    begun = User.objects.iterator()
    next(begun), next(begun)

    def rest():
        with pytest.raises(ZendeskError, match="again"):
            list(begun)
        return [user.name for user in User.objects.all()]

    assert in_child(rest) == ALL
    assert [user.name for user in begun] == ALL[2:]


def test_chunks_of_ids_that_the_parent_requested_are_requested_again(emulator):
    """A loop over ids continues in the child."""
    account = emulator.connect(read_ahead=2)
    for start in range(0, 300, 100):
        Ticket.objects.bulk_create(
            Ticket(subject=f"{start + n}", comment=Comment(body="?")) for n in range(100)
        )
    ids = [ticket.id for ticket in Ticket.objects.fresh()]
    begun = Ticket.objects.filter(id__in=ids).iterator()
    first = next(begun).id

    assert sorted([first, *in_child(lambda: [ticket.id for ticket in begun])]) == sorted(ids)
    assert sorted([first, *(ticket.id for ticket in begun)]) == sorted(ids)
    account.close()


class Ports(BaseHTTPRequestHandler):
    """Answers each request for a ticket with the port that it came from."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the ticket, whose subject is the port."""
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
    """Return the address of a real server that keeps connections open."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ports)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("own", [False, True], ids=["session of the library", "own session"])
def test_each_process_has_one_connection_of_its_own(url, own):
    """A shared socket would let one process read the other's responses."""
    session = requests.Session() if own else None
    connect(base_url=url, email="a@b.c", token="x", session=session)

    def ports():
        return [Ticket.objects.get(pk).subject for pk in range(1, 4)]

    before = ports()
    children = [in_child(ports) for _ in range(2)]
    after = ports()

    assert len({*before, *after}) == 1
    assert all(len({*each}) == 1 for each in children)
    assert len({before[0], *(each[0] for each in children)}) == 3


def test_a_child_is_not_stopped_by_a_lock_of_a_thread(emulator):
    """A thread of the parent may hold any lock at the moment of the fork."""
    account = emulator.connect(read_ahead=1)
    Ticket.objects.create(subject="x", comment=Comment(body="?"))
    session, store = account.current(), emulator._store
    held = [
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
        for lock in held:
            lock.__enter__()
        ready.set()
        release.wait()
        for lock in held:
            lock.__exit__()

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(60), "the thread ended before it had the locks"

    def work():
        Ticket.objects.create(subject="y", comment=Comment(body="?"))
        emulator.clock.sleep(1)
        return [ticket.subject for ticket in Ticket.objects.fresh()]

    try:
        found = in_child(work)
    finally:
        release.set()
        thread.join()

    assert found == ["x", "y"]
    assert [ticket.subject for ticket in Ticket.objects.fresh()] == ["x"]


def test_a_child_is_not_stopped_by_a_lock_of_sqlite(emulator):
    """The emulator answers a child, although a thread of the parent reads the rows all the time."""
    emulator.connect()
    Ticket.objects.create(subject="x", comment=Comment(body="?"))
    begun, ended = threading.Event(), threading.Event()
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"

    def read():
        while not ended.is_set():
            emulator._store.execute(f"{numbers} SELECT max(length(normalize_words(i))) FROM n")
            begun.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(60), "the thread ended before it read a row"
    try:
        found = [
            in_child(lambda: [ticket.subject for ticket in Ticket.objects.fresh()])
            for _ in range(5)
        ]
    finally:
        ended.set()
        thread.join()

    assert found == [["x"]] * 5


def test_a_process_that_forks_inside_a_locked_region_goes_on(emulator):
    """The lock is free in the child, also when the block ends that was entered in the parent."""
    account = emulator.connect()
    with account.cache._lock:
        found = in_child(lambda: [group.name for group in Group.objects.all()])

    assert found == [group.name for group in Group.objects.all()]


def test_a_file_of_the_emulator_is_shared_by_parent_and_child(tmp_path):
    """Each process has its own connection to the file, and sees what the other has written."""
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


def leave(block: Any) -> int:
    """Leave a block, and return the number of its changes."""
    block.__exit__(None, None, None)
    return len(block)


def test_a_child_of_an_open_batch_saves_at_once(tmp_path):
    """The child is not part of the batch, and sends no changes of its parent at its end."""
    with Emulator(str(tmp_path / "zendesk.db")) as emulator:
        account = emulator.connect()
        first, second = (
            Ticket.objects.create(subject="T", comment=Comment(body="x")) for _ in range(2)
        )
        with account.batch() as batch:
            first.priority = "high"
            first.save()
            assert in_child(lambda: save_priority(second.pk)) == "urgent"
            in_child(lambda: leave(batch))
            emulator.connect(alias="reader")
            rows = Ticket.objects.using("reader").filter(id__in=[first.pk, second.pk])
            assert {row.pk: row.priority for row in rows} == {first.pk: None, second.pk: "urgent"}

        assert len(batch.result) == 1
        first.refresh_from_db()
        assert first.priority == "high"


def test_a_child_of_an_open_dry_run_sends_nothing(tmp_path):
    """Its save raises, as one of another thread does."""
    with Emulator(str(tmp_path / "zendesk.db")) as emulator:
        account = emulator.connect()
        ticket = Ticket.objects.create(subject="T", comment=Comment(body="x"))
        with account.dry_run(quiet=True) as diff:
            assert in_child(lambda: save_priority(ticket.pk)) == "DryRunError"

        assert len(diff) == 0
        ticket.refresh_from_db()
        assert ticket.priority is None
