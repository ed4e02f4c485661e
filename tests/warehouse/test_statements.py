"""Statements are compiled once for each shape of a query."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import duckdb
import pytest

from zendesk_orm import NoEndpoint, Ticket, User, connect, connect_warehouse
from zendesk_orm.warehouse import layouts


START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def warehouse():
    """A warehouse with ten tickets, created on ten days, of two users."""
    connect("emulator://")
    database = duckdb.connect()
    database.execute(
        """CREATE TABLE tickets AS SELECT i AS id, 'Printer ' || i AS subject,
            TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (i) DAY AS created_at,
            6130830014080 + i % 2 AS requester_id
        FROM range(10) AS t(i);
        CREATE TABLE users AS SELECT 6130830014080 + i AS id, i = 1 AS verified
        FROM range(2) AS t(i)"""
    )
    return connect_warehouse(database, layout=layouts.native(), live=None)


def test_queries_with_other_values_share_a_statement(warehouse):
    """Ids, lists of them, moments, days and lengths of time differ; texts are other shapes."""
    tickets = Ticket.objects.using("warehouse")
    people = User.objects.using("warehouse")
    for shapes, read in (
        (1, lambda n: [tickets.get(n).id] == [n]),
        (1, lambda n: {t.id for t in tickets.filter(id__in=range(n, n + 5))} == {*range(n, n + 5)}),
        (1, lambda n: len(tickets.filter(created_at__gte=START + timedelta(days=n))) == 10 - n),
        (1, lambda n: len(tickets.filter(created_at__date=START.date() + timedelta(n))) == 1),
        (1, lambda n: len(tickets.filter(created_at__lt=timedelta(n + 1))) == 10),
        (1, lambda n: len(tickets.filter(requester__in=people.filter(id__gt=n))) == 10),
        (4, lambda n: len(tickets.filter(subject=f"Printer {n}")) == 1),
        (1, lambda n: len(tickets.exclude(id=n).filter(id__lte=9)) == 9),
    ):
        before = len(warehouse.statements)
        assert [read(n) for n in range(4)] == [True] * 4
        assert len(warehouse.statements) - before == shapes


def test_values_that_look_like_marks_stay(warehouse):
    """A text with the digits of a mark is not replaced by another value of the query."""
    tickets = Ticket.objects.using("warehouse")

    assert list(tickets.filter(subject="Printer 7305511000000000", id__lte=5)) == []
    assert [t.id for t in tickets.filter(subject="Printer 5", id__lte=5)] == [5]


def test_values_of_another_kind_have_statements_of_their_own(warehouse):
    """Numbers below zero, huge ones and conditions that exclude each other select no rows."""
    tickets = Ticket.objects.using("warehouse")
    assert len(tickets.filter(id=7)) == 1
    assert [len(tickets.filter(id=pk)) for pk in (-7, 2**53, 2**80)] == [0, 0, 0]
    assert [len(tickets.filter(id=7).filter(id=pk)) for pk in (7, 8)] == [1, 0]
    assert [len(tickets.filter(id__in=many)) for many in ([7], [7, 8], [7, 7], [])] == [1, 2, 1, 0]


def test_errors_show_the_values_of_the_query(warehouse):
    """A query that cannot be compiled raises each time, with its own values."""
    for number in (41, 42):
        with pytest.raises(NoEndpoint, match="has no column 'due_at'"):
            list(Ticket.objects.using("warehouse").filter(id=number, due_at__gt=START))
