"""The local mirror: rows, checkpoints, deleted rows, new columns, one writer."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import duckdb
import pytest

from tests.queryset.stored import emulator_with_tickets, stored_rows
from zendesk_orm import (
    Comment,
    ConfigurationError,
    DatabaseError,
    Group,
    Mirror,
    Organization,
    RetryPolicy,
    Ticket,
    TicketField,
    User,
    connect_warehouse,
)
from zendesk_orm.emulator import Fault
from zendesk_orm.errors import ServerError, UnexpectedValue
from zendesk_orm.warehouse import layouts, mirror_reading
from zendesk_orm.warehouse.mirror_columns import MirrorColumns


MODELS = (Group, Organization, User, Ticket)


@pytest.fixture
def path(tmp_path):
    """The path of a mirror."""
    return tmp_path / "zendesk.duckdb"


def read(path, sql):
    """Return the rows of a statement."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.slow
def test_a_mirror_contains_each_row_as_zendesk_sent_it(demo, path):
    """Queries over the mirror return the rows of the account, without a request."""
    Mirror(path).sync()
    Mirror(path).connect()
    before = demo.requests_sent

    tickets = [ticket._row for ticket in Ticket.objects.using("mirror").filter(status="open")]
    users = [user._row for user in User.objects.using("mirror")]

    assert demo.requests_sent == before
    assert all(type(row) is dict for row in tickets)
    assert tickets == [ticket._row for ticket in Ticket.objects.filter(status="open").scan()]
    live = [user._row for user in User.objects.all()]
    assert [row["email"] for row in users] == [row["email"] for row in live]
    assert [{key: row[key] for key in live[0]} for row in users] == live


@pytest.mark.slow
def test_the_next_call_reads_only_what_changed(demo, path):
    """A second call writes the changed row, and sends one request per export."""
    mirror = Mirror(path, models=[Ticket, User])
    first = mirror.sync()
    assert first.rows == {"tickets": Ticket.objects.count(), "users": User.objects.count()}
    ticket = Ticket.objects.get(2999)
    ticket.subject = "Printer on fire"
    ticket.save()
    demo.transport.clock.sleep(61)

    second = mirror.sync()

    assert second.rows == {"tickets": 1, "users": 0}
    # Ticket fields, tickets, user fields, users.
    assert second.requests == 4
    mirror.connect()
    assert Ticket.objects.using("mirror").get(2999).subject == "Printer on fire"
    assert read(path, "SELECT count(*), count(DISTINCT id) FROM tickets") == [
        (first.rows["tickets"],) * 2
    ]


@pytest.mark.slow
def test_deleted_rows_are_marked(demo, path):
    """Deleted rows stay as tombstones, which queries leave out."""
    mirror = Mirror(path, models=[Group, Ticket])
    mirror.sync()
    group = Group.objects.create(name="Short-lived")
    mirror.sync()
    Ticket.objects.get(2999).delete()
    group.delete()
    demo.transport.clock.sleep(61)

    result = mirror.sync()
    mirror.connect()

    assert result.deleted == {"groups": 1, "tickets": 1}
    assert read(path, "SELECT id FROM tickets WHERE _deleted") == [(2999,)]
    assert read(path, "SELECT name FROM groups WHERE _deleted") == [("Short-lived",)]
    assert not Ticket.objects.using("mirror").filter(id=2999).exists()
    assert not Group.objects.using("mirror").filter(name="Short-lived").exists()


def test_an_older_version_does_not_replace_a_newer_one(demo, path):
    """A row whose version in the mirror is newer stays."""
    mirror = Mirror(path, models=[Organization])
    mirror.sync()
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM _zendesk_checkpoints")
        connection.execute("UPDATE organizations SET name = 'newer', _version = _version + 1")

    result = mirror.sync()

    assert result.rows == {"organizations": 0}
    assert read(path, "SELECT DISTINCT name FROM organizations") == [("newer",)]


