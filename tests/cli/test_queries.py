"""The commands `zendesk-orm query` and `explain`."""

from __future__ import annotations

import csv
import io
import json

import pytest

from zendesk_orm import Group, OAuthClient, Ticket, User
from zendesk_orm.emulator import Emulator


@pytest.fixture
def rows(run):
    """Return a function that runs a query, and returns the rows of its JSON."""

    def rows(*arguments):
        code, out, err = run("query", *arguments, "--format", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return rows


def ids(rows):
    return [row["id"] for row in rows]


def test_conditions_are_those_of_filter(demo, rows):
    """Conditions select the rows that `filter()` selects with values of the fields' types."""
    cases = {
        ("status=new", "created_after=2024-01-01"): {"status": "new"},
        ("tags__in=vip,printer",): {"tags__in": ["vip", "printer"]},
        ("priority__isnull=true",): {"priority__isnull": True},
        ("assignee__isnull=no", "status=open"): {"assignee__isnull": False, "status": "open"},
        ("priority__in=high, urgent",): {"priority__in": ["high", "urgent"]},
        ("created_at__year=1999",): {"created_at__year": 1999},
        ("id=17",): {"id": 17},
        ("id__in=17,18",): {"id__in": [17, 18]},
        ("text=printer fire",): {"text": "printer fire"},
    }
    for texts, lookups in cases.items():
        expected = Ticket.objects.filter(**lookups).values_list("id", flat=True)

        assert ids(rows("tickets", *texts)) == list(expected)


def test_a_negated_condition_leaves_rows_out(demo, rows):
    """`status!=new` selects the rows that `exclude(status="new")` selects."""
    expected = Ticket.objects.filter(tags="vip").exclude(status="new").values_list("id", flat=True)

    assert ids(rows("tickets", "tags=vip", "status!=new")) == list(expected)


def test_related_fields_are_written_with_a_dot(demo, rows):
    """`requester.email=...` selects by a field of the related row."""
    user = Ticket.objects.first().requester

    selected = rows("tickets", f"requester.email={user.email}")

    assert {row["requester_id"] for row in selected} == {user.id}


def test_custom_fields_are_parsed_by_their_type(demo, rows):
    """Values of custom fields are parsed by the types that the account defines."""
    lookup = {"custom_fields__Under warranty": True}
    expected = list(Ticket.objects.filter(**lookup).values_list("id", flat=True))

    assert ids(rows("tickets", "custom_fields.Under warranty=true")) == expected
    assert expected != []


def test_one_request_side_loads_the_columns(demo, run, count_requests):
    """Columns of related rows are side-loaded: two rows with requesters cost one request."""
    with count_requests(demo, 1):
        code, out, _ = run(
            *("query", "tickets", "status=new", "--order-by", "-created_at", "--limit", 2),
            *("--columns", "id,requester.name", "--format", "csv"),
        )

    tickets = Ticket.objects.filter(status="new").order_by("-created_at")[:2]
    expected = [[str(ticket.id), ticket.requester.name] for ticket in tickets]
    assert code == 0
    assert list(csv.reader(io.StringIO(out))) == [["id", "requester.name"], *expected]


def test_count_sends_one_request(demo, run, count_requests):
    """`--count` prints the number of rows, which one request returns."""
    with count_requests(demo, 1):
        assert run("query", "tickets", "--count") == (0, "3000\n", "")
    assert run("query", "ticket", "--count", "--json") == (0, '{"count": 3000}\n', "")


def test_json_contains_the_rows_as_zendesk_sends_them(demo, rows):
    """Without columns, JSON contains every key of the rows."""
    ticket = Ticket.objects.get(17)

    assert rows("tickets", "id=17") == [json.loads(json.dumps(ticket._row))]


def test_json_lines_have_a_row_each(demo, run):
    """`--format jsonl` prints a line for each row, and nothing for no rows."""
    code, out, _ = run("query", "tickets", "--limit", 3, "--format", "jsonl", "--columns", "id")

    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"id": pk} for pk in Ticket.objects.values_list("id", flat=True)[:3]
    ]
    assert run("query", "tickets", "id=99999999", "--format", "jsonl") == (0, "", "")
    assert run("query", "tickets", "id=99999999", "--json") == (0, "[]\n", "")


