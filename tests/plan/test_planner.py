"""The planner: which endpoint answers a query, and which requests that is."""

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


def _asked(rows):
    """Return what goes out first: the path and the parameters."""
    first = next(rows.plan.first())
    assert "GET" == first.method
    return first.path.removeprefix("/api/v2/"), dict(first.params)


# -- which endpoint ----------------------------------------------------------


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
        (tickets.fresh(), "tickets", {"page[size]": "100"}),
        (tickets.fresh()[:20], "tickets", {"page[size]": "20"}),
        (
            tickets.filter(external_id="x").fresh(),
            "tickets",
            {"external_id": "x", "page[size]": "100"},
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
def test_a_query_is_asked_of(rows, path, params):
    """Path and parameters of the first request, to the letter."""
    assert (path, params) == _asked(rows)


def test_the_endless_is_walked_by_cursor():
    """What may stop too early is the last choice, though it costs the same."""
    assert "list (cursor)" == users.all().plan.endpoint.title


@pytest.mark.parametrize("rows", [users.filter(role="agent"), users.filter(external_id="x")])
def test_what_a_list_can_answer_is_not_asked_of_the_lagging_index(rows):
    """The default of users is what their list gives; cheaper pages must not change the rows."""
    assert rows.plan.endpoint.fresh


def test_ids_go_out_by_the_hundred():
    """Each hundred is a request, known before any answer is."""
    plan = tickets.filter(id__in=range(1, 251)).plan
    chunks = [dict(request.params)["ids"].split(",") for request in plan.first()]

    assert [100, 100, 50] == [len(chunk) for chunk in chunks]
    assert [str(each) for each in range(1, 251)] == [pk for chunk in chunks for pk in chunk]
    assert 3 == plan.requests


def test_no_ids_are_no_request():
    """The plan of an empty list of ids asks nothing."""
    plan = tickets.filter(id__in=[]).plan

    assert [] == list(plan.first())
    assert 0 == plan.requests


def test_a_further_condition_on_an_id_is_checked_here():
    """The row is shown whatever its status; the condition is not dropped."""
    plan = tickets.filter(id=1, status="new").plan

    assert ("tickets/{id}", True) == (plan.endpoint.path, plan.local)


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
def test_two_values_for_one_field_are_both_heeded(rows):
    """Neither condition may be dropped: it is empty, refused, or checked here."""
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
def test_a_value_in_the_path_stays_in_its_place(rows, expected):
    """Nothing in an id can lead to another endpoint."""
    assert expected == _asked(rows)[0]


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
def test_short_lists_are_filtered_and_ordered_here(rows, local):
    """Where Zendesk cannot; one request reads the list."""
    plan = rows.plan

    assert plan.endpoint.small
    assert (local, 1) == (plan.local, plan.requests)


def test_what_is_filtered_here_is_not_asked_for():
    """The whole list is read from the first page on, in no order."""
    assert ("groups", {"page[size]": "100"}) == _asked(
        groups.filter(default=True).order_by("-created_at")[5:10]
    )


def test_the_comments_of_a_ticket_are_given_their_ticket():
    """No row of a comment says which ticket it belongs to; the path does."""
    assert {"ticket_id": 1} == Ticket(id=1).comments.all().plan.given
    assert {} == tickets.filter(id=1).plan.given


# -- order -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "path", "order"),
    [
        (
            tickets.order_by("created_at")[:5],
            "search",
            {"sort_by": "created_at", "sort_order": "asc"},
        ),
        # Sorted here: how Zendesk ranks choices and where it puts rows without a value is unknown.
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
def test_an_order_is_asked_for_where_it_can_be(rows, path, order):
    """In the endpoint's own words; its own order needs none."""
    asked_path, params = _asked(rows)

    assert path == asked_path
    assert order == {key: value for key, value in params.items() if key.startswith("sort")}


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
def test_an_order_that_cannot_be_had_is_refused(rows):
    """Rows are never ordered by the page."""
    with pytest.raises(NoEndpoint, match=f"cannot order by {', '.join(rows.query.order)}"):
        _ = rows.plan


# -- refusals ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        (
            tickets.filter(raw_subject="x"),
            [
                "needs one id",
                "needs ids",
                "leaves archived rows out; .fresh() takes that",
                "search cannot filter by raw_subject",
                "needs changed_since",
            ],
        ),
        (
            tickets.filter(status="new").fresh(),
            [
                "cannot filter by status",
                "needs organization",
                "reads the search index, which lags; asked for fresh rows",
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
def test_a_refusal_names_every_endpoint_and_its_reason(rows, reasons):
    """The first line is the question, each further line an endpoint."""
    with pytest.raises(NoEndpoint) as refused:
        _ = rows.plan

    first, *lines = str(refused.value).splitlines()
    assert first.startswith(f"no endpoint of Zendesk answers {rows.model.__name__}: ")
    assert all(any(reason in line for line in lines) for reason in reasons)
    assert all(not line.endswith("None") for line in lines)
