"""Incremental exports: what changed since, by cursor and by time."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import NOW


@pytest.fixture
def tickets(zendesk):
    """Make five tickets, one a minute, of which the first is archived and the last deleted."""
    ids = []
    for _ in range(5):
        ids.append(zendesk.ticket()["id"])
        zendesk.clock.sleep(60)
    zendesk.emulator.archive(ids[0])
    zendesk.send("DELETE", f"tickets/{ids[4]}")
    zendesk.clock.sleep(120)
    return ids


def test_a_cursor_walks_what_changed(zendesk, tickets):
    """Pages by cursor give each row once, in the order of change, and say when they end."""
    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW), per_page=2)
    rows = data["tickets"]
    while not data["end_of_stream"]:
        data = zendesk.get(data["after_url"])
        rows += data["tickets"]

    assert tickets == [row["id"] for row in rows]
    assert "deleted" == rows[-1]["status"]
    assert data["after_cursor"]


def test_a_cursor_goes_on_where_it_stopped(zendesk, tickets):
    """The last cursor gives nothing until something changes, and then that."""
    cursor = zendesk.get("incremental/tickets/cursor", start_time=int(NOW))["after_cursor"]
    nothing = zendesk.get("incremental/tickets/cursor", cursor=cursor)

    zendesk.send("PUT", f"tickets/{tickets[1]}", {"ticket": {"subject": "new"}})
    zendesk.clock.sleep(61)
    later = zendesk.get("incremental/tickets/cursor", cursor=nothing["after_cursor"])

    assert ([], True) == (nothing["tickets"], nothing["end_of_stream"])
    assert ["new"] == [row["subject"] for row in later["tickets"]]


def test_time_overlaps_at_the_seam(zendesk, tickets):
    """Pages by time begin with the second that the last one ended with."""
    first = zendesk.get("incremental/tickets", start_time=int(NOW), per_page=2)
    second = zendesk.get(first["next_page"])

    assert (2, False) == (first["count"], first["end_of_stream"])
    assert tickets[:2] == [row["id"] for row in first["tickets"]]
    assert tickets[1:3] == [row["id"] for row in second["tickets"]]


def test_a_page_by_time_never_parts_a_second(zendesk):
    """Rows that changed in one second come on one page, however many."""
    ids = [zendesk.ticket()["id"] for _ in range(3)]
    zendesk.clock.sleep(120)

    page = zendesk.get("incremental/tickets", start_time=int(NOW), per_page=1)

    assert ids == [row["id"] for row in page["tickets"]]


def test_deleted_rows_can_be_left_out(zendesk, tickets):
    """`exclude_deleted` leaves out what was deleted."""
    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW), exclude_deleted="true")

    assert tickets[:4] == [row["id"] for row in data["tickets"]]


def test_the_last_minute_is_withheld(zendesk):
    """What changed just now is not exported yet."""
    zendesk.ticket()
    zendesk.clock.sleep(30)

    data = zendesk.get("incremental/tickets/cursor", start_time=int(NOW) - 60)

    assert [] == data["tickets"]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"start_time": "x"}, 400),
        ({"cursor": "x"}, 400),
        ({"start_time": int(NOW)}, 422),
    ],
)
def test_an_export_has_to_begin_somewhere(zendesk, params, status):
    """A start that is none is refused, and so is one within the last minute."""
    answer = zendesk.send("GET", "incremental/users/cursor", params=params)

    assert status == answer.status_code


def test_the_code_of_a_refusal_is_a_switch(zendesk):
    """What an export that begins too late is answered is unconfirmed, so there is a switch."""
    params = {"start_time": int(zendesk.clock.now())}
    path = "incremental/tickets/cursor"

    before = zendesk.send("GET", path, params=params).json()["error"]
    zendesk.emulator.switches.too_recent_error = "StartTimeTooRecent"
    after = zendesk.send("GET", path, params=params).json()["error"]

    assert ("InvalidValue", "StartTimeTooRecent") == (before, after)
