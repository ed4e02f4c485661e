"""Pages: cursors that are opaque, offsets that end at a wall."""

from __future__ import annotations

import pytest


@pytest.fixture
def tickets(zendesk):
    """Make seven tickets, one a second, and return their ids."""
    ids = []
    for number in range(7):
        ids.append(zendesk.ticket(subject=f"Ticket {number}", external_id="x")["id"])
        zendesk.clock.sleep(1)
    return ids


def _walk(zendesk, path, **params):
    """Return the ids on each page."""
    pages = []
    data = zendesk.get(path, **params)
    while True:
        pages.append([row["id"] for row in data["tickets"]])
        if not data["meta"]["has_more"]:
            return pages
        data = zendesk.get(data["links"]["next"])


def test_cursors_walk_the_list(zendesk, tickets):
    """Following `links.next` while there is more gives each row once, in order."""
    pages = _walk(zendesk, "tickets", **{"page[size]": 3})

    assert [tickets[:3], tickets[3:6], tickets[6:]] == pages


@pytest.mark.parametrize("sort", ["-id", "-updated_at", "updated_at"])
def test_cursors_walk_in_the_order_asked(zendesk, tickets, sort):
    """`sort` orders by a declared field, and a minus turns it around."""
    pages = _walk(zendesk, "tickets", **{"page[size]": 3, "sort": sort})

    assert sorted(tickets, reverse=sort[0] == "-") == [pk for page in pages for pk in page]


def test_the_links_stay_at_the_end(zendesk, tickets):
    """The last page still has a `links.next` and cursors; only `has_more` says that it is over."""
    data = zendesk.get("tickets", **{"page[size]": 100})

    assert not data["meta"]["has_more"]
    assert data["meta"]["after_cursor"]
    assert data["links"]["next"]
    assert data["links"]["prev"]
    assert [] == zendesk.get(data["links"]["next"])["tickets"]


def test_a_cursor_leads_back(zendesk, tickets):
    """`page[before]` gives the rows before, in the order of the list."""
    page = zendesk.get("tickets", **{"page[size]": 3})
    page = zendesk.get(page["links"]["next"])

    back = zendesk.get(page["links"]["prev"])

    assert tickets[:3] == [row["id"] for row in back["tickets"]]


def test_links_repeat_what_was_asked(zendesk, tickets):
    """A link has the parameters of its page, encoded, and the suffix."""
    link = zendesk.get("tickets", **{"page[size]": 3, "external_id": "x"})["links"]["next"]

    assert link.startswith("https://emulator.zendesk.com/api/v2/tickets.json?external_id=x&page%5B")
    assert link.endswith("&page%5Bsize%5D=3")


@pytest.mark.parametrize(
    "params",
    [
        {"page[size]": 3, "sort": "created_at"},
        {"page[after]": "nonsense"},
        {"page[after]": "eyJvIjoiaWQiLCJ2IjpbMV19"},
        {"page[after]": "x", "page[before]": "y"},
    ],
)
def test_a_cursor_or_an_order_that_is_none_is_refused(zendesk, params):
    """Orders that are not declared and cursors of others are 400 InvalidPaginationParameter."""
    answer = zendesk.send("GET", "tickets", params=params)

    assert 400 == answer.status_code
    assert "InvalidPaginationParameter" == answer.json()["errors"][0]["code"]


def test_a_cursor_of_another_order_is_refused(zendesk, tickets):
    """A cursor goes with the order that it was made in."""
    cursor = zendesk.get("tickets", **{"page[size]": 3})["meta"]["after_cursor"]

    answer = zendesk.send("GET", "tickets", params={"page[after]": cursor, "sort": "-id"})

    assert 400 == answer.status_code


def test_offsets_count_and_link(zendesk, tickets):
    """A numbered page says how many rows there are, and links to its neighbours."""
    first = zendesk.get("tickets", per_page=3)
    middle = zendesk.get(first["next_page"])
    last = zendesk.get(middle["next_page"])

    assert [7, 7, 7] == [page["count"] for page in (first, middle, last)]
    assert [3, 3, 1] == [len(page["tickets"]) for page in (first, middle, last)]
    assert [None, None] == [first["previous_page"], last["next_page"]]
    assert "page=1" in middle["previous_page"]


def test_offsets_sort_by(zendesk, tickets):
    """`sort_by` and `sort_order` order a numbered list; with `page[size]` they are ignored."""
    asked = {"sort_by": "created_at", "sort_order": "desc"}

    numbered = [row["id"] for row in zendesk.get("tickets", **asked)["tickets"]]
    walked = [row["id"] for row in zendesk.get("tickets", **asked, **{"page[size]": 9})["tickets"]]

    assert tickets[::-1] == numbered
    assert tickets == walked


def test_status_sorts_by_its_progress(zendesk):
    """Statuses sort from new to closed, not by the alphabet."""
    for status in ("closed", "new", "pending", "open"):
        zendesk.ticket(status=status)

    rows = zendesk.get("tickets", **{"page[size]": 9, "sort": "status"})["tickets"]

    assert ["new", "open", "pending", "closed"] == [row["status"] for row in rows]


def test_offsets_end_at_ten_thousand(zendesk):
    """Row 10,000 is the last that an offset reaches."""
    assert zendesk.send("GET", "tickets", params={"page": 100}).ok

    answer = zendesk.send("GET", "tickets", params={"page": 101})

    assert 400 == answer.status_code
    assert "InvalidPaginationDepth" == answer.json()["errors"][0]["code"]


@pytest.mark.parametrize("params", [{"page": "x"}, {"per_page": "0"}, {"page[size]": "-1"}])
def test_numbers_have_to_be_numbers(zendesk, params):
    """A page that is no positive number is an invalid attribute."""
    answer = zendesk.send("GET", "tickets", params=params)

    assert 400 == answer.status_code
    assert "Invalid attribute" == answer.json()["error"]["title"]
