"""Every way of reading a query agrees, whatever the value and its case."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Group, Organization, Ticket, User
from zendesk_orm.errors import NoEndpoint, ZendeskError


#: All models, so that it takes long.
pytestmark = pytest.mark.slow


VALUES = [
    "SAP-001",
    "x,y",
    "a b",
    "none",
    "-x",
    "a*",
    "Straße",
    'quote"d',
    "back\\slash",
    "a/../b",
    "?q=1&r#%41",
    "007",
    "true",
    "日本",
    "type:user",
]


def _ticket(**values):
    return Ticket(comment=Comment(body="b"), **{"subject": "s", **values})


def _user(**values):
    return User(**{"name": "n", **values})


def _organization(**values):
    return Organization(**{"name": f"o {values}", **values})


#: A field that can be searched by or is unique, and what makes an object with a value of it.
FIELDS = [
    (User, "external_id", _user),
    (User, "name", _user),
    (User, "tags", lambda tags: _user(tags=[tags])),
    (Organization, "name", _organization),
    (Organization, "external_id", _organization),
    (Organization, "domain_names", lambda domain_names: _organization(domain_names=[domain_names])),
    (Ticket, "external_id", _ticket),
    (Ticket, "subject", _ticket),
    (Ticket, "recipient", _ticket),
    (Ticket, "tags", lambda tags: _ticket(tags=[tags])),
    (Group, "name", Group),
]


def _tried(read):
    try:
        return read()
    except ZendeskError as error:
        return type(error)


def _assert_agreement(rows):
    """Assert that all ways of reading give the same rows, or the same error."""
    listed = _tried(lambda: len(list(rows.all())))
    there = listed if isinstance(listed, type) else listed > 0
    small = listed if isinstance(listed, type) else min(listed, 5)

    assert _tried(rows.all().count) == listed, rows.query
    assert _tried(lambda: len(rows.all()[:5])) == small, rows.query
    assert _tried(lambda: bool(rows.all())) == there, rows.query
    assert _tried(rows.all().exists) == there, rows.query
    assert _tried(lambda: rows.all().first() is not None) == there, rows.query


@pytest.mark.parametrize(
    ("model", "name", "make"), FIELDS, ids=[f"{each[0].__name__}.{each[1]}" for each in FIELDS]
)
def test_all_ways_of_reading_agree(emulator, model, name, make):
    """Lists, counts, slices, `exists()` and `first()` of a filter agree for every value."""
    made = {value: make(**{name: value}).save() for value in VALUES}
    emulator.connect()

    for value in VALUES:
        for rows in (model.objects.all(), model.objects.fresh()):
            for spelled in dict.fromkeys((value, value.swapcase())):
                _assert_agreement(rows.filter(**{name: spelled}))
            found = _tried(lambda rows=rows, value=value: list(rows.filter(**{name: value})))
            assert found is NoEndpoint or made[value] in found, value
        _assert_agreement(model.objects.filter(**{f"{name}__in": [value, "SAP-001"]}))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("model", "name", "make"), [each for each in FIELDS if each[1] in each[0]._meta.unique]
)
def test_a_unique_value_is_found_by_what_creates_or_gets(emulator, model, name, make, value):
    """`get_or_create()` and `in_bulk()` find what was just created, also in another case."""
    made = make(**{name: value}).save()
    emulator.connect()

    for spelled in (value, value.swapcase(), value.upper()):
        defaults = {} if name == "name" else {"name": f"another {spelled}"}
        try:
            found, created = model.objects.get_or_create(**{name: spelled}, defaults=defaults)
        except NoEndpoint:
            # Search has no words for it; nothing was created.
            continue

        assert (found, created) == (made, False)
        assert {spelled: made} == model.objects.in_bulk([spelled], field_name=name)


@pytest.mark.parametrize("name", ["email", "external_id"])
def test_a_user_is_found_in_any_case(emulator, name):
    """E-mails and external ids of users are compared without regard to case, everywhere."""
    ann = User.objects.create(name="Ann", email="ann@example.com", external_id="Ann@Example.com")
    for _ in range(2):
        rows = User.objects.filter(**{name: "ANN@example.COM"})

        _assert_agreement(rows)
        assert [ann] == list(rows)
        assert [ann] == list(rows.filter(**{name: "ann@EXAMPLE.com"}))
        assert ann not in User.objects.exclude(**{name: "ANN@example.COM"}).scan()
        assert [ann] == list(User.objects.filter(id=ann.pk, **{name: "ANN@example.COM"}))
        # A second time without own writes.
        emulator.connect()


def test_objects_that_exist_in_another_case_are_left_out(emulator):
    """`ignore_conflicts` compares external ids as Zendesk does, in the account and in the list."""
    User.objects.create(name="Ann", external_id="SAP-1")
    emulator.connect()

    result = User.objects.bulk_create(
        [User(name=each, external_id=each) for each in ("sap-1", "x,y", "New", "NEW")],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    states = [outcome.state for outcome in result.outcomes]
    assert states == ["ignored", "done", "done", "ignored"]


def test_external_ids_of_tickets_keep_their_case(emulator):
    """External ids of tickets are not unique, and only equal spellings are the same."""
    upper = _ticket(external_id="CASE-1").save()
    emulator.connect()

    for rows in (Ticket.objects.all(), Ticket.objects.fresh()):
        assert [upper] == list(rows.filter(external_id="CASE-1"))
        assert [] == list(rows.filter(external_id="case-1"))
        _assert_agreement(rows.filter(external_id="case-1"))


def test_names_of_organizations_are_trimmed(emulator):
    """Zendesk cuts off blanks around the name of an organization, so they make no difference."""
    made = Organization.objects.create(name="  Lorem Ipsum ")
    emulator.connect()

    found = Organization.objects.get_or_create(name=" lorem ipsum  ")

    assert "Lorem Ipsum" == made.name
    assert (made, False) == found


def test_tickets_of_a_person_are_found_by_an_address_in_any_case(emulator):
    """A filter by the e-mail of a relation compares without regard to case."""
    sam = User.objects.create(name="Sam", email="sam@example.com")
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), requester=sam)
    emulator.connect()

    rows = Ticket.objects.filter(requester__email="Sam@Example.com")

    _assert_agreement(rows)
    assert [ticket] == list(rows)


def test_users_are_found_by_external_ids_with_commas(emulator):
    """A value with a comma is never read as two, whichever endpoint answers."""
    made = {each: User.objects.create(name="U", external_id=each) for each in ("x,y", "x", "y")}
    emulator.connect()

    assert [made["x,y"]] == list(User.objects.filter(external_id="x,y"))
    assert made == User.objects.in_bulk(["x,y", "x", "y"], field_name="external_id")
    assert {made["x,y"], made["x"]} == set(User.objects.filter(external_id__in=["x,y", "x"]))
