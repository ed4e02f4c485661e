"""Filters by values with special characters, and in upper and lower case."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, Group, Organization, Ticket, User
from zendesk_orm.errors import NoEndpoint, ZendeskError


#: The tests create rows of many models.
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


#: A unique or searchable field, and a function that creates an object with a value of it.
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


def _result_or_error(read):
    """Return the result of a function, or the class of the error that it raises."""
    try:
        return read()
    except ZendeskError as error:
        return type(error)


def _assert_agreement(rows):
    """Assert that all ways of reading give the same rows, or the same error."""
    listed = _result_or_error(lambda: len(list(rows.all())))
    exists = listed if isinstance(listed, type) else listed > 0
    sliced = listed if isinstance(listed, type) else min(listed, 5)

    assert _result_or_error(rows.all().count) == listed, rows.query
    assert _result_or_error(lambda: len(rows.all()[:5])) == sliced, rows.query
    assert _result_or_error(lambda: bool(rows.all())) == exists, rows.query
    assert _result_or_error(rows.all().exists) == exists, rows.query
    assert _result_or_error(lambda: rows.all().first() is not None) == exists, rows.query


@pytest.mark.parametrize(
    ("model", "name", "create"), FIELDS, ids=[f"{field[0].__name__}.{field[1]}" for field in FIELDS]
)
def test_all_ways_of_reading_agree(emulator, model, name, create):
    """Lists, counts, slices, `exists()` and `first()` agree for every value."""
    created = {value: create(**{name: value}).save() for value in VALUES}
    emulator.connect()

    for value in VALUES:
        for rows in (model.objects.all(), model.objects.fresh()):
            for spelling in dict.fromkeys((value, value.swapcase())):
                _assert_agreement(rows.filter(**{name: spelling}))
            result = _result_or_error(
                lambda rows=rows, value=value: list(rows.filter(**{name: value}))
            )
            assert result is NoEndpoint or created[value] in result, value
        _assert_agreement(model.objects.filter(**{f"{name}__in": [value, "SAP-001"]}))


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    ("model", "name", "create"), [field for field in FIELDS if field[1] in field[0]._meta.unique]
)
def test_a_new_unique_value_is_found(emulator, model, name, create, value):
    """`get_or_create()` and `in_bulk()` find an object by its value in any case."""
    new = create(**{name: value}).save()
    emulator.connect()

    for spelling in (value, value.swapcase(), value.upper()):
        defaults = {} if name == "name" else {"name": f"another {spelling}"}
        try:
            result, created = model.objects.get_or_create(**{name: spelling}, defaults=defaults)
        except NoEndpoint:
            # Search has no words for it; nothing was created.
            continue

        assert (result, created) == (new, False)
        assert model.objects.in_bulk([spelling], field_name=name) == {spelling: new}


@pytest.mark.parametrize("name", ["email", "external_id"])
def test_a_user_is_found_in_any_case(emulator, name):
    """Users are found by e-mail addresses and external ids in any case."""
    ann = User.objects.create(name="Ann", email="ann@example.com", external_id="Ann@Example.com")
    for _ in range(2):
        rows = User.objects.filter(**{name: "ANN@example.COM"})

        _assert_agreement(rows)
        assert list(rows) == [ann]
        assert list(rows.filter(**{name: "ann@EXAMPLE.com"})) == [ann]
        assert ann not in User.objects.exclude(**{name: "ANN@example.COM"}).scan()
        assert list(User.objects.filter(id=ann.pk, **{name: "ANN@example.COM"})) == [ann]
        # A second time without own writes.
        emulator.connect()


def test_ignore_conflicts_ignores_case_of_external_ids(emulator):
    """`ignore_conflicts` skips a user whose external id exists in another case."""
    User.objects.create(name="Ann", external_id="SAP-1")
    emulator.connect()

    result = User.objects.bulk_create(
        [User(name=item, external_id=item) for item in ("sap-1", "x,y", "New", "NEW")],
        ignore_conflicts=True,
        unique_fields=["external_id"],
    )

    states = [outcome.state for outcome in result.outcomes]
    assert states == ["ignored", "done", "done", "ignored"]


def test_external_ids_of_tickets_are_case_sensitive(emulator):
    """A ticket is not found by its external id in another case."""
    upper = _ticket(external_id="CASE-1").save()
    emulator.connect()

    for rows in (Ticket.objects.all(), Ticket.objects.fresh()):
        assert list(rows.filter(external_id="CASE-1")) == [upper]
        assert list(rows.filter(external_id="case-1")) == []
        _assert_agreement(rows.filter(external_id="case-1"))


def test_names_of_organizations_are_trimmed(emulator):
    """Blanks around the name of an organization are removed and ignored."""
    created = Organization.objects.create(name="  Lorem Ipsum ")
    emulator.connect()

    result = Organization.objects.get_or_create(name=" lorem ipsum  ")

    assert created.name == "Lorem Ipsum"
    assert result == (created, False)


def test_tickets_are_found_by_the_requesters_address_in_any_case(emulator):
    """A filter by the requester's e-mail address ignores its case."""
    sam = User.objects.create(name="Sam", email="sam@example.com")
    ticket = Ticket.objects.create(subject="s", comment=Comment(body="b"), requester=sam)
    emulator.connect()

    rows = Ticket.objects.filter(requester__email="Sam@Example.com")

    _assert_agreement(rows)
    assert list(rows) == [ticket]


def test_users_are_found_by_external_ids_with_commas(emulator):
    """An external id with a comma is one value and not two."""
    created = {item: User.objects.create(name="U", external_id=item) for item in ("x,y", "x", "y")}
    emulator.connect()

    assert list(User.objects.filter(external_id="x,y")) == [created["x,y"]]
    assert User.objects.in_bulk(["x,y", "x", "y"], field_name="external_id") == created
    assert set(User.objects.filter(external_id__in=["x,y", "x"])) == {created["x,y"], created["x"]}
