"""Alternatives: what no endpoint answers together is asked one by one."""

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
def test_each_alternative_is_a_query_of_its_own(q, expected):
    """What stands beside the alternatives is part of each."""
    assert expected == _queries(Ticket.objects.filter(q))


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(status="new") | Q(status="open"), ["status:new status:open"]),
        (~NEW_OR_VIP, ["-status:new -tags:vip"]),
        (Q(status="new") | Q(status__in=[]), ["status:new"]),
    ],
    ids=str,
)
def test_what_one_query_can_say_is_one_query(q, expected):
    """Alternatives of one property, the negation of several, and what cannot be."""
    assert expected == _queries(Ticket.objects.filter(q))


def test_each_alternative_has_the_endpoint_that_suits_it():
    """An id is shown, a status is searched."""
    chosen = Ticket.objects.filter(Q(id=1) | Q(status="new")).plan

    assert ["show", "search export"] == [each.endpoint.title for each in chosen.plans]


def test_a_short_list_needs_no_alternatives():
    """It is read once and filtered here."""
    chosen = Group.objects.filter(Q(name="a") | Q(default=True)).plan

    assert ("list (cursor)", True, 1) == (chosen.endpoint.title, chosen.local, chosen.requests)


def test_each_alternative_is_read_from_the_first_row():
    """Which rows the window holds is known after they are put together."""
    windows = {(each.query.start, each.query.stop) for each in rows[20:30].plan.plans}

    assert {(0, 30)} == windows


def test_the_costs_are_added():
    """A budget is for all of them."""
    assert 20 == rows.plan.requests
    assert 20 == rows.max_requests(20).plan.requests
    with pytest.raises(RequestBudgetExceeded, match="about 20 requests, 19 are allowed"):
        _ = rows.max_requests(19).plan


@pytest.mark.parametrize(
    ("order", "expected"),
    [((), ("-created_at",)), (("status",), ("status",)), (("-id", "status"), ("-id", "status"))],
)
def test_what_is_put_together_is_in_one_order(order, expected):
    """All give the order that is asked."""
    assert expected == rows.order_by(*order)[:5].plan.order


def test_an_alternative_that_nothing_answers_is_refused():
    """The others do not answer for it; nothing of the result is left out."""
    with pytest.raises(NoEndpoint, match="raw_subject"):
        _ = Ticket.objects.filter(Q(status="new") | Q(raw_subject="x")).plan


def test_too_many_alternatives_are_refused():
    """The message tells how many there may be."""
    each = [Q(status="new") | Q(tags=tag) for tag in "abcd"]

    with pytest.raises(NoEndpoint, match="more than 8 alternatives"):
        _ = Ticket.objects.filter(*each).plan


def test_a_single_endpoint_can_be_insisted_on():
    """What needs one query refuses alternatives."""
    assert "search export" == plan_one(Ticket.objects.filter(status="new").query).endpoint.title
    with pytest.raises(NoEndpoint, match=r"alternatives|`or`"):
        plan_one(rows.query)


def test_the_explanation_tells_every_query():
    """And what they cost together."""
    lines = explain(rows[:10].query).splitlines()
    search = (
        "GET /api/v2/search?query=type:ticket {}&sort_by=created_at&sort_order=desc&per_page=10"
    )

    assert [
        "Ticket: (status = 'new' or tags = 'vip'); rows 0:10",
        "2 queries, put together, each row once:",
        search.format("status:new"),
        search.format("tags:vip"),
        "costs 2 requests",
        "needs scope read",
        "note: the search index lags by a minute or more",
    ] == lines[:7]


# -- other queries inside ----------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.filter(requester__email="ann@example.com"),
        Ticket.objects.filter(requester__in=User.objects.filter(email="ann@example.com")),
    ],
    ids=["span", "queryset"],
)
def test_the_explanation_tells_what_is_read_first(rows):
    """A condition on the requester needs the requesters."""
    expected = "first reads (User: email = 'ann@example.com')"

    assert expected in explain(rows.query).splitlines()


# -- free text ---------------------------------------------------------------


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
    """No word of it becomes an operator."""
    assert [expected] == _queries(Ticket.objects.filter(text=text))


def test_free_text_stands_beside_conditions():
    """Each is said as it is."""
    searched = Ticket.objects.filter(text="printer", status="new").exclude(text="toner")

    assert ["status:new printer -toner"] == _queries(searched)


def test_as_many_values_as_one_search_takes_are_refused_with_the_reason():
    """Fifty values fit into one search; what it cannot compare is named."""
    rows = Ticket.objects.filter(tags__in=[f"t{n}" for n in range(50)], subject__endswith="x")

    with pytest.raises(NoEndpoint, match="subject"):
        _ = rows.plan
    with pytest.raises(NoEndpoint, match="subject"):
        _ = rows.filter(tags__in=["a", "b"]).plan
