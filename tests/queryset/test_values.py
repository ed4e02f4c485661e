"""`values()`, `values_list()`, `distinct()`, `defer()`, `only()` and `in_bulk()`."""

from __future__ import annotations

import pickle

import pytest

from tests.queryset.stored import moment
from zendesk_orm import FieldError, Group, Organization, Prefetch, Ticket, TicketField, User


NEW = Ticket.objects.filter(status="new")


def _newest(rows, **lookups):
    """Return the rows with these values, newest first."""
    result = [row for row in rows.values() if lookups.items() <= row.items()]
    return sorted(result, key=lambda row: (row["created_at"], row["id"]), reverse=True)


def test_values_returns_dictionaries(demo, rows, count_requests):
    """`values()` returns dictionaries with the named fields, converted as in objects."""
    expected = [
        {"subject": row["subject"], "created_at": moment(row), "id": row["id"]}
        for row in _newest(rows, status="new")
    ]
    with count_requests(demo, 1):
        result = list(NEW.values("subject", "created_at", "id"))

    assert result == expected
    assert list(result[0]) == ["subject", "created_at", "id"]


def test_values_without_names_returns_all_fields(demo, rows, count_requests):
    """`values()` without names returns all fields, and no relations."""
    with count_requests(demo, 1):
        result = NEW.values()[0]

    assert list(result) == list(Ticket._meta.fields)
    assert result["requester_id"] == _newest(rows, status="new")[0]["requester_id"]


def test_values_of_missing_keys_are_none(demo, count_requests):
    """A field that Zendesk omits from a row is None, and is not fetched again."""
    with count_requests(demo, 1):
        assert list(NEW.values("forum_topic_id", "due_at")[:1]) == [
            {"forum_topic_id": None, "due_at": None}
        ]


def test_values_of_relations_are_ids(demo, rows):
    """As in Django, the value of a relation is its id, under the name of the relation."""
    first = _newest(rows, status="new")[0]

    assert NEW.values("requester")[0] == {"requester": first["requester_id"]}


def test_values_of_pk_are_under_pk(demo, rows):
    """As in Django, the value of `pk` is the id, under the name `pk`."""
    assert NEW.values("pk")[0] == {"pk": _newest(rows, status="new")[0]["id"]}


