"""`count()` without reading rows."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, JobStatus, Organization, Q, Ticket, User
from zendesk_orm.plan.planner import plan_count


@pytest.mark.parametrize(
    ("rows", "path", "params"),
    [
        (Ticket.objects.all(), "search/count", {"query": "type:ticket"}),
        (Ticket.objects.filter(status="new"), "search/count", {"query": "type:ticket status:new"}),
        (Ticket.objects.fresh(), "tickets/count", {}),
        (Organization(id=3).tickets.fresh(), "organizations/3/tickets/count", {}),
        (User(id=5).assigned_tickets.fresh(), "users/5/tickets/assigned/count", {}),
        (User.objects.all(), "users/count", {}),
        (User.objects.filter(role="agent"), "search/count", {"query": "type:user role:agent"}),
        (
            User.objects.filter(organization=3),
            "search/count",
            {"query": "type:user organization:3"},
        ),
        (Group.objects.all(), "groups/count", {}),
        (Ticket(id=1).comments, "tickets/1/comments/count", {}),
        (Ticket(id=1).audits, "tickets/1/audits/count", {}),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_a_count_has_an_endpoint(rows, path, params):
    """A count is one request that returns the number without rows."""
    request = plan_count(rows.query).request()

    assert (request.path, dict(request.params)) == (f"/api/v2/{path}", params)


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.order_by("-created_at")[5:10],
        Ticket.objects.select_related("requester"),
        Ticket.objects.order_by("subject"),
    ],
    ids=lambda rows: str(rows.query),
)
def test_a_count_ignores_order_slice_and_side_loads(rows):
    """Order, slice and side-loads of a query are not part of the request for its count."""
    request = plan_count(rows.query).request()

    assert request.params == (("query", "type:ticket"),)


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.filter(id__in=[1, 2]),
        Ticket.objects.filter(subject="printer"),
        User.objects.filter(name="Ann"),
        Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
        Ticket.objects.filter(status="new").fresh(),
        User(id=5).requested_tickets.fresh(),
        Group.objects.filter(default=True),
        JobStatus.objects.all(),
    ],
    ids=lambda rows: str(rows.query),
)
def test_an_inexact_count_is_not_used(rows):
    """A count is not used if it includes rows that do not match, or if the list has none."""
    assert plan_count(rows.query) is None
