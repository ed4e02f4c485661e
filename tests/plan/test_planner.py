"""The planner chooses an endpoint for a query and builds its requests."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import (
    Attachment,
    Brand,
    Comment,
    Group,
    JobStatus,
    NoEndpoint,
    Organization,
    Q,
    Ticket,
    TicketField,
    User,
)


TEN = datetime(2023, 11, 3, 10, tzinfo=timezone.utc)
NEWEST = (("sort_by", "created_at"), ("sort_order", "desc"))

tickets, users, groups = Ticket.objects, User.objects, Group.objects


def _first_request(rows):
    """Return path and parameters of the first request."""
    first = next(rows.plan.first())
    assert first.method == "GET"
    return first.path.removeprefix("/api/v2/"), dict(first.params)


# Endpoints


@pytest.mark.parametrize(
    ("rows", "path", "params"),
    [
        (tickets.filter(id=1), "tickets/1", {}),
        (tickets.filter(pk__in=[1]), "tickets/1", {}),
        (tickets.filter(id__in=[1, 2]), "tickets/show_many", {"ids": "1,2"}),
        (
            tickets.filter(status="new"),
            "search/export",
            {"query": "status:new", "filter[type]": "ticket", "page[size]": "1000"},
        ),
        (
            tickets.filter(status="new")[:20],
            "search",
            {"query": "type:ticket status:new", **dict(NEWEST), "per_page": "20"},
        ),
        (
            tickets.all(),
            "search/export",
            {"query": "", "filter[type]": "ticket", "page[size]": "1000"},
        ),
        (tickets.fresh(), "tickets", {"support_type_scope": "all", "page[size]": "100"}),
        (tickets.fresh()[:20], "tickets", {"support_type_scope": "all", "page[size]": "20"}),
        (
            tickets.filter(external_id="x").fresh(),
            "tickets",
            {"support_type_scope": "all", "external_id": "x", "page[size]": "100"},
        ),
        (
            tickets.filter(organization=3)[:20],
            "search",
            {"query": "type:ticket organization:3", **dict(NEWEST), "per_page": "20"},
        ),
        (
            Organization(id=3).tickets.fresh(),
            "organizations/3/tickets",
            {"page[size]": "100"},
        ),
        (
            User(id=5).requested_tickets.fresh(),
            "users/5/tickets/requested",
            {"page[size]": "100"},
        ),
        (
            User(id=5).assigned_tickets.fresh(),
            "users/5/tickets/assigned",
            {"page[size]": "100"},
        ),
        (tickets.filter(problem=7).fresh(), "tickets/7/incidents", {"page[size]": "100"}),
        (users.all(), "users", {"page[size]": "100"}),
        (users.filter(role="agent")[:20], "users", {"role": "agent", "page[size]": "20"}),
        (users.filter(organization=3).fresh(), "organizations/3/users", {"page[size]": "100"}),
        (groups.all(), "groups", {"page[size]": "100"}),
        (Brand.objects.all(), "brands", {"page[size]": "100"}),
        (Ticket(id=1).comments, "tickets/1/comments", {"page[size]": "100"}),
        (Ticket(id=1).audits.filter(id=9), "tickets/1/audits/9", {}),
        (JobStatus.objects.filter(id="abc"), "job_statuses/abc", {}),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_a_query_is_planned_with_an_endpoint(rows, path, params):
    """The first request of a plan has the path and the parameters of the chosen endpoint."""
    assert _first_request(rows) == (path, params)


def test_unlimited_lists_are_read_by_cursor():
    """An unlimited query avoids lists with a row limit, even at the same cost."""
    assert users.all().plan.endpoint.title == "list (cursor)"


@pytest.mark.parametrize("rows", [users.filter(role="agent"), users.filter(external_id="x")])
def test_a_list_is_preferred_over_the_search_index(rows):
    """A list is preferred over search, although pages of search are larger."""
    assert rows.plan.endpoint.fresh


def test_ids_are_requested_by_the_hundred():
    """Ids are requested a hundred at a time, by requests that are known in advance."""
    plan = tickets.filter(id__in=range(1, 251)).plan
    chunks = [dict(request.params)["ids"].split(",") for request in plan.first()]

    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    assert [str(number) for number in range(1, 251)] == [pk for chunk in chunks for pk in chunk]
    assert plan.requests == 3


def test_an_empty_list_of_ids_is_not_requested():
    """The plan of an empty list of ids has no requests."""
    plan = tickets.filter(id__in=[]).plan

    assert list(plan.first()) == []
    assert plan.requests == 0


def test_further_conditions_on_an_id_are_evaluated_client_side():
    """A row is fetched by its id, and further conditions are evaluated client-side."""
    plan = tickets.filter(id=1, status="new").plan

    assert (plan.endpoint.path, plan.local) == ("tickets/{id}", True)


@pytest.mark.parametrize(
    "rows",
    [
        tickets.filter(id=1).filter(id=2),
        tickets.filter(id__in=[1, 2]).filter(id=3),
        Organization(id=3).tickets.filter(organization=4).fresh(),
        users.filter(role="agent").filter(role="admin").fresh(),
    ],
    ids=lambda rows: str(rows.query),
)
def test_two_values_of_one_field_are_intersected(rows):
    """Two values of one field give an empty result, an error, or a client-side condition."""
    if rows.query.empty:
        return
    try:
        plan = rows.plan
    except NoEndpoint:
        return

    assert plan.local


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (JobStatus.objects.filter(id="a/b"), "job_statuses/a%2Fb"),
        (JobStatus.objects.filter(id="a/b?c#d%2e"), "job_statuses/a%2Fb%3Fc%23d%252e"),
    ],
    ids=["slash", "others"],
)
def test_a_value_in_the_path_is_quoted(rows, expected):
    """Values in a path are quoted, so that they cannot lead to another endpoint."""
    assert _first_request(rows)[0] == expected


@pytest.mark.parametrize(
    ("rows", "local"),
    [
        (groups.all(), False),
        (groups.filter(name="Support"), True),
        (groups.exclude(default=True), True),
        (groups.filter(Q(name="a") | Q(default=True)), True),
        (groups.order_by("name"), False),
        (groups.order_by("-created_at"), True),
        (groups.order_by("name", "id"), True),
        (TicketField.objects.filter(title__icontains="floor"), True),
        (Ticket(id=1).comments.all(), False),
        (Ticket(id=1).comments.filter(public=False), True),
        (Ticket(id=1).comments.order_by("-created_at"), False),
        (Comment.objects.filter(ticket=1, created_after=TEN), True),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_short_lists_are_filtered_and_sorted_client_side(rows, local):
    """A short list is read by one request, and filtered and sorted client-side."""
    plan = rows.plan

    assert plan.endpoint.fits_in_memory
    assert (plan.local, plan.requests) == (local, 1)


def test_residual_conditions_are_not_sent():
    """A query with client-side conditions reads its list from the first page, without an order."""
    assert _first_request(groups.filter(default=True).order_by("-created_at")[5:10]) == (
        "groups",
        {"page[size]": "100"},
    )


def test_comments_get_their_ticket_from_the_path():
    """Comments have the ticket of the path, because their rows do not contain it."""
    assert Ticket(id=1).comments.all().plan.path_values == {"ticket_id": 1}
    assert tickets.filter(id=1).plan.path_values == {}


# Order


@pytest.mark.parametrize(
    ("rows", "path", "order"),
    [
        (
            tickets.order_by("created_at")[:5],
            "search",
            {"sort_by": "created_at", "sort_order": "asc"},
        ),
        # Sorted client-side, because Zendesk's order of choices and of null is unknown.
        (tickets.order_by("-status")[:5], "search/export", {}),
        (tickets.order_by("type")[:5], "search/export", {}),
        (tickets.fresh().order_by("subject")[:5], "tickets", {}),
        (tickets.order_by("-created_at"), "search/export", {}),
        (tickets.fresh().order_by("id"), "tickets", {}),
        (tickets.fresh().order_by("-id"), "tickets", {"sort": "-id"}),
        (tickets.fresh().order_by("-updated_at"), "tickets", {"sort": "-updated_at"}),
        (
            Ticket(id=1).comments.order_by("-created_at"),
            "tickets/1/comments",
            {"sort": "-created_at"},
        ),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_a_supported_order_is_requested(rows, path, order):
    """A supported order is sent as a parameter, unless it is the endpoint's default order."""
    asked_path, params = _first_request(rows)

    assert asked_path == path
    assert {key: value for key, value in params.items() if key.startswith("sort")} == order


