"""Rows as dictionaries, tuples and bare values; distinct ones; and by another field than the id."""

from __future__ import annotations

import pickle

import pytest

from tests.face.stored import moment, stored_by_id
from zendesk_orm import FieldError, Group, Organization, Prefetch, Ticket, TicketField, User


NEW = Ticket.objects.filter(status="new")


@pytest.fixture(scope="module")
def rows(seeded):
    """Return the rows of all tickets by id, as they lie in the store."""
    return stored_by_id(seeded)


@pytest.fixture(scope="module")
def people(seeded):
    """Return the rows of all users by id."""
    return stored_by_id(seeded, User)


@pytest.fixture(scope="module")
def companies(seeded):
    """Return the rows of all organizations by id."""
    return stored_by_id(seeded, Organization)


def _newest(rows, **wanted):
    """Return the rows with these values, those that were made last first."""
    found = [row for row in rows.values() if wanted.items() <= row.items()]
    return sorted(found, key=lambda row: (row["created_at"], row["id"]), reverse=True)


# -- dictionaries ------------------------------------------------------------


def test_values_are_dictionaries_of_the_fields_named(demo, rows, count_requests):
    """In the order named, converted as the attributes of an object are."""
    expected = [
        {"subject": row["subject"], "created_at": moment(row), "id": row["id"]}
        for row in _newest(rows, status="new")
    ]
    with count_requests(demo, 1):
        found = list(NEW.values("subject", "created_at", "id"))

    assert expected == found
    assert ["subject", "created_at", "id"] == list(found[0])


def test_values_of_no_field_are_all_fields(demo, rows, count_requests):
    """Every declared field that is read, and no relation."""
    with count_requests(demo, 1):
        found = NEW.values()[0]

    assert list(Ticket._meta.fields) == list(found)
    assert _newest(rows, status="new")[0]["requester_id"] == found["requester_id"]


def test_values_of_rows_that_lack_a_key_are_none(demo, count_requests):
    """A key that Zendesk leaves out of a whole row is no reason to fetch it again."""
    with count_requests(demo, 1):
        assert [{"forum_topic_id": None, "due_at": None}] == list(
            NEW.values("forum_topic_id", "due_at")[:1]
        )


def test_values_of_a_relation_are_its_id(demo, rows):
    """As in Django, under the name that was given."""
    first = _newest(rows, status="new")[0]

    assert {"requester": first["requester_id"]} == NEW.values("requester")[0]


def test_values_of_pk_are_under_pk(demo, rows):
    """As in Django, under the name that was given."""
    assert {"pk": _newest(rows, status="new")[0]["id"]} == NEW.values("pk")[0]


def test_values_inside_a_field(demo, rows, count_requests):
    """`via__channel`, and a custom field by its id."""
    with count_requests(demo, 1):
        field = TicketField.objects.filter(title="Order number").values_list("id", flat=True)[0]
    expected = [
        (
            row["via"]["channel"],
            next(each["value"] for each in row["custom_fields"] if each["id"] == field),
        )
        for row in _newest(rows, status="new")
    ]
    with count_requests(demo, 1):
        found = list(NEW.values_list("via__channel", f"custom_fields__{field}"))

    assert expected == found
    assert {None, "A-2999"} < {value for _, value in found}


@pytest.mark.parametrize(
    ("take", "message"),
    [
        (lambda: NEW.values("subjekt"), "subject"),
        (lambda: NEW.values("requester__nam"), "name"),
        (lambda: NEW.values("status__x"), "status__x"),
        (lambda: NEW.values("changed_since"), "rows are found by it"),
        (lambda: NEW.values_list("id", "status", flat=True), "wants one field"),
        (lambda: NEW.values_list(flat=True), "wants one field"),
        (lambda: NEW.values_list("id", flat=True, named=True), "not both"),
        (lambda: NEW.only("subjekt"), "subject"),
        (lambda: NEW.defer("requester", "subjekt"), "subject"),
        (lambda: NEW.distinct("subjekt"), "subject"),
        (lambda: NEW.values("id").in_bulk([1]), "gives objects"),
    ],
)
def test_what_has_no_value_is_refused(demo, count_requests, take, message):
    """Before anything is sent, with what was meant."""
    with count_requests(demo, 0), pytest.raises(FieldError, match=message):
        take()


