"""The choice and the refusals agree, for any query."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Group, NoEndpoint, Organization, Q, Ticket, User
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import Union
from zendesk_orm.plan.planner import candidates, plan, plan_one, planned, refusal


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)

LOOKUPS = {
    Ticket: [
        Q(id=1),
        Q(id__in=[1, 2, 3]),
        Q(status="new"),
        Q(status__in=["new", "open"]),
        Q(subject="printer"),
        Q(subject__contains="printer"),
        Q(external_id="x"),
        Q(organization=3),
        Q(requester=5),
        Q(tags="vip"),
        Q(created_after=TEN),
        Q(assignee=None),
        Q(status="new") | Q(tags="vip"),
        ~Q(status="solved"),
    ],
    User: [
        Q(id__in=[1, 2]),
        Q(role="agent"),
        Q(organization=3),
        Q(name="Ann"),
        Q(email__iendswith="@example.com"),
        ~Q(tags="vip"),
        Q(role="agent") | Q(verified=True),
    ],
    Organization: [Q(id=1), Q(name="Acme"), Q(tags="vip"), Q(notes__contains="x")],
    Group: [Q(id=1), Q(name="Support"), Q(default=True), ~Q(name="x") | Q(is_public=True)],
}
ORDERS = {
    Ticket: ["id", "-id", "created_at", "-created_at", "status", "subject", "priority"],
    User: ["id", "-id", "created_at", "name"],
    Organization: ["id", "-id", "name"],
    Group: ["name", "-name", "id"],
}


@st.composite
def queries(draw):
    """Draw a query: conditions, order, window, and whether it is to be fresh."""
    model = draw(st.sampled_from(list(LOOKUPS)))
    rows = model.objects.all()
    for q in draw(st.lists(st.sampled_from(LOOKUPS[model]), max_size=3, unique_by=str)):
        rows = rows.filter(q)
    rows = rows.order_by(*draw(st.lists(st.sampled_from(ORDERS[model]), max_size=2)))
    rows = rows.fresh() if draw(st.booleans()) else rows
    start = draw(st.sampled_from([0, 0, 7, 240, 990, 9_990]))
    stop = draw(st.none() | st.integers(start + 1, start + 300))
    return rows[start:stop].query


def _cost(each):
    endless = each.query.stop is None and each.query.ids is None
    walled = endless and each.endpoint.most is not None
    return walled, not each.endpoint.fresh, each.requests


@given(queries())
def test_the_chosen_is_the_cheapest_that_is_not_refused(query):
    """Its refusal is None and no other able endpoint costs less; with none able, none is chosen."""
    able = [planned(each, query) for each in candidates(query) if refusal(each, query) is None]
    if not able:
        with pytest.raises(NoEndpoint):
            plan_one(query)
        return

    chosen = plan_one(query)

    assert refusal(chosen.endpoint, query) is None
    assert _cost(chosen) == min(_cost(each) for each in able)


@given(queries())
def test_the_explanation_tells_the_same_as_the_choice(query):
    """One endpoint is `chosen`; refused ones are told with their reason."""
    told = explain(query)
    try:
        chosen = plan(query)
    except NoEndpoint as error:
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert refused == told
        return
    if isinstance(chosen, Union):
        assert chosen.query.empty or "put together, each row once" in told
        return

    verdicts = told.splitlines()
    for endpoint in candidates(query):
        reason = "chosen" if endpoint is chosen.endpoint else refusal(endpoint, query) or ""
        own = [line for line in verdicts if f" {endpoint.path} " in line]
        shared = [line for line in verdicts if line.startswith("  further endpoints: ")]
        assert any(line.endswith(reason) for line in own) or any(reason in line for line in shared)
    assert 1 == sum(verdict.endswith(" chosen") for verdict in verdicts)


@given(queries())
def test_the_first_requests_never_exceed_what_the_plan_costs(query):
    """What is known to go out is within the number that is told."""
    try:
        chosen = plan(query)
    except NoEndpoint:
        return

    assert len(list(chosen.first())) <= chosen.requests


@given(queries())
def test_a_budget_refuses_exactly_what_costs_more(query):
    """A budget of the plan's own cost changes nothing."""
    try:
        chosen = plan(query)
    except NoEndpoint:
        return

    assert chosen.requests == plan(evolve(query, budget=chosen.requests)).requests


@given(queries())
def test_a_slice_changes_no_rows(query):
    """A window of tickets still has archived rows, unless fresh ones were asked for."""
    try:
        chosen = plan_one(query)
    except NoEndpoint:
        return

    assert chosen.endpoint.whole or query.fresh
    assert chosen.endpoint.fresh or not query.fresh