def test_values_can_be_inside_a_field(demo, rows, count_requests):
    """`values_list()` returns values of dictionaries by key, and of custom fields by id."""
    with count_requests(demo, 1):
        field = TicketField.objects.filter(title="Order number").values_list("id", flat=True)[0]
    expected = [
        (
            row["via"]["channel"],
            next(item["value"] for item in row["custom_fields"] if item["id"] == field),
        )
        for row in _newest(rows, status="new")
    ]
    with count_requests(demo, 1):
        result = list(NEW.values_list("via__channel", f"custom_fields__{field}"))

    assert result == expected
    assert {None, "A-2999"} < {value for _, value in result}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NEW.values("subjekt"), "subject"),
        (lambda: NEW.values("requester__nam"), "name"),
        (lambda: NEW.values("status__x"), "status__x"),
        (lambda: NEW.values("changed_since"), "can only be filtered by"),
        (lambda: NEW.values_list("id", "status", flat=True), "one field"),
        (lambda: NEW.values_list(flat=True), "one field"),
        (lambda: NEW.values_list("id", flat=True, named=True), "not both"),
        (lambda: NEW.only("subjekt"), "subject"),
        (lambda: NEW.defer("requester", "subjekt"), "subject"),
        (lambda: NEW.distinct("subjekt"), "subject"),
        (lambda: NEW.values("id").in_bulk([1]), "returns objects"),
    ],
)
def test_invalid_arguments_of_values_raise(demo, count_requests, call, message):
    """An unknown field or invalid option raises before anything is sent."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        call()


def test_values_list_returns_tuples(demo, rows, count_requests):
    """`values_list()` returns tuples, flat values or named tuples."""
    newest = _newest(rows, status="new")
    pairs = [(row["id"], row["status"]) for row in newest]
    with count_requests(demo, 3):
        plain = list(NEW.values_list("id", "status"))
        flat = list(NEW.values_list("id", flat=True))
        tuples = list(NEW.values_list("id", "status", named=True))

    assert plain == pairs
    assert tuples == pairs
    assert {type(item) for item in plain} == {tuple}
    assert flat == [row["id"] for row in newest]
    assert tuples[0]._fields == ("id", "status")
    assert (tuples[0].id, tuples[0].status) == pairs[0]


def test_one_field_without_flat_is_a_tuple_of_one(demo, rows):
    """As in Django, `values_list()` of one field returns tuples, unless it is flat."""
    assert NEW.values_list("id")[0] == (_newest(rows, status="new")[0]["id"],)


@pytest.mark.parametrize(
    ("names", "requests"),
    [
        (("requester__name",), 1),
        (("requester__name", "requester__email", "organization__name"), 1),
        (("requester__name", "submitter__name"), 1),
    ],
    ids=["one", "two in one row", "two of one model"],
)
def test_values_of_related_fields_are_side_loaded(
    demo, rows, user_rows, organization_rows, count_requests, names, requests
):
    """Fields of related objects are side-loaded in the request for the rows."""

    def related_value(row, name):
        relation, _, key = name.partition("__")
        related = (organization_rows if relation == "organization" else user_rows).get(
            row[f"{relation}_id"]
        )
        return related and related[key]

    with count_requests(demo, requests):
        result = list(NEW.values_list(*names))

    expected = [
        tuple(related_value(row, name) for name in names) for row in _newest(rows, status="new")
    ]
    assert result == expected


def test_values_of_related_fields_are_fetched_once_per_page(demo, rows, sent):
    """Related objects without a side-load are fetched in one request for a page."""
    result = list(NEW.values_list("id", "brand__name"))

    brands = {row["brand_id"] for row in _newest(rows, status="new")}
    assert len(brands) == 2
    assert {name for _, name in result} == {"Emulator", "Emulator Labs"}
    assert [request.path for request in sent] == ["/api/v2/search/export", "/api/v2/brands"]


def test_values_across_two_relations_are_fetched_per_page(
    demo, rows, user_rows, organization_rows, count_requests
):
    """Fields across two relations take a second request for a page."""
    expected = []
    for row in _newest(rows, status="new"):
        company = organization_rows.get(user_rows[row["requester_id"]]["organization_id"])
        expected.append(company and company["name"])
    with count_requests(demo, 2):
        result = list(NEW.values_list("requester__organization__name", flat=True))

    assert result == expected
    assert len(set(expected)) > 10


def test_values_of_missing_related_objects_are_none(demo, rows, count_requests):
    """A field of a related object is None if there is no related object."""
    assert {row["assignee_id"] for row in _newest(rows, status="new")} == {None}
    with count_requests(demo, 1):
        assert set(NEW.values_list("assignee__name", flat=True)) == {None}


def test_values_are_fetched_like_objects(demo, rows, count_requests):
    """Slices, indexes, counts and streams of values take one request each."""
    ids = [row["id"] for row in _newest(rows, status="new")]
    values = NEW.values_list("id", flat=True)
    with count_requests(demo, 7):
        assert list(values[3:7]) == ids[3:7]
        assert values[5] == ids[5]
        assert (values.first(), values.last()) == (ids[-1], ids[0])
        assert values.count() == len(ids)
        assert values.exists()
        assert list(values.iterator()) == ids


def test_values_can_be_filtered_and_ordered(demo, rows, count_requests):
    """Filters, orders and `get()` can follow `values()`."""
    expected = sorted(row["id"] for row in _newest(rows, status="new", priority="high"))
    with count_requests(demo, 2):
        result = NEW.values_list("id", flat=True).filter(priority="high").order_by("created_at")
        assert list(result) == expected
        assert Ticket.objects.values("id", "subject").get(7) == {
            "id": 7,
            "subject": rows[7]["subject"],
        }


def test_values_are_cached(demo, count_requests):
    """Evaluated values can be iterated over, sliced and counted without a request."""
    values = NEW.values("id")
    first = list(values)

    with count_requests(demo, 0):
        assert list(values) == first
        assert list(values[2:4]) == first[2:4]
        assert values.count() == len(values) == len(first)
        assert first[3] in values


def test_values_can_be_pickled(demo, count_requests):
    """Evaluated values can be pickled, and need no request afterwards."""
    values = NEW.values("id", "created_at")
    before = list(values)

    again = pickle.loads(pickle.dumps(values))

    with count_requests(demo, 0):
        assert list(again) == before


def test_named_tuples_can_be_pickled(demo):
    """As in Django, evaluated named tuples can be pickled."""
    values = NEW.values_list("id", "status", named=True)
    before = list(values)

    assert list(pickle.loads(pickle.dumps(values))) == before


def test_named_tuples_have_one_class(demo):
    """The named tuples of all pages of a query have the same class."""
    result = list(Ticket.objects.fresh().values_list("id", named=True)[:150])

    assert len({type(row) for row in result}) == 1


def test_queries_with_values_stand_for_ids(demo, rows, count_requests):
    """A query with `values_list()` of ids can be the value of a lookup."""
    admins = User.objects.filter(role="admin").values_list("id", flat=True)
    with count_requests(demo, 2):
        result = {ticket.pk for ticket in Ticket.objects.filter(assignee__in=admins)}

    ids = {user.pk for user in User.objects.filter(role="admin")}
    assert result == {pk for pk, row in rows.items() if row["assignee_id"] in ids} != set()


def test_queries_of_one_field_stand_for_its_values(demo, rows):
    """As in Django, a query with `values()` of one field stands for its values."""
    requesters = NEW.values("requester_id")

    result = {user.pk for user in User.objects.filter(id__in=requesters)}

    assert result == {row["requester_id"] for row in _newest(rows, status="new")}


def _first_ids(rows, *keys):
    """Return the id of the first row of each combination of values, newest first."""
    firsts = {}
    for row in _newest(rows):
        firsts.setdefault(tuple(row[key] for key in keys), row["id"])
    return list(firsts.values())


@pytest.mark.parametrize("keys", [("status",), ("status", "priority")], ids=["one", "two"])
def test_distinct_returns_the_first_row_of_each_value(demo, rows, count_requests, keys):
    """`distinct()` returns the first row of each value, or combination of values."""
    with count_requests(demo, 3):
        result = [ticket.pk for ticket in Ticket.objects.distinct(*keys)]

    assert result == _first_ids(rows, *keys)


def test_distinct_rows_can_be_counted_and_sliced(demo, rows, count_requests):
    """Distinct rows can be counted, sliced and indexed; no needless page is read."""
    firsts = _first_ids(rows, "status", "priority")
    distinct = Ticket.objects.distinct("status", "priority")
    with count_requests(demo, 4):
        assert distinct.count() == len(firsts)
        assert [ticket.pk for ticket in distinct[2:5]] == firsts[2:5]
    with count_requests(demo, 1):
        assert distinct[0].pk == firsts[0]


def test_distinct_without_fields_changes_nothing(demo, count_requests):
    """`distinct()` without fields changes nothing, so that Zendesk counts the rows."""
    with count_requests(demo, 1):
        assert Ticket.objects.distinct().count() == 3000


def test_distinct_values_are_unique(demo, rows, count_requests):
    """`distinct()` of values returns each value once, also if values are lists."""
    newest = _newest(rows, status="new")
    tags = list(dict.fromkeys(tuple(row["tags"]) for row in newest))
    with count_requests(demo, 2):
        assert list(NEW.values_list("type", flat=True).distinct()) == list(
            dict.fromkeys(row["type"] for row in newest)
        )
        assert list(NEW.values_list("tags", flat=True).distinct()) == [list(tag) for tag in tags]
    assert 1 < len(tags) < len(newest)


def test_distinct_values_keep_their_order(demo, rows, count_requests):
    """Distinct values of choices have the order of `order_by()`, which is that of the choices."""
    with count_requests(demo, 3):
        result = list(Ticket.objects.order_by("status").values_list("status", flat=True).distinct())

    assert result == list(Ticket.status.kind.choices)
    assert set(result) == {row["status"] for row in rows.values()}


def test_distinct_by_a_related_field_side_loads(demo, rows, user_rows, count_requests):
    """`distinct()` by a field of a related object side-loads the relation."""
    expected = {
        user_rows[row["requester_id"]]["organization_id"] for row in _newest(rows, status="new")
    }
    with count_requests(demo, 2):
        by_id = [t.organization_id for t in NEW.distinct("organization")]
        by_field = list(NEW.distinct("requester__organization_id"))

    assert sorted(by_id, key=str) == sorted(expected, key=str)
    assert len(by_field) == len(expected)


def test_filters_after_distinct_apply_before_it(demo, rows):
    """As in Django, a filter after `distinct()` applies to the rows that it compares."""
    result = [t.pk for t in Ticket.objects.distinct("status").filter(priority="urgent")]

    firsts = {}
    for row in _newest(rows, priority="urgent"):
        firsts.setdefault(row["status"], row["id"])
    assert result == list(firsts.values())


@pytest.mark.parametrize("tickets", [NEW.defer("subject", "requester"), NEW.only("id", "status")])
def test_defer_and_only_change_nothing(demo, rows, count_requests, tickets):
    """`defer()` and `only()` change nothing, because Zendesk sends complete rows."""
    with count_requests(demo, 1):
        result = [(ticket.pk, ticket.subject) for ticket in tickets.all()]

    assert result == [(row["id"], row["subject"]) for row in _newest(rows, status="new")]


def test_in_bulk_by_another_field_omits_missing_values(demo, user_rows, count_requests):
    """`in_bulk()` by another field returns objects by value, without missing ones."""
    with count_requests(demo, 1):
        result = User.objects.in_bulk(["user-30", "user-31", "zzz"], field_name="external_id")

    assert set(result) == {"user-30", "user-31"}
    assert all(user_rows[user.pk]["external_id"] == key for key, user in result.items())


def test_in_bulk_of_a_short_list_fetches_it_once(demo, count_requests):
    """`in_bulk()` of groups by name fetches the list of groups once."""
    with count_requests(demo, 1):
        result = Group.objects.in_bulk(["Billing", "Nowhere"], field_name="name")

    assert {name: group.name for name, group in result.items()} == {"Billing": "Billing"}


def test_in_bulk_without_ids_makes_no_request(demo, count_requests):
    """`in_bulk([])` makes no request, and `in_bulk()` returns all rows."""
    with count_requests(demo, 0):
        assert Ticket.objects.in_bulk([]) == {}
        assert Ticket.objects.in_bulk([], field_name="external_id") == {}
    with count_requests(demo, 1):
        assert len(NEW.in_bulk()) == 35


def test_in_bulk_is_narrowed_by_the_query(demo, rows, count_requests):
    """`in_bulk()` returns only rows that match the query."""
    ids = [row["id"] for row in _newest(rows, status="new")][:3]
    with count_requests(demo, 1):
        result = NEW.in_bulk([*ids, 1, 2])

    assert set(result) == set(ids)
    assert all(result[pk].pk == pk for pk in result)


def test_in_bulk_of_a_slice_raises(demo, count_requests):
    """As in Django, `in_bulk()` of a slice raises."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="slice"):
        NEW[:5].in_bulk([1])


def test_in_bulk_by_an_unknown_field_raises(demo, count_requests):
    """`in_bulk()` by an unknown field raises an error that suggests a field."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="external_id"):
        User.objects.in_bulk(["x"], field_name="external_idd")


def test_in_bulk_by_a_field_that_is_not_unique_raises(demo):
    """As in Django, `in_bulk()` raises if the field is not unique."""
    with pytest.raises(FieldError, match="status"):
        Ticket.objects.in_bulk(["new"], field_name="status")


def test_querysets_with_values_cannot_be_prefetched():
    """As in Django, a `Prefetch` of a query with `values()` raises."""
    with pytest.raises(FieldError, match="values"):
        Organization.objects.prefetch_related(Prefetch("tickets", NEW.values("id")))


def test_search_results_of_all_types_have_values(demo):
    """Each field of a search result can be read by `values()`, and rows are distinct by it."""
    results = demo.search("printer")[:50]
    names = tuple(results.model._meta.fields)

    rows = list(results.values(*names))

    assert {row["result_type"] for row in rows} == {"ticket"}
    assert [row["id"] for row in rows] == [ticket.id for ticket in results]
    assert len(list(demo.search("printer").distinct("result_type"))) == 1
