"""Lookup fields, which refer to users, tickets, organizations or records."""

from __future__ import annotations

from typing import ClassVar

import pytest

from zendesk_orm import (
    Comment,
    CustomField,
    CustomObject,
    CustomObjectField,
    CustomObjectRecord,
    FieldError,
    InvalidValue,
    Organization,
    Prefetch,
    Ticket,
    TicketField,
    User,
    UserField,
    prefetch_related_objects,
)
from zendesk_orm.inspection.drift import find_drift
from zendesk_orm.inspection.models import inspect


class LookupCar(CustomObjectRecord):
    """A car, which is a record of a custom object."""

    maker = CustomField["Organization | None"]("maker")

    class Meta(CustomObjectRecord.Meta):
        """The key of the custom object."""

        filter: ClassVar = {"custom_object_key": "car"}


class LookupTicket(Ticket):
    """A ticket with a manager and a car."""

    manager = CustomField["User | None"]("Success manager")
    manager_id = CustomField[int | None]("Success manager")
    car = CustomField["LookupCar | None"]("Car")
    note = CustomField[str | None]("Note")


@pytest.fixture
def account(emulator):
    """Connect an account whose tickets refer to users and cars, and whose cars refer to makers."""
    account = emulator.connect()
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    CustomObjectField.objects.create(
        custom_object="car",
        key="maker",
        title="Maker",
        type="lookup",
        relationship_target_type="zen:organization",
    )
    for title, target in (("Success manager", "zen:user"), ("Car", "zen:custom_object:car")):
        TicketField.objects.create(type="lookup", title=title, relationship_target_type=target)
    TicketField.objects.create(type="text", title="Note")
    return account


@pytest.fixture
def amy(account):
    """Create an agent."""
    return User.objects.create(name="Amy", email="amy@example.com", role="agent")


@pytest.fixture
def car(account):
    """Create a car with a maker."""
    maker = Organization.objects.create(name="Volvo")
    return LookupCar.objects.create(custom_object_key="car", name="Amazon", maker=maker)


def _create_ticket(subject="Help", **values):
    return LookupTicket.objects.create(subject=subject, comment=Comment(body="!"), **values)


def test_a_lookup_returns_its_object(account, amy, count_requests):
    """A lookup returns its object without a request; reading a field of the object fetches it."""
    ticket = _create_ticket(manager=amy)
    assert ticket.manager is amy
    assert Ticket.objects.get(ticket.pk).custom["Success manager"] is amy

    account.cache.clear()
    with account.session(), count_requests(account, 2):
        fetched = LookupTicket.objects.fresh().get(ticket.pk)
        assert (fetched.manager.pk, fetched.manager_id) == (amy.pk, amy.pk)
        assert fetched.manager.name == "Amy"


def test_a_lookup_takes_an_object_or_its_id(account, amy, sent):
    """An object, an id or None can be assigned; the id is sent as a string, as documented."""
    ticket = _create_ticket()
    assert (ticket.manager, ticket.manager_id) == (None, None)
    for value in (amy, amy.pk):
        ticket.manager = value
        assert ticket.manager is amy
        ticket.save()
        assert [field["value"] for field in sent[-1].json["ticket"]["custom_fields"]] == [
            str(amy.pk)
        ]
        ticket.manager = None
        ticket.save()
        assert ticket.manager is None
    ticket.manager = User(name="Ben")
    with pytest.raises(InvalidValue, match="save it first"):
        ticket.save()
    with pytest.raises(InvalidValue, match="must be a User"):
        ticket.manager = Organization(name="Ben")


def test_a_lookup_leads_to_a_record(account, car, count_requests):
    """A lookup of a custom object returns a record of the declared class."""
    ticket = _create_ticket(car=car)
    assert ticket.car is car
    with account.session(), count_requests(account, 3):
        fetched = LookupTicket.objects.fresh().get(ticket.pk)
        assert type(fetched.car) is LookupCar
        assert (fetched.car.name, fetched.car.maker.name) == ("Amazon", "Volvo")
    with account.session():
        assert type(Ticket.objects.get(ticket.pk).custom["Car"]) is CustomObjectRecord


def test_lookups_are_filtered_by_object_or_id(account, amy, car):
    """Lookups are filtered by object, id or a list of objects."""
    ticket = _create_ticket(manager=amy, car=car)
    _create_ticket("Other")
    account.transport.clock.sleep(120)

    for lookups in (
        {"manager": amy},
        {"manager": amy.pk},
        {"manager": str(amy.pk)},
        {"car": car},
        {"manager__in": [amy]},
    ):
        assert [row.pk for row in LookupTicket.objects.filter(**lookups)] == [ticket.pk]
    assert [row.pk for row in LookupCar.objects.filter(maker=car.maker)] == [car.pk]


def test_lookups_are_prefetched(account, amy, car, count_requests):
    """`prefetch_related()` fetches each lookup of all rows in one request."""
    for number in range(3):
        _create_ticket(f"T{number}", manager=amy, car=car)
    _create_ticket("none")
    account.cache.clear()
    with account.session(), count_requests(account, 3):
        rows = list(LookupTicket.objects.fresh().prefetch_related("manager", "car"))
        assert [row.manager.name for row in rows if row.manager] == ["Amy"] * 3
        assert [row.car.name for row in rows if row.car] == ["Amazon"] * 3
    account.cache.clear()
    with account.session(), count_requests(account, 2):
        rows = LookupTicket.objects.fresh().prefetch_related(Prefetch("manager", to_attr="boss"))
        assert {row.boss and row.boss.name for row in rows} == {"Amy", None}


