"""Connections belong to the caller: each kind is read, and none is closed or committed."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timezone

import duckdb
import ibis
import pg8000.dbapi
import psycopg
import pytest
import sqlalchemy

from zendesk_orm import ConfigurationError, DatabaseError, NoEndpoint, Ticket, connect_warehouse
from zendesk_orm.warehouse import executors, layouts


SCHEMA = f"connections_{os.getpid()}"
TABLES = (
    f"CREATE SCHEMA {SCHEMA}",
    f"CREATE TABLE {SCHEMA}.ticket (id BIGINT, subject TEXT, created_at TIMESTAMPTZ)",
    f"CREATE TABLE {SCHEMA}.ticket_tag (ticket_id BIGINT, tag TEXT)",
    f"""INSERT INTO {SCHEMA}.ticket SELECT i, '100%% :x ' || i, TIMESTAMPTZ '2026-07-01 12:00:00Z'
        FROM generate_series(1, 5) AS r(i)""".replace("%%", "%"),
    f"INSERT INTO {SCHEMA}.ticket_tag VALUES (1, 'vip'), (3, 'vip'), (5, 'vip')",
)
LAYOUT = layouts.fivetran(SCHEMA)
EXPECTED = [
    (pk, f"100% :x {pk}", datetime(2026, 7, 1, 12, tzinfo=timezone.utc), ["vip"] * (pk % 2))
    for pk in range(1, 6)
]


class TracedConnection(psycopg.Connection):
    """A connection of the caller's, derived from that of a driver."""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The path of a DuckDB file."""
    path = str(tmp_path_factory.mktemp("connections") / "zd.duckdb")
    with duckdb.connect(path) as connection:
        for statement in TABLES:
            connection.execute(statement)
    return path


@pytest.fixture(scope="module")
def dsn(postgres_dsn):
    """The address of a Postgres server with the same tables."""
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
        yield postgres_dsn
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def connect_pg8000(dsn):
    """Open a connection of pg8000 to the socket of the server."""
    with psycopg.connect(dsn) as other:
        socket = f"{other.info.host}/.s.PGSQL.{other.info.port}"
    return pg8000.dbapi.connect("postgres", database="postgres", unix_sock=socket)


@contextmanager
def open_connection(kind, dsn, database):
    """Open a connection of a kind, and close it afterwards."""
    if kind in ("duckdb", "search path"):
        connection = duckdb.connect(database)
        if kind == "search path":
            connection.execute(f"USE {SCHEMA}")
    elif kind == "psycopg":
        connection = psycopg.connect(dsn)
    elif kind == "autocommit":
        connection = TracedConnection.connect(dsn, autocommit=True)
    elif kind == "pg8000":
        connection = connect_pg8000(dsn)
        connection.autocommit = True
    elif kind.startswith("sqlalchemy"):
        url = "postgresql+psycopg://" if kind.endswith("postgres") else f"duckdb:///{database}"
        options = {} if kind.endswith("duckdb") else {"creator": lambda: psycopg.connect(dsn)}
        with warnings.catch_warnings():
            # duckdb-engine warns about itself.
            warnings.simplefilter("ignore")
            connection = sqlalchemy.create_engine(url, **options)
    elif kind == "ibis, duckdb":
        connection = ibis.duckdb.connect(database)
    else:
        with psycopg.connect(dsn) as other:
            host, port = other.info.host, other.info.port
        connection = ibis.postgres.connect(
            host=host, port=port, user="postgres", database="postgres"
        )
    yield connection
    close = getattr(connection, "dispose", None) or getattr(connection, "disconnect", None)
    (close or connection.close)()


KINDS = (
    *("duckdb", "search path", "psycopg", "autocommit", "pg8000"),
    *("sqlalchemy, postgres", "sqlalchemy, duckdb", "ibis, duckdb", "ibis, postgres"),
)


def read_rows():
    """Return the values of all tickets."""
    tickets = Ticket.objects.using("warehouse").order_by("id")
    return [(row.id, row.subject, row.created_at, row.tags) for row in tickets]


