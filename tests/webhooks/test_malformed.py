"""Signed payloads of any form: none raises an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.signing import NOW, SECRET, sign
from zendesk_orm import verify
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.support.webhooks.event_names import NAMES
from zendesk_orm.sync.facts import facts_of
from zendesk_orm.sync.webhooks.event_fields import known_values
from zendesk_orm.sync.webhooks.payloads import decode_payload
from zendesk_orm.sync.webhooks.webhook_events import read_changes


CLOCK = VirtualClock(NOW)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(["0", "-1", "", "OPEN", "2026-01-02T03:04:05.123456789Z", "zen:ticket:5"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)
KEYS = st.sampled_from(
    [
        *("current", "previous", "comment", "custom_field", "tags_added", "tags_removed"),
        *("users_added", "users_removed", "meta", "id", "title", "type", "value", "attachment"),
        *("author", "tags", "actor_id", "updated_at", "status", "requester_id", "form_id"),
    ]
)
OBJECTS = st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=4), max_size=6)
SUBJECTS = st.one_of(
    SCALARS,
    st.builds(
        "zen:{}:{}".format,
        st.sampled_from(["ticket", "user", "organization", "article", "community_post", "agent"]),
        st.integers(-1, 10**20) | st.text(max_size=5),
    ),
)
EVENTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(sorted(NAMES)).map("zen:event-type:{}".format),
        "subject": SUBJECTS,
        "detail": OBJECTS | VALUES,
        "event": OBJECTS | VALUES,
        "time": SCALARS,
        "id": SCALARS,
    }
)


def read(body, media="json"):
    """Return the changes that a signed body announces."""
    request = sign(body, media=media)
    delivery = verify(request.body, request.headers, SECRET, clock=CLOCK)
    return read_changes(decode_payload(delivery), delivery)


def read_title(event):
    """Return the title of the custom field of an event, if it has one."""
    field = event.get("custom_field") if isinstance(event, dict) else None
    return str(field.get("title")) if isinstance(field, dict) else ""


@given(EVENTS)
def test_events_with_any_values_are_read(payload):
    """An event is read whatever its values are; its id is a positive number."""
    for change in read(json.dumps(payload).encode()):
        assert isinstance(change.pk, int)
        assert change.pk > 0
        assert set(change.changes) <= {*change.model._meta.fields, read_title(payload["event"])}
        detail = payload["detail"] if isinstance(payload["detail"], dict) else {}
        known_values(change.model._meta, detail)


@given(st.binary(max_size=200), st.sampled_from(["json", "xml", "x-www-form-urlencoded", "ü"]))
def test_any_bytes_are_read(body, media):
    """Any signed bytes are decoded, or not, without an exception."""
    assert isinstance(read(body, media), list)


@given(VALUES)
def test_any_json_is_read(value):
    """Any JSON is read; a ticket is announced only for an id."""
    assert [change.pk for change in read(json.dumps({"ticket_id": value}).encode())] in (
        [],
        [int(value)] if isinstance(value, (int, str)) and str(value).strip().isdigit() else [],
    )


@pytest.mark.parametrize(("levels", "count"), [(1, 1), (30, 1), (90, 1), (200, 0), (100_000, 0)])
def test_nested_lists_take_no_more_space_than_they_have(levels, count):
    """The facts of nested lists are short, and an event with over 100 levels is ignored."""
    nested = "[" * levels + "]" * levels
    event = {
        "type": "zen:event-type:ticket.priority_changed",
        "subject": "zen:ticket:5",
        "detail": {"id": "5"},
        "event": {"previous": "LISTS", "current": "low"},
    }
    body = json.dumps(event).replace('"LISTS"', nested).encode()

    changes = read(body)

    assert len(changes) == count
    assert all(len(fact) < 1_000 for change in changes for fact in facts_of(change))
