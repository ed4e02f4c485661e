"""The chosen endpoint agrees with `explain()` and with the reasons against other endpoints."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Group, NoEndpoint, Organization, Q, Ticket, User
from zendesk_orm.plan.explain import explain
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.planner import plan, plan_one
from zendesk_orm.plan.selection import Candidate, candidates


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
    """Draw a query with conditions, order, slice, and perhaps `fresh()`."""
    model = draw(st.sampled_from(list(LOOKUPS)))
    rows = model.objects.all()
    for q in draw(st.lists(st.sampled_from(LOOKUPS[model]), max_size=3, unique_by=str)):
        rows = rows.filter(q)
    rows = rows.order_by(*draw(st.lists(st.sampled_from(ORDERS[model]), max_size=2)))
    rows = rows.fresh() if draw(st.booleans()) else rows
    start = draw(st.sampled_from([0, 0, 7, 240, 990, 9_990]))
    stop = draw(st.none() | st.integers(start + 1, start + 300))
    return rows[start:stop].query


def _sort_key(candidate):
    unlimited = candidate.query.stop is None and candidate.query.ids is None
    truncated = unlimited and candidate.endpoint.max_rows is not None
    return truncated, not candidate.endpoint.fresh, candidate.requests


@given(queries())
def test_the_cheapest_supported_endpoint_is_chosen(query):
    """The cheapest supported endpoint is chosen; if none is supported, `NoEndpoint` is raised."""
    supported = [
        candidate.plan for candidate in candidates(query) if candidate.unsupported_reason is None
    ]
    if not supported:
        with pytest.raises(NoEndpoint):
            plan_one(query)
        return

    chosen = plan_one(query)

    assert Candidate(query, chosen.endpoint).unsupported_reason is None
    assert _sort_key(chosen) == min(_sort_key(item) for item in supported)


@given(queries())
def test_explain_agrees_with_the_plan(query):
    """`explain()` shows one endpoint as chosen, and a reason for each unsupported one."""
    text = explain(query)
    try:
        chosen = plan(query)
    except NoEndpoint as error:
        refused = str(error)
    else:
        refused = None
    if refused is not None:
        assert refused == text
        return
    if isinstance(chosen, UnionPlan):
        assert chosen.query.empty or "merged, each row once" in text
        return

    verdicts = text.splitlines()
    for candidate in candidates(query):
        endpoint = candidate.endpoint
        is_chosen = endpoint is chosen.endpoint
        reason = "chosen" if is_chosen else candidate.unsupported_reason or ""
        matching = [line for line in verdicts if f" {endpoint.path} " in line]
        shared = [line for line in verdicts if line.startswith("  further endpoints: ")]
        assert any(line.endswith(reason) for line in matching) or any(
            reason in line for line in shared
        )
    assert sum(verdict.endswith(" chosen") for verdict in verdicts) == 1


@given(queries())
def test_initial_requests_do_not_exceed_the_estimate(query):
    """The requests that are known before the first response are within the estimate."""
    try:
        chosen = plan(query)
    except NoEndpoint:
        return

    assert len(list(chosen.first())) <= chosen.requests


@given(queries())
def test_a_budget_of_the_estimate_is_accepted(query):
    """A budget that equals the estimated cost does not change the plan."""
    try:
        chosen = plan(query)
    except NoEndpoint:
        return

    assert chosen.requests == plan(evolve(query, budget=chosen.requests)).requests


@given(queries())
def test_a_slice_does_not_change_archived_rows_or_freshness(query):
    """Sliced tickets include archived rows unless `fresh()` was called."""
    try:
        chosen = plan_one(query)
    except NoEndpoint:
        return

    assert chosen.endpoint.includes_archived or query.fresh
    assert chosen.endpoint.fresh or not query.fresh
