"""Queries that tables or a dialect cannot answer raise before any row is read."""

from __future__ import annotations

from datetime import datetime, timezone

import duckdb
import psycopg
import pytest

from zendesk_orm import Count, NoEndpoint, Ticket, User, connect, connect_warehouse
from zendesk_orm.warehouse import layouts


MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)


class RecordedExecutor:
    """Runs SQL in DuckDB, and records the statements that read rows."""

    def __init__(self, database, dialect="duckdb"):
        self.database, self.dialect, self.statements = database, dialect, []

    def run(self, sql):
        if "information_schema" not in sql and not sql.startswith("DESCRIBE"):
            self.statements.append(sql)
        yield self.database.execute(sql).fetchall()


def open_tickets(columns, dialect="duckdb", layout=None):
    """Return the executor of a warehouse with an empty table of tickets."""
    connect("emulator://")
    database = duckdb.connect()
    database.execute(f"CREATE TABLE tickets ({columns})")
    executor = RecordedExecutor(database, dialect)
    connect_warehouse(executor, layout=layout or layouts.airbyte())
    return executor


def test_missing_tables_and_columns_are_named():
    """The error names the layout, the table and the column."""
    executor = open_tickets("id BIGINT, subject TEXT")
    tickets = Ticket.objects.using("warehouse")

    with pytest.raises(NoEndpoint, match="airbyte has no table 'users'"):
        list(User.objects.using("warehouse"))
    for queryset in (
        tickets.filter(recipient="a@example.com"),
        tickets.order_by("recipient"),
        tickets.values("recipient").annotate(),
    ):
        with pytest.raises(NoEndpoint, match="airbyte, table tickets has no column 'recipient'"):
            list(queryset)
    assert executor.statements == []


def test_values_that_are_not_stored_are_refused_without_a_live_account():
    """Without an account that has them, values of missing columns are an error, not of each row."""
    executor = open_tickets("id BIGINT, subject TEXT")
    connect_warehouse(executor, layout=layouts.airbyte(), live=None, alias="alone")
    tickets = Ticket.objects.using("alone")
    for names in (("recipient",), ("id", "recipient"), ("tags", "recipient")):
        for queryset in (tickets.values(*names), tickets.values_list(*names)):
            with pytest.raises(NoEndpoint, match="table tickets has no column"):
                list(queryset)
    assert executor.statements == []
    assert list(tickets.values("id", "subject")) == []


def test_columns_of_another_type_are_named():
    """Numbers, moments, lists and objects in columns of other types are refused."""
    for lookup, column, type_ in (
        ({"assignee": 7}, "assignee_id TEXT", "text"),
        ({"assignee__in": [7, 8]}, "assignee_id TEXT", "text"),
        ({"updated_at__gt": MOMENT}, "updated_at BIGINT", "integer"),
        ({"created_at__month": 3}, "created_at BOOLEAN", "boolean"),
        ({"due_at__lt": MOMENT}, "due_at DOUBLE", "number"),
        ({"tags": "vip"}, "tags BIGINT", "integer"),
        ({"has_incidents": True}, "has_incidents DATE", "date"),
        ({"subject__contains": "a"}, "subject TIMESTAMP", "timestamp"),
    ):
        executor = open_tickets(f"id BIGINT, {column}")
        tickets, name = Ticket.objects.using("warehouse"), column.partition(" ")[0]
        pattern = rf"airbyte, table tickets, the column '{name}' has the type {type_}"
        with pytest.raises(NoEndpoint, match=pattern):
            list(tickets.filter(**lookup))
        with pytest.raises(NoEndpoint, match=pattern):
            tickets.filter(**lookup).count()
        with pytest.raises(NoEndpoint, match=pattern):
            tickets.get(id=1)
        assert name in tickets.filter(**lookup).explain()
        assert executor.statements == []


