"""Each layout reads tables that are built as the loader builds them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import duckdb
import pytest

from tests.warehouse.test_wrong_tables import RecordedExecutor
from zendesk_orm import (
    Audit,
    Brand,
    Comment,
    ConfigurationError,
    Count,
    DatabaseError,
    Group,
    GroupMembership,
    Max,
    NoEndpoint,
    Organization,
    OrganizationMembership,
    SatisfactionRating,
    Ticket,
    TicketField,
    TicketForm,
    TicketMetric,
    User,
    UserField,
    ZendeskError,
    connect,
    connect_warehouse,
)
from zendesk_orm.warehouse import ChildTable, Layout, layouts


def open_database(layout, *statements):
    """Return a warehouse with the tables of some statements."""
    database = duckdb.connect()
    for statement in statements:
        database.execute(statement)
    return connect_warehouse(database, layout=layout)


@pytest.fixture
def live():
    """A live account with custom fields."""
    account = connect("emulator://")
    TicketField.objects.create(title="Order number", type="text")
    options = [{"name": "Blue", "value": "colour_blue"}]
    TicketField.objects.create(title="Colour", type="tagger", custom_field_options=options)
    UserField.objects.create(title="Plan", key="plan", type="text")
    return account


def ids(queryset):
    """Return the ids of rows, in order."""
    return [row.id for row in queryset]


def test_fivetran(live):
    """Singular tables, tables of tags, renamed columns of comments, and marks of deleted rows."""
    open_database(
        layouts.fivetran(),
        "CREATE SCHEMA zendesk",
        """CREATE TABLE zendesk.ticket (id BIGINT, subject TEXT, status TEXT, via_channel TEXT,
            requester_id BIGINT, created_at TIMESTAMP, custom_order_number TEXT,
            custom_colour TEXT, _fivetran_deleted BOOLEAN, _fivetran_synced TIMESTAMP)""",
        """INSERT INTO zendesk.ticket VALUES
            (1, 'Printer', 'open', 'web', 7, '2026-01-02', 'A1', 'colour_blue', FALSE,
             '2026-02-01'),
            (2, 'Scanner', 'open', 'api', 7, '2026-01-03', NULL, NULL, TRUE, '2026-02-01'),
            (3, 'Phone', 'deleted', 'api', 7, '2026-01-03', NULL, NULL, NULL, '2026-02-01')""",
        "CREATE TABLE zendesk.ticket_tag (ticket_id BIGINT, tag TEXT)",
        "INSERT INTO zendesk.ticket_tag VALUES (1, 'vip'), (1, 'refund'), (2, 'vip')",
        'CREATE TABLE zendesk."user" (id BIGINT, name TEXT, active BOOLEAN)',
        """INSERT INTO zendesk."user" VALUES (7, 'Ann', TRUE), (8, 'Bo', FALSE)""",
        'CREATE TABLE zendesk."group" (id BIGINT, name TEXT, deleted BOOLEAN)',
        """INSERT INTO zendesk."group" VALUES (5, 'Support', FALSE), (6, 'Old', TRUE)""",
        "CREATE TABLE zendesk.organization (id BIGINT, name TEXT)",
        "INSERT INTO zendesk.organization VALUES (9, 'Acme')",
        "CREATE TABLE zendesk.organization_tag (organization_id BIGINT, tag TEXT)",
        "CREATE TABLE zendesk.domain_name (organization_id BIGINT, index INT, domain_name TEXT)",
        "INSERT INTO zendesk.domain_name VALUES (9, 0, 'acme.com')",
        """CREATE TABLE zendesk.ticket_comment (id BIGINT, ticket_id BIGINT, user_id BIGINT,
            body TEXT, public BOOLEAN, created TIMESTAMP)""",
        "INSERT INTO zendesk.ticket_comment VALUES (11, 1, 7, 'Help', TRUE, '2026-01-02 03:04:05')",
        "CREATE TABLE zendesk.brand (id BIGINT, name TEXT)",
        "INSERT INTO zendesk.brand VALUES (21, 'Main')",
        "CREATE TABLE zendesk.satisfaction_rating (id BIGINT, score TEXT, ticket_id BIGINT)",
        "INSERT INTO zendesk.satisfaction_rating VALUES (31, 'good', 1)",
        "CREATE TABLE zendesk.group_member (id BIGINT, group_id BIGINT, user_id BIGINT)",
        "INSERT INTO zendesk.group_member VALUES (41, 5, 7)",
        """CREATE TABLE zendesk.organization_member (id BIGINT, organization_id BIGINT,
            user_id BIGINT)""",
        "INSERT INTO zendesk.organization_member VALUES (51, 9, 7)",
    )
    tickets = Ticket.objects.using("warehouse")

    assert ids(tickets) == ids(tickets.filter(tags="vip")) == [1]
    assert ids(tickets.filter(via__channel="web", requester__name="Ann")) == [1]
    assert ids(tickets.filter(**{"custom_fields__Order number": "A1"})) == [1]
    assert ids(tickets.filter(custom_fields__Colour="colour_blue")) == [1]
    ticket = tickets.get(id=1)
    assert ticket.tags == ["refund", "vip"]
    assert ticket.custom["Order number"] == "A1"
    assert ids(User.objects.using("warehouse")) == [7]
    assert ids(Group.objects.using("warehouse")) == [5]
    assert ids(Organization.objects.using("warehouse").filter(domain_names="acme.com")) == [9]
    comments = Comment.objects.using("warehouse").filter(ticket=1, author=7)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert [comment.created_at for comment in comments] == [moment]
    for model, pk in (
        (Brand, 21),
        (SatisfactionRating, 31),
        (GroupMembership, 41),
        (OrganizationMembership, 51),
    ):
        assert ids(model.objects.using("warehouse")) == [pk]
    for model in (TicketForm, TicketField, Audit):
        with pytest.raises(NoEndpoint, match="fivetran"):
            ids(model.objects.using("warehouse"))


def test_airbyte(live):
    """Names of streams, objects and lists as JSON, deleted tickets by their status."""
    via, fields = json.dumps({"channel": "web"}), json.dumps([{"id": 1, "value": "A1"}])
    open_database(
        layouts.airbyte(),
        """CREATE TABLE tickets (id BIGINT, status TEXT, tags JSON, via JSON, custom_fields JSON,
            created_at TIMESTAMPTZ, _airbyte_extracted_at TIMESTAMPTZ)""",
        f"""INSERT INTO tickets VALUES
            (1, 'open', '["vip"]', '{via}', '{fields}', '2026-01-02T00:00:00Z',
             '2026-02-01T00:00:00Z'),
            (2, 'deleted', '[]', NULL, NULL, NULL, '2026-02-01T00:00:00Z')""",
        "CREATE TABLE ticket_comments (id BIGINT, ticket_id BIGINT, author_id BIGINT, body TEXT)",
        "INSERT INTO ticket_comments VALUES (11, 1, 7, 'Help')",
        "CREATE TABLE ticket_audits (id BIGINT, ticket_id BIGINT, events JSON)",
        "INSERT INTO ticket_audits VALUES (61, 1, '[]')",
        "CREATE TABLE ticket_metrics (id BIGINT, ticket_id BIGINT, reopens BIGINT)",
        "INSERT INTO ticket_metrics VALUES (71, 1, 2)",
        "CREATE TABLE ticket_fields (id BIGINT, title TEXT)",
        "INSERT INTO ticket_fields VALUES (81, 'Order number')",
        "CREATE TABLE users (id BIGINT, active BOOLEAN)",
        "INSERT INTO users VALUES (7, TRUE), (8, FALSE)",
    )
    tickets = Ticket.objects.using("warehouse")

    assert ids(tickets) == ids(tickets.filter(tags="vip", via__channel="web")) == [1]
    for model, pk in (
        (Comment, 11),
        (Audit, 61),
        (TicketMetric, 71),
        (TicketField, 81),
        (User, 7),
    ):
        assert ids(model.objects.using("warehouse")) == [pk]
    assert "2026-02-01" in tickets.explain()


def test_dlt(live):
    """Columns of objects and custom fields, tables of the tags of users, JSON tags of tickets."""
    open_database(
        layouts.dlt(),
        """CREATE TABLE tickets (id BIGINT, status TEXT, tags JSON, via__channel TEXT,
            custom_fields JSON, order_number TEXT, colour TEXT, _dlt_id TEXT, _dlt_load_id TEXT)""",
        """INSERT INTO tickets VALUES
            (1, 'open', '["vip"]', 'web', NULL, 'A1', 'Blue', 'x1', '1.2'),
            (2, 'deleted', NULL, 'web', NULL, NULL, NULL, 'x2', '1.2')""",
        "CREATE TABLE users (id BIGINT, name TEXT, user_fields__plan TEXT, _dlt_id TEXT)",
        "INSERT INTO users VALUES (7, 'Ann', 'gold', 'y1'), (8, 'Bo', NULL, 'y2')",
        """CREATE TABLE users__tags (value TEXT, _dlt_parent_id TEXT, _dlt_list_idx BIGINT,
            _dlt_id TEXT)""",
        "INSERT INTO users__tags VALUES ('vip', 'y1', 0, 'z1')",
    )
    tickets, users = Ticket.objects.using("warehouse"), User.objects.using("warehouse")

    assert ids(tickets) == ids(tickets.filter(tags="vip", via__channel="web")) == [1]
    assert ids(tickets.filter(**{"custom_fields__Order number": "A1"})) == [1]
    with pytest.raises(NoEndpoint, match="not stored"):
        ids(tickets.filter(custom_fields__Colour="colour_blue"))
    assert ids(users.filter(tags="vip")) == ids(users.filter(user_fields__plan="gold")) == [7]
    assert [user.tags for user in users] == [["vip"], []]
    with pytest.raises(NoEndpoint, match="dlt"):
        ids(Comment.objects.using("warehouse"))
    sent = live.requests_sent
    assert tickets[0].custom["Order number"] == "A1"
    for queryset in (tickets, tickets.order_by("id").distinct("via__channel")):
        assert list(queryset.values("id", "via__channel")) == [{"id": 1, "via__channel": "web"}]
    assert live.requests_sent == sent


def test_options_are_not_titles_that_dlt_stores():
    """Options are refused also without a live account, although `ticket_fields` does not list them.

    With `pivot_ticket_fields=False`, all values are in JSON.
    """
    statements = (
        """CREATE TABLE tickets (id BIGINT, custom_fields JSON, seats BIGINT, colour TEXT,
            via__channel TEXT)""",
        """INSERT INTO tickets VALUES (1, NULL, 3, 'Blue', 'web')""",
        "CREATE TABLE ticket_fields (id BIGINT, title TEXT, type TEXT)",
        "INSERT INTO ticket_fields VALUES (41, 'Seats', 'integer'), (42, 'Colour', 'tagger')",
        "CREATE TABLE users (id BIGINT, user_fields__plan TEXT)",
        "INSERT INTO users VALUES (7, 'gold')",
        "CREATE TABLE user_fields (id BIGINT, title TEXT, key TEXT, type TEXT)",
        "INSERT INTO user_fields VALUES (51, 'Plan', 'plan', 'text')",
    )
    database = duckdb.connect()
    for statement in statements:
        database.execute(statement)
    connect_warehouse(database, layout=layouts.dlt(), live=None)
    tickets = Ticket.objects.using("warehouse")

    assert ids(tickets.filter(custom_fields__Seats=3)) == [1]
    assert tickets[0].custom["Seats"] == 3
    assert User.objects.using("warehouse")[0].custom["Plan"] == "gold"
    assert list(tickets.values_list("custom_fields__Seats", "via__channel")) == [(3, "web")]
    with pytest.raises(NoEndpoint, match="has no column with its values"):
        tickets.filter(custom_fields__Colour="blue").count()
    with pytest.raises(ZendeskError, match="live="):
        tickets[0].custom["Colour"]
    database.execute("""UPDATE tickets SET custom_fields = '[{"id": 42, "value": "blue"}]'""")
    connect_warehouse(database, layout=layouts.dlt(pivot_ticket_fields=False), live=None)
    assert ids(Ticket.objects.using("warehouse").filter(custom_fields__Colour="blue")) == [1]


def test_lakeflow(live):
    """Lists and objects as texts; of the history of rows, only the present ones."""
    open_database(
        layouts.lakeflow("support"),
        "CREATE SCHEMA support",
        """CREATE TABLE support.tickets (id BIGINT, status TEXT, tags TEXT, via TEXT,
            custom_fields TEXT, updated_at TIMESTAMP, "__START_AT" TIMESTAMP,
            "__END_AT" TIMESTAMP)""",
        """INSERT INTO support.tickets VALUES
            (1, 'new', '[]', NULL, '[]', '2026-01-01', '2026-01-01', '2026-01-02'),
            (1, 'open', '["vip"]', '{"channel": "web"}', '[{"id": 1, "value": "A1"}]',
             '2026-01-02', '2026-01-02', NULL)""",
        "CREATE TABLE support.ticket_comments (id BIGINT, ticket_id BIGINT)",
        "INSERT INTO support.ticket_comments VALUES (11, 1)",
    )
    tickets = Ticket.objects.using("warehouse")

    assert ids(tickets) == ids(tickets.filter(tags="vip", via__channel="web")) == [1]
    assert [ticket.status for ticket in tickets] == ["open"]
    assert ids(Comment.objects.using("warehouse")) == [11]
    with pytest.raises(NoEndpoint, match="satisfaction_ratings"):
        ids(SatisfactionRating.objects.using("warehouse"))


def test_native():
    """One column for each field, and custom fields by their titles."""
    connect("emulator://")
    warehouse = open_database(
        layouts.native(),
        "CREATE TABLE tickets (id BIGINT, subject TEXT, tags TEXT[], _synced_at TIMESTAMPTZ)",
        "INSERT INTO tickets VALUES (1, 'Printer', ['vip'], '2026-02-01T00:00:00Z')",
    )
    tickets = Ticket.objects.using("warehouse")

    assert ids(tickets.filter(tags="vip")) == [1]
    assert warehouse.as_of(Ticket) == datetime(2026, 2, 1, tzinfo=timezone.utc)


def test_fivetran_in_history_mode():
    """Of a table with all versions of its rows, the latest ones are read; marked tags are not."""
    connect("emulator://")
    open_database(
        layouts.fivetran(None),
        """CREATE TABLE ticket (id BIGINT, status TEXT, _fivetran_active BOOLEAN,
            _fivetran_start TIMESTAMP, _fivetran_end TIMESTAMP)""",
        """INSERT INTO ticket VALUES (1, 'new', FALSE, '2026-01-01', '2026-01-02'),
            (1, 'open', TRUE, '2026-01-02', '9999-12-31')""",
        "CREATE TABLE ticket_tag (ticket_id BIGINT, tag TEXT, _fivetran_deleted BOOLEAN)",
        "INSERT INTO ticket_tag VALUES (1, 'vip', FALSE), (1, 'old', TRUE)",
    )
    tickets = Ticket.objects.using("warehouse")

    assert [(ticket.status, ticket.tags) for ticket in tickets] == [("open", ["vip"])]
    assert ids(tickets.filter(tags="old")) == []


def test_outdated_versions_of_related_rows_are_not_read():
    """Neither groups, nor `select_related()`, nor a relation read an outdated version of a row."""
    connect("emulator://")
    for layout, user, ticket, mark in (
        (layouts.fivetran(None), "user", "ticket", ("_fivetran_active BOOLEAN", "FALSE", "TRUE")),
        (layouts.lakeflow(), "users", "tickets", ("__END_AT TIMESTAMP", "'2026-01-02'", "NULL")),
    ):
        declared, old, latest = mark
        open_database(
            layout,
            f"CREATE TABLE {ticket} (id BIGINT, requester_id BIGINT)",
            f"INSERT INTO {ticket} VALUES (1, 7), (2, 7)",
            f'CREATE TABLE "{user}" (id BIGINT, name TEXT, {declared})',
            f"""INSERT INTO "{user}" VALUES (7, 'Ann', {latest}), (7, 'Anne', {old}),
                (7, 'Anna', {old})""",
        )
        tickets = Ticket.objects.using("warehouse")

        groups = tickets.values("requester__name").annotate(number=Count("id"))
        assert list(groups) == [{"requester__name": "Ann", "number": 2}]
        assert tickets.select_related("requester")[0].requester.name == "Ann"
        assert tickets.get(id=2).requester.name == "Ann"
        assert list(tickets.values_list("requester__name", flat=True)) == ["Ann", "Ann"]


def test_rows_that_airbyte_marks_as_deleted():
    """Rows with a time in `_ab_cdc_deleted_at` are left out, whatever the type of the column."""
    connect("emulator://")
    for type_ in ("TIMESTAMPTZ", "TEXT"):
        open_database(
            layouts.airbyte(),
            f"CREATE TABLE tickets (id BIGINT, status TEXT, _ab_cdc_deleted_at {type_})",
            "INSERT INTO tickets VALUES (1, 'open', NULL), (2, 'open', '2026-01-01T00:00:00Z')",
        )
        assert ids(Ticket.objects.using("warehouse")) == [1]


def test_dlt_names_columns_in_snake_case_and_orders_members(live):
    """Titles are normalized as dlt does by default; members have the order of `_dlt_list_idx`."""
    for title in ("orderNumber 2", "Betrag (€)", "3rd + last"):
        TicketField.objects.create(title=title, type="text")
    open_database(
        layouts.dlt(),
        """CREATE TABLE tickets (id BIGINT, order_number_2 TEXT, betragxxxx TEXT, _3rd_x_last TEXT,
            _dlt_load_id TEXT)""",
        "INSERT INTO tickets VALUES (1, 'a', 'b', 'c', '1767225600.5')",
        "CREATE TABLE organizations (id BIGINT, _dlt_id TEXT)",
        "INSERT INTO organizations VALUES (9, 'y1')",
        """CREATE TABLE organizations__domain_names (value TEXT, _dlt_parent_id TEXT,
            _dlt_list_idx BIGINT)""",
        """INSERT INTO organizations__domain_names VALUES ('b.com', 'y1', 0), ('a.com', 'y1', 2),
            ('c.com', 'y1', 1)""",
    )
    tickets = Ticket.objects.using("warehouse")

    for title, value in (("orderNumber 2", "a"), ("Betrag (€)", "b"), ("3rd + last", "c")):
        assert ids(tickets.filter(**{f"custom_fields__{title}": value})) == [1]
    domains = Organization.objects.using("warehouse").get(id=9).domain_names
    assert domains == ["b.com", "c.com", "a.com"]
    assert "data as of 2026-01-01T00:00:00.500000+00:00" in tickets.explain()


def test_values_without_a_column_are_unknown(live):
    """They are loaded from the live account, never None; without one, reading them raises."""
    ticket = Ticket.objects.create(
        subject="Printer",
        comment={"body": "It burns"},
        custom={"Colour": "Blue"},
        recipient="a@b.c",
    )
    database = duckdb.connect()
    database.execute("CREATE TABLE ticket (id BIGINT, subject TEXT, custom_order_number TEXT)")
    database.execute(f"INSERT INTO ticket VALUES ({ticket.id}, 'Printer', 'A1')")
    database.execute("CREATE TABLE ticket_custom_field (id BIGINT, title TEXT, type TEXT)")
    for field in TicketField.objects.all():
        database.execute(
            "INSERT INTO ticket_custom_field VALUES (?, ?, ?)", (field.id, field.title, field.type)
        )
    layout = layouts.fivetran(None)
    connect_warehouse(database, layout=layout)
    connect_warehouse(database, layout=layout, live=None, alias="alone")
    read, alone = (Ticket.objects.using(name).get(id=ticket.id) for name in ("warehouse", "alone"))

    assert (read.custom["Order number"], read.custom["Colour"]) == ("A1", "colour_blue")
    assert alone.custom["Order number"] == "A1"
    names = Ticket.objects.using("alone").values_list("custom_fields__Order number", flat=True)
    assert list(names) == ["A1"]
    for name in ("recipient", "tags"):
        with pytest.raises(ZendeskError, match=r"fivetran lacks .*live="):
            getattr(alone, name)
    with pytest.raises(ZendeskError, match=r"fivetran lacks .*live="):
        alone.custom["Colour"]


def test_values_of_related_rows_without_a_column_are_unknown(live):
    """An object that is loaded when it is read takes such values from the account, too."""
    user = User.objects.create(name="Ann", phone="+4930123456")
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, requester_id BIGINT)")
    database.execute("INSERT INTO tickets VALUES (1, ?)", (user.id,))
    database.execute("CREATE TABLE users (id BIGINT, name TEXT)")
    database.execute("INSERT INTO users VALUES (?, 'Anne')", (user.id,))
    connect_warehouse(database, layout=layouts.airbyte())
    connect_warehouse(database, layout=layouts.airbyte(), live=None, alias="alone")
    read, alone = (Ticket.objects.using(name).get(id=1) for name in ("warehouse", "alone"))

    assert (read.requester.name, read.requester.phone) == ("Anne", "+4930123456")
    with pytest.raises(ZendeskError, match=r"airbyte lacks .*phone.*live="):
        assert alone.requester.phone


def test_definitions_without_a_live_account():
    """Titles are found in the table of definitions; without it, the error names the table."""
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, custom_fields JSON)")
    database.execute("""INSERT INTO tickets VALUES (1, '[{"id": 41, "value": "A1"}]')""")
    connect_warehouse(database, layout=layouts.airbyte(), live=None)
    tickets = Ticket.objects.using("warehouse")

    with pytest.raises(NoEndpoint, match=r"no table 'ticket_fields'.*pass live="):
        ids(tickets.filter(custom_fields__Order="A1"))
    assert ids(tickets.filter(custom_fields__41="A1")) == [1]
    database.execute("CREATE TABLE ticket_fields (id BIGINT, title TEXT, type TEXT)")
    database.execute("INSERT INTO ticket_fields VALUES (41, 'Order', 'text')")
    assert ids(tickets.filter(custom_fields__Order="A1")) == [1]


def test_fields_with_the_same_title_share_no_column(live):
    """Which of two fields a column holds is unknown, so it is not read."""
    TicketField.objects.create(title="Order-number", type="text")
    open_database(
        layouts.fivetran(None),
        "CREATE TABLE ticket (id BIGINT, custom_order_number TEXT)",
        "INSERT INTO ticket VALUES (1, 'A1')",
    )
    with pytest.raises(NoEndpoint, match="custom_order_number"):
        ids(Ticket.objects.using("warehouse").filter(**{"custom_fields__Order number": "A1"}))


def test_old_and_empty_tables_are_refused():
    """With `max_age=`, tables that were not loaded recently raise before rows are read."""
    for statement, pattern in (
        ("INSERT INTO ticket VALUES (1, '2020-01-01')", r"fivetran, table ticket.*'_fivetran_sync"),
        ("SELECT 1", r"fivetran, table ticket, the column '_fivetran_synced' is empty"),
        ("ALTER TABLE ticket DROP COLUMN _fivetran_synced", "none of the columns _fivetran_synced"),
        (
            """ALTER TABLE ticket ALTER _fivetran_synced TYPE TEXT;
            INSERT INTO ticket VALUES (1, 'x')""",
            "not a time",
        ),
    ):
        database = duckdb.connect()
        database.execute("CREATE TABLE ticket (id BIGINT, _fivetran_synced TIMESTAMP)")
        database.execute(statement)
        layout = layouts.fivetran(None)
        connect_warehouse(database, layout=layout, live=None, max_age=timedelta(hours=6))
        tickets = Ticket.objects.using("warehouse")
        with pytest.raises(NoEndpoint, match=pattern):
            ids(tickets)
        with pytest.raises(NoEndpoint, match=pattern):
            tickets.count()
        with pytest.raises(NoEndpoint, match=pattern):
            tickets.aggregate(Max("id"))


def test_a_record_that_is_newer_than_the_table_keeps_its_values():
    """Reading it again returns the values of the live account, and sends no request."""
    account = connect("emulator://")
    ticket = Ticket.objects.create(
        subject="Printer", comment={"body": "It burns"}, recipient="a@example.com"
    )
    stamp = ticket.updated_at
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, subject TEXT, updated_at TIMESTAMPTZ)")
    old = stamp - timedelta(days=1)
    database.execute("INSERT INTO tickets VALUES (?, 'Old', ?)", (ticket.id, old))
    connect_warehouse(database, layout=layouts.airbyte())
    tickets = Ticket.objects.using("warehouse")
    record = tickets.get(id=ticket.id)

    assert (record.subject, record.recipient, record.subject) == ("Old", "a@example.com", "Printer")
    sent = account.requests_sent
    assert tickets.get(id=ticket.id) is record
    assert list(tickets.only("id")) == [record]
    assert (record.subject, record.recipient, account.requests_sent) == (
        "Printer",
        "a@example.com",
        sent,
    )
    database.execute(
        "UPDATE tickets SET subject = 'New', updated_at = ?", (stamp + old.resolution,)
    )
    database.execute("UPDATE tickets SET updated_at = updated_at + INTERVAL 1 DAY")
    assert tickets.get(id=ticket.id).subject == "New"


def test_rows_that_jobs_wrote_replace_those_of_the_database():
    """Values that `update()` and `bulk_update()` sent are read until the loader has copied them."""
    account = connect("emulator://?seed=demo")
    stored = list(Ticket.objects.filter(status="open").order_by("-created_at")[:4])
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE tickets (id BIGINT, subject TEXT, priority TEXT, updated_at TEXT)"
    )
    for ticket in stored:
        database.execute(
            "INSERT INTO tickets VALUES (?, ?, ?, ?)",
            (ticket.id, ticket.subject, ticket.priority, ticket._row["updated_at"]),
        )
    connect_warehouse(database, layout=layouts.airbyte())
    tickets = Ticket.objects.using("warehouse").order_by("-id")
    first, second, third, fourth = ids(tickets)
    ticket = tickets.get(id=first)
    ticket.subject = "Saved"
    ticket.save()
    tickets.filter(id__in=[first, second]).update(priority="low")
    changed = list(tickets.filter(id__in=[third]))
    changed[0].subject = "Changed"
    Ticket.objects.using("warehouse").bulk_update(changed, ["subject"])
    del ticket, changed

    subjects = {ticket.id: ticket.subject for ticket in stored}
    expected = [(first, "Saved", "low"), (second, subjects[second], "low")]
    sent = account.requests_sent
    assert [(row.id, row.subject, row.priority) for row in tickets[:2]] == expected
    assert list(tickets.values_list("id", "subject", "priority")[:2]) == expected
    assert [row.subject for row in tickets[2:]] == ["Changed", subjects[fourth]]
    assert account.requests_sent == sent
    assert tickets.get(id=second).updated_at > stored[0].updated_at
    account.transport.clock.sleep(60)
    stamp = datetime.fromtimestamp(account.transport.clock.now(), timezone.utc).isoformat()
    database.execute("UPDATE tickets SET subject = 'Loaded', updated_at = ?", (stamp,))
    assert {row.subject for row in tickets.all()} == {"Loaded"}


def test_wrong_layouts_are_refused():
    """Misspelt names, and values of other types, are named when the database is connected."""
    label = ChildTable("labels", "case_no", "label")
    for wrong, message in (
        ({"deleted": "removed"}, r"deleted=\.\.\.\) must be a tuple"),
        ({"deleted": (5,)}, "deleted"),
        ({"synced": "loaded_at"}, "synced"),
        ({"table": "cases"}, "table.*a function"),
        ({"schema": 5}, "schema"),
        ({"columns": 5}, "columns"),
        ({"columns": {"Ticket": "title"}}, "columns"),
        ({"columns": {"Tickets": {"subject": "title"}}}, "'Tickets'; did you mean 'Ticket'"),
        ({"columns": {"Ticket": {"subjct": "title"}}}, "no key 'subjct'; did you mean 'subject'"),
        ({"children": {"Ticket": {"tags": "labels"}}}, "ChildTable"),
        ({"children": {"Ticket": {"tagz": label}}}, "'tagz'"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            connect_warehouse(duckdb.connect(), layout=Layout("cases", **wrong), live=None)
    unnamed = Layout("cases", table=lambda meta: None)
    connect_warehouse(duckdb.connect(), layout=unnamed, live=None)
    with pytest.raises(NoEndpoint, match="no table"):
        ids(Ticket.objects.using("warehouse"))
    for make in layouts.LAYOUTS.values():
        connect_warehouse(duckdb.connect(), layout=make(), live=None)


def test_errors_of_the_database_are_typed():
    """An error of the driver is the cause of a `DatabaseError`, also of the caller's executor."""
    database = duckdb.connect()
    tickets = Ticket.objects.using("warehouse")
    for connection in (database, RecordedExecutor(database)):
        database.execute("CREATE TABLE tickets (id BIGINT, subject TEXT)")
        connect_warehouse(connection, layout=layouts.airbyte(), live=None)
        assert ids(tickets.all()) == []
        database.execute("DROP TABLE tickets")

        with pytest.raises(DatabaseError, match="SELECT") as failure:
            ids(tickets.all())
        assert isinstance(failure.value.__cause__, duckdb.Error)


def test_missing_definitions_are_looked_for_once():
    """Without a live account and a table of fields, a second query runs one statement."""
    database, statements = duckdb.connect(), []

    class Executor:
        dialect = "duckdb"

        def run(self, sql):
            statements.append(sql)
            yield database.execute(sql).fetchall()

    database.execute("CREATE TABLE tickets (id BIGINT, subject TEXT, custom_fields JSON)")
    connect_warehouse(Executor(), layout=layouts.airbyte(), live=None)
    tickets = Ticket.objects.using("warehouse")
    assert ids(tickets.all()) == []
    before = len(statements)

    assert ids(tickets.all()) == []
    assert len(statements) - before == 1
    with pytest.raises(NoEndpoint, match="load that table"):
        ids(tickets.filter(custom_fields__Seats=3))
    database.execute("CREATE TABLE ticket_fields (id BIGINT, title TEXT, type TEXT)")
    database.execute("INSERT INTO ticket_fields VALUES (41, 'Seats', 'integer')")
    database.execute("""INSERT INTO tickets VALUES (1, 'A', '[{"id": 41, "value": 3}]')""")
    assert ids(tickets.filter(custom_fields__Seats=3)) == [1]
