"""The memory of a mirror's transactions."""

from __future__ import annotations

from contextlib import closing

import duckdb
import pytest

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import Mirror, Organization, Ticket
from zendesk_orm.warehouse import mirror as mirrors
from zendesk_orm.warehouse.mirror_staging import StagedRows


def count_rows(path):
    """Return the numbers of the tickets and organizations, and of their ids."""
    statement = "SELECT count(*), count(DISTINCT id) FROM "
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        return [
            connection.execute(statement + table).fetchone()
            for table in ("tickets", "organizations")
        ]


@pytest.mark.slow
def test_rows_that_need_more_memory_than_expected_are_written(tmp_path, monkeypatch):
    """Whichever statement lacks memory, the transaction is repeated with that of the machine."""
    with emulator_with_tickets(1_000) as emulator:
        emulator.connect()
        emulator.clock.sleep(120)
        for megabytes in (4, 22, 34):
            monkeypatch.setattr(StagedRows, "memory", megabytes)
            path = tmp_path / f"{megabytes}.duckdb"
            result = Mirror(path, models=[Ticket, Organization], page_size=500).sync()
            expected = [(1_000, 1_000), (Organization.objects.count(),) * 2]

            assert count_rows(path) == expected, megabytes
            assert result.rows["tickets"] == 1_000, megabytes


def test_a_transaction_ends_after_a_number_of_bytes(tmp_path, monkeypatch):
    """Long rows are written before they are many."""
    monkeypatch.setattr(mirrors, "_BYTES", 1)
    reported = []
    with emulator_with_tickets(300) as emulator:
        emulator.connect()
        emulator.clock.sleep(120)
        mirror = Mirror(tmp_path / "zendesk.duckdb", models=[Ticket], page_size=100)
        mirror.sync(progress=lambda progress: reported.append(progress.done))

    assert reported[:3] == [100, 200, 300]


def test_a_connection_of_the_caller_keeps_its_settings(tmp_path):
    """A file that the caller has open in this process is written with the caller's settings."""
    path = tmp_path / "zendesk.duckdb"
    settings = "SELECT current_setting('threads'), current_setting('memory_limit')"
    with emulator_with_tickets(3) as emulator, closing(duckdb.connect(str(path))) as connection:
        emulator.connect()
        emulator.clock.sleep(120)
        before = connection.execute(settings).fetchone()
        Mirror(path, models=[Ticket]).sync()

        assert connection.execute(settings).fetchone() == before
        assert connection.execute("SELECT count(*) FROM tickets").fetchone() == (3,)
