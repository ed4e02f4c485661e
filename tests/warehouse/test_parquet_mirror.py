"""A mirror in Parquet files: days, merged rows, one manifest, killed processes."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import duckdb
import pytest

from tests.queryset.stored import emulator_with_tickets, stored_rows
from zendesk_orm import ConfigurationError, Group, Mirror, Ticket, TicketField, User
from zendesk_orm.warehouse.mirror_folder import GRACE


@pytest.fixture
def folder(tmp_path):
    """The path of a mirror."""
    return tmp_path / "zendesk"


@pytest.mark.slow
def test_queries_return_the_rows_of_the_account(demo, folder):
    """A query over Parquet files returns the rows that a query of the account returns."""
    mirror = Mirror(folder, models=[Group, User, Ticket], format="parquet", page_size=500)
    result = mirror.sync()
    mirror.connect()

    assert result.rows["tickets"] == Ticket.objects.count()
    tickets = Ticket.objects.using("mirror").filter(status="open", tags="vip")
    live = Ticket.objects.filter(status="open", tags="vip")
    assert [row._row for row in tickets] == [row._row for row in live]
    assert User.objects.using("mirror").count() == User.objects.count()
    days = {path.parent.name for path in (folder / "tickets").glob("day=*/*.parquet")}
    assert len(days) == len({row.created_at.date() for row in Ticket.objects.scan()})
    files = duckdb.sql(f"SELECT count(DISTINCT id) FROM '{folder}/tickets/*/*.parquet'")
    assert files.fetchall() == [(result.rows["tickets"],)]


@pytest.mark.slow
def test_changes_replace_rows_and_deletions_mark_them(demo, folder):
    """The next call rewrites the days of the changed rows only."""
    mirror = Mirror(folder, models=[Group, Ticket], format="parquet")
    mirror.sync()
    mirror.connect()
    before = set(folder.glob("tickets/*/*.parquet"))
    ticket, deleted = Ticket.objects.get(2999), Ticket.objects.get(2998)
    days = {ticket.created_at.date(), deleted.created_at.date()}
    ticket.subject = "Printer on fire"
    ticket.save()
    deleted.delete()
    group = Group.objects.create(name="Short-lived")
    demo.transport.clock.sleep(61)

    result = mirror.sync()
    group.delete()
    assert mirror.sync().deleted["groups"] == 1

    assert (result.rows["tickets"], result.deleted["tickets"]) == (2, 1)
    tickets = Ticket.objects.using("mirror")
    assert tickets.get(2999).subject == "Printer on fire"
    assert not tickets.filter(id=2998).exists()
    assert not Group.objects.using("mirror").filter(name="Short-lived").exists()
    assert tickets.count() == Ticket.objects.count()
    assert len(set(folder.glob("tickets/*/*.parquet")) - before) == len(days)


@pytest.mark.slow
def test_new_custom_fields_are_columns(demo, folder):
    """A field that was created later is a typed column of all files."""
    mirror = Mirror(folder, models=[Ticket], format="parquet")
    mirror.sync()
    field = TicketField.objects.create(title="Shoe size", type="integer")
    ticket = Ticket.objects.get(2999)
    ticket.custom[field.id] = 42
    ticket.save()
    demo.transport.clock.sleep(61)
    mirror.sync()
    mirror.connect()

    tickets = Ticket.objects.using("mirror").filter(**{f"custom_fields__{field.id}": 42})
    assert [row.id for row in tickets] == [2999]
    assert Ticket.objects.using("mirror").count() == Ticket.objects.count()


def test_replaced_files_are_removed_later(demo, folder, monkeypatch):
    """Files that no manifest lists stay for an hour, for programs that are reading them."""
    mirror = Mirror(folder, models=[Group], format="parquet")
    mirror.sync()
    first, *_ = folder.glob("groups/*/*.parquet")
    Group.objects.create(name="New")
    mirror.sync()
    assert first.exists()

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + GRACE + 60)
    mirror.sync()
    assert not first.exists()
    mirror.connect()
    assert Group.objects.using("mirror").filter(name="New").exists()


def test_bad_arguments_are_refused(demo, folder, tmp_path, count_requests):
    """Wrong formats, targets and manifests are errors before anything is read."""
    (tmp_path / "file").write_text("x")
    for target, options in (
        (folder, {"format": "csv"}),
        (None, {"format": "parquet"}),
        (tmp_path / "file", {"format": "parquet"}),
        (folder, {"format": "parquet", "history": True}),
    ):
        with pytest.raises(ConfigurationError):
            Mirror(target, models=[Ticket], **options)
    mirror = Mirror(folder, models=[Group], format="parquet")
    mirror.connect()
    with pytest.raises(ConfigurationError, match="sync"):
        Group.objects.using("mirror").count()
    mirror.sync()
    content = (folder / "manifest.json").read_bytes()
    changed = json.dumps({**json.loads(content), "files": {}}).encode()
    for damaged in (b"", b"{", b"[]", b"{}", b"[" * 100_000, content[:-3], changed):
        (folder / "manifest.json").write_bytes(damaged)
        with count_requests(demo, 0):
            for call in (mirror.sync, Group.objects.using("mirror").count):
                with pytest.raises(ConfigurationError, match=r"manifest\.json cannot be read"):
                    call()


@pytest.mark.lenient
@pytest.mark.slow
def test_a_killed_process_loses_and_doubles_nothing(folder):
    """After SIGKILL at random moments, the last run completes the copy."""
    chance = random.Random(5)
    with emulator_with_tickets(1_000) as emulator, emulator.serve(port=0) as server:
        emulator.clock.sleep(120)
        command = [sys.executable, "-m", "tests.warehouse.killed", server.url, str(folder)]
        for _ in range(3):
            process = subprocess.Popen([*command, "parquet"], stdout=subprocess.PIPE)
            process.stdout.readline()
            time.sleep(chance.random() * 0.1)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        subprocess.run([*command, "parquet"], check=True, stdout=subprocess.DEVNULL)
        expected = sorted((row["id"], row["subject"]) for row in stored_rows(emulator))
        mirror = Mirror(folder, emulator.connect(), [Ticket], format="parquet")
        mirror.connect()
        rows = Ticket.objects.using("mirror").order_by("id").values_list("id", "subject")
        assert list(rows) == expected