def test_a_pipe_gets_aligned_text(ticket, run):
    """Without a terminal, a table has neither lines nor colours, and no value is cut."""
    ticket.subject = f"é {'long ' * 60}end"
    ticket.save()

    code, out, _ = run("query", "tickets", f"id={ticket.id}", "--columns", "id,subject,tags")

    widths = (max(len(str(ticket.id)), 2), len(ticket.subject))
    assert code == 0
    assert out.splitlines() == [
        f"{'id':<{widths[0]}}  {'subject':<{widths[1]}}  tags",
        f"{ticket.id:<{widths[0]}}  {ticket.subject}  a, b",
    ]


def test_the_order_can_have_several_fields(demo, rows):
    """`--order-by` accepts several fields, with commas or several times."""
    one = rows("groups", "--order-by", "-name,id", "--columns", "name")

    assert one == rows("groups", "--order-by", "-name", "--order-by", "id", "--columns", "name")
    assert [row["name"] for row in one] == sorted(g.name for g in Group.objects.all())[::-1]


def test_expressions_combine_conditions(demo, rows):
    """`--where` accepts Q objects, which are combined with the other conditions."""
    expression = 'Q(priority="urgent") | ~Q(tags__in=["printer", "vip"])'

    selected = rows("tickets", "status=new", "--where", expression)

    assert selected != []
    assert {row["status"] for row in selected} == {"new"}
    for row in selected:
        assert row["priority"] == "urgent" or not {"printer", "vip"} & set(row["tags"])


def test_expressions_are_not_executed(demo, run):
    """`--where` rejects anything but Q objects, without running it."""
    for text in (
        "__import__('os').system('true')",
        "Q.__class__",
        "(lambda: 1)()",
        "1",
        "Q(status=",
        "open('x')",
        "Q(**{'a': 1})" + "(" * 200,
        "Q(**{'status': 'open'})",
        "Q(status='new', status='open')",
        "Q(created_after=timedelta(days=10000000000000000))",
    ):
        code, out, err = run("query", "tickets", "--where", text)

        assert (code, out) == (2, "")
        assert (err.count("\n"), "object at 0x" in err) == (1, False)


def test_wrong_conditions_are_usage_errors(demo, run, count_requests):
    """A wrong model, field, lookup or value exits with 2, sends nothing, and names the remedy."""
    cases = {
        "tickts": "did you mean 'tickets'",
        "help_center.tickets": "does not exist",
        "no.such:Model": "the module 'no.such' does not exist",
        "zendesk_orm:connect": "is not a model",
        "tickets stauts=new": "did you mean 'status'",
        "tickets status=nw": "must be one of 'new', 'open'",
        "tickets status__soon=new": "no lookup 'soon'",
        "tickets status": "write name=value",
        "tickets =new": "write name=value",
        "tickets created_after=yesterday": "2024-01-31T12:30Z or 4hours",
        "tickets created_after=2024-13-01": "must be a date as in 2024-01-31",
        "tickets created_after=2024-01-01T10:00": "write 2024-01-01T10:00Z",
        "tickets created_between=2024-01-01": "must be two values: from,to",
        "tickets id=x": "must be a whole number",
        "tickets assignee=ann": "assignee__email",
        "tickets priority__isnull=maybe": "must be true or false",
        "tickets --order-by via": "have no order",
        f"activities target={'[' * 5000}": "must be JSON",
        "tickets --order-by colour": "has no field 'colour'",
        "tickets --columns id,requester.nam": "did you mean 'name'",
        "tickets --columns ,": "'--columns': must be names",
        "tickets --limit -1": "must be a number from 0",
        "tickets --format xml": "jsonl",
        "tickets --json --format csv": "--json is not allowed with --format",
        "tickets created_at__month=3": "--scan",
    }
    with count_requests(demo, 0):
        for arguments, message in cases.items():
            code, out, err = run("query", *arguments.split(" "))

            assert (arguments, code, out) == (arguments, 2, "")
            assert message in err
            assert err.count("\n") == 1


def test_names_of_models(run, demo):
    """Models have singular and plural names, names of classes, and names with their product."""
    names = ("ticket", "tickets", "Ticket", "support.ticket", "TICKETS", "zendesk_orm:Ticket")
    counts = {run("query", name, "--count")[1] for name in names}

    assert counts == {"3000\n"}
    assert run("query", "help_center.article", "--count")[0] == 0
    assert run("query", "ticket-fields", "--count")[0] == 0
    assert run("query", "categories", "--count")[0] == 0


def test_text_of_others_cannot_control_the_output(ticket, run):
    """Control characters of a subject are printed as numbers, and line breaks as blanks."""
    ticket.subject = "a\x1b[31mred\x07\u202e\nb"
    ticket.save()

    code, out, _ = run("query", "tickets", f"id={ticket.id}", "--columns", "subject")

    assert code == 0
    assert out.splitlines()[1:] == ["a\\x1b[31mred\\x07\\u202e b"]


