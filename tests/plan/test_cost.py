"""The cost of a plan: pages, side-loads and the budget."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, Organization, RequestBudgetExceeded, Ticket


tickets, groups = Ticket.objects, Group.objects


def _plan_of(rows):
    return dict(next(rows.plan.first()).params)


@pytest.mark.parametrize(
    ("rows", "size", "requests"),
    [
        (tickets.filter(status="new"), 1000, 10),
        (tickets.filter(status="new").page_size(50), 50, 200),
        (tickets.filter(status="new").page_size(5000), 1000, 10),
        (tickets.filter(status="new")[:250], 250, 1),
        (tickets.fresh(), 100, 100),
        (tickets.fresh().page_size(500), 100, 100),
        (tickets.fresh()[:250], 100, 3),
        (tickets.fresh().page_size(10)[:25], 10, 3),
        (tickets.filter(id=1), 0, 1),
        (tickets.filter(id=1).page_size(10), 0, 1),
        (groups.all(), 100, 1),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_a_plan_estimates_its_pages(rows, size, requests):
    """The cost is estimated from the page size; unlimited results count as ten thousand rows."""
    plan = rows.plan

    assert (plan.size, plan.requests) == (size, requests)


@pytest.mark.parametrize(
    ("rows", "include", "prefetched"),
    [
        (tickets.filter(id=1).select_related("requester"), "users", ()),
        (tickets.filter(id__in=[1, 2]).select_related("requester", "assignee"), "users", ()),
        (
            tickets.fresh().select_related("requester", "organization", "group"),
            "users,organizations,groups",
            (),
        ),
        (tickets.filter(status="new")[:5].select_related("requester"), "tickets(users)", ()),
        (tickets.fresh().select_related("requester", "brand"), "users", ("brand",)),
        (
            Organization(id=3).tickets.fresh().select_related("requester"),
            None,
            ("requester",),
        ),
        (groups.all(), None, ()),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_relations_are_side_loaded_or_fetched(rows, include, prefetched):
    """Relations that an endpoint cannot side-load are fetched by `show_many`, a hundred at once."""
    assert _plan_of(rows).get("include") == include
    assert rows.plan.prefetched == prefetched


def test_prefetched_relations_are_counted():
    """Each prefetched relation costs one request per page."""
    rows = Organization(id=3).tickets.fresh()[:300]

    assert (
        rows.plan.requests,
        rows.select_related("requester").plan.requests,
        rows.select_related("requester", "group").plan.requests,
    ) == (3, 6, 9)


def test_a_query_within_its_budget_is_planned():
    """A query whose cost equals the budget is planned."""
    assert tickets.fresh()[:300].max_requests(3).plan.requests == 3


def test_a_query_beyond_its_budget_raises_an_error():
    """A query beyond its budget raises an error with the cost and the remedy."""
    message = (
        r"list \(cursor\) takes about 3 requests, 2 are allowed; slice the query or allow more"
    )

    with pytest.raises(RequestBudgetExceeded, match=message):
        _ = tickets.fresh()[:300].max_requests(2).plan
