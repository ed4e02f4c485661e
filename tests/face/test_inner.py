"""Values inside fields: custom fields by id and by key, and dictionaries by their keys."""

from __future__ import annotations

import pytest

from tests.face.stored import filled, person, stored
from tests.naming import named
from zendesk_orm import FieldError, InvalidValue, NoEndpoint, Organization, Q, Ticket, User


#: Custom fields: of one choice, of text, a checkbox, a number, and of several choices.
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
    """Return an emulator with a dozen tickets that have custom fields, and ten people."""
    with filled(len(NUMBERS), more=_of_ticket, of_user=_of_user) as emulator:
        yield emulator


@pytest.fixture
def account(emulator):
    """Return the default account."""
    return emulator.connect()


def _ids(rows):
    found = [ticket.pk for ticket in rows]
    assert len(found) == len(set(found))
    return set(found)


def _where(test):
    return {number for number in NUMBERS if test(_values(number))}


# -- custom fields of tickets ------------------------------------------------

SEARCHED = [
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


@pytest.mark.parametrize(("lookups", "test", "query"), SEARCHED, ids=named)
def test_a_custom_field_is_searched_by_its_id(account, sent, lookups, test, query):
    """One search, and what it finds is compared once more."""
    named = {f"custom_fields__{key}": value for key, value in lookups.items()}

    assert _where(test) == _ids(Ticket.objects.filter(**named))
    (request,) = sent
    assert query == dict(request.params)["query"]


def test_a_custom_field_has_zendesks_own_name(account, sent):
    """`custom_field_101` is `custom_fields__101`, alone and beside others."""
    named = {f"custom_field_{PRODUCT}": "laser", f"custom_field_{WARRANTY}": True}
    expected = _where(lambda v: v[PRODUCT] == "laser" and v[WARRANTY])

    assert expected == _ids(Ticket.objects.filter(**named))
    assert expected == _ids(Ticket.objects.filter(Q(**named), status="open"))
    assert ["custom_field_101:laser custom_field_103:checked"] * 2 == [
        dict(request.params)["query"].replace(" status:open", "") for request in sent
    ]


def test_one_of_several_choices_is_searched(account, count_requests):
    """By its tag, like a single choice: here, and by search."""
    rows = Ticket.objects.filter(**{f"custom_fields__{COLOURS}": "blue"})
    expected = _where(lambda v: "blue" in (v[COLOURS] or ()))
    with count_requests(account, 1):
        assert expected == _ids(rows.filter(id__in=NUMBERS))
    with count_requests(account, 1):
        assert expected == _ids(rows)


def test_the_beginning_of_a_custom_field_is_not_lost(account):
    """A drop-down is searched by its whole tag, so its beginning is compared here, with scan."""
    rows = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}__startswith": "las"})
    try:
        found = _ids(rows)
    except NoEndpoint:
        found = _ids(rows.scan())

    assert _where(lambda v: (v[PRODUCT] or "").startswith("las")) == found


def test_zendesks_name_of_a_custom_field_takes_lookups(account):
    """`custom_field_101__in` is `custom_fields__101__in`."""
    rows = Ticket.objects.filter(**{f"custom_field_{PRODUCT}__in": ["laser", "inkjet"]})

    assert _where(lambda v: v[PRODUCT] is not None) == _ids(rows)


@pytest.mark.parametrize(("lookups", "test", "query"), SEARCHED, ids=named)
def test_a_custom_field_is_compared_here(account, count_requests, lookups, test, query):
    """Of rows by id, and of objects at hand, as search finds them."""
    named = {f"custom_fields__{key}": value for key, value in lookups.items()}
    with count_requests(account, 1):
        assert _where(test) == _ids(Ticket.objects.filter(id__in=NUMBERS, **named))
    matches = Q(**named).bind(Ticket)
    assert _where(test) == {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)}


def test_custom_fields_are_counted_and_left_out(account, count_requests):
    """What is found by word is counted by reading; what is left out is the rest."""
    laser = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}": "laser"})
    with count_requests(account, 1):
        assert len(_where(lambda v: v[PRODUCT] == "laser")) == laser.count()
    others = Ticket.objects.exclude(**{f"custom_fields__{PRODUCT}": "laser"})
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="leave out"):
        list(others)
    with count_requests(account, 1):
        assert _where(lambda v: v[PRODUCT] != "laser") == _ids(others.scan())


@pytest.mark.parametrize(
    ("lookup", "value", "test"),
    [
        ("isnull", True, lambda v: v[PRODUCT] is None),
        ("isnull", False, lambda v: v[PRODUCT] is not None),
        ("icontains", "JET", lambda v: "jet" in (v[PRODUCT] or "")),
        ("regex", "^l.*r$", lambda v: v[PRODUCT] == "laser"),
    ],
)
def test_lookups_of_custom_fields_are_compared_with_scan(account, lookup, value, test):
    """Where search cannot ask, and only there, rows are read."""
    rows = Ticket.objects.filter(**{f"custom_fields__{PRODUCT}__{lookup}": value})

    assert _where(test) == _ids(rows.scan())
    assert _where(test) == _ids(rows.filter(id__in=NUMBERS))


