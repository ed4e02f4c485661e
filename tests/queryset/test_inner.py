"""Lookups inside fields: custom fields by id or key, and dictionaries by key."""

from __future__ import annotations

import pytest

from tests.naming import format_id
from tests.queryset.stored import emulator_with_tickets, person, stored_rows
from zendesk_orm import FieldError, InvalidValue, NoEndpoint, Organization, Q, Ticket, User


#: Ids of custom fields: a drop-down, a text, a checkbox, a number and a multi-select.
PRODUCT, ORDER, WARRANTY, AMOUNT, COLOURS = 101, 102, 103, 104, 105
PRODUCTS = ("laser", "inkjet", None)
PLANS = ("gold", "silver_plus", None, "gold")
NUMBERS = range(1, 13)


def _values(number):
    colours = ["red", "blue"] if number % 4 == 0 else ["red"] if number % 4 == 1 else None
    return {
        PRODUCT: PRODUCTS[number % 3],
        ORDER: f"A-{number}",
        WARRANTY: number % 2 == 0,
        AMOUNT: number * 10,
        COLOURS: colours,
    }


def _of_ticket(number):
    custom = [{"id": pk, "value": value} for pk, value in _values(number).items()]
    via = {"channel": "email" if number % 2 else "web", "source": {"rel": None}}
    if number == 5:
        via["followup"] = True
    return {"custom_fields": custom, "fields": custom, "via": via}


def _of_user(number):
    return {"user_fields": {"plan": PLANS[number % 4], "seats": number, "active": number < 5}}


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with twelve tickets with custom fields, and ten users."""
    with emulator_with_tickets(len(NUMBERS), of_ticket=_of_ticket, of_user=_of_user) as emulator:
        yield emulator


def _ids(rows):
    """Return the ids of rows, each of which must occur once."""
    result = [ticket.pk for ticket in rows]
    assert len(result) == len(set(result))
    return set(result)


def _numbers_where(test):
    """Return the numbers of the tickets whose values pass a test."""
    return {number for number in NUMBERS if test(_values(number))}


SEARCHES = [
    ({PRODUCT: "laser"}, lambda v: v[PRODUCT] == "laser", "custom_field_101:laser"),
    ({ORDER: "A-7"}, lambda v: v[ORDER] == "A-7", "custom_field_102:A-7"),
    ({WARRANTY: True}, lambda v: v[WARRANTY], "custom_field_103:checked"),
    ({WARRANTY: False}, lambda v: not v[WARRANTY], "custom_field_103:unchecked"),
    ({AMOUNT: 70}, lambda v: v[AMOUNT] == 70, "custom_field_104:70"),
    (
        {f"{PRODUCT}__in": ["laser", "inkjet"]},
        lambda v: v[PRODUCT] is not None,
        "custom_field_101:laser custom_field_101:inkjet",
    ),
    (
        {PRODUCT: "laser", WARRANTY: True},
        lambda v: v[PRODUCT] == "laser" and v[WARRANTY],
        "custom_field_101:laser custom_field_103:checked",
    ),
]


@pytest.mark.parametrize(("lookups", "test", "query"), SEARCHES, ids=format_id)
def test_custom_fields_are_searched_by_id(account, sent, lookups, test, query):
    """A filter by custom fields is one search by their ids."""
    filters = {f"custom_fields__{key}": value for key, value in lookups.items()}

    assert _ids(Ticket.objects.filter(**filters)) == _numbers_where(test)
    (request,) = sent
    assert dict(request.params)["query"] == query


def test_custom_fields_can_have_zendesks_names(account, sent):
    """`custom_field_101` is equivalent to `custom_fields__101`."""
    filters = {f"custom_field_{PRODUCT}": "laser", f"custom_field_{WARRANTY}": True}
    expected = _numbers_where(lambda v: v[PRODUCT] == "laser" and v[WARRANTY])

    assert _ids(Ticket.objects.filter(**filters)) == expected
    assert _ids(Ticket.objects.filter(Q(**filters), status="open")) == expected
    assert [dict(request.params)["query"].replace(" status:open", "") for request in sent] == [
        "custom_field_101:laser custom_field_103:checked"
    ] * 2


def test_multiselect_fields_are_searched_by_tag(account, count_requests):
    """A multi-select field is searched, or compared client-side, by one of its tags."""
    rows = Ticket.objects.filter(**{f"custom_fields__{COLOURS}": "blue"})
    expected = _numbers_where(lambda v: "blue" in (v[COLOURS] or ()))
    with count_requests(account, 1):
        assert _ids(rows.filter(id__in=NUMBERS)) == expected
    with count_requests(account, 1):
        assert _ids(rows) == expected


def test_prefixes_of_drop_downs_need_scan(account):
    """A prefix of a drop-down's tag is compared client-side."""
    rows = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}__startswith": "las"})
    try:
        result = _ids(rows)
    except NoEndpoint:
        result = _ids(rows.scan())

    assert result == _numbers_where(lambda v: (v[PRODUCT] or "").startswith("las"))


