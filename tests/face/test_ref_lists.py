"""Relations by a list of ids: `form.ticket_fields`."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, RefList, TicketField, TicketForm, prefetch_related_objects
from zendesk_orm.chat import Agent, Department
from zendesk_orm.schema import registry


@pytest.fixture
def form(emulator):
    """A form with two fields of its own, and the account as it finds them."""
    emulator.connect()
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(3)]
    made = TicketForm(name="Return", ticket_field_ids=[each.pk for each in fields[:2]])
    return made.save()


def test_the_rows_are_a_query(form):
    """They can be iterated over, counted and narrowed."""
    first = TicketField.objects.get(form.ticket_field_ids[0])

    assert {*form.ticket_field_ids} == {each.pk for each in form.ticket_fields}
    assert (2, True) == (len(form.ticket_fields), first in form.ticket_fields.all())
    assert [first] == list(form.ticket_fields.filter(title=first.title))


def test_they_are_fetched_together(emulator, form, count_requests):
    """Whatever their number, in one request; without an id in none."""
    account = emulator.connect(alias="another")
    form = TicketForm.objects.using("another").get(form.pk)
    with count_requests(account, 1):
        list(form.ticket_fields)
    form.ticket_field_ids = []
    with count_requests(account, 0):
        assert [] == list(form.ticket_fields)


def test_the_ids_are_assigned(form):
    """The relation follows them, and cannot be assigned itself."""
    other = TicketField.objects.get(title="F2")
    form.ticket_field_ids = [other.pk]
    assert [other] == list(form.ticket_fields)
    with pytest.raises(FieldError, match="did you mean 'ticket_field_ids'"):
        form.ticket_fields = [other]


def test_every_list_has_its_ids():
    """Each relation of that kind stands beside the field that it reads, and leads to a model."""
    registry.load("support")
    found = [
        (model, each)
        for model in registry.models()
        for each in vars(model).values()
        if isinstance(each, RefList)
    ]

    assert found
    assert [each for model, each in found if each.ids not in model._meta.fields] == []
    assert all(each.model for _, each in found)


def test_the_rows_lead_back(form, count_requests, emulator):
    """A field tells the forms that name it: the short list of forms is read for that."""
    first, other = (
        TicketField.objects.get(form.ticket_field_ids[0]),
        TicketField.objects.get(title="F2"),
    )
    account = emulator.connect(alias="another")
    field = TicketField.objects.using("another").get(first.pk)
    with count_requests(account, 1):
        assert [form.pk] == [each.pk for each in field.forms]

    prefetch_related_objects([first, other], "forms")
    assert ([form], []) == (list(first.forms), list(other.forms))


def test_a_chat_agent_has_departments(account):
    """Agents and departments name each other by ids."""
    john = Agent.objects.create(email="john@example.com", display_name="John", password="made-up")
    sales = Department.objects.create(name="Sales", enabled=True, members=[john.pk])

    assert [john] == list(sales.agents)
    assert {*john.department_set} == {*Department.objects.filter(id__in=john.departments)}


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()