def test_types_that_hold_no_value_of_zendesk_are_named():
    """Bytes, times of the day, bits, unions and nested arrays are refused, whatever is read."""
    for type_ in ("BLOB", "TIME", "INTERVAL", "BIT", "UNION(a VARCHAR, b INT)", "VARCHAR[][]"):
        for name, value in (("subject", "a"), ("status", "open"), ("tags", "vip")):
            executor = open_tickets(f"id BIGINT, {name} {type_}")
            tickets = Ticket.objects.using("warehouse")
            groups = tickets.values(name).annotate(number=Count("id"))
            for rows in (tickets, tickets.filter(**{name: value}), groups):
                with pytest.raises(NoEndpoint, match=rf"'{name}' has the type {type_[:3].lower()}"):
                    list(rows)
            assert executor.statements == []


def test_types_of_texts_and_numbers_are_compared_as_such(postgres_dsn):
    """Enumerations, UUIDs, texts in any case and decimal ids are texts and numbers."""
    identifier = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    with psycopg.connect(postgres_dsn, autocommit=True) as database:
        database.execute("CREATE SCHEMA types; SET search_path = types")
        database.execute("CREATE TYPE state AS ENUM ('open', 'new')")
        columns = "id NUMERIC(20, 0), status state, external_id UUID, tags TEXT[]"
        for connection, declared in (
            (database, columns),
            (duckdb.connect(), columns.replace("NUMERIC", "DECIMAL")),
        ):
            if connection is not database:
                connection.execute("CREATE TYPE state AS ENUM ('open', 'new')")
            connection.execute(f"CREATE TABLE tickets ({declared})")
            connection.execute(
                f"INSERT INTO tickets VALUES (1, 'open', '{identifier}', ARRAY['new'])"
            )
            connect_warehouse(connection, layout=layouts.airbyte(), live=None)
            tickets = Ticket.objects.using("warehouse")

            (ticket,) = tickets
            read = ticket.id, ticket.status, ticket.external_id, ticket.tags
            assert read == (1, "open", identifier, ["new"])
            assert type(ticket.id) is int
            assert list(tickets.values_list("id", "external_id")) == [(1, identifier)]
            for lookups in (
                {"id": 1},
                {"status": "open"},
                {"status__in": ["open", "hold"]},
                {"status__gte": "new"},
                {"external_id": identifier},
                {"external_id__istartswith": "6BA7"},
                {"tags": "new"},
            ):
                assert tickets.filter(**lookups).count() == 1, lookups
            assert tickets.filter(status="solved").count() == 0
            assert tickets.filter(tags="vip").count() == 0
        database.execute("""CREATE MATERIALIZED VIEW users AS
            SELECT CAST(7 AS BIGINT) AS id, CAST('Ann' AS CHAR(5)) AS name""")
        connect_warehouse(database, layout=layouts.airbyte(), live=None)
        (user,) = User.objects.using("warehouse").filter(name="Ann")
        assert (user.id, user.name) == (7, "Ann")
        database.execute("DROP SCHEMA types CASCADE")


def test_numbers_in_a_column_of_texts_that_are_numbers_are_found():
    """A loader that stores external ids as numbers can be queried by parts of the text."""
    executor = open_tickets("id BIGINT, external_id BIGINT")
    executor.database.execute("INSERT INTO tickets VALUES (1, 4711), (2, 12)")
    tickets = Ticket.objects.using("warehouse")

    assert [ticket.id for ticket in tickets.filter(external_id="4711")] == [1]
    assert [ticket.id for ticket in tickets.filter(external_id__startswith="47")] == [1]
    assert tickets.get(id=2).external_id == "12"


def test_lists_in_json_need_a_function_of_the_dialect():
    """A dialect without a known function for JSON is named with layout, table and column."""
    executor = open_tickets("id BIGINT, tags TEXT", dialect="redshift")

    with pytest.raises(NoEndpoint, match=r"airbyte, table tickets, the column 'tags'.*redshift"):
        list(Ticket.objects.using("warehouse").filter(tags="vip"))
    assert executor.statements == []


def test_search_words_are_refused():
    """Free text has no meaning in SQL; the error names the lookup to use."""
    executor = open_tickets("id BIGINT, subject TEXT")

    with pytest.raises(NoEndpoint, match="icontains"):
        list(Ticket.objects.using("warehouse").search("printer"))
    assert executor.statements == []