def test_zendesks_names_of_custom_fields_accept_lookups(account):
    """`custom_field_101__in` is equivalent to `custom_fields__101__in`."""
    rows = Ticket.objects.filter(**{f"custom_field_{PRODUCT}__in": ["laser", "inkjet"]})

    assert _ids(rows) == _numbers_where(lambda v: v[PRODUCT] is not None)


@pytest.mark.parametrize(("lookups", "test", "query"), SEARCHES, ids=format_id)
def test_custom_fields_are_compared_client_side(account, count_requests, lookups, test, query):
    """Custom fields of rows by id, or of objects, are compared as by search."""
    filters = {f"custom_fields__{key}": value for key, value in lookups.items()}
    with count_requests(account, 1):
        assert _ids(Ticket.objects.filter(id__in=NUMBERS, **filters)) == _numbers_where(test)
    matches = Q(**filters).bind(Ticket)
    assert {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)} == _numbers_where(test)


def test_custom_fields_can_be_counted_and_excluded(account, count_requests):
    """Custom fields can be counted by one search, and excluded by `scan()`."""
    laser = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}": "laser"})
    with count_requests(account, 1):
        assert laser.count() == len(_numbers_where(lambda v: v[PRODUCT] == "laser"))
    others = Ticket.objects.exclude(**{f"custom_fields__{PRODUCT}": "laser"})
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="leave out"):
        list(others)
    with count_requests(account, 1):
        assert _ids(others.scan()) == _numbers_where(lambda v: v[PRODUCT] != "laser")


@pytest.mark.parametrize(
    ("lookup", "value", "test"),
    [
        ("isnull", True, lambda v: v[PRODUCT] is None),
        ("isnull", False, lambda v: v[PRODUCT] is not None),
        ("icontains", "JET", lambda v: "jet" in (v[PRODUCT] or "")),
        ("regex", "^l.*r$", lambda v: v[PRODUCT] == "laser"),
    ],
)
def test_lookups_of_custom_fields_need_scan(account, lookup, value, test):
    """Lookups that search does not support are compared client-side."""
    rows = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}__{lookup}": value})

    assert _ids(rows.scan()) == _numbers_where(test)
    assert _ids(rows.filter(id__in=NUMBERS)) == _numbers_where(test)


@pytest.mark.parametrize(
    ("lookup", "value", "test"),
    [
        ("gt", 70, lambda v: v[AMOUNT] > 70),
        ("lte", 70, lambda v: v[AMOUNT] <= 70),
        ("range", (30, 60), lambda v: 30 <= v[AMOUNT] <= 60),
    ],
)
def test_numbers_in_custom_fields_need_scan(account, count_requests, lookup, value, test):
    """Ranges of numbers in custom fields, which search does not support, need `scan()`."""
    rows = Ticket.objects.filter(**{f"custom_fields__{AMOUNT}__{lookup}": value})
    with count_requests(account, 0), pytest.raises(NoEndpoint):
        list(rows)
    with count_requests(account, 1):
        assert _ids(rows.scan()) == _numbers_where(test)


def test_unknown_custom_fields_raise(account):
    """An invalid name raises; a custom field without values matches no row."""
    with pytest.raises(FieldError, match="custom_field_x"):
        Ticket.objects.filter(custom_field_x="a")
    with pytest.raises(FieldError, match="custom_field_5"):
        User.objects.filter(custom_field_5="a")
    assert _ids(Ticket.objects.filter(custom_fields__999="a")) == set()


def test_values_list_can_select_custom_fields(account, count_requests):
    """`values_list()` returns the values of a custom field."""
    with count_requests(account, 1):
        result = dict(Ticket.objects.values_list("id", f"custom_fields__{ORDER}"))

    assert result == {number: f"A-{number}" for number in NUMBERS}


