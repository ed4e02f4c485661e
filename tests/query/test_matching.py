"""Matching: a predicate as a Python function, held against plain Python."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Q, Ticket, User
from zendesk_orm.query.matching import record_test, row_test
from zendesk_orm.schema.values import dump_datetime


PRIORITIES = ("low", "normal", "high", "urgent")
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)

numbers = st.integers(0, 5)
letters = st.text("aAbBß. ", max_size=4)
moments = st.integers(0, 5).map(lambda days: EPOCH + timedelta(days=days))
tags = st.lists(st.sampled_from("abc"), max_size=3)

COMPARISONS = {
    "exact": lambda value, wanted: value == wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
}
TESTS = {
    "iexact": lambda value, wanted: value.casefold() == wanted.casefold(),
    "contains": lambda value, wanted: wanted in value,
    "icontains": lambda value, wanted: wanted.casefold() in value.casefold(),
    "startswith": lambda value, wanted: value.startswith(wanted),
    "istartswith": lambda value, wanted: value.casefold().startswith(wanted.casefold()),
    "endswith": lambda value, wanted: value.endswith(wanted),
    "iendswith": lambda value, wanted: value.casefold().endswith(wanted.casefold()),
    "regex": lambda value, wanted: bool(re.search(wanted, value)),
    "iregex": lambda value, wanted: bool(re.search(wanted, value, re.IGNORECASE)),
}


def _matches(q, row, model=Ticket):
    """Return the answer of the row and of its record, which must be one."""
    where = q.resolve(model)
    by_row = row_test(where, model._meta)(row)
    by_record = record_test(where, model._meta)(model.from_row(row))
    assert by_row is by_record
    return by_row


@pytest.mark.parametrize("op", COMPARISONS)
@given(value=st.none() | numbers, wanted=numbers)
def test_numbers_compare_as_in_python(op, value, wanted):
    """A row without a value matches no comparison."""
    expected = value is not None and COMPARISONS[op](value, wanted)

    assert expected is _matches(Q(**{f"forum_topic_id__{op}": wanted}), {"forum_topic_id": value})


@pytest.mark.parametrize("op", COMPARISONS)
@given(value=st.none() | moments, wanted=moments)
def test_moments_compare_as_in_python(op, value, wanted):
    """The text of the row is compared as a moment."""
    expected = value is not None and COMPARISONS[op](value, wanted)
    row = {"due_at": value and dump_datetime(value)}

    assert expected is _matches(Q(**{f"due_at__{op}": wanted}), row)


@pytest.mark.parametrize("op", COMPARISONS)
@given(
    value=st.none() | st.sampled_from((*PRIORITIES, "apocalyptic")),
    wanted=st.sampled_from(PRIORITIES),
)
def test_choices_compare_by_their_rank(op, value, wanted):
    """`low` is less than `high`; a choice that is not known has no rank."""
    known = value in PRIORITIES
    expected = known and COMPARISONS[op](PRIORITIES.index(value), PRIORITIES.index(wanted))

    assert expected is _matches(Q(**{f"priority__{op}": wanted}), {"priority": value})


@pytest.mark.parametrize("op", TESTS)
@given(value=st.none() | letters, wanted=letters)
def test_text_is_tested_as_in_python(op, value, wanted):
    """With an `i` the case is folded, in every script."""
    expected = value is not None and TESTS[op](value, wanted)

    assert expected is _matches(Q(**{f"subject__{op}": wanted}), {"subject": value})


@given(value=st.none() | numbers, wanted=st.lists(numbers))
def test_membership_is_as_in_python(value, wanted):
    """Null is in no list."""
    assert (value in wanted) is _matches(Q(forum_topic_id__in=wanted), {"forum_topic_id": value})


@given(value=st.none() | tags, wanted=st.sampled_from("abc"))
def test_a_list_matches_by_a_member(value, wanted):
    """`tags="vip"` asks for tickets that have the tag."""
    assert (wanted in (value or ())) is _matches(Q(tags=wanted), {"tags": value})


@given(value=st.none() | tags, wanted=tags)
def test_a_list_matches_by_any_of_several_members(value, wanted):
    """`tags__in` asks for tickets that have one of them."""
    expected = any(each in (value or ()) for each in wanted)

    assert expected is _matches(Q(tags__in=wanted), {"tags": value})


@given(value=numbers, low=numbers, high=numbers)
def test_a_range_has_both_ends(value, low, high):
    """As SQL's BETWEEN; turned round it is empty."""
    expected = low <= value <= high

    assert expected is _matches(Q(forum_topic_id__range=(low, high)), {"forum_topic_id": value})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"tags": None, "subject": None}, True),
        ({}, True),
        ({"tags": [], "subject": None}, True),
        ({"tags": ["a"], "subject": ""}, False),
    ],
)
def test_null_is_nothing_at_all(row, expected):
    """A missing key, null, and an empty list are null; an empty text is not."""
    assert expected is _matches(Q(tags__isnull=True), row)
    assert expected is _matches(Q(subject__isnull=True), row)
    assert (not expected) is _matches(Q(subject__isnull=False), row)


def _leaves():
    pairs = st.sampled_from(["status", "forum_topic_id"]), st.integers(0, 2)
    return st.tuples(*pairs)


def _trees():
    return st.recursive(
        _leaves(),
        lambda inner: (
            st.tuples(st.sampled_from("&|^"), inner, inner) | st.tuples(st.just("~"), inner)
        ),
        max_leaves=6,
    )


def _q(tree):
    if tree[0] == "~":
        return ~_q(tree[1])
    if len(tree) == 3:
        left, right = _q(tree[1]), _q(tree[2])
        return {"&": left.__and__, "|": left.__or__, "^": left.__xor__}[tree[0]](right)
    name, number = tree
    return Q(**{name: ("new", "open", "hold")[number] if name == "status" else number})


def _truth(tree, facts):
    if tree[0] == "~":
        return not _truth(tree[1], facts)
    if len(tree) == 3:
        left, right = _truth(tree[1], facts), _truth(tree[2], facts)
        return {"&": left and right, "|": left or right, "^": left != right}[tree[0]]
    return facts[tree[0]] == tree[1]


@pytest.mark.fuzz
@given(tree=_trees(), status=st.integers(0, 2), number=st.integers(0, 2) | st.none())
def test_any_combination_is_as_in_logic(tree, status, number):
    """Simplifying the tree on the way never changes which rows match."""
    row = {"status": ("new", "open", "hold")[status], "forum_topic_id": number}
    facts = {"status": status, "forum_topic_id": number}

    assert _truth(tree, facts) is _matches(_q(tree), row)


def test_a_flag_is_compared():
    """True is True."""
    assert _matches(Q(suspended=True), {"suspended": True}, User)
    assert not _matches(Q(suspended=True), {"suspended": False}, User)
