"""Malformed requests return errors, and never break the emulator."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.malformed import WRITES, Attack, Sent, send
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.rules import automations


@pytest.fixture(scope="module")
def attack() -> Iterator[Attack]:
    """Return an emulator with rows of every model, and a client that sends malformed requests."""
    with Attack() as attack:
        yield attack


# Without a token, all requests would be rejected.
@pytest.mark.slow
@pytest.mark.lenient
@given(seed=st.integers(0, 2**32))
def test_no_request_breaks_the_emulator(attack, seed):
    """Malformed requests return no 5xx, change nothing, and the emulator continues to work."""
    failures = attack.run(seed, 20)

    assert failures == []


@pytest.mark.slow
@pytest.mark.lenient
@pytest.mark.parametrize("part", range(4))
def test_no_type_of_a_value_breaks_a_handler(attack, part):
    """Whatever the type of a key that a handler may read, no request that writes returns 5xx."""
    assert attack.run_keys(WRITES, part, 4) == []


@pytest.mark.slow
def test_requests_of_tests_with_wrong_values_are_answered():
    """Valid requests in which values are replaced return no 5xx, nor do requests after them."""
    paths = (
        "messaging/test_conversations.py",
        "support/test_dynamic_content.py",
        "support/test_redaction.py",
        "support/test_side_conversations.py",
        "support/test_views.py",
    )
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.emulator.mutation_plugin"]
    tests = Path(__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--mutation-seed=1", *paths],
        cwd=tests,
        env={**os.environ, "PYTHONPATH": str(tests.parent), "EMULATOR_OAUTH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout
    assert "0 places that cannot answer" in result.stdout


BAD = [
    {"subject": "x", "comment": {"body": "b"}, "custom_fields": [1]},
    {"subject": {"a": 1}, "comment": {"body": "b"}},
    {"subject": "x", "comment": {"body": "b"}, "tags": {"a": 1}},
    {"subject": "x", "comment": {"body": "b"}, "due_at": "2026-13-45"},
    {"subject": "x", "comment": [1]},
    7,
]


@pytest.mark.parametrize("bad", BAD)
def test_invalid_item_fails_alone(zendesk, bad):
    """The results of a job contain the error of an invalid item, and other items are created."""
    good = {"subject": "x", "comment": {"body": "b"}}
    job = zendesk.run_job("POST", "tickets/create_many", {"tickets": [good, bad, good]})

    assert job["status"] == "completed"
    assert ["error" if "error" in item else "id" for item in job["results"]] == [
        "id",
        "error",
        "id",
    ]
    assert job["results"][1].keys() == {"index", "error", "details"}
    assert zendesk.get("tickets/count")["count"]["value"] == 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "tickets/update_many", {"tickets": [{"id": [1], "status": "open"}]}),
        ("PUT", "tickets/update_many", {"tickets": [{"status": "open"}]}),
        ("POST", "users/create_or_update_many", {"users": [{"external_id": [1]}]}),
        ("POST", "imports/tickets/create_many", {"tickets": [{"comments": [[1]]}]}),
    ],
)
def test_invalid_job_does_not_stop_others(zendesk, method, path, body):
    """A job with an invalid item ends with its error, and later requests are handled."""
    job = zendesk.run_job(method, path, body)

    assert job["status"] == "completed"
    assert all("error" in item for item in job["results"])
    assert zendesk.create_ticket()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"\xff", 422),
        (b"[" * 100_000, 422),
        (b'{"ticket": {"subject": NaN}}', 422),
        (b'{"ticket": {"subject": 1e999}}', 400),
        (b'{"ticket": {"subject": "\\ud800"}}', 400),
        (b'{"ticket": {"assignee_id": 1%s}}' % (b"0" * 40), 400),
        (b'{"ticket": {"subject": {}, "comment": {"body": "b"}}}', 400),
        (b'{"ticket": [1]}', 400),
        (b"[]", 400),
        (b"", 400),
    ],
)
def test_values_that_cannot_be_stored_are_rejected(zendesk, body, status):
    """A value that cannot be stored returns an error, and nothing is created."""
    url = "https://emulator.zendesk.com/api/v2/tickets"
    response = zendesk.session.post(url, data=body, headers={"Content-Type": "application/json"})

    assert response.status_code == status
    assert response.json()
    assert zendesk.get("tickets/count")["count"]["value"] == 0


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("tickets", {"page": "²"}),
        ("tickets", {"page": "9" * 5_000}),
        ("tickets", {"per_page": "x"}),
        ("tickets", {"page[size]": "-1"}),
        ("tickets", {"page[size]": "1", "page[after]": "x"}),
        ("incremental/tickets", {"start_time": "now"}),
        ("search", {"query": "created>2026-13-45"}),
    ],
)
def test_parameters_of_the_wrong_type_are_rejected(zendesk, path, params):
    """A parameter of the wrong type returns 400, or 422 for a search, with an error in JSON."""
    response = zendesk.send("GET", path, params=params)

    assert response.status_code in (400, 422)
    assert {"error", "errors"} & response.json().keys()


def test_digits_of_other_alphabets_are_no_numbers(zendesk):
    """Characters that Python counts as digits, and `int()` rejects, are values like any other."""
    conditions = {"all": [{"field": "in_business_hours", "operator": "is", "value": "²"}]}
    conditions["all"] += [{"field": "within_schedule", "operator": "is", "value": "²"}]
    action = {"field": "subject", "value": "{{ticket.ticket_field_option_title_²}}"}
    trigger = {"title": "t", "conditions": conditions, "actions": [action]}
    survey = {"responder_id": "²", "survey_id": "1", "subject_zrns": ["x"], "locale": "en-us"}
    bodies = {
        "triggers": {"trigger": trigger},
        "guide/survey_responses": {"survey_response": survey},
    }
    paths = ("agent_availabilities/²", "agent_availabilities?page[after]=²")
    statuses = [zendesk.send("GET", path).status_code for path in paths]
    statuses += [zendesk.send("POST", path, body).status_code for path, body in bodies.items()]

    assert max(statuses) < 500
    assert zendesk.create_ticket()


def test_exception_in_a_handler_returns_500(zendesk, monkeypatch, caplog):
    """An exception in a handler is logged, nothing is stored, and the next request succeeds."""

    def fail(*args):
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("zendesk_orm.emulator.tickets.audits.save", fail)
        response = zendesk.send("POST", "tickets", {"ticket": {"comment": {"body": "x"}}})

    assert (response.status_code, response.json()["error"]) == (500, "InternalServerError")
    assert "a fault" in caplog.text
    assert zendesk.get("tickets")["tickets"] == []
    assert zendesk.create_ticket()


def test_exception_in_a_job_fails_the_job(zendesk, monkeypatch, caplog):
    """A job that raises fails, is not run again by later requests, and reaches no webhook."""
    values = {"endpoint": "https://x.example/", "http_method": "POST", "request_format": "json"}
    values["subscriptions"] = ["zen:event-type:ticket.created"]
    webhook = zendesk.create("webhooks", name="a", status="active", **values)["id"]

    def fail(*args):
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("zendesk_orm.emulator.ticket_rules.problems.count_incidents", fail)
        body = {"tickets": [{"comment": {"body": "x"}}]}
        job = zendesk.run_job("POST", "tickets/create_many", body)

    zendesk.emulator.wait_for_webhooks()
    assert job["status"] == "failed"
    assert caplog.text.count("KeyError: 'a fault'") == 1
    assert zendesk.get(f"webhooks/{webhook}/invocations")["invocations"] == []
    assert zendesk.create_ticket()


def test_a_job_for_a_deleted_row_fails(zendesk, caplog):
    """A job whose row was deleted before it ran fails, which is no fault of the emulator."""
    zendesk.run_job("POST", "resource_collections", {"payload": {"targets": {}}})
    pk = zendesk.get("resource_collections")["resource_collections"][0]["id"]
    responses = [zendesk.send("DELETE", f"resource_collections/{pk}") for _ in range(2)]
    zendesk.clock.sleep(60)
    paths = [f"job_statuses/{response.json()['job_status']['id']}" for response in responses]

    assert [zendesk.get(path)["job_status"]["status"] for path in paths] == ["completed", "failed"]
    assert caplog.text == ""


def test_a_merge_of_a_deleted_organization_fails(zendesk):
    """A merge whose organization was deleted before it ran fails, and other requests succeed."""
    loser, winner = (zendesk.create("organizations", name=name)["id"] for name in ("A", "B"))
    body = {"organization_merge": {"winner_id": winner}}
    merge = zendesk.send("POST", f"organizations/{loser}/merge", body).json()["organization_merge"]
    zendesk.send("DELETE", f"organizations/{loser}")
    zendesk.clock.sleep(60)

    assert zendesk.create_ticket()
    path = f"organization_merges/{merge['id']}"
    assert zendesk.get(path)["organization_merge"]["status"] == "error"


def test_exception_in_an_automation_does_not_stop_others(zendesk, monkeypatch, caplog):
    """An automation that raises changes nothing, and others and later requests are run."""
    pk = zendesk.create_ticket(status="open")["id"]
    rules = []
    for priority in ("low", "high"):
        condition = {"field": "priority", "operator": "is_not", "value": priority}
        values = {"all": [condition], "actions": [{"field": "priority", "value": priority}]}
        rules.append(zendesk.create("automations", title=priority, **values)["id"])
    run = automations.run_actions

    def fail_once(context, rule, *args):
        run(context, rule, *args)
        if rule["id"] == rules[0]:
            raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr(automations, "run_actions", fail_once)
        zendesk.clock.sleep(3_700)
        assert zendesk.get(f"tickets/{pk}")["ticket"]["priority"] == "high"

    assert "a fault" in caplog.text
    assert {row["id"] for row in zendesk.get("automations")["automations"]} >= {*rules}


@pytest.mark.parametrize("column", ["type:x", "'", "unknown", ""])
def test_view_is_executed_in_the_order_of_an_unknown_column(zendesk, column):
    """The rows of a view that is sorted by an unknown column are sorted by id."""
    views = zendesk.get("views")["views"]
    view = next(view["id"] for view in views if view["title"] == "All unsolved tickets")
    ids = [zendesk.create_ticket()["id"] for _ in range(2)]
    rows = zendesk.get(f"views/{view}/execute", sort_by=column, sort_order="asc")["rows"]

    assert [row["ticket"]["id"] for row in rows] == ids


@pytest.mark.slow
@pytest.mark.parametrize("term", ["tags:a{}", "word{}", '""', '"a{}"', "-tags:a{}", "subject:a{}"])
@pytest.mark.parametrize("number", [80, 1_000])
def test_a_search_may_have_many_terms(zendesk, term, number):
    """A search may have a thousand terms."""
    query = " ".join(term.format(position) for position in range(number))

    assert zendesk.send("GET", "search", params={"query": query}).status_code == 200


@pytest.mark.slow
def test_a_tag_among_many_is_found(zendesk):
    """A ticket with one of many tags is found, and a ticket without any of them is not."""
    ticket = zendesk.create_ticket(tags=["a799"])
    zendesk.create_ticket(tags=["b"])
    ids = zendesk.search(" ".join(f"tags:a{number}" for number in range(800)))

    assert ids == [ticket["id"]]


def test_a_search_with_too_many_terms_is_rejected(zendesk):
    """A search with too many terms returns 422, and is not executed."""
    response = zendesk.send("GET", "search/count", params={"query": "a " * 1_001})

    assert response.status_code == 422


@pytest.mark.lenient
@pytest.mark.parametrize("credentials", ["\xff\xff", "a", "====", "/w=="])
def test_credentials_that_are_not_base64_are_missing(credentials):
    """A request whose credentials are not Base64 is handled like one without credentials."""
    with Emulator(token="secret") as emulator:
        headers = {"HTTP_AUTHORIZATION": f"Basic {credentials}"}
        status, body = send(emulator.wsgi, Sent("GET", "/api/v2/users/me", headers))

    assert (status, json.loads(body)["user"]["id"]) == (200, None)


CHUNKED = "POST /api/v2/tickets HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "request_text",
    [
        CHUNKED + "ZZ\r\n{}\r\n0\r\n\r\n",
        CHUNKED + "-5\r\n{}\r\n0\r\n\r\n",
        CHUNKED + "2\r\n{}--",
        CHUNKED + "0x2\r\n{}\r\n0\r\n\r\n",
        CHUNKED + "0_2\r\n{}\r\n0\r\n\r\n",
        CHUNKED.replace("chunked", "xchunked") + "2\r\n{}\r\n0\r\n\r\n",
        CHUNKED.replace("chunked", "chunked\r\nContent-Length: 2") + "2\r\n{}\r\n0\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "GET http://[bad/api/v2/tickets/1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_invalid_http_is_rejected_at_a_socket(request_text):
    """Invalid HTTP at a socket returns 400 before the connection is closed."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port), 9) as connection:
            connection.sendall(request_text.encode())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as stream:
                status = stream.readline().split()[1]

    assert status == b"400"


LISTS = [
    ("tickets", {"ticket": {"additional_tags": 5}}, 201),
    ("tickets", {"ticket": {"remove_tags": True}}, 201),
    ("tickets", {"ticket": {"followers": [[]]}}, 400),
    ("tickets", {"ticket": {"comment": {"body": "b", "uploads": 1}}}, 400),
    ("tickets", {"ticket": {"email_ccs": [{"user_id": {}}]}}, 400),
    ("tickets", {"ticket": {"collaborators": [{"email": ["x"]}]}}, 400),
    ("requests", {"request": {"collaborators": [[]]}}, 400),
    (
        "ticket_fields",
        {"ticket_field": {"type": "tagger", "custom_field_options": [{"id": []}]}},
        400,
    ),
]


@pytest.mark.parametrize(("path", "body", "status"), LISTS)
def test_members_of_lists_are_checked(zendesk, path, body, status):
    """Lists and objects instead of ids are rejected; tags that are not a list are ignored."""
    ((key, values),) = body.items()
    others = (
        {"title": "x"} if path == "ticket_fields" else {"subject": "x", "comment": {"body": "b"}}
    )

    assert zendesk.send("POST", path, {key: {**others, **values}}).status_code == status