def test_each_kind_of_connection_returns_the_same_rows(dsn, database, monkeypatch):
    """Rows are complete while their lists are read by other statements, and `%` is no sign."""
    monkeypatch.setattr(executors, "CHUNK", 2)
    for kind in KINDS:
        layout = LAYOUT.within(None) if kind == "search path" else LAYOUT
        with open_connection(kind, dsn, database) as connection:
            connect_warehouse(connection, layout=layout, live=None)
            tickets = Ticket.objects.using("warehouse")

            assert read_rows() == EXPECTED, kind
            assert tickets.filter(subject__contains="% :x 3").count() == 1, kind
            # Another result is read before the first one has ended.
            iterator = iter(tickets.order_by("id").values_list("id", flat=True).iterator())
            assert (next(iterator), len(read_rows()), next(iterator)) == (1, 5, 2), kind
            assert [*iterator] == [3, 4, 5], kind


def test_transactions_of_the_caller_are_left_alone(dsn, monkeypatch):
    """Queries neither start nor end transactions, and see the rows of the one that is open."""
    monkeypatch.setattr(executors, "CHUNK", 2)
    with psycopg.connect(dsn) as connection:
        connect_warehouse(connection, layout=LAYOUT, live=None)
        idle = psycopg.pq.TransactionStatus.IDLE
        states = []
        for index, _ in enumerate(Ticket.objects.using("warehouse").iterator()):
            states.append(connection.info.transaction_status)
            if index == 4:
                break
        assert (*states, connection.info.transaction_status) == (idle,) * 6
        assert not connection.autocommit

        iterator = Ticket.objects.using("warehouse").order_by("id").iterator()
        assert next(iterator).id == 1
        connection.execute(f"INSERT INTO {SCHEMA}.ticket VALUES (6)")
        assert [ticket.id for ticket in iterator] == [2, 3, 4, 5]
        assert Ticket.objects.using("warehouse").count() == 6
        connection.rollback()
        assert Ticket.objects.using("warehouse").count() == 5
        assert connection.info.transaction_status == idle
        assert connection.execute("SELECT COUNT(*) FROM pg_cursors").fetchone() == (0,)


def test_garbage_that_is_collected_during_a_statement_waits_for_no_lock(dsn, monkeypatch):
    """The cursor of an unfinished iteration is closed by the next query."""
    monkeypatch.setattr(executors, "CHUNK", 2)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connect_warehouse(connection, layout=LAYOUT, live=None)
        rows = [iter(Ticket.objects.using("warehouse").values_list("id").iterator())]
        next(rows[0])
        rows.append(rows)
        # psycopg holds it while it runs a statement.
        with connection.lock:
            del rows
            gc.collect()

        assert Ticket.objects.using("warehouse").count() == 5
        assert connection.execute("SELECT COUNT(*) FROM pg_cursors").fetchone() == (0,)


def test_errors_of_the_driver_name_the_remedy(dsn, database):
    """Closed connections, failed transactions, missing rights and missing columns are explained."""
    tickets = Ticket.objects.using("warehouse")
    with psycopg.connect(dsn) as connection:
        connect_warehouse(connection, layout=LAYOUT, live=None)
        list(tickets)
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute(f"ALTER TABLE {SCHEMA}.ticket RENAME subject TO title")
            with pytest.raises(DatabaseError, match=r"UndefinedColumn.*\n.*SELECT") as failure:
                list(tickets.filter(subject="Printer"))
            other.execute(f"ALTER TABLE {SCHEMA}.ticket RENAME title TO subject")
        assert isinstance(failure.value.__cause__, psycopg.Error)
        assert tickets.count() == 5
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT wrong")
        with pytest.raises(DatabaseError, match=r"call rollback\(\)"):
            list(tickets.all())
        connection.rollback()
        assert tickets.all().count() == 5
        connection.execute("CREATE ROLE reader")
        connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO reader")
        connection.execute("SET ROLE reader")
        with pytest.raises(DatabaseError, match="grant the user of the connection SELECT"):
            list(tickets.all())
        connection.rollback()
        connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO public")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO public")
        connection.execute("CREATE ROLE reader")
        connection.execute("SET ROLE reader")
        connection.execute("SET TRANSACTION READ ONLY")
        assert read_rows() == EXPECTED
        connection.rollback()
    with pytest.raises(DatabaseError, match="open another one"):
        list(tickets.all())
    connection = duckdb.connect(database)
    connect_warehouse(connection, layout=LAYOUT, live=None)
    connection.close()
    with pytest.raises(DatabaseError, match="open another one"):
        list(tickets.all())