def test_secrets_are_never_printed(run):
    """Secret fields are dots in each format."""
    with Emulator() as emulator:
        emulator.connect()
        client = OAuthClient.objects.create(name="Bot", identifier="bot", kind="confidential")
        secret = str.__str__(client.secret)
        for style in ("table", "json", "jsonl", "csv"):
            for columns in ([], ["--columns", "id,secret"]):
                code, out, err = run("query", "oauth_clients", "--format", style, *columns)

                assert (code, err) == (0, "")
                assert secret not in out


def test_explain_needs_no_account(run, tmp_path, monkeypatch):
    """`explain` prints the plan without an account, and `--json` prints its parts."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    code, out, err = run("explain", "tickets", "status=new", "--order-by", "-created_at")
    _, text, _ = run("explain", "tickets", "status=new", "--json")

    assert (code, err) == (0, "")
    assert "GET /api/v2/search" in out
    plan = json.loads(text)
    assert (plan["endpoints"], plan["cost"], plan["scopes"]) == (["search export"], 10, "read")
    assert plan["requests"][0].startswith("GET /api/v2/search/export?query=status:new")


def test_explain_sends_nothing(demo, run, count_requests):
    """`explain` sends no request, and prints the text of `QuerySet.explain()`."""
    with count_requests(demo, 0):
        code, out, _ = run("explain", "users", "role=agent")

    assert code == 0
    assert out == f"{User.objects.filter(role='agent').explain()}\n"


def test_explain_looks_up_custom_fields_in_an_account(run):
    """`explain` needs an account for names of custom fields, and its error explains how."""
    code, _, err = run("explain", "tickets", "custom_fields.Severity=high")

    assert code == 1
    assert "sign in with zendesk-orm login" in err


def test_results_of_a_search_have_several_models(demo, rows):
    """The rows of a search for all types have the columns of their models."""
    columns = ("--columns", "result_type,subject,name", "--limit", 50)

    results = rows("results", "text=printer", *columns)

    assert {row["result_type"] for row in results} >= {"ticket"}
    assert all(row["subject"] for row in results if row["result_type"] == "ticket")


def test_an_impossible_query_names_the_remedy(demo, run):
    """A query that no endpoint answers is one short line with the remedy."""
    cases = {
        "tickets created_at__month=3": "; --scan would read search export",
        "comments": "; further endpoints: needs ticket",
    }
    for arguments, remedy in cases.items():
        code, _, err = run("query", *arguments.split())

        assert code == 2
        assert remedy in err
        assert len(err) < 300


def test_explain_of_an_impossible_query(demo, run):
    """`explain` lists the reasons why no endpoint answers; with `--json`, it exits with 2."""
    code, out, _ = run("explain", "tickets", "created_at__month=3")
    failed, text, _ = run("explain", "tickets", "created_at__month=3", "--json")

    assert code == 0
    assert "no endpoint of Zendesk answers" in out
    assert failed == 2
    assert "no endpoint" in json.loads(text)["error"]


def test_scan_and_fresh_are_passed_on(demo, run):
    """`--scan` checks rows client-side, and `--fresh` reads from lists."""
    code, out, _ = run("explain", "tickets", "created_at__month=3", "--scan")
    _, fresh, _ = run("explain", "tickets", "--fresh")

    assert code == 0
    assert "checked client-side" in out
    assert "GET /api/v2/tickets?" in fresh


def test_every_readable_field_can_be_printed(demo, run, count_requests):
    """CSV contains all readable fields of a row, also nested objects, without further requests."""
    for name in ("tickets", "users", "brands", "webhooks", "triggers", "ticket_fields"):
        for arguments in (["--format", "csv"], ["--columns", "*"], ["--columns", "*", "--json"]):
            with count_requests(demo, 1):
                code, _, err = run("query", name, "--limit", 2, *arguments)

            assert (name, code, err) == (name, 0, "")


def test_followers_are_printed_as_ids(demo, run):
    """Columns of members of a ticket contain their ids."""
    ticket = Ticket.objects.get(2990)
    ticket.followers.add("olivia@example.com")

    code, out, _ = run("query", "tickets", "id=2990", "--columns", "followers", "--format", "jsonl")

    assert code == 0
    assert json.loads(out) == {"followers": ticket.followers.ids}
