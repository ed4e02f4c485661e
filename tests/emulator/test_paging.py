"""Pages of lists by cursor and by offset."""

from __future__ import annotations

import pytest


@pytest.fixture
def tickets(zendesk):
    """Create seven tickets, one a second, and return their ids."""
    ids = []
    for number in range(7):
        ids.append(zendesk.create_ticket(subject=f"Ticket {number}", external_id="x")["id"])
        zendesk.clock.sleep(1)
    return ids


def _follow_links(zendesk, path, **params):
    """Return the ids on each page."""
    pages = []
    data = zendesk.get(path, **params)
    while True:
        pages.append([row["id"] for row in data["tickets"]])
        if not data["meta"]["has_more"]:
            return pages
        data = zendesk.get(data["links"]["next"])


def test_cursor_pages_return_each_row_once(zendesk, tickets):
    """Following `links.next` while `has_more` is true returns each row once, in order."""
    pages = _follow_links(zendesk, "tickets", **{"page[size]": 3})

    assert pages == [tickets[:3], tickets[3:6], tickets[6:]]


@pytest.mark.parametrize("sort", ["-id", "-updated_at", "updated_at"])
def test_cursor_pages_are_sorted(zendesk, tickets, sort):
    """`sort` orders cursor pages by a declared field, in reverse with a minus."""
    pages = _follow_links(zendesk, "tickets", **{"page[size]": 3, "sort": sort})

    assert sorted(tickets, reverse=sort[0] == "-") == [pk for page in pages for pk in page]


def test_last_cursor_page_has_links(zendesk, tickets):
    """The last cursor page has `links.next` and cursors, and only `has_more` is false."""
    data = zendesk.get("tickets", **{"page[size]": 100})

    assert not data["meta"]["has_more"]
    assert data["meta"]["after_cursor"]
    assert data["links"]["next"]
    assert data["links"]["prev"]
    assert zendesk.get(data["links"]["next"])["tickets"] == []


def test_a_previous_page_is_returned(zendesk, tickets):
    """`page[before]` returns the previous rows in the order of the list."""
    page = zendesk.get("tickets", **{"page[size]": 3})
    page = zendesk.get(page["links"]["next"])

    back = zendesk.get(page["links"]["prev"])

    assert tickets[:3] == [row["id"] for row in back["tickets"]]


def test_links_contain_the_parameters(zendesk, tickets):
    """A link contains the encoded parameters of its page, and the suffix `.json`."""
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
def test_invalid_cursor_or_order_is_rejected(zendesk, params):
    """An unknown cursor or order returns 400 with InvalidPaginationParameter."""
    response = zendesk.send("GET", "tickets", params=params)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "InvalidPaginationParameter"


def test_cursor_of_another_order_is_rejected(zendesk, tickets):
    """A cursor is rejected with another order than that of its page."""
    cursor = zendesk.get("tickets", **{"page[size]": 3})["meta"]["after_cursor"]

    response = zendesk.send("GET", "tickets", params={"page[after]": cursor, "sort": "-id"})

    assert response.status_code == 400


def test_offset_pages_have_a_count_and_links(zendesk, tickets):
    """A numbered page has the number of all rows, and links to its neighbours."""
    first = zendesk.get("tickets", per_page=3)
    middle = zendesk.get(first["next_page"])
    last = zendesk.get(middle["next_page"])

    assert [page["count"] for page in (first, middle, last)] == [7, 7, 7]
    assert [len(page["tickets"]) for page in (first, middle, last)] == [3, 3, 1]
    assert [first["previous_page"], last["next_page"]] == [None, None]
    assert "page=1" in middle["previous_page"]


def test_offset_pages_are_sorted(zendesk, tickets):
    """`sort_by` and `sort_order` sort numbered pages, and are ignored with `page[size]`."""
    asked = {"sort_by": "created_at", "sort_order": "desc"}

    numbered = [row["id"] for row in zendesk.get("tickets", **asked)["tickets"]]
    walked = [row["id"] for row in zendesk.get("tickets", **asked, **{"page[size]": 9})["tickets"]]

    assert numbered == tickets[::-1]
    assert walked == tickets


def test_statuses_are_sorted_by_rank(zendesk):
    """Statuses are sorted from new to closed, not alphabetically."""
    for status in ("closed", "new", "pending", "open"):
        zendesk.create_ticket(status=status)

    rows = zendesk.get("tickets", **{"page[size]": 9, "sort": "status"})["tickets"]

    assert [row["status"] for row in rows] == ["new", "open", "pending", "closed"]


def test_offsets_end_at_ten_thousand_rows(zendesk):
    """Row 10,000 is the last that an offset page contains."""
    assert zendesk.send("GET", "tickets", params={"page": 100}).ok

    response = zendesk.send("GET", "tickets", params={"page": 101})

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "InvalidPaginationDepth"


@pytest.mark.parametrize("params", [{"page": "x"}, {"per_page": "0"}, {"page[size]": "-1"}])
def test_invalid_page_number_is_rejected(zendesk, params):
    """A page number that is not positive returns the error of an invalid attribute."""
    response = zendesk.send("GET", "tickets", params=params)

    assert response.status_code == 400
    assert response.json()["error"]["title"] == "Invalid attribute"


def test_the_order_of_numbered_pages_needs_no_field(zendesk):
    """`sort_order` reverses a list that is paged by cursor otherwise, as comments."""
    ticket = zendesk.create_ticket(comment={"body": "one"})["id"]
    zendesk.clock.sleep(1)
    zendesk.send("PUT", f"tickets/{ticket}", {"ticket": {"comment": {"body": "two"}}})

    path = f"tickets/{ticket}/comments"
    pages = [
        zendesk.get(path, sort_order="desc", per_page=1),
        zendesk.get(path, sort_order="desc"),
        zendesk.get(path, sort_order="desc", **{"page[size]": 1}),
    ]

    bodies = [[comment["body"] for comment in page["comments"]] for page in pages]
    assert bodies == [["two"], ["two", "one"], ["one"]]
