"""Normal forms of predicates for the planner match the same rows as the predicates."""

from __future__ import annotations

import functools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import F, Q, Ticket, User
from zendesk_orm.query.predicate import (
    MAX_ALTERNATIVES,
    And,
    Condition,
    Not,
    Or,
    alternatives,
    conjunction,
    format_predicate,
    intersect_values,
    join_terms,
)
from zendesk_orm.session.lists.positions import query_digest


NAMES = ("a", "b", "c")
A, B, C = (Condition(name, "exact", 1) for name in NAMES)
NEVER = Condition("a", "in", ())

leaves = st.builds(
    Condition, st.sampled_from(NAMES), st.just("exact"), st.integers(0, 1)
) | st.builds(
    Condition,
    st.sampled_from(NAMES),
    st.just("in"),
    st.lists(st.integers(0, 1), max_size=2).map(tuple),
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries({name: st.none() | st.integers(0, 1) for name in NAMES})


def _is_true(predicate, row):
    if isinstance(predicate, Condition):
        value = row[predicate.name]
        return value == predicate.value if predicate.op == "exact" else value in predicate.value
    if isinstance(predicate, Not):
        return not _is_true(predicate.part, row)
    combine = any if isinstance(predicate, Or) else all
    return combine(_is_true(part, row) for part in predicate.parts)


@given(predicate=trees, row=rows)
def test_alternatives_match_the_same_rows(predicate, row):
    """A predicate matches a row exactly if one of its alternatives does."""
    result = alternatives(predicate)
    if result is None:
        return

    assert len(result) <= MAX_ALTERNATIVES
    assert _is_true(predicate, row) is any(_is_true(join_terms(terms), row) for terms in result)


@given(predicate=trees, row=rows)
def test_intersected_values_match_the_same_rows(predicate, row):
    """Two conditions on one field are intersected as one condition, or as an empty result."""
    for terms in alternatives(predicate) or ():
        together = intersect_values(terms, ())
        expected = _is_true(join_terms(terms), row)

        assert (together is not None and _is_true(join_terms(together), row)) is expected


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (And(), [And()]),
        (A, [A]),
        (And((A, B)), [And((A, B))]),
        (Or((A, B)), [A, B]),
        (And((A, Or((B, C)))), [And((A, B)), And((A, C))]),
        (Not(And((A, B))), [Not(A), Not(B)]),
        (Not(Or((A, B))), [And((Not(A), Not(B)))]),
        (Or((A, A)), [A]),
        (NEVER, []),
        (Or((NEVER, A)), [A]),
        (And((NEVER, A)), []),
        (Not(NEVER), [And()]),
    ],
    ids=str,
)
def test_a_predicate_is_split_into_alternatives(predicate, expected):
    """A predicate is split into alternatives, each of which is a conjunction."""
    assert [join_terms(terms) for terms in alternatives(predicate)] == expected


def test_too_many_alternatives_return_none():
    """A predicate with too many alternatives, each a separate search, is not split."""
    two_each = tuple(Or((Condition("a", "exact", n), Condition("b", "exact", n))) for n in range(4))

    assert len(alternatives(And(two_each[:3]))) == 8
    assert alternatives(And(two_each)) is None


@pytest.mark.parametrize(("predicate", "single"), [(And((A, Not(B))), True), (Or((A, B)), False)])
def test_a_conjunction_is_a_single_alternative(predicate, single):
    """A conjunction is one alternative, and a disjunction is several."""
    assert (conjunction(predicate) is not None) is single


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (Q(status="new"), "status = 'new'"),
        (Q(status="new", id__gte=5), "status = 'new', id >= 5"),
        (Q(status="new") | Q(tags="vip"), "(status = 'new' or tags = 'vip')"),
        (~Q(status="new", tags="vip"), "not (status = 'new', tags = 'vip')"),
        (Q(status="new") & (Q(id=1) | Q(tags="a")), "status = 'new', (id = 1 or tags = 'a')"),
        (Q(assignee=None), "assignee isnull True"),
    ],
    ids=str,
)
def test_a_predicate_is_described_without_ambiguity(q, expected):
    """The text of a predicate has its alternatives in parentheses."""
    assert format_predicate(q.resolve(Ticket)) == expected


