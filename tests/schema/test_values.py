"""Kinds of values: reading from JSON, writing to JSON, and validation."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zendesk_orm import Ticket
from zendesk_orm.errors import InvalidValue, UnexpectedValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.loading import load_date, load_datetime, parse_number
from zendesk_orm.schema.values import KINDS, chosen, list_kind


UTC = timezone.utc
TEN = datetime(2023, 11, 3, 10, tzinfo=UTC)
DAY = date(2023, 11, 3)
STATUS = chosen(("new", "open", "solved"))
COPIED = ["list", "dict", "Any"]

moments = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.integers(-12 * 60, 14 * 60).map(
        lambda minutes: timezone(timedelta(minutes=minutes))
    ),
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
    """A value of the right type is accepted unchanged."""
    assert KINDS[kind].accept(value) == value


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
def test_a_value_of_another_type_is_rejected(kind, value):
    """A value of another type raises `InvalidValue`, such as True for a number."""
    with pytest.raises(InvalidValue, match=r"must be|ISO 8601"):
        KINDS[kind].accept(value)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (datetime(2023, 11, 3, 10), r"value\.replace\(tzinfo=timezone\.utc\)"),
        ("2023-11-03T10:00:00", "'2023-11-03T10:00:00Z'"),
    ],
    ids=["datetime", "text"],
)
def test_a_naive_datetime_is_rejected(value, remedy):
    """A naive datetime raises `InvalidValue`, which suggests a time zone."""
    with pytest.raises(InvalidValue, match=f"has no time zone.*{remedy}"):
        KINDS["datetime"].accept(value)


def test_a_datetime_is_accepted_as_text():
    """A text in ISO 8601 with an offset is accepted as a datetime."""
    assert KINDS["datetime"].accept("2023-11-03T11:00:00+01:00") == TEN


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
def test_every_datetime_format_of_zendesk_is_read(text, expected):
    """Every format of Zendesk is read as an aware datetime, in UTC if it has no offset."""
    moment = load_datetime(text)

    assert moment == expected
    assert moment.utcoffset() is not None


def test_a_datetime_with_z_is_in_utc():
    """A datetime with `Z` is read in UTC."""
    assert load_datetime("2023-11-03T10:00:00Z").utcoffset() == timedelta(0)


def test_a_moment_without_a_counterpart_in_utc_is_rejected():
    """Moments that cannot be compared in UTC raise; the last one of the calendar can be read."""
    assert load_datetime("9999-12-31T23:59:59Z").year == 9999
    for text in ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"):
        with pytest.raises(UnexpectedValue):
            load_datetime(text)


def test_an_impossible_offset_is_rejected():
    """An offset of more than a day would raise an error of Python when it is used."""
    with pytest.raises(UnexpectedValue):
        load_datetime("2023-11-03T10:00:00+99:99")


@pytest.mark.parametrize(
    "text", ["10", "2026", "12:30", "May 2026", "Monday", "2026-01-01 10:00 EST", "9" * 40 + "h1"]
)
def test_a_datetime_without_a_whole_date_or_with_an_unknown_zone_is_rejected(text):
    """Missing parts would be taken from today, and unknown zones from this computer."""
    with pytest.raises(UnexpectedValue):
        load_datetime(text)


@pytest.mark.parametrize("text", ["2026-01-01 or later", "10", {}, [], 5])
def test_a_date_with_another_text_behind_it_is_rejected(text):
    """A date is a date alone, or the beginning of a moment."""
    assert load_date("2023-11-03T10:00:00Z") == DAY
    with pytest.raises(UnexpectedValue):
        load_date(text)


@pytest.mark.parametrize(
    ("item", "raw", "loaded"),
    [
        ("int", [1, None, "2"], [1, 2]),
        ("str", ["a", 5], ["a", "5"]),
        ("dict", [None, {"a": 1}], [{"a": 1}]),
        ("Any", [None, 5], [None, 5]),
    ],
)
def test_members_of_lists_have_their_declared_type(item, raw, loaded):
    """Members are converted as values are, and a member that cannot be read raises."""
    assert list_kind(item).load(raw) == loaded
    if item != "Any":
        with pytest.raises(UnexpectedValue):
            list_kind(item).load([*raw, [raw]])


@given(moments)
def test_a_datetime_is_sent_in_utc_without_microseconds(moment):
    """A datetime is sent in UTC with a precision of seconds."""
    text = dump_datetime(moment)

    assert text.endswith("Z")
    assert load_datetime(text) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["2023-11-03", "2023-11-03T10:00:00Z"])
def test_a_date_is_read(text):
    """A date is read from a text, with or without a time."""
    assert KINDS["date"].load(text) == DAY


def test_a_date_is_accepted_and_sent_as_text():
    """A date is accepted and sent as text."""
    kind = KINDS["date"]

    assert kind.dump(kind.accept("2023-11-03")) == "2023-11-03"


@pytest.mark.parametrize("name", COPIED)
def test_a_value_that_was_read_is_a_deep_copy(name):
    """Editing a value that was read does not change the row."""
    raw = {"list": [{"id": 1}], "dict": {"a": {"id": 1}}, "Any": [{"id": 1}]}[name]

    value = KINDS[name].load(raw)
    inner = value["a"] if name == "dict" else value[0]
    inner["id"] = 2

    assert (raw["a"] if name == "dict" else raw[0]) == {"id": 1}


@pytest.mark.parametrize("name", COPIED)
def test_a_value_that_is_sent_is_a_deep_copy(name):
    """Editing a value does not change a payload that was built before."""
    value = {"a": [1]} if name == "dict" else [[1]]

    sent = KINDS[name].dump(value)
    (value["a"] if name == "dict" else value[0]).append(2)

    assert sent == ({"a": [1]} if name == "dict" else [[1]])


@pytest.mark.parametrize("value", [("a", "b"), {"a": 1, "b": 2}.keys(), iter("ab"), ["a", "b"]])
def test_a_list_is_made_from_any_iterable(value):
    """Any iterable is accepted as a list, and copied."""
    accepted = KINDS["list"].accept(value)

    assert accepted == ["a", "b"]
    assert accepted is not value


@pytest.mark.parametrize(("name", "empty"), [("list", []), ("dict", {})])
def test_a_missing_collection_is_empty(name, empty):
    """A missing list or dictionary is read as a new, empty one."""
    one, other = KINDS[name].absent(), KINDS[name].absent()

    assert one == other == empty
    assert one is not other


def test_a_choice_is_accepted():
    """A declared choice is accepted."""
    assert STATUS.accept("open") == "open"


@pytest.mark.parametrize("value", ["opne", "", 5, ["open"]])
def test_an_unknown_choice_is_rejected(value):
    """An unknown choice raises `InvalidValue`, which lists the choices."""
    with pytest.raises(InvalidValue, match="must be one of 'new', 'open', 'solved'"):
        STATUS.accept(value)


def test_a_new_choice_can_be_read():
    """A choice that Zendesk has added later can be read."""
    assert STATUS.load("on hold") == "on hold"


@pytest.mark.parametrize("name", ["str", "int", "float", "bool"])
def test_plain_values_are_read_without_a_call(name):
    """Values of the right type are read without a conversion."""
    assert KINDS[name].exact.__name__ == name


@pytest.mark.parametrize(
    ("raw", "number"),
    [("12", 12), (12, 12), ("01ABC", "01ABC"), ("²", "²"), ("", ""), (None, None)],
)
def test_numeric_texts_become_numbers(raw, number):
    """Ids that consist of digits become numbers; other texts stay unchanged."""
    assert parse_number(raw) == number


class _SharedList(list):
    """A list that two threads iterate over at the same time."""

    def __init__(self, members: list[Any]) -> None:
        super().__init__(members)
        self._barrier = threading.Barrier(2, timeout=30)

    def __iter__(self) -> Any:
        self._barrier.wait()
        return super().__iter__()


def test_threads_that_read_a_list_at_the_same_time_edit_the_same_one() -> None:
    """No edit is lost: the list of an object is created once."""
    rows: dict[str, Any] = {
        "tags": ["a"],
        "custom_fields": [{"id": 1, "value": "x"}],
        "collaborator_ids": [7],
        "follower_ids": [8],
    }
    for name, members in rows.items():
        ticket = Ticket.from_row({"id": 1, name: _SharedList(members)})
        with ThreadPoolExecutor(2) as executor:
            read = list(executor.map(getattr, [ticket] * 2, [name] * 2))

        assert read[0] is read[1] is getattr(ticket, name), name