# -- tuples ------------------------------------------------------------------


def test_values_list_gives_tuples(demo, rows, count_requests):
    """Plain ones, bare values of one field, or named ones."""
    newest = _newest(rows, status="new")
    pairs = [(row["id"], row["status"]) for row in newest]
    with count_requests(demo, 3):
        plain = list(NEW.values_list("id", "status"))
        flat = list(NEW.values_list("id", flat=True))
        named = list(NEW.values_list("id", "status", named=True))

    assert pairs == plain == named
    assert {tuple} == {type(each) for each in plain}
    assert [row["id"] for row in newest] == flat
    assert ("id", "status") == named[0]._fields
    assert pairs[0] == (named[0].id, named[0].status)


def test_one_field_without_flat_is_a_tuple_of_one(demo, rows):
    """As in Django."""
    assert (_newest(rows, status="new")[0]["id"],) == NEW.values_list("id")[0]


@pytest.mark.parametrize(
    ("names", "requests"),
    [
        (("requester__name",), 1),
        (("requester__name", "requester__email", "organization__name"), 1),
        (("requester__name", "submitter__name"), 1),
    ],
    ids=["one", "two in one row", "two of one model"],
)
def test_what_is_beyond_a_relation_is_side_loaded(
    demo, rows, people, companies, count_requests, names, requests
):
    """Side-loads bring it in the same request, however many rows there are."""

    def at(row, name):
        relation, _, key = name.partition("__")
        held = (companies if relation == "organization" else people).get(row[f"{relation}_id"])
        return held and held[key]

    with count_requests(demo, requests):
        found = list(NEW.values_list(*names))

    expected = [tuple(at(row, name) for name in names) for row in _newest(rows, status="new")]
    assert expected == found


def test_what_is_not_side_loaded_is_fetched_once_for_the_page(demo, rows, sent):
    """Tickets have no side-load of brands: one show for the one, however many rows."""
    found = list(NEW.values_list("id", "brand__name"))

    brands = {row["brand_id"] for row in _newest(rows, status="new")}
    assert 2 == len(brands)
    assert {"Emulator", "Emulator Labs"} == {name for _, name in found}
    assert ["/api/v2/search/export", "/api/v2/brands"] == [request.path for request in sent]


def test_two_relations_away_is_fetched_for_the_page(demo, rows, people, companies, count_requests):
    """`requester__organization__name` takes what a loop would take, by the hundred."""
    expected = []
    for row in _newest(rows, status="new"):
        company = companies.get(people[row["requester_id"]]["organization_id"])
        expected.append(company and company["name"])
    with count_requests(demo, 2):
        found = list(NEW.values_list("requester__organization__name", flat=True))

    assert expected == found
    assert len(set(expected)) > 10


def test_nothing_at_the_other_end_is_none(demo, rows, count_requests):
    """A ticket without an assignee has no name of one."""
    assert {None} == {row["assignee_id"] for row in _newest(rows, status="new")}
    with count_requests(demo, 1):
        assert {None} == set(NEW.values_list("assignee__name", flat=True))


# -- they are QuerySets ------------------------------------------------------


def test_shaped_rows_are_read_like_objects(demo, rows, count_requests):
    """Slices, places, first and last, counts, existence and streams: the same requests."""
    ids = [row["id"] for row in _newest(rows, status="new")]
    shaped = NEW.values_list("id", flat=True)
    with count_requests(demo, 7):
        assert ids[3:7] == list(shaped[3:7])
        assert ids[5] == shaped[5]
        assert (ids[-1], ids[0]) == (shaped.first(), shaped.last())
        assert len(ids) == shaped.count()
        assert shaped.exists()
        assert ids == list(shaped.iterator())


def test_shaped_rows_are_narrowed_like_objects(demo, rows, count_requests):
    """Filters, orders and get() come after values() as well as before."""
    expected = sorted(row["id"] for row in _newest(rows, status="new", priority="high"))
    with count_requests(demo, 2):
        found = NEW.values_list("id", flat=True).filter(priority="high").order_by("created_at")
        assert expected == list(found)
        assert {"id": 7, "subject": rows[7]["subject"]} == Ticket.objects.values(
            "id", "subject"
        ).get(7)


