"""Slices need the fewest pages, and no row limit truncates them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Ticket, User
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.plan.plan import Plan


tickets = Ticket.objects
fresh = tickets.fresh()
OFFSETS = next(item for item in Ticket._meta.api if item.paging is OFFSET)

#: Zendesk rejects higher page numbers, whatever the page size.
LAST_PAGE = 100


def _request_params(rows):
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
def test_a_slice_in_the_middle_is_read_as_one_page(window, params, skip):
    """A slice is read as the smallest page that contains it, without the rows before it."""
    plan = fresh[window].plan

    assert _request_params(fresh[window]) == {"support_type_scope": "all", **params}
    assert (plan.requests, plan.skip) == (1, skip)


@pytest.mark.parametrize(
    "window", [slice(9990, 9995), slice(5000, 5001), slice(3990, 3995)], ids=str
)
def test_page_numbers_do_not_exceed_one_hundred(window):
    """No page number exceeds 100, which limits the rows that small pages reach."""
    assert int(_request_params(fresh[window])["page"]) <= LAST_PAGE


def _count_pages(start, stop, size):
    """Return how many pages of a size contain the rows from start to stop."""
    return len({row // size for row in range(start, stop)})


@given(start=st.integers(0, 9_000), rows=st.integers(1, 400))
def test_a_slice_spans_the_fewest_pages(start, rows):
    """No page size that Zendesk accepts needs fewer pages for a slice."""
    stop = start + rows
    plan = Plan(fresh[start:stop].query, OFFSETS)
    number = int(dict(next(plan.first()).params).get("page", 1))
    sizes = [item for item in range(1, 101) if start // item < LAST_PAGE]
    fewest = min(_count_pages(start, stop, size) for size in sizes)

    assert start // plan.size + 1 == number
    assert start - (number - 1) * plan.size == plan.skip
    assert (_count_pages(start, stop, plan.size), plan.requests) == (fewest, fewest)


@given(start=st.integers(0, 500), rows=st.integers(1, 300), size=st.integers(1, 100))
def test_a_requested_page_size_is_used(start, rows, size):
    """A requested page size is used, and counts the pages of the slice."""
    plan = Plan(fresh.page_size(size)[start : start + rows].query, OFFSETS)

    assert plan.size == size
    assert plan.skip == start % size
    assert _count_pages(start, start + rows, size) == plan.requests


@given(start=st.integers(0, 400), rows=st.integers(1, 300))
def test_cursor_pages_are_counted_from_the_first(start, rows):
    """With cursors, the pages before a slice are counted, because they are read."""
    cursor = next(item for item in User._meta.api if item.title == "list (cursor)")
    plan = Plan(User.objects.all()[start : start + rows].query, cursor)

    assert plan.skip == start
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
def test_another_endpoint_is_chosen_beyond_a_row_limit(rows, title):
    """A slice beyond the row limit of an endpoint is read from another endpoint."""
    assert rows.plan.endpoint.title == title


@pytest.mark.parametrize(("window", "requests"), [(slice(0, 20), 1), (slice(100, 120), 2)])
def test_tokenized_rows_are_read_from_the_first_page(window, requests):
    """A tokenized search is read from the first page, because it returns too many rows."""
    rows = tickets.filter(subject="printer").order_by("-status")[window]
    plan = rows.plan

    assert plan.tokenized
    assert "page" not in _request_params(rows)
    assert plan.skip == window.start
    assert plan.requests >= requests


def test_exact_conditions_are_not_tokenized():
    """Conditions on other fields than tokenized ones do not require the first page."""
    assert not tickets.filter(status="new")[:5].plan.tokenized
    assert tickets.filter(status="new", subject="x")[:5].plan.tokenized