@pytest.mark.slow
def test_custom_fields_are_typed_columns_with_unique_names(demo, path):
    """Each custom field has a column of its type; equal titles get the id, too."""
    mirror = Mirror(path, models=[Ticket])
    size = TicketField.objects.create(title="Shoe size", type="integer")
    mirror.sync()
    same = TicketField.objects.create(title="Shoe Size", type="decimal")
    ticket = Ticket.objects.get(2999)
    ticket.custom[size.id], ticket.custom[same.id] = 42, 42.5
    ticket.save()
    demo.transport.clock.sleep(61)
    mirror.sync()
    mirror.connect()

    types = {name: type_ for name, type_, *_ in read(path, "DESCRIBE tickets")}
    assert types["custom_shoe_size"] == "BIGINT"
    assert types[f"custom_shoe_size_{same.id}"] == "DOUBLE"
    for field, value in ((size, 42), (same, 42.5)):
        matching = Ticket.objects.using("mirror").filter(**{f"custom_fields__{field.id}": value})
        assert [row.id for row in matching] == [2999]


@pytest.mark.slow
def test_a_renamed_custom_field_keeps_its_column(demo, path):
    """A new title changes no column, and the field is matching under its new title."""
    mirror = Mirror(path, models=[Ticket])
    field = TicketField.objects.create(title="Shoe size", type="integer")
    mirror.sync()
    field.title = "Foot length"
    field.save()
    ticket = Ticket.objects.get(2999)
    ticket.custom[field.id] = 42
    ticket.save()
    demo.transport.clock.sleep(61)
    mirror.sync()
    mirror.connect()

    matching = Ticket.objects.using("mirror").filter(**{"custom_fields__Foot length": 42})
    assert [row.id for row in matching] == [2999]
    assert read(path, "SELECT id FROM tickets WHERE custom_shoe_size = 42") == [(2999,)]


@pytest.mark.slow
def test_a_new_column_is_filled_from_values_that_were_stored_before(demo, path):
    """A lost column is added again, with the values in the JSON columns; others stay."""
    mirror = Mirror(path, models=[Ticket])
    mirror.sync()
    (column,) = read(
        path, "SELECT name FROM _zendesk_custom_fields WHERE title = 'Product'"
    ) or read(path, "SELECT name FROM _zendesk_custom_fields ORDER BY field LIMIT 1")
    query = f'SELECT id, "{column[0]}", recipient FROM tickets ORDER BY id'
    before = read(path, query)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE tickets SET recipient = 'a@b.c', _extra = NULL WHERE id = 2999")
        connection.execute('UPDATE tickets SET _extra = \'{"recipient": "a@b.c"}\' WHERE id = 2999')
        connection.execute(f'ALTER TABLE tickets DROP COLUMN "{column[0]}"')
        connection.execute("ALTER TABLE tickets DROP COLUMN recipient")
        connection.execute("ALTER TABLE tickets ADD COLUMN own INTEGER DEFAULT 5")

    mirror.sync()

    expected = [row if row[0] != 2999 else (2999, row[1], "a@b.c") for row in before]
    assert [row[:2] for row in read(path, query)] == [row[:2] for row in before]
    assert read(path, query)[[row[0] for row in before].index(2999)] in expected
    assert read(path, "SELECT DISTINCT own FROM tickets") == [(5,)]


def test_values_of_all_kinds_survive(demo, path):
    """Emoji, quotes, line breaks, half characters and large numbers are stored."""
    texts = ['"quoted"\n\\n', "🔥 ünï", "tab\t", "x" * 70_000]
    for number, text in enumerate(texts):
        Organization.objects.create(name=f"Text {number}", notes=text)
    demo.transport.clock.sleep(61)
    mirror = Mirror(path, models=[Organization])
    mirror.sync()

    rows = read(path, "SELECT notes FROM organizations WHERE name LIKE 'Text %' ORDER BY name")
    assert [text for (text,) in rows] == texts


def test_a_failed_request_keeps_the_pages_before(demo_emulator, path):
    """The pages before a failure are written, and the next call continues after them."""
    emulator = demo_emulator
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.clock.sleep(61)
    mirror = Mirror(path, models=[Ticket], page_size=500)
    emulator.faults.add(Fault("GET /api/v2/incremental/*", status=500, skip=2, times=1))

    with pytest.raises(ServerError):
        mirror.sync()

    assert read(path, "SELECT count(*) FROM tickets") == [(1000,)]
    result = mirror.sync()
    assert result.rows == {"tickets": Ticket.objects.count() - 1000}


