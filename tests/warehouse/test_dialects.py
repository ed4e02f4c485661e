"""The SQL of queries in the dialects of engines that the tests do not run.

The texts are in `dialects.sql`. After a change that is intended, write them again with
`python -m tests.warehouse.test_dialects`, and read the difference.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from zendesk_orm import Avg, Count, F, Max, Q, Ticket, connect, connect_warehouse
from zendesk_orm.warehouse import layouts


DIALECTS = ("bigquery", "databricks", "snowflake", "spark", "trino")
TEXTS = Path(__file__).with_name("dialects.sql")
MOMENT = datetime(2026, 1, 1, tzinfo=timezone.utc)
TICKET = {
    "id": "bigint",
    "subject": "varchar",
    "status": "varchar",
    "priority": "varchar",
    "assignee_id": "bigint",
    "requester_id": "bigint",
    "group_id": "bigint",
    "created_at": "timestamp with time zone",
    "updated_at": "timestamp with time zone",
    "via": "json",
}
#: The layouts, each with the columns of its tables.
STORED = {
    "native": (
        layouts.native("zendesk"),
        {
            "tickets": {**TICKET, "tags": "array<string>"},
            "users": {"id": "bigint", "email": "varchar"},
            "groups": {"id": "bigint", "name": "varchar"},
        },
    ),
    "fivetran": (
        layouts.fivetran(),
        {
            "ticket": {**TICKET, "_fivetran_deleted": "boolean", "via_channel": "varchar"},
            "ticket_tag": {"ticket_id": "bigint", "tag": "varchar"},
        },
    ),
    "airbyte": (
        layouts.airbyte("zendesk"),
        {"tickets": {**TICKET, "tags": "json", "created_at": "varchar", "custom_fields": "json"}},
    ),
    "lakeflow": (
        layouts.lakeflow("main.zendesk"),
        {
            "tickets": {**TICKET, "custom_fields": "varchar"},
            "users": {"id": "bigint", "user_fields": "varchar"},
        },
    ),
}
#: Queries by name, each with the layout of the tables.
QUERIES = {
    "equal": ("native", lambda rows: rows.filter(status="open", assignee=7)),
    "any of": ("native", lambda rows: rows.filter(status__in=["new", "open"])),
    "or": ("native", lambda rows: rows.filter(Q(status="new") | Q(priority__gt="normal"))),
    "exclude": ("native", lambda rows: rows.exclude(assignee=7)),
    "missing": ("native", lambda rows: rows.filter(assignee__isnull=True)),
    "since": ("native", lambda rows: rows.filter(created_at__gte=MOMENT)),
    "since, texts": ("airbyte", lambda rows: rows.filter(created_at__gte=MOMENT)),
    "other column": ("native", lambda rows: rows.filter(updated_at__gt=F("created_at"))),
    "day of the week": ("native", lambda rows: rows.filter(created_at__week_day=2)),
    "week": ("native", lambda rows: rows.filter(created_at__week=7)),
    "contains": ("native", lambda rows: rows.filter(subject__icontains="It's 5%\\")),
    "ends with": ("native", lambda rows: rows.filter(subject__endswith="fire")),
    "pattern": ("native", lambda rows: rows.filter(subject__regex=r"^Re: \d+")),
    "pattern in any case": ("native", lambda rows: rows.filter(subject__iregex="^re:")),
    "tags, array": ("native", lambda rows: rows.filter(tags__in=["vip", "refund"])),
    "tags, table": ("fivetran", lambda rows: rows.filter(tags="vip")),
    "tags, JSON": ("airbyte", lambda rows: rows.filter(tags="vip")),
    "no tags": ("native", lambda rows: rows.filter(tags__isnull=True)),
    "inside an object": ("native", lambda rows: rows.filter(via__channel="web")),
    "order inside an object": ("native", lambda rows: rows.order_by("via__channel")),
    "flag inside an object": ("native", lambda rows: rows.filter(via__channel=True)),
    "text inside an object": ("native", lambda rows: rows.filter(via__channel__gt="t")),
    "inside columns": ("fivetran", lambda rows: rows.filter(via__channel="web")),
    "related row": ("native", lambda rows: rows.filter(requester__email="ann@example.com")),
    "custom field of a kind": (
        "airbyte",
        lambda rows: rows.filter(custom_fields__42__gt=5, custom_fields__43=date(2026, 1, 2)),
    ),
    "custom field, text": ("lakeflow", lambda rows: rows.filter(custom_fields__44__in=["a", "b"])),
    "custom field of a related row": (
        "lakeflow",
        lambda rows: rows.exclude(requester__user_fields__plan=True),
    ),
    "groups of a custom field": (
        "lakeflow",
        lambda rows: rows.values("custom_fields__44").annotate(number=Count("id")),
    ),
    "distinct": ("native", lambda rows: rows.values("status", "group__name").distinct()[:5]),
    "letters": ("native", lambda rows: rows.filter(subject__iexact="STRASSE É")),
    "words": ("native", lambda rows: rows.filter(subject__iregex=r"\bre(-fund|pay)?\W.$")),
    "order": ("native", lambda rows: rows.order_by("-priority", "subject")[20:30]),
    "groups": (
        "native",
        lambda rows: rows.values("group__name", "created_at__month").annotate(
            number=Count("id"), last=Max("updated_at")
        ),
    ),
    "groups with conditions": (
        "native",
        lambda rows: rows.values("created_at__week").annotate(
            urgent=Count("id", filter=Q(priority="urgent")),
            last=Max("id", filter=~Q(tags="vip")),
            mean=Avg("id", filter=Q(subject__icontains="fire")),
        ),
    ),
}


#: Queries that call `values()`.
SHAPED = ("groups", "groups with conditions", "groups of a custom field", "distinct")


class RecordedDatabase:
    """A database with tables that have no rows, which records its statements."""

    def __init__(self, dialect, tables):
        self.dialect, self.tables, self.statements = dialect, tables, []

    def run(self, sql):
        if not sql.startswith(("DESCRIBE", "SHOW")) and "information_schema" not in sql.lower():
            self.statements.append(sql)
            return
        if sql.startswith("SHOW SCHEMAS"):
            yield [("zendesk",)]
        spell = str.upper if self.dialect == "snowflake" else str
        for name, columns in self.tables.items():
            if any(f"{mark}{name}{mark}" in sql for mark in "'`"):
                described = [(spell(column), type_) for column, type_ in columns.items()]
                place = (spell("zendesk"), spell(name))
                is_listed = self.dialect not in ("spark", "databricks")
                yield [(*place, *column) for column in described] if is_listed else described


def compile_queries(dialect):
    """Yield the name and the statement of each query."""
    connect("emulator://")
    for name, (layout, build) in QUERIES.items():
        names, tables = STORED[layout]
        database = RecordedDatabase(dialect, tables)
        connect_warehouse(database, layout=names)
        queryset = Ticket.objects.using("warehouse")
        list(build(queryset if name in SHAPED else queryset.values_list("id")))
        yield name, database.statements[-1]


def write_texts(dialect):
    """Return the part of the file for a dialect."""
    return f"-- {dialect}\n\n" + "\n".join(
        f"-- {dialect}: {name}\n{sql};\n" for name, sql in compile_queries(dialect)
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_statements_equal_the_stored_texts(dialect):
    """The text of each query is the one that was checked."""
    assert write_texts(dialect) in TEXTS.read_text()


def test_statements_can_be_parsed():
    """Each text is valid in its dialect, and uses only quoted names of tables."""
    for dialect in DIALECTS:
        for _, sql in compile_queries(dialect):
            parsed = parse_one(sql, read=dialect)
            tables = [table for table in parsed.find_all(exp.Table) if table.db]
            names = [part.quoted for table in tables for part in table.parts]

            assert isinstance(parsed, exp.Select)
            assert all(names)


if __name__ == "__main__":
    TEXTS.write_text("\n".join(map(write_texts, DIALECTS)))
