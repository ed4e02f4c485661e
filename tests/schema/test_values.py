"""Kinds of values: off the wire, back onto it, and what may be assigned."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.loading import load_datetime, numbered
from zendesk_orm.schema.values import KINDS, chosen


UTC = timezone.utc
TEN = datetime(2023, 11, 3, 10, tzinfo=UTC)
DAY = date(2023, 11, 3)
STATUS = chosen(("new", "open", "solved"))
COPIED = ["list", "dict", "Any"]

moments = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.integers(-12 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each))),
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", ""),
        ("str", "Zoë"),
        ("int", 0),
        ("float", 0.5),
        ("float", 2),
        ("bool", False),
        ("datetime", TEN),
        ("date", DAY),
        ("list", []),
        ("dict", {"a": 1}),
        ("Any", {"a": [1, DAY]}),
        ("Any", None),
    ],
)
def test_a_value_of_the_kind_is_accepted(kind, value):
    """It is kept as it is."""
    assert value == KINDS[kind].accept(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", 5),
        ("str", b"text"),
        ("int", "5"),
        ("int", 5.0),
        ("int", True),
        ("float", "0.5"),
        ("float", True),
        ("bool", 1),
        ("bool", "true"),
        ("datetime", 1_700_000_000),
        ("datetime", DAY),
        ("datetime", "soon"),
        ("date", TEN),
        ("date", 20231103),
        ("date", "tomorrow"),
        ("date", "2023-11-03 or later"),
        ("list", "text"),
        ("list", b"text"),
        ("list", {"a": 1}),
        ("list", 5),
        ("dict", [("a", 1)]),
        ("dict", "text"),
    ],
)
def test_a_value_of_another_kind_is_refused(kind, value):
    """The message names the kind or the value; True is no number, and text is no list."""
    with pytest.raises(InvalidValue, match=r"wants|ISO 8601"):
        KINDS[kind].accept(value)


@pytest.mark.parametrize("value", [datetime(2023, 11, 3, 10), "2023-11-03T10:00:00"])
def test_a_naive_moment_is_refused_and_told_what_to_do(value):
    """Which moment it is depends on where one stands, so it is not guessed."""
    with pytest.raises(InvalidValue, match=r"has no time zone.*replace\(tzinfo=timezone\.utc\)"):
        KINDS["datetime"].accept(value)


def test_a_moment_is_accepted_as_text():
    """ISO 8601 with an offset says which moment it is."""
    assert TEN == KINDS["datetime"].accept("2023-11-03T11:00:00+01:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-11-03T10:00:00Z", TEN),
        ("2023-11-03T10:00:00+00:00", TEN),
        ("2023-11-03T12:00:00+02:00", TEN),
        ("2023-11-03T04:30:00-05:30", TEN),
        ("2023-11-03T10:00:00.000Z", TEN),
        ("2023-11-03T10:00:00.250Z", TEN.replace(microsecond=250_000)),
        ("2023-11-03T10:00:00.5Z", TEN.replace(microsecond=500_000)),
        ("2023/11/03 10:00:00 +0100", TEN.replace(hour=9)),
        ("2023-11-03 10:00:00 UTC", TEN),
        ("Fri, 03 Nov 2023 10:00:00 +0000", TEN),
        ("2023-11-03T10:00:00", TEN),
        ("2023-11-03", TEN.replace(hour=0)),
    ],
)
def test_a_moment_is_read_however_zendesk_writes_it(text, expected):
    """Each notation is the same aware moment; what has no zone is UTC."""
    moment = load_datetime(text)

    assert expected == moment
    assert moment.utcoffset() is not None


def test_a_moment_with_z_is_in_utc():
    """What Zendesk wrote in UTC is read in UTC."""
    assert timedelta(0) == load_datetime("2023-11-03T10:00:00Z").utcoffset()


@given(moments)
def test_a_moment_goes_out_in_utc_to_the_second(moment):
    """Whatever zone it was in, the text ends with Z and is the same second."""
    text = dump_datetime(moment)

    assert text.endswith("Z")
    assert moment.replace(microsecond=0) == load_datetime(text)


@pytest.mark.parametrize("text", ["2023-11-03", "2023-11-03T10:00:00Z"])
def test_a_date_is_read(text):
    """A time behind it is no part of it."""
    assert DAY == KINDS["date"].load(text)


def test_a_date_is_written_and_taken_as_text():
    """Dates go out as they come in."""
    kind = KINDS["date"]

    assert "2023-11-03" == kind.dump(kind.accept("2023-11-03"))


@pytest.mark.parametrize("name", COPIED)
def test_what_is_read_can_be_edited_without_editing_the_row(name):
    """Lists and dictionaries are copied to the bottom."""
    raw = {"list": [{"id": 1}], "dict": {"a": {"id": 1}}, "Any": [{"id": 1}]}[name]

    value = KINDS[name].load(raw)
    inner = value["a"] if name == "dict" else value[0]
    inner["id"] = 2

    assert {"id": 1} == (raw["a"] if name == "dict" else raw[0])


@pytest.mark.parametrize("name", COPIED)
def test_what_is_sent_is_not_what_is_held(name):
    """A request keeps what it was made with, whatever is edited afterwards."""
    value = {"a": [1]} if name == "dict" else [[1]]

    sent = KINDS[name].dump(value)
    (value["a"] if name == "dict" else value[0]).append(2)

    assert sent == ({"a": [1]} if name == "dict" else [[1]])


@pytest.mark.parametrize("value", [("a", "b"), {"a": 1, "b": 2}.keys(), iter("ab"), ["a", "b"]])
def test_a_list_is_made_of_anything_that_can_be_walked(value):
    """The list is a new one."""
    kept = KINDS["list"].accept(value)

    assert ["a", "b"] == kept
    assert kept is not value


@pytest.mark.parametrize(("name", "empty"), [("list", []), ("dict", {})])
def test_what_a_row_does_not_have_reads_as_empty(name, empty):
    """Each time it is an empty value of its own."""
    one, other = KINDS[name].absent(), KINDS[name].absent()

    assert empty == one == other
    assert one is not other


def test_a_choice_is_accepted():
    """It is one of those that there are."""
    assert "open" == STATUS.accept("open")


@pytest.mark.parametrize("value", ["opne", "", 5, ["open"]])
def test_what_is_no_choice_is_refused_and_told_the_choices(value):
    """The message lists all of them."""
    with pytest.raises(InvalidValue, match="wants one of 'new', 'open', 'solved'"):
        STATUS.accept(value)


def test_a_new_choice_can_be_read():
    """A choice that Zendesk has added is read as it comes."""
    assert STATUS.load("on hold") == "on hold"


@pytest.mark.parametrize("name", ["str", "int", "float", "bool"])
def test_plain_values_are_read_without_a_call(name):
    """Values of the right type are not loaded: reading them costs one comparison."""
    assert KINDS[name].exact.__name__ == name


@pytest.mark.parametrize(
    ("raw", "number"),
    [("12", 12), (12, 12), ("01ABC", "01ABC"), ("²", "²"), ("", ""), (None, None)],
)
def test_a_text_that_is_a_number_becomes_one(raw, number):
    """Of ids that Zendesk writes as texts; what is no number stays what it is."""
    assert number == numbered(raw)