def test_a_value_of_another_type_is_an_error(demo, path, monkeypatch):
    """A value that does not fit its column names the row and the column; nothing is written."""
    mirror = Mirror(path, models=[Ticket])
    to_values = MirrorColumns.to_values

    def spoil(self, row, synced_at):
        return {**to_values(self, row, synced_at), "assignee_id": 1.5}

    monkeypatch.setattr(MirrorColumns, "to_values", spoil)
    with pytest.raises(UnexpectedValue, match="assignee_id"):
        mirror.sync()

    assert read(path, "SELECT count(*) FROM tickets") == [(0,)]


def test_a_connection_of_the_caller_is_used(demo):
    """A mirror in a connection stays open, and has one file-less database."""
    connection = duckdb.connect()
    mirror = Mirror(connection, models=[Group])
    mirror.sync()
    mirror.connect(live=None)

    assert connection.execute("SELECT count(*) FROM groups").fetchone() == (Group.objects.count(),)
    assert Group.objects.using("mirror").count() == Group.objects.count()


def test_the_native_layout_reads_a_mirror(demo, path):
    """A file can be opened with connect_warehouse(), too, and states its time."""
    mirror = Mirror(path, models=[Group])
    mirror.sync()
    with duckdb.connect(str(path), read_only=True) as connection:
        warehouse = connect_warehouse(connection, layout=layouts.native(), live=None)
        assert Group.objects.using("warehouse").count() == Group.objects.count()
        assert warehouse.as_of(Group).timestamp() == pytest.approx(
            demo.transport.clock.now(), abs=1
        )


def test_one_process_writes(demo, path):
    """A second writer is refused, as is one that finds another checkpoint than it continued."""
    mirror = Mirror(path, models=[Group, User])
    nested = []

    def sync_again(progress):
        if not nested:
            with pytest.raises(BlockingIOError, match="another process"):
                Mirror(path, models=[Group]).sync()
            nested.append(progress)

    mirror.sync(progress=sync_again)
    assert len(nested) == 1


def test_a_mirror_belongs_to_one_account(demo, path):
    """Rows of another account are refused before they are read."""
    Mirror(path, models=[Group]).sync()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE _zendesk_checkpoints SET account = 'another'")

    with pytest.raises(ConfigurationError, match="another account"):
        Mirror(path, models=[Group]).sync()


def test_bad_arguments_are_refused(demo, path):
    """Wrong targets, models and files are errors that say what to do."""
    for target in (None, "", ":memory:", 5, "s3://bucket/zendesk.duckdb"):
        with pytest.raises(ConfigurationError, match="Mirror"):
            Mirror(target)
    for models in ([5], [Comment], ["tickets"], [], Ticket):
        with pytest.raises(ConfigurationError):
            Mirror(path, models=models)
    mirror = Mirror(path)
    mirror.connect()
    with pytest.raises(ConfigurationError, match="sync"):
        Group.objects.using("mirror").count()
    # DuckDB itself opens tables of text.
    for text in ("no database" * 1000, "id,name\n1,Ann\n", "DUCK"):
        path.write_text(text)
        with pytest.raises(ConfigurationError, match=r"is not a database|cannot be opened"):
            mirror.sync()
        assert path.read_text() == text


