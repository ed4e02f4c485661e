"""Plans are cached by the shape of a query, and a cached plan equals a new one."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from threading import Thread
from typing import Any

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Group, NoEndpoint, Organization, Q, Ticket, User
from zendesk_orm.errors import RequestBudgetExceeded
from zendesk_orm.plan import planner
from zendesk_orm.plan.explain import explain, request_text
from zendesk_orm.plan.plan import UnionPlan
from zendesk_orm.plan.planner import TemplateCache, plan, query_shape
from zendesk_orm.plan.selection import select_plan
from zendesk_orm.query.query import Query


NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)

#: Attributes of a query that do not lead to another plan, or are checked after planning.
BOUND = {
    "where",
    "moment",
    "resumed",
    "id_order",
    "embedded",
    "budget",
    "strict",
    "origin",
    "projection",
    "distinct",
    "nothing",
    "owners",
    # Zendesk sends complete rows.
    "columns",
    # Refused before a plan is looked up.
    "as_of",
}

TEXTS = st.sampled_from(
    [
        *("new", "vip", "VIP", "x1", "a.b@c.de", "none", "me", "ann", "7", "Über"),
        *("printer on fire", "a b", "A B", "a  b", " a", "a ", "a,b", "a;b", "#12", "+4912", "-a"),
        *("", " ", "*", "a*", '"', 'say "hi"', "\\", "!!!", "http://x.y/z", "status:new", "a:b"),
        " ".join("abcdefghij" * 7),
    ]
)
IDS = st.integers(-1, 4)
MOMENTS = st.sampled_from(
    [
        NOON,
        NOON.replace(microsecond=5),
        NOON + timedelta(days=1),
        NOON.astimezone(timezone(timedelta(hours=5))),
        date(2024, 3, 1),
        timedelta(days=3),
        "4hours",
    ]
)
COUNTS = st.sampled_from([1, 2, 3, 49, 50, 51, 63, 99, 100, 101, 250, 401])


def lists(values: Any) -> Any:
    """Return lists of a few values, or of as many ids as change a plan."""
    return st.lists(values, max_size=4)


ID_LISTS = lists(IDS) | COUNTS.map(lambda count: list(range(1, count + 1)))
TEXT_LISTS = lists(TEXTS) | COUNTS.map(lambda count: [f"x{number}" for number in range(count)])

LOOKUPS: dict[Any, dict[str, Any]] = {
    Ticket: {
        "id": IDS,
        "id__in": ID_LISTS,
        "status": st.sampled_from(["new", "open", "solved"]),
        "status__in": lists(st.sampled_from(["new", "open", "solved"])),
        "status__gt": st.sampled_from(["new", "open", "solved"]),
        "priority": st.sampled_from(["low", "high", None]),
        "subject": TEXTS,
        "subject__startswith": TEXTS,
        "subject__contains": TEXTS,
        "subject__iexact": TEXTS,
        "external_id": TEXTS,
        "external_id__in": TEXT_LISTS,
        "tags": TEXTS,
        "tags__in": TEXT_LISTS,
        "organization": IDS,
        "requester__in": ID_LISTS,
        "assignee__isnull": st.booleans(),
        "created_at__gte": MOMENTS,
        "created_at__lt": MOMENTS,
        "created_at": MOMENTS,
        "created_at__year": st.sampled_from([2023, 2024]),
        "created_at__month": st.integers(1, 12),
        "custom_fields__42": TEXTS | st.booleans() | IDS | st.none(),
        "requester__name": TEXTS,
        "text": TEXTS.filter(str.strip),
    },
    User: {
        "id__in": ID_LISTS,
        "role": st.sampled_from(["agent", "admin"]),
        "email": TEXTS,
        "email__in": TEXT_LISTS,
        "name": TEXTS,
        "name__startswith": TEXTS,
        "phone": TEXTS,
        "external_id__in": TEXT_LISTS,
        "verified": st.booleans(),
        "organization": IDS,
        "created_at__gt": MOMENTS,
        "text": TEXTS.filter(str.strip),
    },
    Organization: {"id__in": ID_LISTS, "name": TEXTS, "name__in": TEXT_LISTS, "tags": TEXTS},
    Group: {"id": IDS, "id__in": ID_LISTS, "name": TEXTS, "default": st.booleans()},
}
ORDERS = {
    Ticket: ["id", "-created_at", "-updated_at", "status", "subject"],
    User: ["id", "name", "-created_at"],
    Organization: ["id", "-name"],
    Group: ["name", "-id"],
}
RELATED = {
    Ticket: ["requester", "organization"],
    User: ["organization"],
    Organization: ["group"],
    Group: [],
}


@st.composite
def shapes(draw):
    """Draw a function that draws queries with the same keywords, operators, order and slice."""
    model = draw(st.sampled_from(list(LOOKUPS)))
    names = st.sampled_from(list(LOOKUPS[model]))
    tree = draw(
        st.recursive(
            names,
            lambda inner: (
                st.tuples(st.sampled_from(["&", "|"]), inner, inner)
                | st.tuples(st.just("~"), inner)
            ),
            max_leaves=4,
        )
    )
    rows = model.objects.order_by(*draw(st.lists(st.sampled_from(ORDERS[model]), max_size=2)))
    if RELATED[model] and draw(st.booleans()):
        rows = rows.select_related(*RELATED[model])
    rows = rows.fresh() if draw(st.booleans()) else rows
    rows = rows.page_size(30) if draw(st.booleans()) else rows
    rows = rows.scan(draw(st.sampled_from([None, 500]))) if draw(st.booleans()) else rows
    start = draw(st.sampled_from([0, 0, 0, 7, 990]))
    stop = draw(st.sampled_from([None, start + 5, start + 300, 1_001]))

    def query_of(draw_value):
        def q_of(part):
            if isinstance(part, str):
                return Q(**{part: draw_value(LOOKUPS[model][part])})
            if part[0] == "~":
                return ~q_of(part[1])
            left, right = q_of(part[1]), q_of(part[2])
            return left & right if part[0] == "&" else left | right

        return rows.filter(q_of(tree))[start:stop].query

    return query_of


def outcome(function, query):
    """Return all attributes of a plan, or its error."""
    try:
        chosen = function(query)
    except NoEndpoint as error:
        return str(error)
    plans = chosen.plans if isinstance(chosen, UnionPlan) else (chosen,)
    return (
        chosen,
        chosen.requests,
        [
            (
                item.size,
                item.number,
                item.skip,
                item.order,
                item.max_rows,
                item.read_limit,
                item.counts_rows,
                item.drift,
                item.keyset,
                item.pages,
                item.unbounded,
                item.scopes,
                [request_text(request) for request in item.first()],
                repr(item),
            )
            for item in plans
        ],
    )


@pytest.fixture
def cache(monkeypatch):
    """Return an empty cache, which the planner uses."""
    templates = TemplateCache(100)
    monkeypatch.setattr(planner, "TEMPLATES", templates)
    return templates


@given(st.data())
def test_a_cached_plan_equals_a_new_one(data):
    """A cached plan has the requests, conditions and costs of a new one, for any values."""
    planner.TEMPLATES.clear()
    query_of = data.draw(shapes())
    for _ in range(5):
        query = query_of(data.draw)

        cached = outcome(plan, query)

        assert cached == outcome(select_plan, query)


@given(st.data())
def test_a_cached_plan_is_explained_like_a_new_one(data):
    """`explain()` returns the same text for a cached plan as for a new one."""
    planner.TEMPLATES.clear()
    query_of = data.draw(shapes())
    for _ in range(2):
        query = query_of(data.draw)

        warm = explain(query)

        planner.TEMPLATES.clear()
        assert warm == explain(query)


def test_every_attribute_of_a_query_is_part_of_its_shape_or_bound():
    """Each attribute of `Query` is part of its shape, or is bound after planning."""
    names = {attribute.name for attribute in fields(Query)}

    assert names == {*planner.SHAPE_ATTRIBUTES, *BOUND}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Ticket.objects.filter(status="new"), Ticket.objects.filter(status="open")),
        (Ticket.objects.filter(subject="a b"), Ticket.objects.filter(subject="printer fire")),
        (Ticket.objects.filter(id=1), Ticket.objects.filter(id=35436)),
        (User.objects.filter(id__in=[1, 2]), User.objects.filter(id__in=[3, 4])),
        (
            Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
            Ticket.objects.filter(Q(status="open") | Q(tags="gold")),
        ),
        (
            Ticket.objects.filter(created_at=NOON),
            Ticket.objects.filter(created_at=date(2024, 1, 1)),
        ),
        (Ticket.objects.exclude(tags="a")[:5], Ticket.objects.exclude(tags="b")[:5]),
    ],
    ids=str,
)
def test_queries_with_other_values_share_a_template(cache, first, second):
    """A query that differs only in its values is planned from the same template."""
    expected = plan(first.query)
    assert len(cache) == 1

    actual = plan(second.query)

    assert len(cache) == 1
    assert actual == select_plan(second.query)
    assert actual != expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (User.objects.filter(id__in=[1, 2]), User.objects.filter(id__in=[1, 2, 3])),
        (Ticket.objects.filter(subject="a"), Ticket.objects.filter(subject="a b")),
        (Ticket.objects.filter(status="new")[:5], Ticket.objects.filter(status="new")[:6]),
        (Ticket.objects.filter(status="new"), Ticket.objects.filter(status="new").fresh()),
        (Ticket.objects.filter(status="new"), Ticket.objects.filter(status="new").scan()),
        (Ticket.objects.filter(id=1), Ticket.objects.filter(id=-1)),
        (User.objects.filter(verified=True), User.objects.filter(verified=False)),
        (Ticket.objects.filter(priority="low"), Ticket.objects.filter(priority=None)),
        (Ticket.objects.filter(custom_fields__1=1), Ticket.objects.filter(custom_fields__2=1)),
        (Ticket.objects.order_by("id"), Ticket.objects.order_by("-id")),
    ],
    ids=str,
)
def test_queries_that_may_have_other_plans_have_other_shapes(first, second):
    """Counts, slices, signs, None, names and flags are parts of the shape."""
    assert query_shape(first.query) != query_shape(second.query)


@pytest.mark.parametrize(
    "rows",
    [
        Ticket.objects.filter(subject='say "hi"'),
        Ticket.objects.filter(external_id="a,b"),
        Ticket.objects.filter(external_id=""),
        Ticket.objects.filter(tags="fire*"),
        Ticket.objects.filter(created_after=NOON.replace(microsecond=1)),
        Ticket.objects.filter(created_after=timedelta(days=1)),
        Ticket.objects.filter(status="new").filter(status__in=["new", "open"]),
        Ticket.objects.filter(requester__in=User.objects.filter(role="agent")),
        Ticket.objects.filter(id__in=[]),
        User.objects.filter(email__in=["ann@x.de", "Ann@x.de"]),
    ],
    ids=str,
)
def test_plans_that_depend_on_values_are_not_cached(cache, rows):
    """Plans that depend on special texts or on merged conditions are not cached."""
    plan(rows.scan().query)

    assert len(cache) == 0


def test_a_template_contains_no_values(cache):
    """A cached template contains no values of queries."""
    plan(Ticket.objects.filter(subject="confidential", tags__in=["hidden", "private"]).query)

    (template,) = cache._templates.values()
    text = repr((template, *cache._templates))
    assert not any(word in text for word in ("confidential", "hidden", "private"))


def test_the_cache_is_bounded(cache):
    """The least recently used shape is dropped when the cache is full."""
    for stop in range(1, 150):
        plan(Ticket.objects.filter(status="new")[:1].query)
        plan(Ticket.objects.filter(status="new")[:stop].query)

    assert len(cache) == 100
    stops = {key[1][1][3] for key in cache._templates}
    assert stops == {1, *range(51, 150)}


def test_a_budget_is_checked_for_cached_plans(cache):
    """A query beyond its budget raises, even if its shape was planned before."""
    rows = User.objects.filter(id__in=list(range(1, 251)))
    plan(rows.query)

    with pytest.raises(RequestBudgetExceeded):
        plan(rows.max_requests(2).query)

    assert plan(rows.max_requests(3).query).requests == 3


def test_threads_share_the_cache(cache):
    """Threads that plan at the same time get the plans of their own queries."""
    queries = [Ticket.objects.filter(status="new", id__gt=number)[:5].query for number in range(40)]
    queries += [User.objects.filter(organization=number).query for number in range(40)]
    actual: dict[int, Any] = {}

    def plan_queries(offset):
        for number in range(offset, len(queries), 4):
            actual[number] = outcome(plan, queries[number])

    threads = [Thread(target=plan_queries, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [actual[number] for number in range(len(queries))] == [
        outcome(select_plan, query) for query in queries
    ]
