"""Interrupted exports: `resume=True` continues without losing or doubling a row."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.session.faults import connect_faulty
from zendesk_orm import (
    InvalidValue,
    MemoryCheckpointStore,
    Q,
    Ticket,
    UnexpectedValue,
    ZendeskError,
)
from zendesk_orm.export import export as exporting
from zendesk_orm.export import journal
from zendesk_orm.export.journal import Journal


TICKETS = 330
#: The ids in the order of the query: the newest ticket is the first one.
EXPECTED = list(range(TICKETS, 0, -1))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator that no test changes."""
    with emulator_with_tickets(TICKETS) as emulator:
        yield emulator


def every_ticket():
    """Return a query of seven pages."""
    return Ticket.objects.page_size(50).values("id", "subject", "status")


def list_names(folder):
    """Return the sorted names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def read_ids(path):
    """Return the ids in a file, or in the files of partitions in order."""
    path = Path(path)
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return [pk for file in files for pk in _read_ids(file)]


def _read_ids(file):
    content = file.read_bytes()
    if content.startswith(b"PAR1"):
        return pq.ParquetFile(file).read()["id"].to_pylist()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    lines = content.decode().splitlines()
    if content.startswith(b"{"):
        return [json.loads(line)["id"] for line in lines]
    return [int(row["id"]) for row in csv.DictReader(lines)]


@pytest.mark.parametrize("name", ["parquet", "jsonl.gz"])
def test_an_export_continues_after_a_failed_request(pristine, folder, name):
    """After each failure, the export continues with the page that failed."""
    path = folder / f"tickets.{name}"
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    failures = 0
    for _ in range(8):
        # The last page is read again, and one further page in each attempt.
        adapter.fail_after = adapter.sent + 2
        try:
            every_ticket().export(path, resume=True)
        except ZendeskError:
            failures += 1
            assert list_names(folder) == [f"tickets.{name}.partial"]
        else:
            break

    assert failures == 5
    assert read_ids(path) == EXPECTED
    assert list_names(folder) == [f"tickets.{name}"]


def test_a_resumed_export_reads_the_remaining_pages_only(pristine, folder):
    """The last page is read again, and the progress continues with its rows."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = 4
    with pytest.raises(ZendeskError):
        every_ticket().export("tickets.csv")
    adapter.fail_after = None
    reports = []

    result = every_ticket().export("tickets.csv", resume=True, progress=reports.append)

    assert (result.rows, result.requests) == (TICKETS, 4)
    assert reports[-1].done == TICKETS


def test_an_export_without_resume_begins_again(pristine, folder):
    """Without `resume=True`, the rows of an interrupted export are discarded."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = 4
    with pytest.raises(ZendeskError):
        every_ticket().export("tickets.csv")
    adapter.fail_after = None

    result = every_ticket().export("tickets.csv")

    assert (result.rows, result.requests) == (TICKETS, 7)
    assert read_ids("tickets.csv") == EXPECTED


def test_rows_without_a_resume_token_are_read_again(pristine, folder):
    """If the position of a row cannot be stored, the export begins with the first row."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    rows = Ticket.objects.page_size(50).distinct("subject").values("id")
    expected = [row["id"] for row in rows]
    adapter.fail_after = adapter.sent + 3
    with pytest.raises(ZendeskError):
        rows.export("tickets.csv")
    adapter.fail_after = None

    rows.export("tickets.csv", resume=True)

    assert read_ids("tickets.csv") == expected


def test_another_export_is_not_continued(pristine, folder, count_requests):
    """Another query, other columns and another format are errors; the rows stay."""
    account, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = 4
    with pytest.raises(ZendeskError):
        every_ticket().export("tickets", format="csv")
    adapter.fail_after = None
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="another query"):
            every_ticket().filter(status="new").export("tickets", format="csv", resume=True)
        with pytest.raises(InvalidValue, match="other columns"):
            every_ticket().values("id").export("tickets", format="csv", resume=True)
        with pytest.raises(InvalidValue, match="another format"):
            every_ticket().export("tickets", format="jsonl", resume=True)
        with pytest.raises(InvalidValue, match="another format"):
            every_ticket().export("tickets", format="csv", partition_by="status", resume=True)

    assert every_ticket().export("tickets", format="csv", resume=True).requests == 4