@pytest.mark.parametrize(
    ("lookup", "value", "test"),
    [
        ("gt", 70, lambda v: v[AMOUNT] > 70),
        ("lte", 70, lambda v: v[AMOUNT] <= 70),
        ("range", (30, 60), lambda v: 30 <= v[AMOUNT] <= 60),
    ],
)
def test_numbers_in_custom_fields_are_compared_with_scan(
    account, count_requests, lookup, value, test
):
    """Search knows no order of them."""
    rows = Ticket.objects.filter(**{f"custom_fields__{AMOUNT}__{lookup}": value})
    with count_requests(account, 0), pytest.raises(NoEndpoint):
        list(rows)
    with count_requests(account, 1):
        assert _where(test) == _ids(rows.scan())


def test_what_is_no_custom_field_is_refused(account):
    """A name that is none, and an id of which no row is known, which is no error: it is empty."""
    with pytest.raises(FieldError, match="custom_field_x"):
        Ticket.objects.filter(custom_field_x="a")
    with pytest.raises(FieldError, match="custom_field_5"):
        User.objects.filter(custom_field_5="a")
    assert set() == _ids(Ticket.objects.filter(custom_fields__999="a"))


def test_values_of_custom_fields_are_read(account, count_requests):
    """One by one, of every row."""
    with count_requests(account, 1):
        found = dict(Ticket.objects.values_list("id", f"custom_fields__{ORDER}"))

    assert {number: f"A-{number}" for number in NUMBERS} == found


# -- fields of users and organizations ---------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "query"),
    [("plan", "gold", "plan:gold"), ("plan", "silver_plus", "plan:silver_plus")],
)
def test_a_field_of_a_user_is_searched_by_its_key(account, emulator, sent, key, value, query):
    """The search knows it by the key alone."""
    found = _ids(User.objects.filter(**{f"user_fields__{key}": value}))

    assert (
        found
        == {
            row["id"]
            for row in stored(emulator, User)
            if (row["user_fields"] or {}).get(key) == value
        }
        != set()
    )
    (request,) = sent
    assert query == dict(request.params)["query"]


def test_a_field_of_a_user_is_compared_here(account, count_requests):
    """Of rows by id, and with scan, by any lookup."""
    everybody = [person(number) for number in range(10)]
    with count_requests(account, 1):
        some = User.objects.filter(id__in=everybody, user_fields__plan="gold")
        assert {person(n) for n in range(10) if PLANS[n % 4] == "gold"} == _ids(some)
    account.rows.clear()
    with count_requests(account, 1):
        some = User.objects.filter(role="end-user", user_fields__seats__gte=7).scan()
        assert {person(n) for n in (7, 8, 9)} == _ids(some)


def test_a_field_of_whom_a_relation_points_to(account, count_requests):
    """`requester__user_fields__plan`: people first, and then their tickets."""
    with count_requests(account, 2):
        found = _ids(Ticket.objects.filter(requester__user_fields__plan="silver_plus"))

    assert {n for n in NUMBERS if PLANS[n % 10 % 4] == "silver_plus"} == found


def test_a_field_of_an_organization_is_searched_by_its_key(account, sent):
    """The search knows it by the key alone."""
    assert set() == _ids(Organization.objects.filter(organization_fields__region="emea"))
    (request,) = sent
    assert "region:emea" == dict(request.params)["query"]


# -- dictionaries ------------------------------------------------------------

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
def test_keys_of_dictionaries_are_compared_here(account, count_requests, lookups, expected):
    """With scan, or where rows are few; without, they are refused before anything is sent."""
    rows = Ticket.objects.filter(**lookups)
    with count_requests(account, 0), pytest.raises(NoEndpoint, match=r"\.scan\(\)"):
        list(rows)
    with count_requests(account, 1):
        assert expected == _ids(rows.scan())
    with count_requests(account, 1):
        assert expected == _ids(rows.filter(id__in=NUMBERS))
    matches = Q(**lookups).bind(Ticket)
    assert expected == {ticket.pk for ticket in Ticket.objects.all() if matches(ticket)}


@pytest.mark.parametrize(("lookups", "expected"), KEYS, ids=str)
def test_keys_of_dictionaries_are_left_out(account, lookups, expected):
    """The rest is the rest."""
    assert set(NUMBERS) - expected == _ids(Ticket.objects.exclude(**lookups).scan())


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
def test_keys_that_nothing_has_are_refused(lookups, error):
    """Of what is no dictionary, or with what is no key."""
    with pytest.raises(error):
        Ticket.objects.filter(**lookups)
