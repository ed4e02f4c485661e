"""Stores of checkpoints, and exports that continue from them after a process was killed."""

from __future__ import annotations

import pickle
import sqlite3
import threading

import pytest

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import (
    Checkpoint,
    CheckpointStore,
    CheckpointStoreError,
    ConfigurationError,
    FieldError,
    FileCheckpointStore,
    InvalidValue,
    MemoryCheckpointStore,
    Organization,
    SQLiteCheckpointStore,
    Ticket,
    User,
)


PLACE = Checkpoint("support.Ticket", "/x", "account", (("cursor", "MTY5|x=="),), frozenset({5}))
OTHER = Checkpoint("support.User", "/y", "account", (("start_time", "7"),))


@pytest.fixture
def emulator():
    """Return an emulator with 25 tickets, one changed each minute, that is the default account."""
    with emulator_with_tickets(25) as emulator:
        emulator.connect()
        emulator.clock.sleep(120)
        yield emulator


@pytest.fixture
def stores(tmp_path):
    """Return a store of each kind that has no checkpoints, and a function that opens it again."""
    connection = sqlite3.connect(tmp_path / "own.db")
    memory = MemoryCheckpointStore()
    yield {
        "memory": lambda: memory,
        "file": lambda: FileCheckpointStore(tmp_path / "folder" / "exports.json"),
        "sqlite": lambda: SQLiteCheckpointStore(tmp_path / "exports.db"),
        "connection": lambda: SQLiteCheckpointStore(connection),
    }
    connection.close()


def test_every_store_keeps_checkpoints_by_name(stores):
    """A checkpoint is loaded as it was saved, until it is replaced or deleted."""
    for name, open_store in stores.items():
        store = open_store()
        assert isinstance(store, CheckpointStore), name
        assert [store.load("tickets"), store.load("users")] == [None, None]
        store.delete("tickets")
        store.save("tickets", PLACE)
        store.save("users", OTHER)
        assert [open_store().load("tickets"), open_store().load("users")] == [PLACE, OTHER]
        store.save("tickets", OTHER)
        store.delete("users")
        assert [open_store().load("tickets"), open_store().load("users")] == [OTHER, None]
        assert "Store" in repr(store)


def test_stores_reject_values_that_are_no_checkpoints(stores):
    """A text or None is not stored as a checkpoint."""
    for name, open_store in stores.items():
        store = open_store()
        for value in (PLACE.to_text(), None):
            with pytest.raises(InvalidValue, match="from_text"):
                store.save("tickets", value)
        assert store.load("tickets") is None, name


def test_a_run_begins_at_the_stored_checkpoint(emulator, stores, count_requests):
    """Each run returns the rows after those that earlier runs processed."""
    account = emulator.connect(read_ahead=0)
    for name, open_store in stores.items():
        changed = Ticket.objects.changed_since(0).page_size(10)
        rows = iter(changed.resume_from(open_store(), "tickets").iterator())
        first = [next(rows).pk for _ in range(15)]
        second = [row.pk for row in changed.resume_from(open_store(), "tickets")]
        # The second page was not processed completely.
        assert (len(first), len(second), first[10:]) == (15, 15, second[:5]), name
        with count_requests(account, 1):
            assert list(changed.resume_from(open_store(), "tickets")) == []


def test_the_same_query_can_run_again_and_again(emulator):
    """A query that is kept for a loop reads the store whenever it is run."""
    store = MemoryCheckpointStore()
    changed = User.objects.changed_since(0).resume_from(store, "users")
    assert len(list(changed.iterator())) > 1
    assert (list(changed.iterator()), changed.count()) == ([], 0)
    emulator.clock.sleep(61)
    user = User.objects.fresh()[0]
    user.notes = "new"
    user.save()
    emulator.clock.sleep(61)

    assert changed.count() == 1
    assert "cursor=" in changed.explain()
    assert [row.notes for row in changed.iterator()] == ["new"]
    assert changed.checkpoint == store.load("users")


def test_a_failed_save_is_repeated(emulator):
    """If a checkpoint cannot be stored, no row after it is returned before it is."""
    store = MemoryCheckpointStore()
    fails = [True]

    class Broken(MemoryCheckpointStore):
        def save(self, name, checkpoint):
            if fails:
                fails.pop()
                raise OSError("disk full")
            store.save(name, checkpoint)

    rows = Ticket.objects.changed_since(0).page_size(10).resume_from(Broken(), "x").iterator()
    seen = [next(rows).pk for _ in range(10)]
    with pytest.raises(OSError, match="full"):
        next(rows)
    assert store.load("x") is None
    seen += [row.pk for row in rows]

    assert len(seen) == len(set(seen)) == 25
    assert store.load("x") == rows.checkpoint


