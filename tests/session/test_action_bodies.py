"""Values in the bodies of responses to actions, and rows that pages change before they are read."""

from __future__ import annotations

import pytest

from tests.servers import Server
from zendesk_orm import MalformedResponse, Organization, Ticket, Trigger
from zendesk_orm.help_center import ExternalContentRecord
from zendesk_orm.http.request import Request
from zendesk_orm.schema.loading import load_bool, load_int, load_str
from zendesk_orm.session.action_bodies import (
    body_of,
    mapping_of,
    record_of,
    value_of,
    values_of,
)
from zendesk_orm.support import AgentStatus, LookupRelationship, TriggerCategory


REQUEST = Request("GET", "/api/v2/things")


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (lambda body: value_of(body, "count", load_int), {"count": "many"}),
        (lambda body: value_of(body, "count", load_int), {"count": None}),
        (lambda body: value_of(body, "count", load_int), {}),
        (lambda body: value_of(body, "count", load_int, 0), {"count": [1]}),
        (lambda body: value_of(body, "count", load_bool), [1]),
        (lambda body: values_of(body, "count", load_str), {"count": "abc"}),
        (lambda body: values_of(body, "count", load_int), {"count": [1, {}]}),
        (lambda body: mapping_of(body, "count", load_int), {"count": {"tickets": [1]}}),
        (lambda body: mapping_of(body, "count", load_int), {"count": []}),
        (lambda body: record_of(Ticket, body, "count"), {"count": {"id": [1]}}),
        (lambda body: record_of(Ticket, body, "count"), {"count": None}),
    ],
)
def test_wrong_values_of_a_body_name_the_request_and_the_key(read, body):
    """A missing value, or one of another type, raises an error with the path and the key."""
    with pytest.raises(MalformedResponse, match="GET /api/v2/things") as caught:
        read(body_of(REQUEST, body, "count"))

    assert "count" in str(caught.value) or "tickets" in str(caught.value)


def test_values_of_a_body_are_read_leniently():
    """Numbers may be texts, nulls in a list are left out, and null stands for the default."""
    body = body_of(REQUEST, {"n": "5", "list": ["1", None, 2], "none": None, "map": {"a": "1"}})

    assert value_of(body, "n", load_int) == 5
    assert values_of(body, "list", load_int) == [1, 2]
    assert values_of(body, "none", load_int) == []
    assert value_of(body, "none", load_int, 0) == 0
    assert mapping_of(body, "map", load_int) == {"a": 1}
    assert record_of(Ticket, {"subject": "x"}).subject == "x"


@pytest.mark.parametrize("rows", ["x", {}, ["x"], [5], None])
@pytest.mark.parametrize("model", [ExternalContentRecord, AgentStatus])
def test_rows_that_are_no_objects_are_not_lost(model, rows):
    """A page whose list, or a row of it, is something else raises, and is no empty page."""
    keys = ("records", "default", "custom")
    account = Server(lambda request: dict.fromkeys(keys, rows)).connect()
    try:
        with pytest.raises(MalformedResponse):
            list(model.objects.all())
    finally:
        account.close()


def test_results_of_jobs_that_are_no_objects_raise():
    """Wrong results of `rearrange()` raise an error of the library, after one request."""
    answers = [
        {"status": "completed", "results": {"triggers": ["x"]}},
        {"status": "completed", "results": [5]},
        {"status": "failed", "errors": [5]},
        {"status": "failed", "errors": {"code": "x"}},
    ]
    for answer in answers:
        server = Server(lambda request, answer=answer: answer)
        account = server.connect()
        trigger = Trigger.from_row({"id": 1, "position": 1}, account.current())
        trigger.position = 2
        try:
            with pytest.raises(MalformedResponse):
                TriggerCategory.objects.rearrange(triggers=[trigger])
        finally:
            account.close()

        assert len(server.asked) == 1


def test_sources_of_a_lookup_field_end():
    """A cursor that leads to the same rows again raises an error, after few requests."""
    page = {
        "organizations": [{"id": 1, "name": "Acme"}],
        "meta": {"has_more": True, "after_cursor": "x"},
    }
    server = Server(lambda request: page)
    account = server.connect()
    try:
        with pytest.raises(MalformedResponse, match="no link to them"):
            LookupRelationship.objects.sources(Ticket(id=5), 7, Organization)
    finally:
        account.close()

    assert len(server.asked) == 2
