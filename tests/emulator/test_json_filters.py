"""The JSON filter of custom object records."""

from __future__ import annotations

import pytest


#: Types of the fields of an object, by key.
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
def find_names(zendesk):
    """Return a function that returns the names of matching cars, or the error response."""
    car = {"key": "car", "title": "Car", "title_pluralized": "Cars"}
    zendesk.send("POST", "custom_objects", {"custom_object": car})
    for key, type_ in FIELDS.items():
        field = {"custom_object_field": {"key": key, "title": key, "type": type_}}
        zendesk.send("POST", "custom_objects/car/fields", field)
    for name, values in CARS.items():
        record = {"name": name, "external_id": f"X-{name}", "custom_object_fields": values}
        zendesk.send("POST", "custom_objects/car/records", {"custom_object_record": record})
        zendesk.clock.sleep(60)

    def search(value, **params):
        response = zendesk.send(
            "POST", "custom_objects/car/records/search", {"filter": value}, params=params
        )
        if response.status_code != 200:
            return response
        return [row["name"] for row in response.json()["custom_object_records"]]

    search.zendesk = zendesk
    return search


def _build_filter(key, operator, value):
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
def test_each_operator_finds_matching_records(find_names, key, operator, value, names):
    """Each operator finds the matching records."""
    assert find_names(_build_filter(key, operator, value)) == names


@pytest.mark.parametrize(
    ("name", "operator", "value", "names"),
    [
        ("external_id", "$eq", "X-honda", ["honda"]),
        ("name", "$contains", "ON", ["honda", "none"]),
        ("created_at", "$gt", "2026-09-21T14:14:00Z", ["honda", "none"]),
        ("updated_at", "$gt", "2026-09-22", []),
    ],
)
def test_standard_fields_have_one_operator(find_names, name, operator, value, names):
    """Each standard field supports one operator."""
    assert find_names({name: {operator: value}}) == names


def test_the_creator_is_compared_as_a_string(find_names):
    """The creator of a record is compared as a string."""
    me = find_names.zendesk.get("users/me")["user"]["id"]

    assert find_names({"created_by_user": {"$eq": str(me)}}) == list(CARS)


def test_groups_combine_comparisons(find_names):
    """`$and` requires all comparisons, `$or` one of them, and groups can be nested."""
    tesla, honda = (_build_filter("make", "$eq", name) for name in ("Tesla", "Honda"))

    assert find_names({"$and": [tesla, honda]}) == []
    assert find_names({"$or": [tesla, honda]}) == ["tesla", "honda"]
    assert find_names({"$and": [{"$or": [tesla, honda]}, _build_filter("seats", "$lt", 3)]}) == [
        "honda"
    ]


def test_nested_groups_can_be_rejected(find_names):
    """With `nested_filters=False`, only flat filters are accepted."""
    tesla, honda = (_build_filter("make", "$eq", name) for name in ("Tesla", "Honda"))
    find_names.zendesk.emulator.switches.nested_filters = False

    assert find_names({"$and": [{"$or": [tesla, honda]}]}).status_code == 422
    assert find_names({"$and": [tesla], "$or": [tesla, honda]}) == ["tesla"]
    assert find_names({"$or": [tesla, honda], **_build_filter("seats", "$gt", 2)}) == ["tesla"]


def _nest_filters(levels):
    value = _build_filter("make", "$eq", "Tesla")
    for _ in range(levels):
        value = {"$and": [value]}
    return value


@pytest.mark.parametrize(
    "invalid",
    [
        {"$or": [_build_filter("make", "$eq", str(number)) for number in range(21)]},
        {"$and": []},
        {"$and": [{}]},
        {"$and": [_build_filter("make", "$eq", "x")], "name": {"$contains": "x"}},
        {"$not": [_build_filter("make", "$eq", "x")]},
        {"name": {"$eq": "tesla"}},
        {"name": "tesla"},
        {"made": {"$eq": "x"}},
        {"created_at": {"$gt": "yesterday"}},
        _build_filter("wings", "$eq", 2),
        _build_filter("fast", "$exists", True),
        _build_filter("make", "$gt", "x"),
        _nest_filters(7),
    ],
)
def test_invalid_filter_is_rejected(find_names, invalid):
    """Too many comparisons, unsupported operators and empty groups return 422."""
    response = find_names(invalid)

    assert (
        response.status_code,
        response.json()["errors"][0]["title"],
    ) == (422, "Invalid Condition")


def test_limits_are_inclusive(find_names):
    """A filter with exactly twenty comparisons or six levels is accepted."""
    twenty = [_build_filter("make", "$eq", str(number)) for number in range(19)]

    assert find_names({"$or": [*twenty, _build_filter("make", "$eq", "Tesla")]}) == ["tesla"]
    assert find_names(_nest_filters(6)) == ["tesla"]


def test_results_are_sorted_and_paged(find_names):
    """`sort` supports three fields, and the next page is requested with the same filter."""
    assert find_names({}, sort="-name") == ["tesla", "none", "honda"]
    assert find_names(_build_filter("seats", "$gt", 0), **{"page[size]": 1, "sort": "name"}) == [
        "honda"
    ]
    assert find_names({}, sort="external_id").status_code == 400