def test_a_loop_over_lookups_fetches_them_together(account, amy, car, count_requests):
    """Reading the first lookup in a loop fetches those of the whole page."""
    users = [User.objects.create(name=f"P{n}", email=f"p{n}@example.com") for n in range(5)]
    cars = [car, LookupCar.objects.create(custom_object_key="car", name="Duett", maker=car.maker)]
    for number, user in enumerate(users):
        _create_ticket(f"T{number}", manager=user, car=cars[number % 2])
    account.cache.clear()
    with account.session(), count_requests(account, 2 + 1):
        rows = list(LookupTicket.objects.fresh().order_by("created_at"))
        assert [row.manager.name for row in rows] == ["P0", "P1", "P2", "P3", "P4"]
        assert [row.car.name for row in rows] == ["Amazon", "Duett"] * 2 + ["Amazon"]


def test_other_custom_fields_cannot_be_prefetched(account):
    """Prefetching a text field, or a lookup with a query, raises `FieldError`."""
    _create_ticket(note="x")
    with pytest.raises(FieldError, match="does not refer to objects"):
        list(LookupTicket.objects.fresh().prefetch_related("note"))
    with pytest.raises(FieldError, match="refers to one row"):
        LookupTicket.objects.prefetch_related(Prefetch("manager", User.objects.all()))


def test_lookups_of_users_return_objects(account, amy):
    """Lookups of users return objects; an unknown target type returns the id."""
    UserField.objects.create(
        key="boss", title="Boss", type="lookup", relationship_target_type="zen:user"
    )
    UserField.objects.create(
        key="thing", title="Thing", type="lookup", relationship_target_type="zen:thing"
    )
    ben = User.objects.create(name="Ben", email="ben@example.com")
    ben.custom["Boss"], ben.custom["Thing"] = amy, "7"
    ben.save()

    assert (ben.custom["boss"], ben.custom["thing"]) == (amy, "7")
    assert ben.user_fields == {"boss": str(amy.pk), "thing": "7"}


def test_a_new_object_returns_the_assigned_object(account, amy):
    """A lookup of a new object returns the assigned object."""
    ticket = LookupTicket(subject="x", comment=Comment(body="!"), manager=amy)

    assert ticket.manager is amy
    assert ticket.save().manager is amy


def test_inspect_declares_lookups_by_class(account, tmp_path):
    """`inspect` declares lookups by their target class, and `check` compares the class."""
    text = inspect(account)

    assert 'success_manager = CustomField["User | None"](' in text
    assert 'car = CustomField["Car | None"]("Car", id=' in text
    maker = 'maker = CustomField["Organization | None"]("maker", title="Maker", type="lookup")'
    assert maker in text
    assert find_drift(account, [LookupTicket, LookupCar]) == []

    class WrongTicket(Ticket):
        """A ticket whose manager is declared as an organization."""

        manager = CustomField["Organization | None"]("Success manager")

    (line,) = find_drift(account, [WrongTicket])
    assert "retyped: the type is lookup (User), not Organization" in line


def test_values_of_lookups_are_ids(account, amy, car):
    """Values of lookups are ids, like those of relations in Django."""
    _create_ticket(manager=amy, car=car)

    rows = LookupTicket.objects.fresh()
    assert list(rows.values_list("manager", "car")) == [(amy.pk, car.pk)]
    assert list(rows.values("manager")) == [{"manager": amy.pk}]


def test_a_lookup_rejects_other_models(account, amy, car):
    """A lookup rejects objects of other models and records of other custom objects."""
    ticket = _create_ticket()
    CustomObject.objects.create(key="boat", title="Boat", title_pluralized="Boats")
    boat = CustomObjectRecord.objects.create(custom_object_key="boat", name="Nautilus")
    for wrong in (amy, boat):
        with pytest.raises(InvalidValue, match="Car: must be a car or its id"):
            ticket.car = wrong
    with pytest.raises(InvalidValue, match="Success manager: must be a User"):
        list(LookupTicket.objects.filter(manager=car))


def test_to_attr_is_set_on_all_objects(account, amy, count_requests):
    """`to_attr` is set on rows without a lookup and on unsaved objects, too."""
    for _ in range(2):
        _create_ticket()
    boss = Prefetch("manager", to_attr="boss")
    assert [ticket.boss for ticket in LookupTicket.objects.fresh().prefetch_related(boss)] == [
        None,
        None,
    ]

    saved, new = _create_ticket(manager=amy), LookupTicket(subject="x", manager=amy)
    prefetch_related_objects([saved, new], boss)
    assert [saved.boss, new.boss] == [amy, amy]


def test_a_cached_lookup_is_not_fetched_again(account, amy, count_requests):
    """Prefetching a lookup that is already loaded sends no request."""
    ticket = _create_ticket(manager=amy)
    account.cache.clear()
    with count_requests(account, 0):
        prefetch_related_objects([ticket], "manager")
    assert ticket.manager is amy


def test_prefetch_follows_relations_of_lookups(account, amy):
    """Prefetching follows relations of lookups, and rejects unknown ones."""
    company = Organization.objects.create(name="Acme")
    amy.organization = company
    amy.save()
    _create_ticket(manager=amy)

    (ticket,) = LookupTicket.objects.fresh().prefetch_related("manager__organization")
    assert ticket.manager.organization.name == "Acme"
    with pytest.raises(FieldError, match="no relation 'organisation'"):
        list(LookupTicket.objects.fresh().prefetch_related("manager__organisation"))


def test_a_new_object_returns_the_id_of_a_lookup(account, amy):
    """A lookup that is declared as int returns the id, even of a new object."""
    ticket = LookupTicket(subject="x", manager=amy)

    assert (ticket.manager, ticket.manager_id) == (amy, amy.pk)
