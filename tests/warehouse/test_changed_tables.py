"""Tables that differ from those of a loader in any way cause errors before rows are read."""

from __future__ import annotations

import random
from datetime import datetime, timezone

import duckdb
import pytest

from tests.warehouse.test_wrong_tables import RecordedExecutor
from zendesk_orm import (
    Count,
    DatabaseError,
    FieldError,
    Max,
    NoEndpoint,
    Ticket,
    User,
    ZendeskError,
    connect,
    connect_warehouse,
)
from zendesk_orm.warehouse import layouts


MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)
TYPES = {
    "BIGINT": "7",
    "DOUBLE": "7.0",
    "VARCHAR": """'["open"]'""",
    "BOOLEAN": "FALSE",
    "TIMESTAMP": "TIMESTAMP '2026-01-02'",
    "DATE": "DATE '2026-01-02'",
    "JSON": """'["vip"]'""",
    "VARCHAR[]": "['vip']",
    "BIGINT[]": "[7]",
}
_TICKET = {
    "id": "BIGINT",
    "subject": "VARCHAR",
    "status": "VARCHAR",
    "priority": "VARCHAR",
    "requester_id": "BIGINT",
    "created_at": "TIMESTAMP",
    "updated_at": "TIMESTAMP",
}
_USER = {"id": "BIGINT", "email": "VARCHAR", "active": "BOOLEAN"}
_FIELD = {"id": "BIGINT", "title": "VARCHAR", "type": "VARCHAR"}
#: The tables of each loader, without most of their columns.
TABLES = {
    "fivetran": {
        "ticket": {
            **_TICKET,
            "via_channel": "VARCHAR",
            "custom_seats": "BIGINT",
            "_fivetran_deleted": "BOOLEAN",
            "_fivetran_synced": "TIMESTAMP",
        },
        "ticket_tag": {"ticket_id": "BIGINT", "tag": "VARCHAR"},
        "user": _USER,
        "ticket_custom_field": _FIELD,
    },
    "airbyte": {
        "tickets": {
            **_TICKET,
            **dict.fromkeys(("tags", "via", "custom_fields"), "JSON"),
            "_airbyte_extracted_at": "TIMESTAMP",
        },
        "users": _USER,
        "ticket_fields": {**_FIELD, "custom_field_options": "JSON"},
    },
    "dlt": {
        "tickets": {
            **_TICKET,
            "tags": "JSON",
            "via__channel": "VARCHAR",
            "seats": "BIGINT",
            "_dlt_load_id": "VARCHAR",
        },
        "users": {**_USER, "_dlt_id": "VARCHAR"},
        "users__tags": {"value": "VARCHAR", "_dlt_parent_id": "VARCHAR", "_dlt_list_idx": "BIGINT"},
        "ticket_fields": _FIELD,
    },
    "lakeflow": {
        "tickets": {
            **_TICKET,
            **dict.fromkeys(("tags", "via", "custom_fields"), "VARCHAR"),
            "__END_AT": "TIMESTAMP",
        },
        "users": _USER,
        "ticket_fields": _FIELD,
    },
}
QUERIES = (
    lambda tickets, users: list(tickets),
    lambda tickets, users: list(tickets.filter(id=7)),
    lambda tickets, users: tickets.filter(status__in=["open", "new"], priority__gt="low").count(),
    lambda tickets, users: list(tickets.filter(tags="vip").order_by("-subject")),
    lambda tickets, users: list(tickets.filter(created_at__gte=MOMENT).order_by("updated_at")[:3]),
    lambda tickets, users: list(tickets.exclude(subject__icontains="a")),
    lambda tickets, users: list(tickets.filter(subject__regex="a|b")),
    lambda tickets, users: list(tickets.filter(created_at__month=1)),
    lambda tickets, users: list(tickets.filter(requester__email="ann@example.com")),
    lambda tickets, users: list(tickets.filter(via__channel="web")),
    lambda tickets, users: list(tickets.filter(custom_fields__Seats__gt=3)),
    lambda tickets, users: list(tickets.order_by("custom_fields__Seats")),
    lambda tickets, users: list(tickets.values("custom_fields__Seats").annotate(n=Count("id"))),
    lambda tickets, users: list(tickets.values("status", "requester__email").distinct()),
    lambda tickets, users: list(tickets.values("created_at__date").annotate(n=Count("id"))),
    lambda tickets, users: tickets.aggregate(Max("updated_at"), Count("requester", distinct=True)),
    lambda tickets, users: list(users.filter(tags="vip", email__isnull=False)),
)