@pytest.mark.parametrize(
    ("key", "value", "query"),
    [("plan", "gold", "plan:gold"), ("plan", "silver_plus", "plan:silver_plus")],
)
def test_user_fields_are_searched_by_key(account, emulator, sent, key, value, query):
    """A filter by a user field is a search by its key."""
    result = _ids(User.objects.filter(**{f"user_fields__{key}": value}))

    assert (
        result
        == {
            row["id"]
            for row in stored_rows(emulator, User)
            if (row["user_fields"] or {}).get(key) == value
        }
        != set()
    )
    (request,) = sent
    assert dict(request.params)["query"] == query


def test_user_fields_are_compared_client_side(account, count_requests):
    """User fields are compared client-side for rows by id, or by `scan()`."""
    user_ids = [person(number) for number in range(10)]
    with count_requests(account, 1):
        users = User.objects.filter(id__in=user_ids, user_fields__plan="gold")
        assert _ids(users) == {person(n) for n in range(10) if PLANS[n % 4] == "gold"}
    account.cache.clear()
    with count_requests(account, 1):
        users = User.objects.filter(role="end-user", user_fields__seats__gte=7).scan()
        assert _ids(users) == {person(n) for n in (7, 8, 9)}


def test_user_fields_of_related_users_take_two_requests(account, count_requests):
    """A filter by a user field of requesters fetches users, and then their tickets."""
    with count_requests(account, 2):
        result = _ids(Ticket.objects.filter(requester__user_fields__plan="silver_plus"))

    assert result == {n for n in NUMBERS if PLANS[n % 10 % 4] == "silver_plus"}


def test_organization_fields_are_searched_by_key(account, sent):
    """A filter by an organization field is a search by its key."""
    assert _ids(Organization.objects.filter(organization_fields__region="emea")) == set()
    (request,) = sent
    assert dict(request.params)["query"] == "region:emea"


KEYS = [
    ({"via__has_key": "followup"}, {5}),
    ({"via__has_key": "channel"}, set(NUMBERS)),
    ({"via__has_keys": ["channel", "followup"]}, {5}),
    ({"via__has_keys": []}, set(NUMBERS)),
    ({"via__has_any_keys": ["followup", "nope"]}, {5}),
    ({"via__has_any_keys": []}, set()),
    ({"via__channel": "web"}, set(NUMBERS[1::2])),
    ({"via__channel__in": ["web", "chat"]}, set(NUMBERS[1::2])),
    ({"via__channel__startswith": "e"}, set(NUMBERS[::2])),
    ({"via__followup": True}, {5}),
    ({"via__followup__isnull": False}, {5}),
    (
        {"via__contained_by": {"channel": "web", "source": {"rel": None}, "more": 1}},
        set(NUMBERS[1::2]),
    ),
    ({"via__contained_by": {"channel": "web"}}, set()),
    ({"via__source__rel": None}, set(NUMBERS)),
]


@pytest.mark.parametrize(("lookups", "expected"), KEYS, ids=str)
def test_keys_of_dictionaries_need_scan(account, count_requests, lookups, expected):
    """A filter by a key of a dictionary needs `scan()`, unless rows are queried by id."""
    rows = Ticket.objects.filter(**lookups)
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert _ids(rows.scan()) == expected
    with count_requests(account, 1):
        assert _ids(rows.filter(id__in=NUMBERS)) == expected
    matches = Q(**lookups).bind(Ticket)
    assert {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)} == expected


@pytest.mark.parametrize(("lookups", "expected"), KEYS, ids=str)
def test_keys_of_dictionaries_can_be_excluded(account, lookups, expected):
    """`exclude()` by a key of a dictionary returns the other rows."""
    assert _ids(Ticket.objects.exclude(**lookups).scan()) == set(NUMBERS) - expected


@pytest.mark.parametrize(
    ("lookups", "error"),
    [
        ({"subject__has_key": "x"}, FieldError),
        ({"tags__has_keys": ["x"]}, FieldError),
        pytest.param(
            {"requester__has_key": "x"},
            FieldError,
        ),
        ({"via__has_keys": "channel"}, InvalidValue),
        ({"via__has_any_keys": 5}, InvalidValue),
        ({"via__contained_by": "channel"}, InvalidValue),
        ({"via__has_kee": "x", "status__has_key": "x"}, FieldError),
    ],
    ids=str,
)
def test_invalid_keys_raise(lookups, error):
    """A lookup of keys raises for other fields, and for invalid keys."""
    with pytest.raises(error):
        Ticket.objects.filter(**lookups)
