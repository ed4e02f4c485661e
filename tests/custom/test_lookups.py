"""Lookup fields of an account: they lead to users, tickets, organizations and records."""

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
from zendesk_orm.inspection.drift import drift
from zendesk_orm.inspection.models import inspect


class LookupCar(CustomObjectRecord):
    """A car, which is a custom object of the account's."""

    maker = CustomField["Organization | None"]("maker")

    class Meta(CustomObjectRecord.Meta):
        """Of which object it is."""

        filter: ClassVar = {"custom_object_key": "car"}


class LookupTicket(Ticket):
    """A ticket with a manager and a car."""

    manager = CustomField["User | None"]("Success manager")
    manager_id = CustomField[int | None]("Success manager")
    car = CustomField["LookupCar | None"]("Car")
    note = CustomField[str | None]("Note")


@pytest.fixture
def account(emulator):
    """An account whose tickets lead to users and to cars, and cars to their makers."""
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
    """An agent."""
    return User.objects.create(name="Amy", email="amy@example.com", role="agent")


@pytest.fixture
def car(account):
    """A car."""
    maker = Organization.objects.create(name="Volvo")
    return LookupCar.objects.create(custom_object_key="car", name="Amazon", maker=maker)


def _ticket(subject="Help", **values):
    return LookupTicket.objects.create(subject=subject, comment=Comment(body="!"), **values)


def test_a_lookup_is_the_object_that_it_leads_to(account, amy, count_requests):
    """It costs nothing; reading a field of it does, as with any relation."""
    ticket = _ticket(manager=amy)
    assert amy is ticket.manager
    assert amy is Ticket.objects.get(ticket.pk).custom["Success manager"]

    account.rows.clear()
    with account.session(), count_requests(account, 2):
        found = LookupTicket.objects.fresh().get(ticket.pk)
        assert (amy.pk, amy.pk) == (found.manager.pk, found.manager_id)
        assert "Amy" == found.manager.name


def test_a_lookup_takes_an_object_or_its_id(account, amy, sent):
    """What goes out is the id as a text, which Zendesk documents; None clears it."""
    ticket = _ticket()
    assert (None, None) == (ticket.manager, ticket.manager_id)
    for value in (amy, amy.pk):
        ticket.manager = value
        assert amy is ticket.manager
        ticket.save()
        assert [str(amy.pk)] == [each["value"] for each in sent[-1].json["ticket"]["custom_fields"]]
        ticket.manager = None
        ticket.save()
        assert ticket.manager is None
    ticket.manager = User(name="Ben")
    with pytest.raises(InvalidValue, match="save it first"):
        ticket.save()
    with pytest.raises(InvalidValue, match="wants a User"):
        ticket.manager = Organization(name="Ben")


def test_a_lookup_leads_to_a_record(account, car, count_requests):
    """As the class that is declared for it, of which the path is known."""
    ticket = _ticket(car=car)
    assert car is ticket.car
    with account.session(), count_requests(account, 3):
        found = LookupTicket.objects.fresh().get(ticket.pk)
        assert LookupCar is type(found.car)
        assert ("Amazon", "Volvo") == (found.car.name, found.car.maker.name)
    with account.session():
        assert CustomObjectRecord is type(Ticket.objects.get(ticket.pk).custom["Car"])


def test_rows_are_found_by_what_they_lead_to(account, amy, car):
    """By the object, or its id."""
    ticket = _ticket(manager=amy, car=car)
    _ticket("Other")
    account.transport.clock.sleep(120)

    for lookups in (
        {"manager": amy},
        {"manager": amy.pk},
        {"manager": str(amy.pk)},
        {"car": car},
        {"manager__in": [amy]},
    ):
        assert [ticket.pk] == [each.pk for each in LookupTicket.objects.filter(**lookups)]
    assert [car.pk] == [each.pk for each in LookupCar.objects.filter(maker=car.maker)]


def test_lookups_of_a_page_are_read_together(account, amy, car, count_requests):
    """A request for the tickets, and one for each lookup of them all."""
    for number in range(3):
        _ticket(f"T{number}", manager=amy, car=car)
    _ticket("none")
    account.rows.clear()
    with account.session(), count_requests(account, 3):
        rows = list(LookupTicket.objects.fresh().prefetch_related("manager", "car"))
        assert ["Amy"] * 3 == [each.manager.name for each in rows if each.manager]
        assert ["Amazon"] * 3 == [each.car.name for each in rows if each.car]
    account.rows.clear()
    with account.session(), count_requests(account, 2):
        rows = LookupTicket.objects.fresh().prefetch_related(Prefetch("manager", to_attr="boss"))
        assert {"Amy", None} == {each.boss and each.boss.name for each in rows}


def test_a_loop_over_lookups_reads_them_together(account, amy, car, count_requests):
    """The first that is read brings those of its peers along, as with any relation."""
    people = [User.objects.create(name=f"P{n}", email=f"p{n}@example.com") for n in range(5)]
    cars = [car, LookupCar.objects.create(custom_object_key="car", name="Duett", maker=car.maker)]
    for number, person in enumerate(people):
        _ticket(f"T{number}", manager=person, car=cars[number % 2])
    account.rows.clear()
    with account.session(), count_requests(account, 2 + 1):
        rows = list(LookupTicket.objects.fresh().order_by("created_at"))
        assert ["P0", "P1", "P2", "P3", "P4"] == [each.manager.name for each in rows]
        assert ["Amazon", "Duett"] * 2 + ["Amazon"] == [each.car.name for each in rows]


