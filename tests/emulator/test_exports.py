"""Incremental exports by cursor and by time."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import NOW


@pytest.fixture
def tickets(zendesk):
    """Create five tickets, one a minute; archive the first and delete the last."""
    ids = []
    for _ in range(5):
        ids.append(zendesk.create_ticket()["id"])
        zendesk.clock.sleep(60)
    zendesk.emulator.archive(ids[0])
    zendesk.send("DELETE", f"tickets/{ids[4]}")
    zendesk.clock.sleep(120)
    return ids


def test_cursor_export_returns_each_change_once(zendesk, tickets):
    """A cursor export returns each row once, in the order of changes, and marks its end."""
    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW), per_page=2)
    rows = data["tickets"]
    while not data["end_of_stream"]:
        data = zendesk.get(data["after_url"])
        rows += data["tickets"]

    assert tickets == [row["id"] for row in rows]
    assert rows[-1]["status"] == "deleted"
    assert data["after_cursor"]


def test_last_cursor_returns_later_changes(zendesk, tickets):
    """The last cursor of an export returns only rows that change later."""
    cursor = zendesk.get("incremental/tickets/cursor", start_time=int(NOW))["after_cursor"]
    nothing = zendesk.get("incremental/tickets/cursor", cursor=cursor)

    zendesk.send("PUT", f"tickets/{tickets[1]}", {"ticket": {"subject": "new"}})
    zendesk.clock.sleep(61)
    later = zendesk.get("incremental/tickets/cursor", cursor=nothing["after_cursor"])

    assert (nothing["tickets"], nothing["end_of_stream"]) == ([], True)
    assert [row["subject"] for row in later["tickets"]] == ["new"]


def test_time_export_repeats_the_last_second(zendesk, tickets):
    """A page of a time-based export starts with the last second of the previous page."""
    first = zendesk.get("incremental/tickets", start_time=int(NOW), per_page=2)
    second = zendesk.get(first["next_page"])

    assert (first["count"], first["end_of_stream"]) == (2, False)
    assert tickets[:2] == [row["id"] for row in first["tickets"]]
    assert tickets[1:3] == [row["id"] for row in second["tickets"]]


def test_time_export_does_not_split_a_second(zendesk):
    """A page of a time-based export contains all rows that changed in its last second."""
    ids = [zendesk.create_ticket()["id"] for _ in range(3)]
    zendesk.clock.sleep(120)

    page = zendesk.get("incremental/tickets", start_time=int(NOW), per_page=1)

    assert ids == [row["id"] for row in page["tickets"]]


def test_exclude_deleted_omits_deleted_rows(zendesk, tickets):
    """`exclude_deleted` omits deleted rows."""
    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW), exclude_deleted="true")

    assert tickets[:4] == [row["id"] for row in data["tickets"]]


def test_recent_changes_are_not_exported(zendesk):
    """Changes of the last minute are not exported yet."""
    zendesk.create_ticket()
    zendesk.clock.sleep(30)

    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW) - 60)

    assert data["tickets"] == []


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"start_time": "x"}, 400),
        ({"cursor": "x"}, 400),
        ({"start_time": int(NOW)}, 422),
    ],
)
def test_invalid_start_is_rejected(zendesk, params, status):
    """A start that is invalid, or less than a minute ago, is rejected."""
    response = zendesk.send("GET", "incremental/users/cursor", params=params)

    assert response.status_code == status


def test_the_error_code_for_a_recent_start_is_a_switch(zendesk):
    """The switch `too_recent_error` sets the unconfirmed error code for a recent start."""
    params = {"start_time": int(zendesk.clock.now())}
    path = "incremental/tickets/cursor"

    before = zendesk.send("GET", path, params=params).json()["error"]
    zendesk.emulator.switches.too_recent_error = "StartTimeTooRecent"
    after = zendesk.send("GET", path, params=params).json()["error"]

    assert (before, after) == ("InvalidValue", "StartTimeTooRecent")