def test_a_table_that_may_not_be_read_is_reported_as_missing(dsn):
    """Postgres lists only tables that the user may read; the message names this cause, too."""
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE ROLE stranger")
        connection.execute("SET ROLE stranger")
        connect_warehouse(connection, layout=LAYOUT, live=None)
        with pytest.raises(NoEndpoint, match=r"has no table .*ticket' that the connection"):
            list(Ticket.objects.using("warehouse"))
        connection.rollback()


def test_threads_share_a_connection(dsn, database):
    """Threads read complete results through one connection."""
    for kind in ("duckdb", "psycopg", "sqlalchemy, postgres"):
        with open_connection(kind, dsn, database) as connection:
            connect_warehouse(connection, layout=LAYOUT, live=None)

            with ThreadPoolExecutor(4) as pool:
                results = [pool.submit(read_rows) for _ in range(8)]
            assert [result.result() for result in results] == [EXPECTED] * 8, kind
            if kind == "psycopg":
                assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_forked_process_needs_a_connection_of_its_own(dsn, database):
    """A child does not use the connection of its parent; engines open other ones."""
    for kind, expected in (("psycopg", "connect_warehouse()"), ("sqlalchemy, postgres", "5")):
        with open_connection(kind, dsn, database) as connection:
            connect_warehouse(connection, layout=LAYOUT, live=None)
            read_rows()
            reader, writer = os.pipe()
            if not os.fork():
                try:
                    result = str(len(read_rows()))
                except DatabaseError as error:
                    result = str(error)
                os.write(writer, result.encode())
                os._exit(0)
            os.wait()
            os.close(writer)
            with os.fdopen(reader) as pipe:
                assert expected in pipe.read()
            assert read_rows() == EXPECTED


def test_other_objects_are_refused(dsn, database):
    """Messages name the kind of object to pass instead."""
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn))

    async def open_asynchronous():
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            with pytest.raises(ConfigurationError, match="asynchronous"):
                connect_warehouse(connection, layout=LAYOUT, live=None)

    asyncio.run(open_asynchronous())
    with engine.connect() as connection, sqlite3.connect(":memory:") as lite:
        for wrong, pattern in (
            (connection, "connection.engine"),
            (sqlalchemy.create_engine("sqlite://"), "attach the file to DuckDB"),
            (ibis.table({"id": "int64"}, name="ticket"), "get_backend"),
            (lite, "attach the file to DuckDB"),
            (ibis.sqlite, "not <module"),
            (duckdb, "not <module"),
            (database, "not '"),
            (connection.connection.cursor(), "not <"),
            (None, "not None"),
        ):
            with pytest.raises(ConfigurationError, match=pattern):
                connect_warehouse(wrong, layout=LAYOUT, live=None)
    lite.close()
    plain = connect_pg8000(dsn)
    with pytest.raises(ConfigurationError, match=r"connection.autocommit = True"):
        connect_warehouse(plain, layout=LAYOUT, live=None)
    plain.close()
    with pytest.raises(ConfigurationError, match="'mysql' is not supported; supported are"):
        connect_warehouse(duckdb.connect(), layout=LAYOUT, live=None, dialect="mysql")
    engine.dispose()