def test_tables_of_the_caller_are_not_overwritten(demo):
    """A table that no mirror has created is refused, and keeps its rows."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE groups (id BIGINT, name VARCHAR)")
    connection.execute("INSERT INTO groups VALUES (?, 'Mine')", [Group.objects.first().id])
    before = connection.execute("FROM groups").fetchall()

    with pytest.raises(ConfigurationError, match="'groups' that no mirror has created"):
        Mirror(connection, models=[Group]).sync()
    assert connection.execute("FROM groups").fetchall() == before
    connection.execute("CREATE SCHEMA mirror; USE mirror")
    assert Mirror(connection, models=[Group]).sync().rows == {"groups": Group.objects.count()}


@pytest.mark.parametrize("format", ["duckdb", "parquet"])
def test_a_full_disk_keeps_the_rows_before(demo, tmp_path, format):
    """An error of DuckDB is one of the library; the next call continues, and doubles nothing."""
    mirror, errors = Mirror(tmp_path / "mirror", models=[Group, User], format=format), []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (1_000, 15_000, 30_000, 500_000):
        # The largest size of a file, which causes the same errors as a full disk.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            mirror.sync()
        except (DatabaseError, ConfigurationError, OSError) as error:
            errors.append(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert errors
    mirror.sync()
    mirror.connect()
    for model in (Group, User):
        stored = [record.id for record in model.objects.using("mirror")]
        assert sorted(stored) == sorted(record.id for record in model.objects.scan())


@pytest.mark.slow
def test_ctrl_c_during_a_statement_interrupts(path):
    """Ctrl+C raises `KeyboardInterrupt` also while DuckDB runs a statement, here one of minutes."""
    program = f"""
import os, signal, threading
from zendesk_orm.warehouse.mirror_file import MirrorFile

signal.signal(signal.SIGINT, signal.default_int_handler)
file = MirrorFile({str(path)!r})
count = "SELECT count(DISTINCT range % {{}}) FROM range(3000000)"
statement = " UNION ALL ".join(count.format(900000 + number) for number in range(500))
try:
    with file.open_for_writing() as cursor:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        cursor.execute(statement).fetchall()
except KeyboardInterrupt:
    print("interrupted")
"""
    command = [sys.executable, "-c", program]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout, done.stderr) == ("interrupted\n", "")


@pytest.mark.slow
@pytest.mark.lenient
def test_a_killed_process_loses_and_doubles_nothing(path):
    """After SIGKILL at random moments, the last run completes the copy."""
    chance, kills = random.Random(5), 0
    with emulator_with_tickets(1_000) as emulator, emulator.serve(port=0) as server:
        emulator.clock.sleep(120)
        command = [sys.executable, "-m", "tests.warehouse.killed", server.url, str(path)]
        while kills < 3:
            process = subprocess.Popen(command, stdout=subprocess.PIPE)
            process.stdout.readline()
            time.sleep(chance.random() * 0.1)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        expected = sorted((row["id"], row["subject"]) for row in stored_rows(emulator))

    assert read(path, "SELECT id, subject FROM tickets ORDER BY id") == expected


@pytest.mark.slow
@pytest.mark.lenient
def test_many_processes_read_while_one_writes(path):
    """Readers see whole transactions, and their connections keep the writer waiting shortly."""
    with emulator_with_tickets(2_000) as emulator, emulator.serve(port=0) as server:
        emulator.clock.sleep(120)
        emulator.connect()
        part = [sys.executable, "-m", "tests.warehouse.killed", server.url, str(path), "first"]
        subprocess.run(part, check=True, stdout=subprocess.DEVNULL)
        reader = [sys.executable, "-m", "tests.warehouse.reading", str(path)]
        pipe = subprocess.PIPE
        readers = [subprocess.Popen(reader, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
        assert {process.stdout.readline() for process in readers} == {"reading\n"}
        subprocess.run(part[:-1], check=True, stdout=subprocess.DEVNULL)
        results = [process.communicate()[0] for process in readers]

    assert results == ["True 2000\n"] * 3


def test_the_end_of_a_program_closes_the_connection(demo, path):
    """The thread that closes the connection is not stopped while DuckDB closes it."""
    Mirror(path, models=[Group]).sync()
    program = f"""
import time
from pathlib import Path
import duckdb
from zendesk_orm.warehouse.mirror_reading import SharedReader

class Slow:
    def __init__(self):
        self.connection = duckdb.connect({str(path)!r}, read_only=True)
    def cursor(self):
        return self.connection.cursor()
    def close(self):
        time.sleep(0.5)
        self.connection.close()
        print("closed", flush=True)

with SharedReader(Slow, Path({str(path) + ".writing"!r})).cursor() as cursor:
    print(len(cursor.execute("SELECT 1").fetchall()), flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "1\nclosed\n", "")


