"""The JSON filter of custom object records."""

from __future__ import annotations

import pytest


#: key -> type of the field of an object.
FIELDS = {
    "make": "text",
    "seats": "integer",
    "colours": "multiselect",
    "sold": "date",
    "fast": "checkbox",
}
CARS = {
    "tesla": {
        "make": "Tesla",
        "seats": 5,
        "colours": ["red", "blue"],
        "sold": "2026-01-31",
        "fast": True,
    },
    "honda": {"make": "Honda", "seats": 2, "colours": ["blue"], "sold": "2026-03-01"},
    "none": {},
}


@pytest.fixture
def found(zendesk):
    """Return what finds names of cars by a filter, or the answer where it is refused."""
    car = {"key": "car", "title": "Car", "title_pluralized": "Cars"}
    zendesk.send("POST", "custom_objects", {"custom_object": car})
    for key, type_ in FIELDS.items():
        field = {"custom_object_field": {"key": key, "title": key, "type": type_}}
        zendesk.send("POST", "custom_objects/car/fields", field)
    for name, values in CARS.items():
        record = {"name": name, "external_id": f"X-{name}", "custom_object_fields": values}
        zendesk.send("POST", "custom_objects/car/records", {"custom_object_record": record})
        zendesk.clock.sleep(60)

    def search(given, **params):
        answer = zendesk.send(
            "POST", "custom_objects/car/records/search", {"filter": given}, params=params
        )
        if answer.status_code != 200:
            return answer
        return [row["name"] for row in answer.json()["custom_object_records"]]

    search.zendesk = zendesk
    return search


def _field(key, operator, value):
    return {f"custom_object_fields.{key}": {operator: value}}


@pytest.mark.parametrize(
    ("key", "operator", "value", "names"),
    [
        ("make", "$eq", "Tesla", ["tesla"]),
        ("make", "$noteq", "Tesla", ["honda"]),
        ("make", "$contains", "ESL", ["tesla"]),
        ("make", "$notcontains", "esl", ["honda"]),
        ("make", "$exists", True, ["tesla", "honda"]),
        ("make", "$exists", False, ["none"]),
        ("seats", "$eq", "5", ["tesla"]),
        ("seats", "$gt", 2, ["tesla"]),
        ("seats", "$gte", 2, ["tesla", "honda"]),
        ("seats", "$lt", 5, ["honda"]),
        ("seats", "$lte", 1, []),
        ("seats", "$in", [2, 3], ["honda"]),
        ("seats", "$notin", [2, 3], ["tesla"]),
        ("colours", "$contains", "red", ["tesla"]),
        ("colours", "$notcontains", "red", ["honda"]),
        ("colours", "$in", ["red", "green"], ["tesla"]),
        ("sold", "$gt", "2026-02-01", ["honda"]),
        ("sold", "$lte", "2026-01-31", ["tesla"]),
        ("fast", "$eq", True, ["tesla"]),
        ("fast", "$eq", False, ["honda", "none"]),
    ],
)
def test_fields_are_compared(found, key, operator, value, names):
    """Each operator finds the records that it says."""
    assert names == found(_field(key, operator, value))


@pytest.mark.parametrize(
    ("name", "operator", "value", "names"),
    [
        ("external_id", "$eq", "X-honda", ["honda"]),
        ("name", "$contains", "ON", ["honda", "none"]),
        ("created_at", "$gt", "2026-09-21T14:14:00Z", ["honda", "none"]),
        ("updated_at", "$gt", "2026-09-22", []),
    ],
)
def test_standard_fields_are_compared(found, name, operator, value, names):
    """A standard field has one operator."""
    assert names == found({name: {operator: value}})


def test_users_are_compared(found):
    """Who made a record is asked for by an id, as a word."""
    me = found.zendesk.get("users/me")["user"]["id"]

    assert list(CARS) == found({"created_by_user": {"$eq": str(me)}})


def test_groups_join_comparisons(found):
    """`$and` wants all, `$or` one, and they stand within each other."""
    tesla, honda = (_field("make", "$eq", name) for name in ("Tesla", "Honda"))

    assert [] == found({"$and": [tesla, honda]})
    assert ["tesla", "honda"] == found({"$or": [tesla, honda]})
    assert ["honda"] == found({"$and": [{"$or": [tesla, honda]}, _field("seats", "$lt", 3)]})


def test_groups_may_not_stand_within_groups(found):
    """Whether they may is the account's, so there is a switch; then only flat filters go."""
    tesla, honda = (_field("make", "$eq", name) for name in ("Tesla", "Honda"))
    found.zendesk.emulator.switches.nested_filters = False

    assert 422 == found({"$and": [{"$or": [tesla, honda]}]}).status_code
    assert ["tesla"] == found({"$and": [tesla], "$or": [tesla, honda]})
    assert ["tesla"] == found({"$or": [tesla, honda], **_field("seats", "$gt", 2)})


def _deep(levels):
    given = _field("make", "$eq", "Tesla")
    for _ in range(levels):
        given = {"$and": [given]}
    return given


@pytest.mark.parametrize(
    "given",
    [
        {"$or": [_field("make", "$eq", str(number)) for number in range(21)]},
        {"$and": []},
        {"$and": [{}]},
        {"$and": [_field("make", "$eq", "x")], "name": {"$contains": "x"}},
        {"$not": [_field("make", "$eq", "x")]},
        {"name": {"$eq": "tesla"}},
        {"name": "tesla"},
        {"made": {"$eq": "x"}},
        {"created_at": {"$gt": "yesterday"}},
        _field("wings", "$eq", 2),
        _field("fast", "$exists", True),
        _field("make", "$gt", "x"),
        _deep(7),
    ],
)
def test_what_is_no_filter_is_refused(found, given):
    """Too many comparisons, an operator that a type has not, an empty group: 422."""
    answer = found(given)

    assert (422, "Invalid Condition") == (answer.status_code, answer.json()["errors"][0]["title"])


def test_twenty_comparisons_and_six_levels_go(found):
    """The limits themselves are allowed."""
    twenty = [_field("make", "$eq", str(number)) for number in range(19)]

    assert ["tesla"] == found({"$or": [*twenty, _field("make", "$eq", "Tesla")]})
    assert ["tesla"] == found(_deep(6))


def test_what_is_found_is_sorted_and_walked(found):
    """`sort` takes three fields; the next page is asked for with the same filter."""
    assert ["tesla", "none", "honda"] == found({}, sort="-name")
    assert ["honda"] == found(_field("seats", "$gt", 0), **{"page[size]": 1, "sort": "name"})
    assert 400 == found({}, sort="external_id").status_code