@pytest.mark.parametrize(
    "rows",
    [
        tickets.fresh().order_by("status", "id")[:5],
        tickets.fresh().order_by("priority"),
        Organization(id=3).tickets.fresh().order_by("-id"),
        users.order_by("name"),
    ],
    ids=lambda rows: str(rows.query),
)
def test_an_unsupported_order_raises_no_endpoint(rows):
    """An unsupported order raises `NoEndpoint`; rows are never sorted page by page."""
    with pytest.raises(NoEndpoint, match=f"cannot order by {', '.join(rows.query.order)}"):
        _ = rows.plan


# Unsupported queries


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        (
            tickets.filter(raw_subject="x"),
            [
                "needs one id",
                "needs ids",
                "omits archived rows; .fresh() accepts that",
                "search cannot filter by raw_subject",
                "needs changed_since",
            ],
        ),
        (
            tickets.filter(status="new").fresh(),
            [
                "cannot filter by status",
                "needs organization",
                "reads the search index, which lags, but the query is .fresh()",
            ],
        ),
        (
            tickets.fresh().exclude(external_id="x"),
            ["cannot filter by external_id"],
        ),
        (
            users.filter(Q(role="agent") | Q(details__contains="x")),
            ["cannot filter by details", "cannot answer details__contains"],
        ),
        (Comment.objects.filter(public=True), ["needs ticket"]),
        (Attachment.objects.filter(size=1), ["needs one id"]),
        (tickets.fresh().order_by("subject")[9990:10010], ["stops after 10,000 rows"]),
    ],
    ids=lambda value: str(value.query) if hasattr(value, "query") else "",
)
def test_no_endpoint_names_every_endpoint_and_its_reason(rows, reasons):
    """`NoEndpoint` shows the query, and each endpoint with the reason against it."""
    with pytest.raises(NoEndpoint) as refused:
        _ = rows.plan

    first, *lines = str(refused.value).splitlines()
    assert first.startswith(f"no endpoint of Zendesk answers {rows.model.__name__}: ")
    assert all(any(reason in line for line in lines) for reason in reasons)
    assert all(not line.endswith("None") for line in lines)