def test_wrong_arguments_are_rejected(emulator, tmp_path):
    """A store without methods, an empty name or a query without an export is an error."""
    changed = Ticket.objects.changed_since(0)
    for store, name in (
        ("exports.json", "x"),
        (None, "x"),
        (FileCheckpointStore, "x"),
        (MemoryCheckpointStore(), ""),
        (MemoryCheckpointStore(), None),
    ):
        with pytest.raises(InvalidValue, match="resume_from"):
            changed.resume_from(store, name)
    with pytest.raises(FieldError, match="changed_since"):
        Ticket.objects.all().resume_from(MemoryCheckpointStore(), "x")
    for store in (FileCheckpointStore, SQLiteCheckpointStore):
        with pytest.raises(ConfigurationError, match="path"):
            store(5)
    store = MemoryCheckpointStore()
    store.save("tickets", OTHER)
    with pytest.raises(InvalidValue, match="name of its own"):
        list(changed.resume_from(store, "tickets"))
    store.load = lambda name: "zc1.text"
    with pytest.raises(InvalidValue, match="from_text"):
        list(changed.resume_from(store, "tickets"))


def test_damaged_files_are_errors(tmp_path):
    """A file that is damaged is an error that says what to do, and is never replaced."""
    path = tmp_path / "exports"
    store = FileCheckpointStore(path)
    store.save("tickets", PLACE)
    text = path.read_text()
    stored = (
        '{"checkpoints": 5}',
        *(f'{{"checkpoints": {{"tickets": {x}}}}}' for x in ("5", "null")),
    )
    for damaged in (text[:-9], "", "[]", *stored):
        path.write_text(damaged)
        with pytest.raises(CheckpointStoreError, match="begin again"):
            store.load("tickets")
        if "tickets" not in damaged:
            with pytest.raises(CheckpointStoreError, match="begin again"):
                store.save("tickets", PLACE)
            assert path.read_text() == damaged
    SQLiteCheckpointStore(tmp_path / "all.db").save("tickets", PLACE)
    content = (tmp_path / "all.db").read_bytes()
    for end in range(100, len(content), 500):
        path.write_bytes(content[:end])
        with pytest.raises(CheckpointStoreError, match="begin again"):
            SQLiteCheckpointStore(path).load("tickets")
    path.write_bytes(b"\xff\xfe" * 2000)
    for kind in (FileCheckpointStore, SQLiteCheckpointStore):
        with pytest.raises(CheckpointStoreError, match="begin again"):
            kind(path).load("tickets")
        with pytest.raises(CheckpointStoreError):
            kind(tmp_path).save("tickets", PLACE)


def test_a_file_is_written_by_many_threads(tmp_path):
    """Checkpoints of several exports in one file do not replace each other."""

    def write(number):
        for _ in range(20):
            FileCheckpointStore(tmp_path / "all.json").save(f"export {number}", PLACE)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store = FileCheckpointStore(tmp_path / "all.json")
    assert [store.load(f"export {number}") for number in range(8)] == [PLACE] * 8
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["all.json", "all.json.lock"]


def test_rows_and_checkpoint_are_one_transaction(emulator, tmp_path):
    """With the connection of the application, rows are stored exactly once."""
    path = tmp_path / "mirror.db"
    for is_killed in (True, False):
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE IF NOT EXISTS tickets (id INTEGER)")
        store = SQLiteCheckpointStore(connection)
        start = store.load("tickets") or 0
        rows = Ticket.objects.changed_since(start).iterator(10)
        for number, page in enumerate(rows.pages()):
            if is_killed and number == 2:
                connection.execute("INSERT INTO tickets VALUES (0)")
                connection.rollback()
                break
            with connection:
                values = [(row.pk,) for row in page]
                connection.executemany("INSERT INTO tickets VALUES (?)", values)
                store.save("tickets", page.checkpoint)
        connection.close()

    connection = sqlite3.connect(path)
    assert [row[0] for row in connection.execute("SELECT id FROM tickets")] == list(range(1, 26))
    connection.close()


def test_queries_with_stores_are_pickled(emulator, tmp_path):
    """A pickled query continues at the checkpoint of its store."""
    store = FileCheckpointStore(tmp_path / "exports.json")
    changed = Organization.objects.changed_since(0).resume_from(store, "organizations")
    assert len(list(changed.iterator())) == 5

    assert list(pickle.loads(pickle.dumps(changed))) == []
