"""Values in requests: plain values, joined lists, segments of a path."""

from __future__ import annotations

import enum
import json
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import (
    Secret,
    encode,
    is_joinable,
    join,
    path_segment,
    plain,
    to_json,
    to_text,
)


UTC = timezone.utc


class Word(str, enum.Enum):
    """An enum of strings, such as a program's constants."""

    OPEN = "open"


class Level(enum.IntEnum):
    """An enum of integers."""

    TWO = 2


class Price(float, enum.Enum):
    """An enum of floats."""

    LOW = 1.5


class Loud(str):
    """A string whose `str()` differs from it."""

    __slots__ = ()

    def __str__(self):
        return f"<{super().__str__()}>"


class Number:
    """An integer of another library."""

    def __index__(self):
        return 7


class OtherDatetime(datetime):
    """A datetime of another library, with another `isoformat()`."""

    def isoformat(self, *args, **kwargs):
        return "some day"


class OtherDate(date):
    """A date of another library, with another `isoformat()`."""

    def isoformat(self):
        return "some day"


class MissingDatetime(datetime):
    """A missing datetime, like NaT of pandas."""

    year = property(lambda self: float("nan"))


SUBCLASSES = [
    (Word.OPEN, "open"),
    (Loud("open"), "open"),
    (Level.TWO, 2),
    (Price.LOW, 1.5),
    (Number(), 7),
    (OtherDatetime(2024, 1, 2, 3, tzinfo=UTC), datetime(2024, 1, 2, 3, tzinfo=UTC)),
    (OtherDate(2024, 1, 2), date(2024, 1, 2)),
]


@pytest.mark.parametrize(("value", "expected"), SUBCLASSES)
def test_a_subclass_becomes_its_plain_type(value, expected):
    """`plain()` converts a value to its exact plain type, also within lists and dictionaries."""
    reduced = plain({"a": [value]})["a"][0]

    assert reduced == expected
    assert type(reduced) is type(expected)


@pytest.mark.parametrize(("value", "expected"), SUBCLASSES)
def test_a_subclass_is_written_like_its_plain_type(value, expected):
    """Text, JSON and segments of a path are the same for a value and for a subclass of its type."""
    assert to_text(value) == to_text(expected)
    assert encode(to_json([value])) == encode(to_json([expected]))
    assert path_segment("id", value) == path_segment("id", expected)
    assert join([value]) == join([expected])


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        "\ud800",
        b"bytes",
        object(),
        MissingDatetime(2024, 1, 1, tzinfo=UTC),
        timedelta(1),
        int,
    ],
)
def test_a_value_without_a_plain_type_is_rejected(value):
    """A value that neither JSON nor a parameter can express raises an error, however deep it is."""
    for nested in (value, [value], {"a": {"b": value}}):
        with pytest.raises(InvalidValue):
            plain(nested)


def test_a_naive_moment_is_rejected_at_every_level():
    """A moment without a time zone is never sent as one of the zone of this computer."""
    naive = datetime(2025, 1, 1)
    for value in (naive, [naive], {"at": naive}, {"a": [{"b": (naive,)}]}):
        for convert in (plain, to_json, encode):
            with pytest.raises(InvalidValue, match="no time zone"):
                convert(value)


def test_a_secret_stays_hidden():
    """`plain()` keeps a secret hidden, and the secret is sent as it is."""
    secret = plain({"token": plain(Secret(plain(Loud("S3CR3T"))))})

    assert "S3CR3T" not in f"{secret} {secret['token']}"
    assert encode(secret) == b'{"token":"S3CR3T"}'


@pytest.mark.parametrize("body", [{"a": float("nan")}, {"a": [float("inf")]}, {"a": object()}])
def test_a_body_that_is_not_json_is_rejected(body):
    """A body is encoded as JSON, which has no NaN, or it raises an error of the library."""
    with pytest.raises(InvalidValue):
        encode(body)


@pytest.mark.parametrize("value", ["a,b", ",", "", " a", "a ", "\ta", "\xa0a"])
def test_a_member_that_would_be_read_differently_is_not_joined(value):
    """A member with a comma, or with blanks at its ends, raises, alone or among others."""
    assert not is_joinable(value)
    with pytest.raises(InvalidValue, match="joined"):
        join(["x", value])


@given(st.lists(st.one_of(st.integers(), st.text()), min_size=1))
def test_joined_members_are_read_as_they_were(members):
    """Splitting a joined list returns its members, unless joining raised an error."""
    try:
        joined = join(members)
    except InvalidValue:
        return

    assert joined.split(",") == [str(member) for member in members]


@pytest.mark.parametrize(
    "value",
    ["", " ", ".", "..", " ..", "../users/me", "a/../b", "a\\..\\b", "./a", None, [], ["a"]],
)
def test_a_segment_that_leads_to_another_path_is_rejected(value):
    """Empty values, `.` and `..`, also between slashes, are rejected as segments of a path."""
    with pytest.raises(InvalidValue, match="id"):
        path_segment("id", value)


@given(st.text("ab/\\?#&%.;= é", min_size=1))
def test_a_segment_is_quoted_completely(value):
    """A quoted segment contains no character that separates parts of an address."""
    try:
        segment = path_segment("id", value)
    except InvalidValue:
        return

    assert not set("/\\?#&;= é") & set(segment)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_plain_value_stays_as_it_is(value):
    """`plain()` returns a plain value unchanged, and JSON decodes to an equal value."""
    assert plain(value) == value
    assert json.loads(encode(value)) == value
