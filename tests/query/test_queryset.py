"""QuerySets, without a server and without an account."""

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
def test_a_step_gives_a_new_queryset_and_leaves_the_old(step):
    """A QuerySet is never changed, so that it can be shared."""
    rows = Ticket.objects.all()
    before = rows.query

    narrowed = step(rows)

    assert narrowed is not rows
    assert narrowed.query != rows.query
    assert before == rows.query


def test_steps_add_up():
    """All that was said is in the query."""
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
        "Ticket: status = 'new', not (tags = 'vip'); order by -created_at, id; rows 5:10; fresh"
        == str(rows.query)
    )
    assert (("requester", "organization"), 50, 3) == (
        rows.query.related,
        rows.query.page_size,
        rows.query.budget,
    )


def test_a_query_is_a_value():
    """The same question is equal and hashes alike."""
    one, same = (Ticket.objects.filter(status="new")[:5].query for _ in range(2))

    assert one == same
    assert hash(one) == hash(same)


def test_filter_and_q_ask_the_same():
    """Keywords, a Q and a chain are one question."""
    queries = {
        Ticket.objects.filter(status="new", tags="vip").query,
        Ticket.objects.filter(Q(status="new") & Q(tags="vip")).query,
        Ticket.objects.filter(status="new").filter(tags="vip").query,
    }

    assert 1 == len(queries)


def test_an_exclusion_without_a_condition_excludes_nothing():
    """As in Django."""
    assert Ticket.objects.all().query == Ticket.objects.exclude().query


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
def test_narrowing_after_a_slice_is_refused(step, part):
    """Which rows the slice has would depend on the condition."""
    with pytest.raises(FieldError, match="once a slice has been taken"):
        step(Ticket.objects.all()[part])


def test_the_opposite_order():
    """Each field is turned round; without an order there is none."""
    assert ("-created_at", "id") == Ticket.objects.order_by(
        "created_at", "-id"
    ).reverse().query.order
    with pytest.raises(FieldError, match="call order_by"):
        Ticket.objects.reverse()


def test_an_order_can_be_replaced_and_dropped():
    """The last word counts; pk is the id, + is ascending."""
    rows = Ticket.objects.order_by("status")

    assert ("-id",) == rows.order_by("-pk").query.order
    assert ("id",) == rows.order_by("+id").query.order
    assert () == rows.order_by().query.order


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: Ticket.objects.filter(stauts="new"),
        lambda: Ticket.objects.exclude(stauts="new"),
        lambda: Ticket.objects.order_by("-stauts"),
        lambda: Ticket.objects.select_related("stauts"),
    ],
)
def test_an_unknown_name_is_refused_when_it_is_said(mistake):
    """Not when the rows are read."""
    with pytest.raises(FieldError, match="did you mean 'status'"):
        mistake()


def test_what_is_no_relation_is_not_selected():
    """A field comes with the row anyway."""
    with pytest.raises(FieldError, match="status is not a relation of Ticket"):
        Ticket.objects.select_related("status")


@pytest.mark.parametrize("rows", [0, -1])
def test_an_empty_page_is_refused(rows):
    """A page has a row at least."""
    with pytest.raises(InvalidValue, match="at least 1"):
        Ticket.objects.page_size(rows)


# -- windows -----------------------------------------------------------------


def _window(query):
    if query.nothing:
        return []
    return list(range(1000))[query.start : query.stop]


@given(first=st.tuples(bounds, bounds), second=st.tuples(bounds, bounds))
def test_slices_compose_as_those_of_a_list(first, second):
    """A slice of a slice is the rows that a list would give."""
    rows = Ticket.objects.all()[:100][slice(*first)][slice(*second)]

    assert list(range(100))[slice(*first)][slice(*second)] == _window(rows.query)


@given(start=bounds, stop=bounds)
def test_a_slice_of_all_rows_is_that_of_a_list(start, stop):
    """Without an end it has none."""
    assert list(range(1000))[start:stop] == _window(Ticket.objects.all()[start:stop].query)


@pytest.mark.parametrize("key", [-1, slice(-1, None), slice(None, -1), slice(-5, -1)])
def test_counting_from_the_end_is_refused(key):
    """Nobody knows where the end is; the message says what to do."""
    with pytest.raises(InvalidValue, match="order_by"):
        _ = Ticket.objects.all()[key]


# -- without an account ------------------------------------------------------


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
    """It tells the question; it does not ask it."""
    expected = expected or "<QuerySet Group: (name = 'a' or default = True)>"

    assert expected == repr(rows)


def test_reading_without_an_account_is_refused_with_what_to_do():
    """The message says how to connect."""
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
def test_nothing_is_empty_without_an_account(empty):
    """What cannot have a row is asked of nobody."""
    assert [] == list(empty())
    assert [] == list(empty().iterator())
    assert 0 == len(empty())
    assert not empty()


def test_nothing_is_counted_without_an_account():
    """Neither is the number asked for."""
    assert 0 == Ticket.objects.none().count()
    assert not Ticket.objects.none().exists()
    assert Ticket.objects.none().first() is None


def test_a_queryset_is_pickled():
    """The question travels, with the account's name."""
    rows = Ticket.objects.using("emea").filter(status="new").order_by("-id")[:5]

    again = pickle.loads(pickle.dumps(rows))

    assert (type(rows), rows.query, "emea") == (type(again), again.query, again._alias)


def test_a_query_is_pickled():
    """It is a value, the predicate in it as well."""
    query = User.objects.filter(Q(role="agent") | ~Q(organization=3)).query

    assert query == pickle.loads(pickle.dumps(query))


# -- managers ----------------------------------------------------------------


def test_a_manager_is_a_queryset_of_everything():
    """Each reading of `objects` gives a new one."""
    assert isinstance(Ticket.objects, Manager)
    assert Ticket.objects is not Ticket.objects
    assert Query(Ticket) == Ticket.objects.query
    assert Ticket.objects.model is Ticket


def test_a_manager_does_not_delete():
    """Deleting all rows has to be said in so many words."""
    with pytest.raises(FieldError, match=r"say \.all\(\)\.delete\(\)"):
        Ticket.objects.delete()


def test_objects_belongs_to_the_class():
    """Asked of an object it is an AttributeError that says so."""
    with pytest.raises(AttributeError, match="objects belongs to Ticket"):
        _ = Ticket(id=1).objects


def test_another_account_is_asked_by_its_name():
    """A manager stays one, and what it gives asks the same account."""
    manager = Ticket.objects.using("emea")

    assert isinstance(manager, Manager)
    assert "emea" == manager.filter(status="new")[:5]._alias
