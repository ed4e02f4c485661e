"""Windows: a slice is cut into the fewest pages, and no wall cuts it short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Ticket, User
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.plan.plan import Plan


tickets = Ticket.objects
fresh = tickets.fresh()
OFFSETS = next(each for each in Ticket._meta.api if each.paging is OFFSET)

#: Zendesk refuses a page of a higher number, however small the pages are.
LAST_PAGE = 100


def _asked(rows):
    return dict(next(rows.plan.first()).params)


@pytest.mark.parametrize(
    ("window", "params", "skip"),
    [
        (slice(240, 260), {"per_page": "20", "page": "13"}, 0),
        (slice(100, 200), {"per_page": "100", "page": "2"}, 0),
        (slice(3950, 4000), {"per_page": "50", "page": "80"}, 0),
        (slice(95, 105), {"per_page": "15", "page": "7"}, 5),
        (slice(9900, 10_000), {"per_page": "100", "page": "100"}, 0),
    ],
    ids=str,
)
def test_a_window_in_the_middle_is_one_numbered_page(window, params, skip):
    """The smallest page that holds it, and the rows before it are dropped."""
    plan = fresh[window].plan

    assert params == _asked(fresh[window])
    assert (1, skip) == (plan.requests, plan.skip)


@pytest.mark.parametrize(
    "window", [slice(9990, 9995), slice(5000, 5001), slice(3990, 3995)], ids=str
)
def test_a_page_is_among_the_first_hundred(window):
    """Zendesk gives a hundred pages, so small pages do not reach far."""
    assert int(_asked(fresh[window])["page"]) <= LAST_PAGE


def _spanned(start, stop, size):
    """Return how many pages of that size hold the rows from start to stop."""
    return len({row // size for row in range(start, stop)})


@given(start=st.integers(0, 9_000), rows=st.integers(1, 400))
def test_a_window_lies_in_the_fewest_pages_of_all_sizes(start, rows):
    """Brute force over all sizes that Zendesk would answer finds nothing better."""
    stop = start + rows
    plan = Plan(fresh[start:stop].query, OFFSETS)
    number = int(dict(next(plan.first()).params).get("page", 1))
    sizes = [each for each in range(1, 101) if start // each < LAST_PAGE]
    fewest = min(_spanned(start, stop, each) for each in sizes)

    assert start // plan.size + 1 == number
    assert start - (number - 1) * plan.size == plan.skip
    assert (fewest, fewest) == (_spanned(start, stop, plan.size), plan.requests)


@given(start=st.integers(0, 500), rows=st.integers(1, 300), size=st.integers(1, 100))
def test_a_page_size_that_was_asked_for_is_kept(start, rows, size):
    """The window begins in its page, and the pages up to its end are counted."""
    plan = Plan(fresh.page_size(size)[start : start + rows].query, OFFSETS)

    assert size == plan.size
    assert start % size == plan.skip
    assert _spanned(start, start + rows, size) == plan.requests


@given(start=st.integers(0, 400), rows=st.integers(1, 300))
def test_walked_pages_are_counted_from_the_first(start, rows):
    """A cursor reaches a row only by way of those before it."""
    cursor = next(each for each in User._meta.api if each.title == "list (cursor)")
    plan = Plan(User.objects.all()[start : start + rows].query, cursor)

    assert start == plan.skip
    assert -(-(start + rows) // plan.size) == plan.requests


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        (fresh[:10], "list (cursor)"),
        (fresh[240:260], "list (offset)"),
        (fresh[9_980:10_000], "list (offset)"),
        (fresh[9_990:10_010], "list (cursor)"),
        (fresh[20_000:20_010], "list (cursor)"),
        (tickets.filter(status="new")[:1_000], "search export"),
        (tickets.filter(status="new")[980:1_000], "search"),
        (tickets.filter(status="new")[990:1_010], "search export"),
        (tickets.filter(status="new")[20:], "search export"),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_beyond_a_wall_another_endpoint_answers(rows, title):
    """Offsets end at 10,000 rows and search at 1,000; cursors do not end."""
    assert title == rows.plan.endpoint.title


@pytest.mark.parametrize(("window", "requests"), [(slice(0, 20), 1), (slice(100, 120), 2)])
def test_loose_rows_are_read_from_the_first_page(window, requests):
    """Words match more than was asked, so which page holds row 100 is not known."""
    rows = tickets.filter(subject="printer").order_by("-status")[window]
    plan = rows.plan

    assert plan.loose
    assert "page" not in _asked(rows)
    assert plan.skip == window.start
    assert plan.requests >= requests


def test_exact_conditions_are_not_loose():
    """Only what Zendesk matches by word is counted off here."""
    assert not tickets.filter(status="new")[:5].plan.loose
    assert tickets.filter(status="new", subject="x")[:5].plan.loose
