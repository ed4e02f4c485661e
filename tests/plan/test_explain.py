"""The texts of `explain()`."""

from __future__ import annotations

import pytest

from zendesk_orm import CustomObjectRecord, CustomRole, Group, Organization, Q, Ticket, User
from zendesk_orm.help_center import Article
from zendesk_orm.plan.explain import explain
from zendesk_orm.support import Engagement


OPEN_ORGANIZATION = """\
Ticket: organization = 3; rows 240:260; fresh
GET /api/v2/organizations/3/tickets?per_page=20&page=13
costs 1 request
needs scope read
note: archived rows are omitted
  list (cursor)        tickets                                    cannot filter by organization
  list (offset)        tickets                                    cannot filter by organization
  list (cursor)        organizations/{organization}/tickets       costs 3
  list (offset)        organizations/{organization}/tickets       chosen
  search               search                               \
      reads the search index, which lags, but the query is .fresh()
  search export        search/export                        \
      reads the search index, which lags, but the query is .fresh()
  further endpoints: needs one id; needs ids; needs requeste\
r; needs assignee; needs cc; needs follower; needs problem; \
needs problems; needs recent; needs view; needs changed_since"""

GROUPS = """\
Group: default = True; order by -created_at
GET /api/v2/groups?page[size]=100
costs at least 1 request
needs scope groups:read or read
note: checked client-side, row by row: default = True
note: ordered and sliced client-side, after all rows are read
note: rows can be missed if others change rows meanwhile: ordered by name
  list (cursor)        groups                                     chosen
  list (offset)        groups                               \
      may stop too early, after 10,000 rows
  search               search                                     search cannot filter by default
  search export        search/export                              search cannot filter by default
  further endpoints: needs user; needs assignable; needs autocomplete; needs one id"""

ORGANIZATIONS = """\
Organization: all
GET /api/v2/organizations?page[size]=100
costs 200 requests for 10,000 rows
takes 20 minutes at 10 requests a minute
needs scope groups:read and organizations:read, or read
note: group is fetched by show_many, one request per hundred
  list (cursor)        organizations                              chosen
  list (offset)        organizations                        \
      may stop too early, after 10,000 rows
  search               search                               \
      needs conditions, and the query has none
  search export        search/export                        \
      needs conditions, and the query has none
  further endpoints: needs one id; needs ids; needs external\
_ids; needs user; needs autocomplete; needs called; needs changed_since"""


@pytest.mark.parametrize(
    ("rows", "per_minute", "expected"),
    [
        (Organization(id=3).tickets.fresh()[240:260], None, OPEN_ORGANIZATION),
        (Group.objects.filter(default=True).order_by("-created_at"), None, GROUPS),
        (Organization.objects.select_related("group"), 10, ORGANIZATIONS),
    ],
    ids=["slice", "filtered here", "quota"],
)
def test_explain_returns_the_complete_text(rows, per_minute, expected):
    """`explain()` shows query, request, cost, notes and the reasons for and against endpoints."""
    assert explain(rows.query, per_minute) == expected


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (Ticket.objects.filter(status="new"), "the search index lags by a minute or more"),
        (Ticket.objects.fresh(), "archived rows are omitted"),
        (
            Ticket.objects.filter(status="new").order_by("subject"),
            "raises ResultLimitExceeded when there are more than 1,000 rows",
        ),
        (
            Ticket.objects.filter(id=1, status="new"),
            "checked client-side, row by row: status = 'new'",
        ),
        (
            Ticket.objects.fresh().select_related("brand"),
            "brand is fetched by show_many, one request per hundred",
        ),
    ],
    ids=["lag", "archive", "wall", "here", "prefetch"],
)
def test_explain_notes_restrictions(rows, note):
    """`explain()` has a note for each restriction of the plan."""
    assert f"note: {note}" in explain(rows.query).splitlines()


DRIFT = "note: rows can be missed if others change rows meanwhile: "
OPEN = Ticket.objects.filter(status="open")


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        (OPEN.order_by("created_at")[:250], "numbered pages"),
        (OPEN.order_by("-created_at")[:250], None),
        (OPEN.order_by("updated_at")[:250], "numbered pages"),
        (OPEN.filter(subject="x").order_by("created_at")[:20], "numbered pages"),
        (Ticket.objects.fresh()[5_000:5_200], "numbered pages"),
        (Ticket.objects.fresh().order_by("-updated_at"), "ordered by -updated_at"),
        (Ticket.objects.fresh().order_by("-updated_at").select_related("brand")[:50], None),
        (Ticket.objects.fresh().order_by("updated_at"), None),
        (Ticket.objects.fresh(), None),
        (OPEN, None),
        (OPEN.order_by("-created_at")[:100], None),
        (OPEN.order_by("-created_at")[100:200], None),
        (Ticket.objects.filter(id__in=range(1, 202)), None),
    ],
)
def test_explain_notes_rows_that_can_be_missed(rows, cause):
    """A note warns of rows that other clients can move between two pages."""
    notes = [line for line in rows.explain().splitlines() if line.startswith(DRIFT)]

    assert ([] if cause is None else [DRIFT + cause]) == notes
    assert (cause or "") == rows.plan.drift


