"""`values()` without objects, and conditions that only aggregates contain."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import duckdb
import pytest

from zendesk_orm import (
    Count,
    InvalidValue,
    NoEndpoint,
    Q,
    Ticket,
    UnexpectedValue,
    connect,
    connect_warehouse,
)
from zendesk_orm.query.projection import build_projection
from zendesk_orm.warehouse import layouts


MOMENT = datetime(2026, 1, 31, 23, 59, 59, tzinfo=timezone.utc)


def open_tickets(columns, *rows, live=None, **options):
    """Return the tickets of a database with rows."""
    connect("emulator://")
    database = duckdb.connect()
    database.execute("SET TimeZone = 'America/New_York'")
    database.execute(f"CREATE TABLE tickets ({columns})")
    for row in rows:
        database.execute(f"INSERT INTO tickets VALUES ({row})")
    connect_warehouse(database, layout=layouts.airbyte(), live=live, **options)
    return Ticket.objects.using("warehouse")


def test_values_equal_those_of_objects():
    """Missing and empty values, parts of seconds and old moments are those of instances."""
    names = ("id", "status", "priority", "is_public", "requester", "created_at", "due_at")
    tickets = open_tickets(
        "id BIGINT, status TEXT, priority TEXT, is_public BOOLEAN, requester_id BIGINT, "
        "created_at TIMESTAMPTZ, due_at TIMESTAMP",
        "1, 'open', 'high', TRUE, 7, '2026-01-31 23:59:59.999999+00', '2026-01-31 23:59:59.5'",
        "2, NULL, '', NULL, -1, NULL, NULL",
        "3, 'odd', NULL, FALSE, 0, '1969-12-31 23:59:58.5+00', '0099-01-01 00:00:00'",
    )
    to_values = build_projection(Ticket._meta, names, "tuple").function()
    objects = [*map(to_values, tickets.order_by("id"))]
    listed = list(tickets.order_by("id").values_list(*names))

    assert listed == objects
    assert listed[0] == (1, "open", "high", True, 7, MOMENT, MOMENT)
    assert listed[1] == (2, None, None, None, None, None, None)
    assert [type(value) for value in listed[2]] == [type(value) for value in objects[2]]


def test_moments_that_python_lacks_are_errors():
    """Moments after the year 9999, and endless ones, are not silently missing."""
    for moment in ("12026-01-01 00:00:00+00", "infinity", "-infinity"):
        tickets = open_tickets("id BIGINT, created_at TIMESTAMPTZ", f"1, '{moment}'")
        for read in (
            lambda tickets=tickets: tickets.get(1).created_at,
            lambda tickets=tickets: list(tickets.values_list("created_at")),
        ):
            with pytest.raises(UnexpectedValue):
                read()


def test_values_are_those_of_newer_records():
    """Rows of records that are alive and newer than the table are read from these."""
    account = connect("emulator://")
    first, second = (
        Ticket.objects.create(subject=f"Printer {number}", comment={"body": "It burns"})
        for number in (1, 2)
    )
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, subject TEXT, updated_at TIMESTAMPTZ)")
    for pk, days in ((first.id, -1), (second.id, 1), (10**9, 0)):
        values = (pk, first.updated_at + timedelta(days=days))
        database.execute("INSERT INTO tickets VALUES (?, 'Stored', ?)", values)
    connect_warehouse(database, layout=layouts.airbyte())
    rows = Ticket.objects.using("warehouse").order_by("id")
    records = [rows.get(first.id), rows.get(second.id)]
    # The table lacks it, so that the records are loaded from the live account.
    assert [record.recipient for record in records] == [None, None]
    sent = account.requests_sent
    subjects = ["Printer 1", "Stored", "Stored"]

    assert list(rows.values_list("subject", flat=True)) == subjects
    assert [row["subject"] for row in rows.values("subject").iterator()] == subjects
    assert [row.subject for row in rows.values_list("subject", named=True)] == subjects
    assert [ticket.subject for ticket in rows] == subjects
    assert account.requests_sent == sent


def test_resume_is_refused_for_values():
    """A database is read from the beginning, whatever the form of the rows."""
    tickets = open_tickets("id BIGINT, subject TEXT", "1, 'Printer'")
    with connect("emulator://?seed=demo", alias="live").session():
        iterator = Ticket.objects.using("live").iterator(2)
        next(iterator)
        token = iterator.resume_token
    for rows in (tickets, tickets.values("id"), tickets.values_list("subject", flat=True)):
        with pytest.raises(InvalidValue, match="a database is read from the beginning"):
            list(rows.resume(token))


def test_old_tables_of_filters_of_aggregates_are_refused():
    """`max_age=` applies to tables that only the condition of an aggregate reads."""
    database = duckdb.connect()
    for table, age in (("tickets", 1), ("users", 100)):
        database.execute(
            f"CREATE TABLE {table} AS SELECT 1::BIGINT AS id, 'x' AS email, "
            f"1::BIGINT AS requester_id, now() - INTERVAL {age} HOUR AS _airbyte_extracted_at"
        )
    layout = layouts.airbyte()
    connect_warehouse(database, layout=layout, live=None, max_age=timedelta(hours=6))
    tickets = Ticket.objects.using("warehouse")
    number = Count("id", filter=Q(requester__email="x"))
    pattern = r"the rows of User are 4 days, 4:00:\d\d old"

    assert tickets.aggregate(Count("id")) == {"id__count": 1}
    with pytest.raises(NoEndpoint, match=pattern):
        tickets.aggregate(number=number)
    with pytest.raises(NoEndpoint, match=pattern):
        list(tickets.values("requester").annotate(number=number))
    database.execute("UPDATE users SET _airbyte_extracted_at = now()")
    assert tickets.aggregate(number=number) == {"number": 1}
    assert list(tickets.values("requester").annotate(number=number)) == [
        {"requester": 1, "number": 1}
    ]