def test_a_connection_is_kept_for_a_moment(demo, path, monkeypatch):
    """Statements that follow each other share a connection; it is closed for the next update."""
    # On a busy machine, the connection could be closed between two statements.
    stopped = SimpleNamespace(monotonic=lambda: 0.0, sleep=time.sleep)
    monkeypatch.setattr(mirror_reading, "time", stopped)
    mirror = Mirror(path, models=[Group])
    mirror.sync()
    mirror.connect()
    groups = Group.objects.using("mirror")
    opened = []
    reader = mirror._file._reader
    connect_ = reader._connect
    reader._connect = lambda: opened.append(1) or connect_()

    for _ in range(5):
        groups.count()
    assert len(opened) == 1

    Group.objects.create(name="New")
    mirror.sync()
    assert groups.filter(name="New").exists()
    assert len(opened) == 2


@pytest.mark.slow
def test_deleted_and_redacted_values_are_replaced(demo, path):
    """A deleted user becomes a tombstone; the newest version of a redacted ticket stays."""
    mirror = Mirror(path, models=[User, Ticket])
    user = User.objects.create(name="Ada", email="ada@example.com")
    demo.transport.clock.sleep(61)
    mirror.sync()
    user.delete()
    ticket = Ticket.objects.get(2999)
    ticket.subject = "▇▇▇"
    ticket.save()
    demo.transport.clock.sleep(61)

    assert mirror.sync().deleted["users"] == 1
    mirror.connect()
    assert not User.objects.using("mirror").filter(id=user.id).exists()
    assert read(path, f"SELECT _deleted FROM users WHERE id = {user.id}") == [(True,)]
    assert read(path, "SELECT subject FROM tickets WHERE id = 2999") == [("▇▇▇",)]


@pytest.mark.slow
def test_a_field_of_another_type_has_a_new_column(demo, path):
    """A custom field that is deleted and created again with another type gets a new column."""
    mirror = Mirror(path, models=[Ticket])
    old = TicketField.objects.create(title="Shoe size", type="integer")
    mirror.sync()
    old.delete()
    new = TicketField.objects.create(title="Shoe size", type="text")
    ticket = Ticket.objects.get(2999)
    ticket.custom[new.id] = "large"
    ticket.save()
    demo.transport.clock.sleep(61)
    mirror.sync()

    types = {name: type_ for name, type_, *_ in read(path, "DESCRIBE tickets")}
    assert types["custom_shoe_size"] == "BIGINT"
    column = f"custom_shoe_size_{new.id}"
    assert types[column] == "VARCHAR"
    assert read(path, f"SELECT {column} FROM tickets WHERE id = 2999") == [("large",)]
    mirror.connect()
    matching = Ticket.objects.using("mirror").filter(**{f"custom_fields__{new.id}": "large"})
    assert [row.id for row in matching] == [2999]


@pytest.mark.slow
def test_values_are_those_of_objects(demo, path):
    """`values_list()`, which builds no objects, returns the values of attributes."""
    mirror = Mirror(path, models=[Group, User, Ticket])
    mirror.sync()
    mirror.connect()
    for model in (Group, User, Ticket):
        rows = model.objects.using("mirror").order_by("id")[:200]
        records = list(rows)
        for name, field in model._meta.fields.items():
            if not (field.is_plain and field.readable):
                continue
            actual = list(rows.values_list(name, flat=True))
            assert (name, actual) == (name, [getattr(record, name) for record in records])
    tickets = Ticket.objects.using("mirror").filter(status="open").order_by("-id")
    pairs = [(ticket.id, ticket.requester_id, ticket.created_at) for ticket in tickets]
    names = ("id", "requester", "created_at")
    assert list(tickets.values_list(*names)) == pairs
    assert list(tickets.values(*names)) == [dict(zip(names, pair, strict=True)) for pair in pairs]
    assert [tuple(row) for row in tickets.values_list(*names, named=True)] == pairs


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
def test_a_forked_process_opens_another_connection(demo, path):
    """A child of a process that has just read the mirror can read it, too."""
    mirror = Mirror(path, models=[Group])
    mirror.sync()
    mirror.connect()
    expected = Group.objects.using("mirror").count()
    child = os.fork()
    if child == 0:
        os._exit(0 if Group.objects.using("mirror").count() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert Group.objects.using("mirror").count() == expected