def _create(database, tables):
    for name, columns in tables.items():
        declared = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
        database.execute(f'CREATE OR REPLACE TABLE "{name}" ({declared or "nothing INT"})')
        values = ", ".join(TYPES[type_] for type_ in columns.values()) or "1"
        database.execute(f'INSERT INTO "{name}" VALUES ({values})')


def _list_changes(tables):
    """Yield the tables of a loader with one change each, and the name of the change."""
    for name, columns in tables.items():
        yield f"without {name}", {key: value for key, value in tables.items() if key != name}
        for column, type_ in columns.items():
            others = {key: value for key, value in columns.items() if key != column}
            yield f"without {name}.{column}", {**tables, name: others}
            yield f"renamed {name}.{column}", {**tables, name: {**others, f"{column}_old": type_}}
            for other_type in TYPES.keys() - {type_}:
                yield (
                    f"{name}.{column} {other_type}",
                    {**tables, name: {**columns, column: other_type}},
                )


def _run(query, executor):
    """Return how a query violates the rule, or None."""
    before = len(executor.statements)
    try:
        query(Ticket.objects.using("warehouse"), User.objects.using("warehouse"))
    except DatabaseError as error:
        return str(error)
    except ZendeskError as error:
        read = [sql for sql in executor.statements[before:] if "_field" not in sql]
        return f"{error} after {read}" if read else None
    return None


def _list_violations(number):
    """Return what some changes of each loader's tables violate.

    Args:
        number: the changes of each loader.
    """
    violations, chosen = [], random.Random(1)
    for loader, tables in TABLES.items():
        layout, database = layouts.LAYOUTS[loader](None), duckdb.connect()
        changes = list(_list_changes(tables))
        chosen.shuffle(changes)
        for name, changed in [("unchanged", tables), *changes[:number]]:
            database.execute("DROP SCHEMA IF EXISTS fuzz CASCADE; CREATE SCHEMA fuzz; USE fuzz")
            _create(database, changed)
            executor = RecordedExecutor(database)
            connect_warehouse(executor, layout=layout, live=None)
            for place, query in enumerate(QUERIES):
                violation = _run(query, executor)
                if violation is not None:
                    violations.append(f"{layout.name}, {name}, query {place}: {violation}"[:600])
    return violations


def test_changes_of_tables_are_seen_after_an_error_and_after_minutes():
    """A renamed column is named by the query after the error; new columns and fields are found."""
    account, database = connect("emulator://"), duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, subject VARCHAR, custom_fields JSON)")
    database.execute("CREATE TABLE ticket_fields (id BIGINT, title VARCHAR, type VARCHAR)")
    connect_warehouse(database, layout=layouts.airbyte())
    tickets = Ticket.objects.using("warehouse")
    assert list(tickets) == []
    database.execute("ALTER TABLE tickets RENAME subject TO title")
    with pytest.raises(DatabaseError, match="subject"):
        tickets.filter(subject="A").count()
    with pytest.raises(NoEndpoint, match="table tickets has no column 'subject'"):
        tickets.filter(subject="A").count()
    database.execute("ALTER TABLE tickets ADD COLUMN status VARCHAR")
    account.transport.clock.sleep(301)
    assert tickets.filter(status="open").count() == 0

    connect_warehouse(database, layout=layouts.airbyte(), live=None)
    with pytest.raises(FieldError, match="no custom field 'Seats'"):
        tickets.filter(custom_fields__Seats=3).count()
    database.execute("INSERT INTO ticket_fields VALUES (41, 'Seats', 'integer')")
    connect_warehouse(database, layout=layouts.airbyte(), live=None)
    assert tickets.filter(custom_fields__Seats=3).count() == 0


@pytest.mark.slow
def test_a_changed_table_or_column_is_named_before_rows_are_read():
    """Dropped, renamed and retyped tables and columns cause no error of the database."""
    assert _list_violations(6) == []


@pytest.mark.slow
def test_each_change_of_a_table_is_named_before_rows_are_read():
    """The same for each table, column and type."""
    assert _list_violations(None) == []