def test_simple_plans_have_no_notes():
    """A plan that fetches a row by its id has no notes."""
    assert "note:" not in explain(Ticket.objects.filter(id=1).query)


@pytest.mark.parametrize(
    ("per_minute", "expected"),
    [(None, None), (100, None), (50, "takes 2 minutes at 50 requests a minute")],
)
def test_explain_estimates_minutes_beyond_the_quota(per_minute, expected):
    """The estimated minutes are those of the requests beyond the quota."""
    lines = explain(User.objects.all().query, per_minute).splitlines()

    assert [line for line in lines if line.startswith("takes")] == ([expected] if expected else [])


def test_an_empty_query_needs_no_request():
    """`explain()` of an empty query shows that no request is sent."""
    assert "no request: the result is empty" in explain(Ticket.objects.none().query)


def test_an_empty_list_of_ids_needs_no_request():
    """`explain()` of an empty list of ids shows that no request is sent."""
    assert "no request" in explain(Ticket.objects.filter(id__in=[]).query)


def test_explain_returns_the_text_of_no_endpoint():
    """`explain()` of an unsupported query returns the message of `NoEndpoint`."""
    text = explain(Ticket.objects.filter(raw_subject="x").query)

    assert text.startswith("no endpoint of Zendesk answers Ticket: raw_subject = 'x'")


def test_explain_works_without_an_account():
    """`explain()` works without an account, shows no quota, and sends no request."""
    rows = Ticket.objects.filter(status="new")[:10]

    assert explain(rows.query) == rows.explain()


# Scopes


@pytest.mark.parametrize(
    ("rows", "line", "scopes"),
    [
        (
            Ticket.objects.filter(id=1),
            "needs scope tickets:read or read",
            (("tickets:read", "read"),),
        ),
        (Ticket.objects.filter(status="new"), "needs scope read", (("read",),)),
        (
            Ticket.objects.fresh().select_related("requester"),
            "needs scope tickets:read and users:read, or read",
            (("tickets:read", "read"), ("users:read", "read")),
        ),
        (
            Ticket.objects.fresh().select_related("brand"),
            "needs scope brands:read and tickets:read, or read",
            (("tickets:read", "read"), ("brands:read", "read")),
        ),
        (
            Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
            "needs scope read",
            (("read",),),
        ),
        (
            CustomObjectRecord.objects.filter(custom_object_key="car", name="Beetle"),
            "needs scope custom_objects:read or read",
            (("custom_objects:read", "read"),),
        ),
        (
            Article.objects.filter(locale="en-us"),
            "needs scope hc:read or read",
            (("hc:read", "read"),),
        ),
    ],
    ids=["row", "search", "side-load", "show_many", "union", "POST", "help center"],
)
def test_explain_shows_the_scopes_of_a_plan(rows, line, scopes):
    """The scopes of a plan are an attribute, and a line of `explain()`."""
    lines = explain(rows.query).splitlines()

    assert rows.plan.scopes == scopes
    assert line in lines
    assert lines[lines.index(line) - 1].startswith("costs")


def test_explain_shows_the_scopes_of_subqueries():
    """The scopes of a query include those of its subqueries."""
    users = User.objects.filter(id__in=[1, 2])
    rows = Ticket.objects.filter(external_id="a", requester__in=users).fresh().scan()

    assert "needs scope tickets:read and users:read, or read" in explain(rows.query).splitlines()


def test_an_empty_result_needs_no_scope():
    """A query with an empty result needs no scope."""
    rows = Ticket.objects.none()

    assert rows.plan.scopes == ()
    assert "needs scope" not in explain(rows.query)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (Engagement.objects.all(), "costs at least 1 request"),
        (Group.objects.all(), "costs at least 1 request"),
        (Group.objects.filter(name="x"), "costs at least 1 request"),
        (Ticket(id=5).comments.all(), "costs at least 1 request"),
        (Group.objects.all()[:150], "costs at least 1 request"),
        (Group.objects.all()[:50], "costs 1 request"),
        (Ticket.objects.filter(id=5), "costs 1 request"),
        (Ticket.objects.filter(id__in=range(1, 202)), "costs 3 requests"),
        (Ticket.objects.fresh()[:50], "costs 1 request"),
        (Ticket.objects.fresh(), "costs 100 requests for 10,000 rows"),
        (CustomRole.objects.all(), "costs 1 request"),
    ],
)
def test_the_cost_of_a_list_of_unknown_length_is_a_minimum(rows, expected):
    """The cost of a list of unknown length is at least one page."""
    assert expected in explain(rows.query).splitlines()


def test_prefetched_relations_are_shown(demo):
    """`explain()` names the relations whose rows are requested after those of the query."""
    query = Ticket.objects.filter(status="new").prefetch_related("comments", "requester__groups")

    lines = query.explain().splitlines()

    assert lines[-2:] == [
        "then prefetches comments, by requests that the cost does not include",
        "then prefetches requester__groups, by requests that the cost does not include",
    ]
