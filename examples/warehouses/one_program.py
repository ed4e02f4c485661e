"""One program over Zendesk, DuckDB in two layouts, Postgres and Spark, with the same output.

Only `using()` differs. The program runs on the embedded Zendesk, whose rows are copied to each
database first. Postgres takes part if `$POSTGRES_DSN` is set, and Spark if PySpark is installed.

    python -m examples.warehouses.one_program
"""

from __future__ import annotations

import importlib
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from zendesk_orm import (
    Account,
    Avg,
    Count,
    Group,
    Max,
    Mirror,
    Q,
    Ticket,
    User,
    connect,
    connect_warehouse,
)
from zendesk_orm.warehouse import layouts


def report(using: str) -> str:
    """Return a report on the tickets of an account or a database."""
    tickets = Ticket.objects.using(using).scan()
    waiting = tickets.filter(status__in=["new", "open", "pending", "hold"])
    important = waiting.filter(Q(priority="urgent") | Q(tags="vip")).exclude(group=None)
    lines = [f"{waiting.count()} tickets wait, {important.count()} of them are important:"]
    newest = important.select_related("requester", "group").order_by("-created_at")[:5]
    lines += [
        f"  {ticket.id} {ticket.created_at:%d.%m. %H:%M} {ticket.priority} {ticket.subject} "
        f"({ticket.requester.name}, {ticket.group.name}, {', '.join(sorted(ticket.tags))})"
        for ticket in newest
    ]
    lines.append("By group:")
    groups = tickets.values("group__name").annotate(
        number=Count("id"),
        urgent=Count("id", filter=Q(priority="urgent") & ~Q(status="closed")),
        last=Max("created_at"),
    )
    lines += [
        f"  {row['group__name']}: {row['number']}, {row['urgent']} urgent, "
        f"last on {row['last']:%d.%m.}"
        for row in groups.order_by("-number")
    ]
    lines.append("By hour, on Mondays:")
    mondays = tickets.filter(created_at__iso_week_day=1)
    hours = mondays.values("created_at__hour").annotate(number=Count("id"))
    lines += [f"  {row['created_at__hour']}: {row['number']}" for row in hours[:3]]
    person = User.objects.using(using).filter(role="end-user").order_by("name")[0]
    mean = tickets.filter(requester=person).aggregate(mean=Avg("id"))["mean"]
    printers = tickets.filter(subject__iregex=r"^printer \d+", requester__email=person.email)
    lines.append(f"{person.name}: {printers.count()} printers, {mean:.2f}")
    return "\n".join(lines)


# -- the databases ---------------------------------------------------------------

#: The tables of Fivetran, made from those of a mirror.
FIVETRAN = """
    CREATE SCHEMA zendesk;
    CREATE TABLE zendesk.ticket AS SELECT id, subject, status, priority, requester_id, group_id,
        created_at, updated_at, _deleted AS _fivetran_deleted FROM tickets;
    CREATE TABLE zendesk.ticket_tag AS SELECT id AS ticket_id, unnest(tags) AS tag FROM tickets;
    CREATE TABLE zendesk."user" AS SELECT id, name, email, role, active FROM users;
    CREATE TABLE zendesk."group" AS SELECT id, name FROM groups;
"""


def copy_to_duckdb(account: Account) -> duckdb.DuckDBPyConnection:
    """Copy an account to DuckDB: as `native` and, in the tables of Fivetran, as `fivetran`."""
    database = duckdb.connect()
    # Zendesk's exports withhold the changes of the last minute.
    account.transport.clock.sleep(61)
    Mirror(database, models=[Ticket, User, Group]).sync()
    database.execute(FIVETRAN)
    connect_warehouse(database, layout=layouts.native(), alias="native")
    connect_warehouse(database, layout=layouts.fivetran("zendesk"), alias="fivetran")
    return database


def copy_to_postgres(database: duckdb.DuckDBPyConnection, connection: Any) -> None:
    """Copy the tables of Fivetran to a connection of psycopg, as `postgres`."""
    connection.execute("CREATE SCHEMA zendesk")
    for table in ("ticket", "ticket_tag", "user", "group"):
        types = database.execute(f'DESCRIBE zendesk."{table}"').fetchall()
        columns = ", ".join(f'"{name}" {type_}' for name, type_, *_ in types)
        connection.execute(f'CREATE TABLE zendesk."{table}" ({columns})')
        rows = database.execute(f'SELECT * FROM zendesk."{table}"').fetchall()
        with connection.cursor().copy(f'COPY zendesk."{table}" FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    connection.commit()
    connect_warehouse(connection, layout=layouts.fivetran("zendesk"), alias="postgres")


def copy_to_spark(database: duckdb.DuckDBPyConnection, spark: Any, folder: Path) -> None:
    """Copy the tables of the mirror to Parquet files, and these to views of Spark, as `spark`."""
    for table in ("tickets", "users", "groups"):
        path = str(folder / f"{table}.parquet")
        database.execute(f"COPY {table} TO '{path}'")
        spark.read.parquet(path).createOrReplaceTempView(table)
    connect_warehouse(spark, layout=layouts.native(), alias="spark")


def main() -> None:
    """Print the report of the account, and compare those of the databases with it."""
    account = connect("emulator://?seed=demo")
    database = copy_to_duckdb(account)
    names = ["native", "fivetran"]
    with tempfile.TemporaryDirectory() as folder:
        if "POSTGRES_DSN" in os.environ:
            connection = importlib.import_module("psycopg").connect(os.environ["POSTGRES_DSN"])
            copy_to_postgres(database, connection)
            names.append("postgres")
        if find_spec("pyspark"):
            builder = importlib.import_module("pyspark.sql").SparkSession.builder
            spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
            copy_to_spark(database, spark, Path(folder))
            names.append("spark")
        expected = report("default")
        print(expected)
        for name in names:
            before = account.requests_sent
            result = "the same" if report(name) == expected else "another output"
            print(f"{name}: {result}, {account.requests_sent - before} requests")


if __name__ == "__main__":
    main()
