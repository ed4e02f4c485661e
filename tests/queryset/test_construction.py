"""Building QuerySets and managers, which needs neither a server nor an account."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import (
    ConfigurationError,
    FieldError,
    Group,
    InvalidValue,
    Manager,
    Organization,
    Q,
    QuerySet,
    Ticket,
    User,
)
from zendesk_orm.query.query import Query


bounds = st.none() | st.integers(0, 110)
STEPS = [
    lambda rows: rows.filter(status="new"),
    lambda rows: rows.exclude(status="new"),
    lambda rows: rows.filter(Q(status="new") | Q(tags="vip")),
    lambda rows: rows.order_by("-created_at"),
    lambda rows: rows.select_related("requester"),
    lambda rows: rows.fresh(),
    lambda rows: rows.page_size(50),
    lambda rows: rows.max_requests(3),
    lambda rows: rows.none(),
    lambda rows: rows[5:10],
]


@pytest.mark.parametrize("step", STEPS)
def test_methods_return_new_querysets(step):
    """A method returns a new QuerySet, and does not change the original."""
    rows = Ticket.objects.all()
    before = rows.query

    narrowed = step(rows)

    assert narrowed is not rows
    assert narrowed.query != rows.query
    assert rows.query == before


def test_each_method_creates_one_queryset(monkeypatch):
    """`objects` creates a manager, and each chained method one QuerySet."""
    created = []
    initialize = QuerySet.__init__

    def count(self, *args, **kwargs):
        created.append(type(self).__name__)
        initialize(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "__init__", count)

    Ticket.objects.filter(status="new").order_by("id")[:5]

    assert created == ["TicketManager"] * 4


def test_methods_can_be_chained():
    """A query contains the arguments of all chained methods."""
    rows = (
        Ticket.objects.filter(status="new")
        .exclude(tags="vip")
        .order_by("-created_at", "id")
        .select_related("requester", "organization", "requester")
        .fresh()
        .page_size(50)
        .max_requests(3)[5:10]
    )

    assert (
        str(rows.query)
        == "Ticket: status = 'new', not (tags = 'vip'); order by -created_at, id; rows 5:10; fresh"
    )
    assert (
        rows.query.related,
        rows.query.page_size,
        rows.query.budget,
    ) == (("requester", "organization"), 50, 3)


def test_queries_are_compared_by_value():
    """Two equal queries are equal, and have the same hash."""
    one, same = (Ticket.objects.filter(status="new")[:5].query for _ in range(2))

    assert one == same
    assert hash(one) == hash(same)


def test_keywords_and_q_objects_are_equivalent():
    """Keywords, a Q object and chained filters build the same query."""
    queries = {
        Ticket.objects.filter(status="new", tags="vip").query,
        Ticket.objects.filter(Q(status="new") & Q(tags="vip")).query,
        Ticket.objects.filter(status="new").filter(tags="vip").query,
    }

    assert len(queries) == 1


def test_exclude_without_conditions_excludes_nothing():
    """As in Django, `exclude()` without conditions does not change the query."""
    assert Ticket.objects.exclude().query == Ticket.objects.all().query


@pytest.mark.parametrize(
    "step",
    [
        lambda rows: rows.filter(status="new"),
        lambda rows: rows.exclude(status="new"),
        lambda rows: rows.order_by("id"),
        lambda rows: rows.get(status="new"),
    ],
)
@pytest.mark.parametrize("part", [slice(5), slice(5, None), slice(0, 0)])
def test_slices_cannot_be_filtered_or_ordered(step, part):
    """Filtering or ordering a slice raises."""
    with pytest.raises(FieldError, match="slice"):
        step(Ticket.objects.all()[part])


def test_reverse_flips_every_field():
    """`reverse()` inverts each field of the order, and raises without an order."""
    assert Ticket.objects.order_by("created_at", "-id").reverse().query.order == (
        "-created_at",
        "id",
    )
    with pytest.raises(FieldError, match="call order_by"):
        Ticket.objects.reverse()


def test_order_by_replaces_the_order():
    """`order_by()` replaces the order; `pk` is the id, and `+` means ascending."""
    rows = Ticket.objects.order_by("status")

    assert rows.order_by("-pk").query.order == ("-id",)
    assert rows.order_by("+id").query.order == ("id",)
    assert rows.order_by().query.order == ()


@pytest.mark.parametrize(
    "build",
    [
        lambda: Ticket.objects.filter(stauts="new"),
        lambda: Ticket.objects.exclude(stauts="new"),
        lambda: Ticket.objects.order_by("-stauts"),
        lambda: Ticket.objects.select_related("stauts"),
    ],
)
def test_unknown_fields_raise_when_the_query_is_built(build):
    """An unknown field raises, with a suggestion, before rows are fetched."""
    with pytest.raises(FieldError, match="did you mean 'status'"):
        build()


def test_select_related_rejects_fields():
    """`select_related()` raises for a field, which is part of the row anyway."""
    with pytest.raises(FieldError, match="status is not a relation of Ticket"):
        Ticket.objects.select_related("status")


@pytest.mark.parametrize("rows", [0, -1])
def test_page_size_must_be_positive(rows):
    """`page_size()` raises for a number below 1."""
    with pytest.raises(InvalidValue, match="at least 1"):
        Ticket.objects.page_size(rows)


def _selected_indexes(query):
    """Return the indexes of a thousand rows that a query selects."""
    if query.nothing:
        return []
    return list(range(1000))[query.start : query.stop]


@given(first=st.tuples(bounds, bounds), second=st.tuples(bounds, bounds))
def test_slices_of_slices_equal_those_of_a_list(first, second):
    """A slice of a slice selects the rows that a list would."""
    rows = Ticket.objects.all()[:100][slice(*first)][slice(*second)]

    assert _selected_indexes(rows.query) == list(range(100))[slice(*first)][slice(*second)]


@given(start=bounds, stop=bounds)
def test_slices_select_the_rows_of_a_list(start, stop):
    """A slice with or without bounds selects the rows that a list would."""
    assert (
        _selected_indexes(Ticket.objects.all()[start:stop].query) == list(range(1000))[start:stop]
    )


@pytest.mark.parametrize("key", [-1, slice(-1, None), slice(None, -1), slice(-5, -1)])
def test_negative_slices_raise(key):
    """A negative bound of a slice raises an error that suggests `order_by()`."""
    with pytest.raises(InvalidValue, match="order_by"):
        _ = Ticket.objects.all()[key]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (Ticket.objects, "<Manager of Ticket>"),
        (Ticket.objects.all(), "<QuerySet Ticket: all>"),
        (Ticket.objects.filter(status="new")[:5], "<QuerySet Ticket: status = 'new'; rows 0:5>"),
        (Organization(id=3).tickets, "<QuerySet Ticket: organization = 3>"),
        (Group.objects.filter(Q(name="a") | Q(default=True)), None),
    ],
    ids=["manager", "all", "filtered", "related", "alternatives"],
)
def test_repr_needs_no_account(rows, expected):
    """`repr()` shows the query without an account."""
    expected = expected or "<QuerySet Group: (name = 'a' or default = True)>"

    assert repr(rows) == expected


def test_fetching_without_an_account_raises():
    """Fetching rows without an account raises an error that names `connect()`."""
    with pytest.raises(ConfigurationError, match=r"call connect\("):
        list(Ticket.objects.all())


@pytest.mark.parametrize(
    "empty",
    [
        Ticket.objects.none,
        lambda: Ticket.objects.filter(status="new").none().order_by("id"),
        lambda: Ticket.objects.all()[5:5],
        lambda: Ticket.objects.all()[5:10][7:],
    ],
    ids=["none", "ordered", "empty slice", "past the end"],
)
def test_empty_queries_need_no_account(empty):
    """A query that cannot have rows is evaluated without an account."""
    assert list(empty()) == []
    assert list(empty().iterator()) == []
    assert len(empty()) == 0
    assert not empty()


def test_none_is_counted_without_an_account():
    """`count()`, `exists()` and `first()` of `none()` need no account."""
    assert Ticket.objects.none().count() == 0
    assert not Ticket.objects.none().exists()
    assert Ticket.objects.none().first() is None


def test_querysets_can_be_pickled():
    """A pickled QuerySet keeps its query and its alias."""
    rows = Ticket.objects.using("emea").filter(status="new").order_by("-id")[:5]

    again = pickle.loads(pickle.dumps(rows))

    assert (type(again), again.query, again._db) == (type(rows), rows.query, "emea")


def test_queries_can_be_pickled():
    """An unpickled query equals the original, including its conditions."""
    query = User.objects.filter(Q(role="agent") | ~Q(organization=3)).query

    assert pickle.loads(pickle.dumps(query)) == query


def test_managers_are_querysets_of_all_rows():
    """`objects` returns a new manager, whose query has no conditions."""
    assert isinstance(Ticket.objects, Manager)
    assert Ticket.objects is not Ticket.objects
    assert Ticket.objects.query == Query(Ticket)
    assert Ticket.objects.model is Ticket


def test_managers_cannot_be_deleted():
    """`delete()` of a manager raises; all rows are deleted by `all().delete()`."""
    with pytest.raises(FieldError, match=r"\.all\(\)\.delete\(\)"):
        Ticket.objects.delete()


def test_objects_of_an_instance_raises_attribute_error():
    """`objects` raises AttributeError on an instance, as it belongs to the class."""
    with pytest.raises(AttributeError, match=r"objects.*Ticket"):
        _ = Ticket(id=1).objects


def test_using_applies_to_managers_and_queries():
    """`using()` of a manager returns a manager, whose queries use the same account."""
    manager = Ticket.objects.using("emea")

    assert isinstance(manager, Manager)
    assert manager.filter(status="new")[:5]._db == "emea"
