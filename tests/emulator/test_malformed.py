"""Requests that no client should send: each is answered, and changes nothing unless it is done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.malformed import Attack


@pytest.fixture(scope="module")
def attack() -> Iterator[Attack]:
    """Return an emulator with rows of every model, and a client that sends what it should not."""
    with Attack() as attack:
        yield attack


# Requests without a token would all be refused for this reason alone.
@pytest.mark.lenient
@given(seed=st.integers(0, 2**32))
def test_no_request_breaks_the_emulator(attack, seed):
    """Whatever is sent, no answer is 5xx, refused requests change nothing, and it goes on."""
    failures = attack.run(seed, 20)

    assert [] == failures


BAD = [
    {"subject": "x", "comment": {"body": "b"}, "custom_fields": [1]},
    {"subject": {"a": 1}, "comment": {"body": "b"}},
    {"subject": "x", "comment": {"body": "b"}, "tags": {"a": 1}},
    {"subject": "x", "comment": {"body": "b"}, "due_at": "2026-13-45"},
    {"subject": "x", "comment": [1]},
    7,
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_item_of_a_job_fails_alone(zendesk, bad):
    """The results have an error for it, and its neighbors are created."""
    good = {"subject": "x", "comment": {"body": "b"}}
    job = zendesk.done("POST", "tickets/create_many", {"tickets": [good, bad, good]})

    assert "completed" == job["status"]
    assert ["id", "error", "id"] == [
        "error" if "error" in each else "id" for each in job["results"]
    ]
    assert {"index", "error", "details"} == job["results"][1].keys()
    assert 2 == zendesk.get("tickets/count")["count"]["value"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "tickets/update_many", {"tickets": [{"id": [1], "status": "open"}]}),
        ("PUT", "tickets/update_many", {"tickets": [{"status": "open"}]}),
        ("POST", "users/create_or_update_many", {"users": [{"external_id": [1]}]}),
        ("POST", "imports/tickets/create_many", {"tickets": [{"comments": [[1]]}]}),
    ],
)
def test_a_bad_job_stops_no_other(zendesk, method, path, body):
    """It ends with an error for its item, and what comes after it is answered."""
    job = zendesk.done(method, path, body)

    assert "completed" == job["status"]
    assert all("error" in each for each in job["results"])
    assert zendesk.ticket()


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
def test_what_cannot_be_stored_is_refused(zendesk, body, status):
    """In process, too; nothing is created."""
    url = "https://emulator.zendesk.com/api/v2/tickets"
    answer = zendesk.session.post(url, data=body, headers={"Content-Type": "application/json"})

    assert status == answer.status_code
    assert answer.json()
    assert 0 == zendesk.get("tickets/count")["count"]["value"]


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
def test_parameters_of_the_wrong_type_are_refused(zendesk, path, params):
    """With 400, or 422 by search; with an error in JSON."""
    answer = zendesk.send("GET", path, params=params)

    assert answer.status_code in (400, 422)
    assert {"error", "errors"} & answer.json().keys()


def test_a_fault_of_the_emulator_is_answered_and_logged(zendesk, monkeypatch, caplog):
    """The answer is 500 in JSON, nothing is stored, and the next request is as usual."""

    def fail(*args):
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("zendesk_orm.emulator.audits.keep", fail)
        answer = zendesk.send("POST", "tickets", {"ticket": {"comment": {"body": "x"}}})

    assert (500, "InternalServerError") == (answer.status_code, answer.json()["error"])
    assert "a fault" in caplog.text
    assert [] == zendesk.get("tickets")["tickets"]
    assert zendesk.ticket()


def test_a_job_that_meets_a_fault_ends_as_failed(zendesk, monkeypatch, caplog):
    """It is not run again with each later request."""

    def fail(*args):
        raise KeyError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr("zendesk_orm.emulator.audits.keep", fail)
        body = {"tickets": [{"comment": {"body": "x"}}]}
        job = zendesk.done("POST", "tickets/create_many", body)

    assert "failed" == job["status"]
    assert 1 == caplog.text.count("KeyError: 'a fault'")
    assert zendesk.ticket()
