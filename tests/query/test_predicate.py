"""Predicates: rewritten for the planner, and true of the same rows as before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import F, Q, Ticket
from zendesk_orm.query.predicate import (
    MOST_ALTERNATIVES,
    Condition,
    Either,
    Every,
    Not,
    alternatives,
    conjunction,
    described,
    intersected,
    of_terms,
)


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
        | st.builds(Every, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Either, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
rows = st.fixed_dictionaries({name: st.none() | st.integers(0, 1) for name in NAMES})


def _true(where, row):
    if isinstance(where, Condition):
        value = row[where.name]
        return value == where.value if where.op == "exact" else value in where.value
    if isinstance(where, Not):
        return not _true(where.part, row)
    combine = any if isinstance(where, Either) else all
    return combine(_true(part, row) for part in where.parts)


@given(where=trees, row=rows)
def test_alternatives_are_true_of_the_same_rows(where, row):
    """At least one alternative holds exactly where the predicate does."""
    found = alternatives(where)
    if found is None:
        return

    assert len(found) <= MOST_ALTERNATIVES
    assert _true(where, row) is any(_true(of_terms(terms), row) for terms in found)


@given(where=trees, row=rows)
def test_putting_values_together_is_true_of_the_same_rows(where, row):
    """What two conditions on one field have in common is one condition, or nothing."""
    for terms in alternatives(where) or ():
        together = intersected(terms, ())
        expected = _true(of_terms(terms), row)

        assert expected is (together is not None and _true(of_terms(together), row))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Every(), [Every()]),
        (A, [A]),
        (Every((A, B)), [Every((A, B))]),
        (Either((A, B)), [A, B]),
        (Every((A, Either((B, C)))), [Every((A, B)), Every((A, C))]),
        (Not(Every((A, B))), [Not(A), Not(B)]),
        (Not(Either((A, B))), [Every((Not(A), Not(B)))]),
        (Either((A, A)), [A]),
        (NEVER, []),
        (Either((NEVER, A)), [A]),
        (Every((NEVER, A)), []),
        (Not(NEVER), [Every()]),
    ],
    ids=str,
)
def test_a_predicate_is_taken_apart(where, expected):
    """Into alternatives, each of terms that all have to hold."""
    assert expected == [of_terms(terms) for terms in alternatives(where)]


def test_too_many_alternatives_are_none():
    """Each would be a search of its own."""
    two_each = tuple(
        Either((Condition("a", "exact", n), Condition("b", "exact", n))) for n in range(4)
    )

    assert 8 == len(alternatives(Every(two_each[:3])))
    assert alternatives(Every(two_each)) is None


@pytest.mark.parametrize(("where", "single"), [(Every((A, Not(B))), True), (Either((A, B)), False)])
def test_a_conjunction_is_a_single_alternative(where, single):
    """With several there are no terms that all have to hold."""
    assert single is (conjunction(where) is not None)


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
    """Alternatives stand in brackets, so that it is plain what belongs together."""
    assert expected == described(q.resolve(Ticket))


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
def test_a_query_knows_its_ids_and_whether_it_is_empty(rows, ids, empty):
    """Ids are those that all conditions allow; a list may hold two values at once."""
    assert (ids, empty) == (rows.query.ids, rows.query.empty)


# -- F -----------------------------------------------------------------------


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
    """As values, not as text; null compares with nothing."""
    assert expected is q.bind(Ticket)(Ticket.from_row(row))


@pytest.mark.parametrize(
    ("field", "other"),
    [("created_at", "subject"), ("priority", "status"), ("id", "subject")],
)
def test_fields_of_two_kinds_are_not_compared(field, other):
    """It is refused when it is said, rather than when a row comes."""
    with pytest.raises((TypeError, ValueError), match=other):
        Q(**{f"{field}__gt": F(other)}).resolve(Ticket)


def test_an_unknown_field_is_refused_in_an_f():
    """With the nearest name."""
    with pytest.raises(TypeError, match="did you mean 'subject'"):
        Q(raw_subject=F("subjcet")).resolve(Ticket)


def test_another_field_is_no_value_that_could_be_asked_for():
    """Neither an id nor a parameter is made of an F."""
    assert Ticket.objects.filter(id=F("forum_topic_id")).query.ids is None
    assert {} == Ticket.objects.filter(external_id=F("subject")).query.fixed


def test_a_value_and_another_field_can_be_equal_at_once():
    """Nobody knows before the row is read, so the query is not empty."""
    rows = Ticket.objects.filter(forum_topic_id=5).filter(forum_topic_id=F("generated_timestamp"))

    assert not rows.query.empty