@pytest.mark.parametrize(
    ("rows", "ids", "empty"),
    [
        (Ticket.objects.filter(id=1), (1,), False),
        (Ticket.objects.filter(id__in=[1, 2, 3]).filter(id__in=[3, 2, 4]), (3, 2), False),
        (Ticket.objects.filter(id__in=[1, 2]).filter(id=2), (2,), False),
        (Ticket.objects.filter(id=1).filter(id=2), None, True),
        (Ticket.objects.filter(status__in=[]), None, True),
        (Ticket.objects.exclude(status__in=[]), None, False),
        (Ticket.objects.filter(Q(id=1) | Q(status="new")), None, False),
        (Ticket.objects.exclude(id=1), None, False),
        (Ticket.objects.filter(tags="a").filter(tags="b"), None, False),
        (Ticket.objects.filter(status="new").filter(status="open"), None, True),
    ],
    ids=str,
)
def test_a_query_returns_its_ids_and_whether_it_is_empty(rows, ids, empty):
    """The ids of a query are those that all conditions allow; without any, it is empty."""
    assert (rows.query.ids, rows.query.empty) == (ids, empty)


# F expressions


@pytest.mark.parametrize(
    ("q", "row", "expected"),
    [
        (Q(subject=F("raw_subject")), {"subject": "a", "raw_subject": "a"}, True),
        (Q(subject=F("raw_subject")), {"subject": "a", "raw_subject": "b"}, False),
        (Q(subject=F("raw_subject")), {"subject": None, "raw_subject": None}, False),
        (~Q(subject=F("raw_subject")), {"subject": None, "raw_subject": None}, True),
        (Q(id__gt=F("forum_topic_id")), {"id": 2, "forum_topic_id": 1}, True),
        (Q(id__gt=F("forum_topic_id")), {"id": 2, "forum_topic_id": None}, False),
        (
            Q(updated_at__gt=F("created_at")),
            {"created_at": "2023-11-03T10:00:00Z", "updated_at": "2023-11-03T12:00:00+01:00"},
            True,
        ),
    ],
    ids=str,
)
def test_two_fields_of_a_row_are_compared(q, row, expected):
    """F compares the values of two fields, and null matches no comparison."""
    assert q.bind(Ticket)(Ticket.from_row(row)) is expected


@pytest.mark.parametrize(
    ("field", "other"),
    [("created_at", "subject"), ("priority", "status"), ("id", "subject")],
)
def test_fields_of_different_kinds_are_not_compared(field, other):
    """`filter()` with an F of another kind of field raises before any request."""
    with pytest.raises((TypeError, ValueError), match=other):
        Q(**{f"{field}__gt": F(other)}).resolve(Ticket)


def test_an_unknown_field_in_f_is_rejected():
    """An unknown field in F raises an error with the nearest name."""
    with pytest.raises(TypeError, match="did you mean 'subject'"):
        Q(raw_subject=F("subjcet")).resolve(Ticket)


def test_f_is_not_an_exact_value():
    """A condition with F becomes neither an id nor a parameter."""
    assert Ticket.objects.filter(id=F("forum_topic_id")).query.ids is None
    assert Ticket.objects.filter(external_id=F("subject")).query.exact_values == {}


def test_a_value_and_another_field_can_be_equal_at_once():
    """A query that compares one field with a value and with F is not empty."""
    rows = Ticket.objects.filter(forum_topic_id=5).filter(forum_topic_id=F("generated_timestamp"))

    assert not rows.query.empty


def test_texts_of_long_queries_are_short_and_their_digests_are_not():
    """A text lists twenty values and alternatives; the digests for resume tokens contain all."""
    either = [Q(status="new", requester=number) for number in range(1, 31)]
    pairs = [
        [Q(requester__in=ids) for ids in (range(1, 31), [*range(1, 30), 99])],
        [
            Q(requester__in=User.objects.filter(organization__in=ids))
            for ids in (range(1, 31), [*range(1, 30), 99])
        ],
        [functools.reduce(operator.or_, qs) for qs in (either, [*either[:-1], Q(tags="a")])],
    ]
    for pair in pairs:
        first, second = (Ticket.objects.filter(where).query for where in pair)
        assert str(first) == str(second)
        assert "20 and 10 others" in str(first) or str(first).endswith("20) or 10 others)")
        assert query_digest(first) != query_digest(second)


@pytest.mark.parametrize("join", [operator.or_, operator.and_])
def test_thousands_of_q_objects_are_joined(join):
    """The number of joined Q objects is not limited, as in Django."""
    parts = [~Q(tags=f"t{number}", status="new") for number in range(2000)]

    where = functools.reduce(join, parts).resolve(Ticket)

    assert len(where.parts) == 2000
    assert where == functools.reduce(lambda left, right: join(right, left), parts[::-1]).resolve(
        Ticket
    )
