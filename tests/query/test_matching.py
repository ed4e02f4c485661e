"""Predicates match the same rows as equivalent functions in plain Python."""

from __future__ import annotations

import itertools
import re
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import F, FieldError, InvalidValue, Q, Ticket, User
from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.query.matching import record_test, row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.schema import registry
from zendesk_orm.schema.values import dump_datetime


PRIORITIES = ("low", "normal", "high", "urgent")
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)

numbers = st.integers(0, 5)
letters = st.text("aAbBß. ", max_size=4)
moments = st.sampled_from([0, 1, 86_400, 1e-6, 1 + 1e-6]).map(
    lambda seconds: EPOCH + timedelta(seconds=seconds)
)
#: Formats in which Zendesk sends a datetime.
FORMS = (
    dump_datetime,
    datetime.isoformat,
    lambda moment: moment.isoformat().replace("+00:00", "Z"),
    lambda moment: moment.astimezone(timezone(timedelta(hours=2))).isoformat(),
)
tags = st.lists(st.sampled_from("abc"), max_size=3)

COMPARISONS = {
    "exact": lambda value, operand: value == operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
}
TESTS = {
    "iexact": lambda value, operand: value.casefold() == operand.casefold(),
    "contains": lambda value, operand: operand in value,
    "icontains": lambda value, operand: operand.casefold() in value.casefold(),
    "startswith": lambda value, operand: value.startswith(operand),
    "istartswith": lambda value, operand: value.casefold().startswith(operand.casefold()),
    "endswith": lambda value, operand: value.endswith(operand),
    "iendswith": lambda value, operand: value.casefold().endswith(operand.casefold()),
    "regex": lambda value, operand: bool(re.search(operand, value)),
    "iregex": lambda value, operand: bool(re.search(operand, value, re.IGNORECASE)),
}


def _matches(q, row, model=Ticket):
    """Return whether a row matches, after checking that its record has the same result."""
    where = q.resolve(model)
    by_row = row_test(where, model._meta)(row)
    by_record = record_test(where, model._meta)(model.from_row(row))
    assert by_row is by_record
    return by_row


@pytest.mark.parametrize("op", COMPARISONS)
@given(value=st.none() | numbers, operand=numbers)
def test_numbers_compare_as_in_python(op, value, operand):
    """Numbers are compared as in Python, and a row without a value does not match."""
    expected = value is not None and COMPARISONS[op](value, operand)

    assert _matches(Q(**{f"forum_topic_id__{op}": operand}), {"forum_topic_id": value}) is expected


@pytest.mark.parametrize("op", COMPARISONS)
@given(value=st.none() | moments, operand=moments, form=st.sampled_from(FORMS))
def test_datetimes_compare_as_in_python(op, value, operand, form):
    """Datetimes are compared as in Python, whatever format the row has."""
    text = None if value is None else form(value)
    if text is not None:
        value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    expected = value is not None and COMPARISONS[op](value, operand)
    row = {"due_at": text}

    assert _matches(Q(**{f"due_at__{op}": operand}), row) is expected


@pytest.mark.parametrize("op", COMPARISONS)
@given(
    value=st.none() | st.sampled_from((*PRIORITIES, "apocalyptic")),
    operand=st.sampled_from(PRIORITIES),
)
def test_choices_compare_by_their_rank(op, value, operand):
    """Choices are compared by rank: `low` is less than `high`; an unknown choice has no rank."""
    is_known = value in PRIORITIES
    expected = is_known and COMPARISONS[op](PRIORITIES.index(value), PRIORITIES.index(operand))

    assert _matches(Q(**{f"priority__{op}": operand}), {"priority": value}) is expected


@pytest.mark.parametrize("op", TESTS)
@given(value=st.none() | letters, operand=letters)
def test_text_is_tested_as_in_python(op, value, operand):
    """Text lookups match as in Python; those that begin with `i` ignore case in every script."""
    expected = value is not None and TESTS[op](value, operand)

    assert _matches(Q(**{f"subject__{op}": operand}), {"subject": value}) is expected


@given(value=st.none() | numbers, operand=st.lists(numbers))
def test_membership_is_as_in_python(value, operand):
    """`in` matches as in Python, and null is in no list."""
    assert (value in operand) is _matches(Q(forum_topic_id__in=operand), {"forum_topic_id": value})


@given(value=st.none() | tags, operand=st.sampled_from("abc"))
def test_a_list_matches_by_one_member(value, operand):
    """`tags="vip"` matches tickets that have the tag."""
    assert (operand in (value or ())) is _matches(Q(tags=operand), {"tags": value})


@given(value=st.none() | tags, operand=tags)
def test_a_list_matches_by_any_of_several_members(value, operand):
    """`tags__in` matches tickets that have at least one of the tags."""
    expected = any(item in (value or ()) for item in operand)

    assert _matches(Q(tags__in=operand), {"tags": value}) is expected


