"""Alternatives (`|`) that no endpoint supports together are queried separately."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, NoEndpoint, Q, RequestBudgetExceeded, Ticket, User
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.planner import plan_one


NEW_OR_VIP = Q(status="new") | Q(tags="vip")
rows = Ticket.objects.filter(NEW_OR_VIP)


def _queries(rows):
    return [dict(request.params).get("query") for request in rows.plan.first()]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (NEW_OR_VIP, ["status:new", "tags:vip"]),
        (NEW_OR_VIP & Q(priority="high"), ["status:new priority:high", "priority:high tags:vip"]),
        (~Q(status="new", tags="vip"), ["-status:new", "-tags:vip"]),
        (NEW_OR_VIP | Q(priority="high"), ["status:new", "tags:vip", "priority:high"]),
    ],
    ids=str,
)
def test_alternatives_are_queried_separately(q, expected):
    """Each alternative is a query, which includes the other conditions."""
    assert _queries(Ticket.objects.filter(q)) == expected


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(status="new") | Q(status="open"), ["status:new status:open"]),
        (~NEW_OR_VIP, ["-status:new -tags:vip"]),
        (Q(status="new") | Q(status__in=[]), ["status:new"]),
    ],
    ids=str,
)
def test_alternatives_that_fit_one_search_are_one_query(q, expected):
    """Alternatives of one field, negated ones and empty ones need one query."""
    assert _queries(Ticket.objects.filter(q)) == expected


def test_alternatives_use_different_endpoints():
    """An alternative by id uses `show`, and one by status uses search."""
    chosen = Ticket.objects.filter(Q(id=1) | Q(status="new")).plan

    assert [plan.endpoint.title for plan in chosen.plans] == ["show", "search export"]


def test_a_short_list_needs_no_alternatives():
    """A short list is read once and filtered client-side instead of once per alternative."""
    chosen = Group.objects.filter(Q(name="a") | Q(default=True)).plan

    assert (chosen.endpoint.title, chosen.local, chosen.requests) == ("list (cursor)", True, 1)


def test_each_alternative_is_read_from_the_first_row():
    """Each alternative is read from its first row, and the merged rows are sliced."""
    windows = {(plan.query.start, plan.query.stop) for plan in rows[20:30].plan.plans}

    assert windows == {(0, 30)}


def test_costs_of_alternatives_are_added():
    """The cost of a union is that of all its queries, which the budget limits."""
    assert rows.plan.requests == 20
    assert rows.max_requests(20).plan.requests == 20
    with pytest.raises(RequestBudgetExceeded, match="about 20 requests, 19 are allowed"):
        _ = rows.max_requests(19).plan


@pytest.mark.parametrize(
    ("order", "expected"),
    [((), ("-created_at",)), (("status",), ("status",)), (("-id", "status"), ("-id", "status"))],
)
def test_a_union_has_an_order_only_if_its_plans_share_it(order, expected):
    """A union has an order only if all its queries support it."""
    assert rows.order_by(*order)[:5].plan.order == expected


def test_an_unsupported_alternative_raises_no_endpoint():
    """An unsupported alternative raises `NoEndpoint`, so that no result is incomplete."""
    with pytest.raises(NoEndpoint, match="raw_subject"):
        _ = Ticket.objects.filter(Q(status="new") | Q(raw_subject="x")).plan


def test_too_many_alternatives_raise_no_endpoint():
    """Too many alternatives raise `NoEndpoint` with the maximum."""
    item = [Q(status="new") | Q(tags=tag) for tag in "abcd"]

    with pytest.raises(NoEndpoint, match="more than 8 alternatives"):
        _ = Ticket.objects.filter(*item).plan


def test_plan_one_does_not_split_alternatives():
    """Operations that need a single query reject alternatives."""
    assert plan_one(Ticket.objects.filter(status="new").query).endpoint.title == "search export"
    with pytest.raises(NoEndpoint, match=r"alternatives|`or`"):
        plan_one(rows.query)


def test_explain_shows_every_query_of_a_union():
    """`explain()` shows every query of a union and the total cost."""
    lines = explain(rows[:10].query).splitlines()
    search = (
        "GET /api/v2/search?query=type:ticket {}&sort_by=created_at&sort_order=desc&per_page=10"
    )

    assert [
        "Ticket: (status = 'new' or tags = 'vip'); rows 0:10",
        "2 queries, merged, each row once:",
        search.format("status:new"),
        search.format("tags:vip"),
        "costs 2 requests",
        "needs scope read",
        "note: the search index lags by a minute or more",
    ] == lines[:7]


# Subqueries


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.filter(requester__email="ann@example.com"),
        Ticket.objects.filter(requester__in=User.objects.filter(email="ann@example.com")),
    ],
    ids=["span", "queryset"],
)
def test_explain_shows_subqueries(rows):
    """`explain()` shows the query for the requesters that a condition needs, and its request."""
    lines = explain(rows.query).splitlines()

    assert lines[2:5] == [
        "first reads (User: email = 'ann@example.com')",
        "GET /api/v2/search/export?query=email:ann@example.com&filter[type]=user&page[size]=1000",
        "costs 20 requests for 10,000 rows",
    ]


# Free text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("printer fire", "printer fire"),
        ('printer "on fire"', 'printer "on fire"'),
        ("status:new -x none", '"status:new" "-x" "none"'),
        ("  printer \n fire ", "printer fire"),
    ],
)
def test_free_text_is_words_and_phrases(text, expected):
    """Words and phrases of free text never become operators."""
    assert _queries(Ticket.objects.filter(text=text)) == [expected]


def test_free_text_is_combined_with_conditions():
    """Free text and conditions are one search text."""
    searched = Ticket.objects.filter(text="printer", status="new").exclude(text="toner")

    assert _queries(searched) == ["status:new printer -toner"]


def test_a_full_search_with_further_words_raises_no_endpoint():
    """More than fifty values in a search raise `NoEndpoint` with the conditions beyond."""
    rows = Ticket.objects.filter(tags__in=[f"t{n}" for n in range(50)], subject__endswith="x")

    with pytest.raises(NoEndpoint, match="subject"):
        _ = rows.plan
    with pytest.raises(NoEndpoint, match="subject"):
        _ = rows.filter(tags__in=["a", "b"]).plan