def test_what_is_no_lookup_is_not_prefetched(account):
    """A text leads nowhere, and one row has no query."""
    _ticket(note="x")
    with pytest.raises(FieldError, match="leads to no object"):
        list(LookupTicket.objects.fresh().prefetch_related("note"))
    with pytest.raises(FieldError, match="leads to one row"):
        LookupTicket.objects.prefetch_related(Prefetch("manager", User.objects.all()))


def test_lookups_of_users_are_the_same(account, amy):
    """Values by key lead to objects, too; an id of what the library does not know stays one."""
    UserField.objects.create(
        key="boss", title="Boss", type="lookup", relationship_target_type="zen:user"
    )
    UserField.objects.create(
        key="thing", title="Thing", type="lookup", relationship_target_type="zen:thing"
    )
    ben = User.objects.create(name="Ben", email="ben@example.com")
    ben.custom["Boss"], ben.custom["Thing"] = amy, "7"
    ben.save()

    assert (amy, "7") == (ben.custom["boss"], ben.custom["thing"])
    assert {"boss": str(amy.pk), "thing": "7"} == ben.user_fields


def test_a_new_object_has_what_was_assigned(account, amy):
    """Until it is saved it belongs to no account, which could tell what the value is."""
    ticket = LookupTicket(subject="x", comment=Comment(body="!"), manager=amy)

    assert amy is ticket.manager
    assert amy is ticket.save().manager


def test_lookups_are_written_as_the_classes_that_they_lead_to(account, tmp_path):
    """`inspect` names them, and `check` knows them again; an id will do as well."""
    text = inspect(account)

    assert 'success_manager = CustomField["User | None"](' in text
    assert 'car = CustomField["Car | None"]("Car", id=' in text
    assert 'maker = CustomField["Organization | None"]("maker", type="lookup")' in text
    assert [] == drift(account, [LookupTicket, LookupCar])

    class WrongTicket(Ticket):
        """A ticket whose manager is said to be an organization."""

        manager = CustomField["Organization | None"]("Success manager")

    (told,) = drift(account, [WrongTicket])
    assert "retyped: it is a lookup (User), not Organization" in told


def test_values_are_ids(account, amy, car):
    """As those of relations are in Django."""
    _ticket(manager=amy, car=car)

    rows = LookupTicket.objects.fresh()
    assert [(amy.pk, car.pk)] == list(rows.values_list("manager", "car"))
    assert [{"manager": amy.pk}] == list(rows.values("manager"))


def test_a_lookup_leads_to_its_own_kind(account, amy, car):
    """A user is no car, and a record of another object is none either."""
    ticket = _ticket()
    CustomObject.objects.create(key="boat", title="Boat", title_pluralized="Boats")
    boat = CustomObjectRecord.objects.create(custom_object_key="boat", name="Nautilus")
    for wrong in (amy, boat):
        with pytest.raises(InvalidValue, match="Car: wants a car or its id"):
            ticket.car = wrong
    with pytest.raises(InvalidValue, match="Success manager: wants a User"):
        list(LookupTicket.objects.filter(manager=car))


def test_an_attribute_is_given_to_all(account, amy, count_requests):
    """Also where no row of the page leads anywhere, and where one was never saved."""
    for _ in range(2):
        _ticket()
    boss = Prefetch("manager", to_attr="boss")
    assert [None, None] == [
        each.boss for each in LookupTicket.objects.fresh().prefetch_related(boss)
    ]

    saved, new = _ticket(manager=amy), LookupTicket(subject="x", manager=amy)
    prefetch_related_objects([saved, new], boss)
    assert [amy, amy] == [saved.boss, new.boss]


def test_what_is_held_is_not_read_again(account, amy, count_requests):
    """A manager whom somebody has read already costs nothing."""
    ticket = _ticket(manager=amy)
    account.rows.clear()
    with count_requests(account, 0):
        prefetch_related_objects([ticket], "manager")
    assert amy is ticket.manager


def test_lookups_go_on_to_relations(account, amy):
    """Further names are looked at when the first is known, and a misspelt one is told."""
    company = Organization.objects.create(name="Acme")
    amy.organization = company
    amy.save()
    _ticket(manager=amy)

    (found,) = LookupTicket.objects.fresh().prefetch_related("manager__organization")
    assert "Acme" == found.manager.organization.name
    with pytest.raises(FieldError, match="no relation 'organisation'"):
        list(LookupTicket.objects.fresh().prefetch_related("manager__organisation"))


def test_an_id_of_a_new_object_is_an_id(account, amy):
    """Also before it is known what the value stands for."""
    ticket = LookupTicket(subject="x", manager=amy)

    assert (amy, amy.pk) == (ticket.manager, ticket.manager_id)