@given(value=numbers, low=numbers, high=numbers)
def test_a_range_includes_both_ends(value, low, high):
    """`range` includes both ends, as SQL's BETWEEN, and is empty if they are swapped."""
    expected = low <= value <= high

    assert _matches(Q(forum_topic_id__range=(low, high)), {"forum_topic_id": value}) is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"tags": None, "subject": None}, True),
        ({}, True),
        ({"tags": [], "subject": None}, True),
        ({"tags": ["a"], "subject": ""}, False),
    ],
)
def test_isnull_matches_missing_and_empty_values(row, expected):
    """`isnull` matches a missing key, null and an empty list, and does not match an empty text."""
    assert _matches(Q(tags__isnull=True), row) is expected
    assert _matches(Q(subject__isnull=True), row) is expected
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


def _to_q(tree):
    if tree[0] == "~":
        return ~_to_q(tree[1])
    if len(tree) == 3:
        left, right = _to_q(tree[1]), _to_q(tree[2])
        return {"&": left.__and__, "|": left.__or__, "^": left.__xor__}[tree[0]](right)
    name, number = tree
    return Q(**{name: ("new", "open", "hold")[number] if name == "status" else number})


def _evaluate(tree, facts):
    if tree[0] == "~":
        return not _evaluate(tree[1], facts)
    if len(tree) == 3:
        left, right = _evaluate(tree[1], facts), _evaluate(tree[2], facts)
        return {"&": left and right, "|": left or right, "^": left != right}[tree[0]]
    return facts[tree[0]] == tree[1]


@pytest.mark.fuzz
@given(tree=_trees(), status=st.integers(0, 2), number=st.integers(0, 2) | st.none())
def test_any_combination_follows_logic(tree, status, number):
    """Any combination of Q objects matches the rows that logic demands."""
    row = {"status": ("new", "open", "hold")[status], "forum_topic_id": number}
    facts = {"status": status, "forum_topic_id": number}

    assert _evaluate(tree, facts) is _matches(_to_q(tree), row)


def test_a_flag_is_compared():
    """A boolean is compared with the value of the row."""
    assert _matches(Q(suspended=True), {"suspended": True}, User)
    assert not _matches(Q(suspended=True), {"suspended": False}, User)


def test_the_expected_value_decides_how_a_value_of_unknown_type_is_compared():
    """Numbers may be stored as texts; a value of another type does not match."""
    day = date(2026, 1, 2)
    for lookup, expected, matching, others in (
        ("exact", 5, (5, 5.0, "5"), ("5a", None, [], True)),
        ("gt", 4, (5, "5", "4.5"), ("", "x", None, [5], True)),
        ("exact", "5", ("5", 5, ["5"]), (True, None, "05")),
        ("lte", "b", ("a", "b", "B"), (None, "c", ["a"])),
        ("exact", True, (True,), (1, "true", None)),
        ("gte", day, ("2026-01-02", "2026-03-01T00:00:00Z"), ("2026-01-01", "x", None, 7)),
        ("in", ["a", 5], ("a", ["b", "a"], "5"), ("b", None, [])),
    ):
        q = Q(**{f"custom_fields__42__{lookup}": expected})
        for value in (*matching, *others):
            row = {"id": 1, "custom_fields": [{"id": 42, "value": value}]}
            assert _matches(q, row) is any(value is item for item in matching), (lookup, value)


def test_values_without_a_common_type_are_not_compared_with_each_other():
    """`F()` of a list or of a value inside another one is refused."""
    for lookups in ({"tags": F("tags")}, {"custom_fields__42": F("custom_fields__43")}):
        with pytest.raises(InvalidValue, match="cannot be compared with other fields"):
            Q(**lookups).resolve(Ticket)


#: Values that a row may contain, whatever the declaration: ids of some models are text.
RAW = (None, True, 0, 17, "17", "a1", "2024-01-31", [17], [{"id": 1}], {"a": 1}, {"a": "b"})


def test_rows_of_any_field_are_ordered_and_compared_or_the_query_is_refused():
    """Every field orders and compares all values that it can read, or refuses the query."""
    refused = set()
    for product in registry.PRODUCTS:
        registry.load(product)
    for model in registry.models():
        for name, field in model._meta.fields.items():
            rows = [{"id": place, field.wire: raw} for place, raw in enumerate(RAW)]
            rows = [row for row in rows if _is_readable(field, row)]
            try:
                query = model.objects.order_by(name, "-id").query
            except FieldError:
                refused.add(field.kind.name)
                continue
            assert len(arrange(query, rows, lambda row: row)) == len(rows)
            assert len(arrange(evolve(query, order=(f"-{name}",)), rows, lambda row: row)) == len(
                rows
            )
            for lookup, value in itertools.product(
                ("exact", "gte", "lt"), (17, "a1", "2024-01-31")
            ):
                with suppress(FieldError, InvalidValue):
                    where = Q(**{f"{name}__{lookup}": value}).resolve(model)
                    assert sum(map(row_test(where, model._meta), rows)) <= len(rows)
    assert {"dict", "list", "Attachment"} <= refused
    assert not refused & {"str", "int", "id", "datetime", "date", "choice", "Any"}


def _is_readable(field, row):
    try:
        field.read(row)
    except UnexpectedValue:
        return False
    return True
