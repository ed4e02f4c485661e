"""One file for everything that `watch()` has to know after a restart."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import resource
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

from tests.session.mutations import REMOVED, iter_places, replace_value
from tests.sync.conftest import DELAY
from zendesk_orm import (
    Checkpoint,
    Comment,
    ConfigurationError,
    DatabaseError,
    DeadLetter,
    FileCheckpointStore,
    InvalidValue,
    MemoryAnnounced,
    MemoryDeadLetters,
    Organization,
    SQLiteAnnounced,
    SQLiteCheckpointStore,
    SQLiteDeadLetters,
    SQLiteOwnWrites,
    Ticket,
    User,
    Watcher,
    configure_delivery,
    dead_letters,
    receiver,
    remote_changed,
    watch,
)
from zendesk_orm.contrib.redis import RedisCheckpointStore
from zendesk_orm.session.own_changes import OwnChange
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.dead_letters import write_letter
from zendesk_orm.sync.encoding import dump_change, load_change
from zendesk_orm.sync.watching import build_watcher


MODELS = (Ticket, User, Organization)
#: The number of files that several processes open at the same time.
_FILES = 60


@pytest.fixture
def restart(emulator, tmp_path):
    """Return a function that returns the watcher of a process that begins."""

    def restart(*, with_state=True):
        emulator.connect()
        state = tmp_path / "watch.db" if with_state else None
        return build_watcher(MODELS, {"state": state} if with_state else {})

    return restart


def _save_and_delete():
    ticket = Ticket.objects.create(subject="A", comment=Comment(body="x"))
    ticket.subject = "B"
    ticket.save()
    User.objects.create(name="Ann")
    Organization.objects.create(name=f"Org {ticket.pk}").delete()
    Ticket.objects.create(subject="C", comment=Comment(body="x")).delete()


def test_own_writes_are_known_after_a_restart(emulator, restart, received):
    """Writes before a restart are not announced after it; changes of others are."""
    _save_and_delete()
    restart()  # The writes before are stored, too.
    emulator.advance(seconds=5)
    _save_and_delete()
    emulator.advance(seconds=DELAY)

    watcher = restart()
    emulator.connect(alias="other").raw.put("/api/v2/tickets/1", {"ticket": {"subject": "D"}})
    emulator.advance(seconds=DELAY)

    assert watcher.poll() == 1
    assert [change.changes for change in received] == [{"subject": ("B", "D")}]


def test_places_and_dead_letters_are_known_after_a_restart(emulator, account, restart):
    """The places of exports, announced changes and dead letters are in the file."""
    other = emulator.connect(alias="other").raw
    other.post("/api/v2/tickets", {"ticket": {"subject": "A", "comment": {"body": "x"}}})
    emulator.advance(seconds=DELAY)
    watcher = restart()
    watcher.poll()

    @receiver(remote_changed, sender=Ticket)
    def fail(sender, instance, **kwargs):
        raise OSError("down")

    emulator.connect(alias="other").raw.put("/api/v2/tickets/1", {"ticket": {"subject": "B"}})
    emulator.advance(seconds=DELAY)
    counts = [restart().poll(), restart().poll()]

    assert counts == [1, 0]
    assert [letter.error for letter in dead_letters().waiting] == ["OSError: down"]


def test_a_start_in_the_future_is_an_error(account):
    """`since=` must be in the past."""
    for since in (timedelta(hours=-1), datetime(9000, 1, 1, tzinfo=timezone.utc)):
        with pytest.raises(InvalidValue, match="must be in the past"):
            Watcher(Ticket, since=since)


def test_a_failing_store_does_not_fail_a_save(account, tmp_path, caplog):
    """A write that cannot be stored is logged; the save has succeeded."""
    path = tmp_path / "folder" / "watch.db"
    path.parent.mkdir()
    configure_delivery(state=path)
    store = account.own_changes.store

    def fail(*args):
        raise OSError("full")

    store.add = store.add_audit = fail
    ticket = Ticket.objects.create(subject="A", comment=Comment(body="x"))

    assert ticket.pk
    assert "was not stored" in caplog.text


def test_stores_are_sent_to_other_processes_by_their_path(account, tmp_path):
    """A pickled store opens the same file; one in memory, or with credentials, is an error."""
    path, change = tmp_path / "watch.db", OwnChange(1.0, frozenset({"a"}), None, None, False)
    announced, letters, writes = (
        SQLiteAnnounced(path),
        SQLiteDeadLetters(path),
        SQLiteOwnWrites(path),
    )
    places, file = SQLiteCheckpointStore(path), FileCheckpointStore(tmp_path / "places.json")
    copies = [pickle.loads(pickle.dumps(s)) for s in (announced, letters, writes, places, file)]

    announced.set_time("read", 5.0)
    letters.add(DeadLetter("1", "hooks.notify", "", 5, 0.0, None, "support.Ticket:5", ""))
    writes.add("support.Ticket", "1", change)
    for store in (places, file):
        store.save("tickets", Checkpoint("m", "p", "a", (("cursor", "x"),)))

    assert copies[0].get_time("read") == 5.0
    assert [letter.id for letter in copies[1].letters()] == ["1"]
    assert [item.names for item in copies[2].of_row("support.Ticket", "1")] == [change.names]
    assert [copy.load("tickets").after_cursor for copy in copies[3:]] == ["x", "x"]
    for store in (MemoryAnnounced(), MemoryDeadLetters()):
        with pytest.raises(TypeError, match="use SQLite"):
            pickle.dumps(store)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(RedisCheckpointStore("redis://:secret@localhost/0"))


def test_an_unusable_file_is_an_error(account, tmp_path):
    """A missing folder, a folder, another file and no path raise a clear error."""
    (tmp_path / "text.db").write_text("This is no database at all. " * 100)
    for path in (tmp_path / "none" / "watch.db", tmp_path, tmp_path / "text.db", "", 5):
        with pytest.raises(ConfigurationError):
            configure_delivery(state=path)


@pytest.mark.slow
def test_several_processes_create_a_file_at_once(tmp_path):
    """All processes that open a new file at the same moment can use it; one of them creates it."""
    forking = multiprocessing.get_context("fork")
    barrier = forking.Barrier(6)
    processes = [
        forking.Process(target=_open_files, args=(tmp_path, barrier))
        for _ in range(barrier.parties)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * barrier.parties
    assert len(list(tmp_path.glob("*.db"))) == _FILES


def _open_files(folder, barrier):
    for number in range(_FILES):
        barrier.wait(timeout=10)
        SQLiteOwnWrites(folder / f"{number}.db")


def test_watch_uses_the_file(emulator, account, tmp_path):
    """`watch(state=)` stores the places of the exports."""
    stop = threading.Event()
    stop.set()
    watch(Ticket, state=tmp_path / "watch.db", stop=stop)

    assert (tmp_path / "watch.db").exists()


CHANGE = RemoteChange("k", Ticket, 5, "changed", "export", changes={"priority": ("low", "high")})
WRONG = (None, "", "x", -1, 1.5, True, [], [None], {}, {"a": 1}, 10**400)


def _use_state(path):
    """Return what the stores of a file remember, after one more value was stored in each."""
    announced, letters, writes = (
        SQLiteAnnounced(path),
        SQLiteDeadLetters(path),
        SQLiteOwnWrites(path),
    )
    try:
        announced.record("k", {"fact": 1.0}, "rows", 2.0)
        announced.set_time("touched", 3.0)
        letters.add(write_letter(CHANGE, "hooks.notify", 1.0, 2.0))
        writes.add("support.Ticket", "5", OwnChange(1.0, frozenset({"a"}), None, {"id": 5}, True))
        moments = announced.latest("fact"), announced.find_new(["fact"], "events", 1.0)
        waiting = [letter.change.changes for letter in letters.waiting()]
        return *moments, waiting, writes.of_row("support.Ticket", "5")[0].after
    finally:
        for store in (announced, letters, writes):
            store._database.close()


def test_a_damaged_file_is_named(tmp_path):
    """A file that is cut off, of another kind or full is an error of the library that names it."""
    path = tmp_path / "watch.db"
    intact = _use_state(path)
    content = path.read_bytes()
    step = len(content) // 40 + 7
    for damaged in (*(content[:end] for end in range(step, len(content), step)), b"\xff" * 5000):
        path.write_bytes(damaged)
        with pytest.raises((ConfigurationError, DatabaseError), match=str(path)):
            _use_state(path)
    path.write_bytes(content)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(content), hard))
    try:
        with pytest.raises(DatabaseError, match=r"watch\.db.*disk must not be full"):
            _ = [_use_state(path) for _ in range(20)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert _use_state(path)[:2] == intact[:2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column", "stored"),
    [
        ("zendesk_letters", "letter", json.loads(write_letter(CHANGE, "a.b", 1.0, 2.0).to_json())),
        ("zendesk_own_writes", "change", {"at": 1.0, "names": [], "before": None, "after": {}}),
        ("zendesk_facts", "streams", ["rows"]),
        ("zendesk_facts", "moment", "x"),
    ],
)
def test_a_stored_value_of_another_type_is_an_error(tmp_path, table, column, stored):
    """A row of the file with a value of a wrong type raises an error that names the file, or is
    read as it is; no other exception is raised."""
    path = tmp_path / "watch.db"
    _use_state(path)
    places = [()] if not isinstance(stored, dict) else [(), *((key,) for key in stored)]
    errors = []
    for place in places:
        for wrong in (*WRONG, REMOVED):
            text = json.dumps(replace_value(stored, place, wrong))
            with closing(sqlite3.connect(path)) as database, database:
                database.execute(f"UPDATE {table} SET {column} = ?", (text,))
            try:
                _use_state(path)
            except (DatabaseError, InvalidValue) as error:
                errors.append(str(error))

    assert len(errors) >= len(places) * 5
    assert all("damaged row" in text or "remote change" in text for text in errors)


def test_the_text_of_a_change_has_values_of_its_types():
    """A text of a change with a value of a wrong type raises `InvalidValue`, or has the type."""
    text = json.loads(dump_change(CHANGE))
    for place in iter_places(text):
        for wrong in (*WRONG, REMOVED):
            try:
                change = load_change(json.dumps(replace_value(text, place, wrong)))
            except InvalidValue:
                continue
            assert type(change.key) is str
            assert type(change.pk) in (int, str)
            assert change.kind in ("created", "changed", "deleted")
            assert all(len(pair) == 2 for pair in change.changes.values())
            assert isinstance(change.payload, dict)