def test_shaped_rows_are_kept(demo, count_requests):
    """A second pass, a slice and a count of what was read cost nothing."""
    shaped = NEW.values("id")
    first = list(shaped)

    with count_requests(demo, 0):
        assert first == list(shaped)
        assert first[2:4] == list(shaped[2:4])
        assert len(first) == shaped.count() == len(shaped)
        assert first[3] in shaped


def test_shaped_rows_are_pickled(demo, count_requests):
    """Those that were read with their values, named tuples included as plain ones."""
    shaped = NEW.values("id", "created_at")
    before = list(shaped)

    again = pickle.loads(pickle.dumps(shaped))

    with count_requests(demo, 0):
        assert before == list(again)


def test_named_tuples_are_pickled(demo):
    """As in Django, whose named rows can be pickled."""
    shaped = NEW.values_list("id", "status", named=True)
    before = list(shaped)

    assert before == list(pickle.loads(pickle.dumps(shaped)))


def test_named_tuples_are_of_one_class(demo):
    """All rows of a query, on whatever page they came."""
    found = list(Ticket.objects.fresh().values_list("id", named=True)[:150])

    assert 1 == len({type(row) for row in found})


def test_values_as_a_value_are_ids(demo, rows, count_requests):
    """`requester__in=` takes a query of users in any shape."""
    admins = User.objects.filter(role="admin").values_list("id", flat=True)
    with count_requests(demo, 2):
        found = {ticket.pk for ticket in Ticket.objects.filter(assignee__in=admins)}

    ids = {user.pk for user in User.objects.filter(role="admin")}
    assert found == {pk for pk, row in rows.items() if row["assignee_id"] in ids} != set()


def test_values_of_another_field_as_a_value_are_these(demo, rows):
    """As in Django, a query of one column stands for its values; or else it is refused."""
    requesters = NEW.values("requester_id")

    found = {user.pk for user in User.objects.filter(id__in=requesters)}

    assert {row["requester_id"] for row in _newest(rows, status="new")} == found


# -- distinct ----------------------------------------------------------------


def _first_of(rows, *keys):
    """Return the first row of each combination, newest first."""
    firsts = {}
    for row in _newest(rows):
        firsts.setdefault(tuple(row[key] for key in keys), row["id"])
    return list(firsts.values())


@pytest.mark.parametrize("keys", [("status",), ("status", "priority")], ids=["one", "two"])
def test_distinct_gives_the_first_row_of_each_value(demo, rows, count_requests, keys):
    """Or of each combination; all rows have to be read for it."""
    with count_requests(demo, 3):
        found = [ticket.pk for ticket in Ticket.objects.distinct(*keys)]

    assert _first_of(rows, *keys) == found


def test_distinct_rows_are_counted_and_sliced(demo, rows, count_requests):
    """A slice ends the reading as soon as it is full."""
    firsts = _first_of(rows, "status", "priority")
    distinct = Ticket.objects.distinct("status", "priority")
    with count_requests(demo, 4):
        assert len(firsts) == distinct.count()
        assert firsts[2:5] == [ticket.pk for ticket in distinct[2:5]]
    with count_requests(demo, 1):
        assert firsts[0] == distinct[0].pk


def test_distinct_without_fields_changes_nothing(demo, count_requests):
    """Each row comes once anyway, and Zendesk still counts them."""
    with count_requests(demo, 1):
        assert 3000 == Ticket.objects.distinct().count()


def test_distinct_values_come_once(demo, rows, count_requests):
    """Of values() and values_list(), lists among them."""
    newest = _newest(rows, status="new")
    tags = list(dict.fromkeys(tuple(row["tags"]) for row in newest))
    with count_requests(demo, 2):
        assert list(dict.fromkeys(row["type"] for row in newest)) == list(
            NEW.values_list("type", flat=True).distinct()
        )
        assert [list(each) for each in tags] == list(NEW.values_list("tags", flat=True).distinct())
    assert 1 < len(tags) < len(newest)