def test_a_damaged_journal_is_not_continued(pristine, folder, count_requests):
    """A file of the journal that is damaged or of another version is named, without a request.

    It may be cut off anywhere, have another bit, or be replaced; an export without `resume=True`
    begins again.
    """
    account, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = adapter.sent + 2
    with pytest.raises(ZendeskError):
        every_ticket().export("tickets.csv")
    adapter.fail_after = None
    for file in (Path("tickets.csv.partial/position.json"), Path("tickets.csv.partial/rows")):
        content = file.read_bytes()
        places = range(0, len(content), max(1, len(content) // 30))
        cut = [content[:place] for place in places]
        changed = [content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :] for at in places]
        others = [b"{}", b"[", b"[" * 100_000, b'{"version": 99}', b"\xff" * len(content)]
        for damaged in (*cut, *changed, *others):
            file.write_bytes(damaged)
            with count_requests(account, 0), pytest.raises(InvalidValue, match=str(file)):
                every_ticket().export("tickets.csv", resume=True)
        file.write_bytes(content)

    assert every_ticket().export("tickets.csv", resume=True).rows == TICKETS
    assert list_names(folder) == ["tickets.csv"]


class _Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.slow
@pytest.mark.parametrize("partition_by", ["", "status"])
@pytest.mark.parametrize("name", ["parquet", "csv"])
def test_an_export_continues_after_each_of_its_steps(
    pristine, folder, monkeypatch, name, partition_by
):
    """Wherever the process ends, the next export completes the file."""
    pristine.connect()
    options = {"format": name, "partition_by": partition_by or (), "resume": True}
    every_ticket().export("expected", **options)
    expected = read_ids("expected")
    assert sorted(expected) == EXPECTED[::-1]
    for step in range(1, 40):
        path = folder / f"{step}"
        with pytest.MonkeyPatch.context() as patch:
            if not _kill_after(patch, step, partial(every_ticket().export, path, **options)):
                break
        if not (path.exists() and not Path(f"{path}.partial").exists()):
            assert every_ticket().export(path, **options).rows == TICKETS
        assert read_ids(path) == expected
        assert not Path(f"{path}.partial").exists()
    assert step > 15


def _kill_after(patch, step, function):
    """Call a function that ends before its step with a number; return whether it has ended so."""
    steps = 0

    def count(method):
        def counted(*args, **kwargs):
            nonlocal steps
            steps += 1
            if steps == step:
                raise _Killed
            return method(*args, **kwargs)

        return counted

    for name in ("begin", "flush", "commit", "clear_output", "remove"):
        # A process that was killed removes nothing.
        patch.setattr(Journal, name, count(getattr(Journal, name)))
    for name in ("write_file", "write_partitions", "move_output"):
        patch.setattr(exporting, name, count(getattr(exporting, name)))
    patch.setattr(exporting, "_remove_unless_interrupted", lambda journal: None)
    try:
        function()
    except _Killed:
        return True
    return False


def test_two_exports_to_one_path_do_not_mix(pristine, folder, count_requests):
    """While an export to a path is running, another one raises an error."""
    account = pristine.connect()
    errors = []

    def export_again(progress):
        for resume in (False, True):
            with pytest.raises(BlockingIOError, match="running") as caught:
                every_ticket().export("tickets.csv", resume=resume, overwrite=True)
            errors.append(caught.value.filename)

    with count_requests(account, 7):
        every_ticket().export("tickets.csv", progress=export_again)

    assert set(errors) == {"tickets.csv"}
    assert read_ids("tickets.csv") == EXPECTED
    every_ticket().export("tickets.csv", overwrite=True)
    assert list_names(folder) == ["tickets.csv"]


def test_an_invalid_value_leaves_the_earlier_rows(folder):
    """The rows before an invalid value stay, so that the export can be continued."""
    with emulator_with_tickets(120, of_ticket=lambda n: {"due_at": "x"} if n == 60 else {}) as e:
        e.connect()
        rows = Ticket.objects.page_size(50).values("id", "due_at")
        with pytest.raises(UnexpectedValue, match="Ticket 60: due_at is 'x'"):
            rows.export("tickets.csv")
        assert list_names(folder) == ["tickets.csv.partial"]

        rows.export("text.csv", types={"due_at": "text"})

    assert read_ids("text.csv") == list(range(120, 0, -1))


def test_queries_of_all_kinds_are_continued(pristine, folder):
    """Slices, relative times, side-loads, lists and ids continue after each failure."""
    queries = {
        "slice": lambda: Ticket.objects.page_size(20)[10:90].values("id"),
        "relative": lambda: Ticket.objects.filter(created_after=timedelta(hours=2)).page_size(20),
        "list": lambda: Ticket.objects.fresh().page_size(20).values("id", "requester__name")[:100],
        "ids": lambda: Ticket.objects.filter(id__in=range(1, 250)).only("id"),
        "union": lambda: Ticket.objects.filter(Q(status="open") | Q(tags="vip")).only("id"),
    }
    for name, make in queries.items():
        _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
        expected = [row["id"] for row in make().values("id")]
        for step in range(12):
            adapter.fail_after = adapter.sent + step
            try:
                result = make().export(f"{name}.csv", resume=True)
            except ZendeskError:
                continue
            break
        assert (name, read_ids(f"{name}.csv")) == (name, expected)
        assert result.rows == len(expected)
        assert step > 1


def test_changes_are_continued_from_a_checkpoint(pristine, folder):
    """The export of `changed_since()` reads no page again, and saves a checkpoint of its own."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    store = MemoryCheckpointStore()
    changed = Ticket.objects.changed_since(0).page_size(50)
    expected = [ticket.pk for ticket in changed]
    rows = changed.resume_from(store, "tickets").only("id", "requester")
    requests = 0
    for _ in range(10):
        before = adapter.sent
        adapter.fail_after = before + 1
        try:
            rows.export("tickets.csv", resume=True)
        except ZendeskError:
            requests += adapter.sent - before - 1
            continue
        requests += adapter.sent - before
        break
    adapter.fail_after = None

    assert read_ids("tickets.csv") == expected
    assert (len(expected), requests) == (TICKETS - 1, 7)
    assert list(Ticket.objects.changed_since(store.load("tickets"))) == []
    assert changed.filter(status="new").only("id").export("new.csv").rows == 165
    assert changed[:60].only("id").export("slice.csv").rows == 60


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of processes")
def test_an_export_continues_after_the_disk_was_full(pristine, folder):
    """After an error of the disk, the export continues; nothing is lost."""
    resource = pytest.importorskip("resource")
    pristine.connect()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            every_ticket().export("tickets.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list_names(folder) == ["tickets.csv.partial"]

    assert every_ticket().export("tickets.csv", resume=True).requests < 7
    assert read_ids("tickets.csv") == EXPECTED


def test_a_failure_before_the_first_row_leaves_nothing(pristine, folder):
    """If no row was read, no file is left."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = 0
    with pytest.raises(ZendeskError):
        every_ticket().export("tickets.csv")
    assert list_names(folder) == []


def test_rows_are_on_the_disk_before_the_position(pristine, folder, monkeypatch):
    """Rows are flushed to the disk, then the position."""
    pristine.connect()
    synced = []
    fsync = os.fsync

    def record(number):
        synced.append(Path(f"/proc/self/fd/{number}").readlink().name)
        fsync(number)

    if not Path("/proc/self/fd").exists():
        pytest.skip("the names of open files are read from /proc")
    monkeypatch.setattr(journal.os, "fsync", record)

    every_ticket()[:100].export("tickets.csv")

    assert synced[:4] == ["rows", "position.new", "rows", "position.new"]
    assert synced[-2:] == ["output", "position.new"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize(
    ("name", "partition_by"),
    [("parquet", ""), ("csv", ""), ("jsonl.gz", ""), ("parquet", "status")],
)
def test_an_export_that_is_killed_at_random_loses_and_doubles_nothing(tmp_path, name, partition_by):
    """Processes that are killed at random moments, over a socket, export each ticket once."""
    tickets, kills = 2_000, 0
    with emulator_with_tickets(tickets) as emulator, emulator.serve(port=0) as server:
        for seed in range(2):
            path = tmp_path / f"{seed}"
            command = [sys.executable, "-m", "tests.export.killed", server.url, str(path)]
            done = subprocess.run(
                [*command, name, partition_by, str(seed), "12"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            killed, rows = map(int, done.stdout.split())

            kills += killed
            assert rows in (-1, tickets)
            ids = read_ids(path)
            assert sorted(ids) == list(range(1, tickets + 1))
            assert partition_by or ids == sorted(ids, reverse=True)
            assert list_names(tmp_path) == [str(n) for n in range(seed + 1)]
    assert kills > 1
