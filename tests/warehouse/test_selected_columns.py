"""The columns that `only()`, `defer()` and `values()` select, and values that are read later."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from tests.warehouse.test_wrong_tables import RecordedExecutor
from zendesk_orm import Comment, ConfigurationError, Min, Ticket, User, connect, connect_warehouse
from zendesk_orm.warehouse import layouts


#: The ids of three tickets of `demo_rows`, in no order.
IDS = [2985, 3000, 2990]
FIELDS = sorted(field.name for field in Ticket._meta.fields.values() if field.readable)
QUERIES = {
    "all": lambda rows: rows,
    "filter": lambda rows: rows.filter(status="open", requester__name__icontains="a"),
    "order": lambda rows: rows.order_by("-priority", "subject")[3:9],
    "one id": lambda rows: rows.filter(id=IDS[0]),
    "ids": lambda rows: rows.filter(id__in=IDS)[:2],
    "ids in an order": lambda rows: rows.filter(id__in=IDS).order_by("-id"),
    "only": lambda rows: rows.only("subject", "requester"),
    "defer": lambda rows: rows.defer("subject", "created_at"),
    "values": lambda rows: rows.values("id", "created_at"),
    "values of ids": lambda rows: rows.filter(id__in=IDS[1:]).values("subject"),
    "values of relations": lambda rows: rows.values_list("requester__name", "via__channel"),
    "distinct": lambda rows: rows.distinct("status").order_by("status"),
    "distinct lists": lambda rows: rows.only("id").distinct("tags").order_by("id"),
    "distinct values": lambda rows: rows.values("id").distinct("tags").order_by("id"),
}


@pytest.fixture
def executor(duckdb_databases):
    """The executor of a warehouse that has the rows of the demo account, and no live one."""
    executor = RecordedExecutor(duckdb_databases["native"])
    connect_warehouse(executor, layout=layouts.native(), live=None)
    return executor


def test_explain_shows_the_statement_that_is_run(executor):
    """The first statement of each query is that of its plan: the same columns, rows and order."""
    for name, build in QUERIES.items():
        queryset = build(Ticket.objects.using("warehouse"))
        del executor.statements[:]
        rows = list(queryset)

        planned = parse_one(queryset.plan.sql, "duckdb")
        assert parse_one(executor.statements[0], "duckdb") == planned, name
        assert rows, name
        # Related rows and nothing else are read by further statements.
        assert len(executor.statements) <= 2, name


def test_only_selects_columns_in_the_database(executor):
    """Other columns are not read, but the id and the version; exports read no others, too."""
    tickets = Ticket.objects.using("warehouse").order_by("id")
    expected = {"id", "subject", "requester_id", "updated_at"}

    for queryset in (tickets.only("subject", "requester"), tickets.defer("tags").only("subject")):
        selected = parse_one(queryset.plan.sql, "duckdb").expressions
        names = {column.name for value in selected for column in value.find_all(exp.Column)}
        assert {"id", "subject", "updated_at"} <= names <= expected
        assert queryset[:3].to_arrow().column_names[-1] in ("subject", "requester")
    assert '"subject"' not in tickets.defer("subject").plan.sql
    assert '"tags"' in tickets.defer("subject").plan.sql


@pytest.mark.slow
@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    names=st.sets(st.sampled_from(FIELDS), max_size=4),
    read=st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4),
    is_deferred=st.booleans(),
)
def test_deferred_values_are_read_when_they_are_used(duckdb_databases, names, read, is_deferred):
    """Values are those of complete rows; a deferred one takes one statement for all rows of it."""
    executor = RecordedExecutor(duckdb_databases["native"])
    connect_warehouse(executor, layout=layouts.native(), live=None)
    tickets = Ticket.objects.using("warehouse").order_by("id")[:5]
    statement = tickets.plan.sql
    stored = {name for name in FIELDS if f'"{Ticket._meta.fields[name].wire}"' in statement}
    names, read = names & stored, [name for name in read if name in stored]
    expected = [[repr(getattr(ticket, name)) for name in read] for ticket in list(tickets)]
    del executor.statements[:]

    with connect("emulator://").session():
        chosen = tickets.defer(*names) if is_deferred else tickets.only(*names)
        rows = list(chosen)
        values = [[repr(getattr(ticket, name)) for name in read] for ticket in rows]

    assert values == expected
    # The page, and once more the complete rows of its records.
    assert len(executor.statements) <= 2


def test_a_changed_record_with_deferred_values_is_saved_safely(demo, duckdb_databases):
    """Only the change is sent, with the version of the row, and tags that were not read stay."""
    ticket = Ticket.objects.filter(status="open", tags__isnull=False).first()
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, subject TEXT, updated_at TIMESTAMPTZ)")
    moment = ticket.updated_at.isoformat()
    database.execute(f"INSERT INTO tickets VALUES ({ticket.id}, 'x', '{moment}')")
    connect_warehouse(database, layout=layouts.native())
    stored = Ticket.objects.using("warehouse").only("subject").get(ticket.id)
    stored.priority = "urgent"

    assert stored.changes().keys() == {"priority"}
    stored.tags.add("checked")
    stored.save()

    latest = Ticket.objects.fresh().get(ticket.id)
    assert latest.priority == "urgent"
    assert {*latest.tags} == {*ticket.tags, "checked"}


def test_values_that_are_not_stored_are_loaded_from_the_live_account(demo):
    """A related row that the database stores in part is unknown there, and never None."""
    agent = User.objects.filter(role="agent").first()
    agent.signature = "Regards"
    agent.save()
    ticket = Ticket.objects.filter(assignee=agent).first()
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, assignee_id BIGINT)")
    database.execute("CREATE TABLE users (id BIGINT, name TEXT)")
    database.execute(f"INSERT INTO tickets VALUES ({ticket.id}, {agent.id})")
    database.execute(f"INSERT INTO users VALUES ({agent.id}, 'Ann')")
    for live in ("default", None):
        connect_warehouse(database, layout=layouts.native(), live=live)
        stored = Ticket.objects.using("warehouse").get(ticket.id)

        if live is None:
            with pytest.raises(ConfigurationError, match="lacks"):
                _ = stored.assignee.signature
            assert stored.assignee.name == "Ann"
        else:
            assert stored.assignee.signature == "Regards"


def test_values_that_are_not_stored_are_loaded_together(demo, count_requests):
    """One request loads the values of up to a hundred objects of a result."""
    expected = dict(Ticket.objects.fresh()[:20].values_list("id", "subject"))
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT)")
    database.executemany("INSERT INTO tickets VALUES (?)", [[pk] for pk in expected])
    connect_warehouse(database, layout=layouts.native())

    with count_requests(demo, 1):
        stored = {ticket.id: ticket.subject for ticket in Ticket.objects.using("warehouse")}
    assert stored == expected


def test_keys_of_parents_and_slices_of_listed_ids(executor):
    """Rows below a parent keep its id, and aggregates of a slice are those of its rows."""
    database = duckdb.connect()
    database.execute("CREATE TABLE ticket_comments (id BIGINT, ticket_id BIGINT, body TEXT)")
    database.execute("INSERT INTO ticket_comments VALUES (1, 7, 'a'), (2, 7, 'b')")
    connect_warehouse(database, layout=layouts.airbyte(), live=None, alias="comments")
    comments = Comment.objects.using("comments").filter(ticket=7).order_by("id").only("body")

    assert [(comment.ticket_id, comment.body) for comment in comments] == [(7, "a"), (7, "b")]
    chosen = Ticket.objects.using("warehouse").filter(id__in=IDS)[:2]
    assert [ticket.id for ticket in chosen] == IDS[:2]
    assert chosen.aggregate(low=Min("id")) == {"low": min(IDS[:2])}
    assert chosen[:1].aggregate(low=Min("id")) == {"low": IDS[0]}