def test_distinct_values_keep_their_order(demo, rows, count_requests):
    """The order that was asked for, by the rank of a choice."""
    with count_requests(demo, 3):
        found = list(Ticket.objects.order_by("status").values_list("status", flat=True).distinct())

    assert list(Ticket.status.kind.choices) == found
    assert set(found) == {row["status"] for row in rows.values()}


def test_distinct_by_a_relation_brings_it_along(demo, rows, people, count_requests):
    """A field beyond a relation is side-loaded for it."""
    expected = {
        people[row["requester_id"]]["organization_id"] for row in _newest(rows, status="new")
    }
    with count_requests(demo, 2):
        by_id = [t.organization_id for t in NEW.distinct("organization")]
        by_field = list(NEW.distinct("requester__organization_id"))

    assert sorted(expected, key=str) == sorted(by_id, key=str)
    assert len(expected) == len(by_field)


def test_distinct_rows_are_not_narrowed_afterwards(demo, rows):
    """What comes after distinct() narrows the rows that it looks at, as in Django."""
    found = [t.pk for t in Ticket.objects.distinct("status").filter(priority="urgent")]

    firsts = {}
    for row in _newest(rows, priority="urgent"):
        firsts.setdefault(row["status"], row["id"])
    assert list(firsts.values()) == found


# -- defer, only -------------------------------------------------------------


@pytest.mark.parametrize("rows_of", [NEW.defer("subject", "requester"), NEW.only("id", "status")])
def test_defer_and_only_change_nothing(demo, rows, count_requests, rows_of):
    """Zendesk sends whole rows, so that no field has to be fetched later."""
    with count_requests(demo, 1):
        found = [(ticket.pk, ticket.subject) for ticket in rows_of.all()]

    assert [(row["id"], row["subject"]) for row in _newest(rows, status="new")] == found


# -- in_bulk -----------------------------------------------------------------


def test_in_bulk_takes_other_fields(demo, people, count_requests):
    """By a field with one row for each value; those that no row has are absent."""
    with count_requests(demo, 1):
        found = User.objects.in_bulk(["user-30", "user-31", "zzz"], field_name="external_id")

    assert {"user-30", "user-31"} == set(found)
    assert all(people[user.pk]["external_id"] == key for key, user in found.items())


def test_in_bulk_of_a_short_list_is_its_list(demo, count_requests):
    """It is read once, whatever the field."""
    with count_requests(demo, 1):
        found = Group.objects.in_bulk(["Billing", "Nowhere"], field_name="name")

    assert {"Billing": "Billing"} == {name: group.name for name, group in found.items()}


def test_in_bulk_of_nothing_costs_nothing(demo, count_requests):
    """And without a list it is everything."""
    with count_requests(demo, 0):
        assert {} == Ticket.objects.in_bulk([])
        assert {} == Ticket.objects.in_bulk([], field_name="external_id")
    with count_requests(demo, 1):
        assert 35 == len(NEW.in_bulk())


def test_in_bulk_is_narrowed_by_the_query(demo, rows, count_requests):
    """Only rows of the query are given, for all that was asked."""
    ids = [row["id"] for row in _newest(rows, status="new")][:3]
    with count_requests(demo, 1):
        found = NEW.in_bulk([*ids, 1, 2])

    assert set(ids) == set(found)
    assert all(found[pk].pk == pk for pk in found)


def test_in_bulk_of_a_slice_is_refused(demo, count_requests):
    """As in Django."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="slice"):
        NEW[:5].in_bulk([1])


def test_in_bulk_of_an_unknown_field_is_refused(demo, count_requests):
    """With what was meant."""
    with count_requests(demo, 0), pytest.raises(FieldError, match="external_id"):
        User.objects.in_bulk(["x"], field_name="external_idd")


def test_in_bulk_of_a_field_that_many_rows_share_is_refused(demo):
    """As in Django, which wants a unique field: rows would be lost otherwise."""
    with pytest.raises(FieldError, match="status"):
        Ticket.objects.in_bulk(["new"], field_name="status")


# -- what goes with values and what does not ---------------------------------


def test_values_are_not_prefetched():
    """As in Django, a `Prefetch` wants objects, and says so."""
    with pytest.raises(FieldError, match="values"):
        Organization.objects.prefetch_related(Prefetch("tickets", NEW.values("id")))
