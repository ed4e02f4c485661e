"""Relations by a list of ids, such as `form.ticket_fields`."""

from __future__ import annotations

import pytest

from zendesk_orm import FieldError, RefList, TicketField, TicketForm, prefetch_related_objects
from zendesk_orm.chat import Agent, Department
from zendesk_orm.schema import registry


@pytest.fixture
def form(emulator):
    """Return a form with two of three fields."""
    emulator.connect()
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(3)]
    created = TicketForm(name="Return", ticket_field_ids=[field.pk for field in fields[:2]])
    return created.save()


def test_ref_lists_are_managers(form):
    """A relation by ids can be iterated over, counted and filtered."""
    first = TicketField.objects.get(form.ticket_field_ids[0])

    assert {field.pk for field in form.ticket_fields} == {*form.ticket_field_ids}
    assert (len(form.ticket_fields), first in form.ticket_fields.all()) == (2, True)
    assert list(form.ticket_fields.filter(title=first.title)) == [first]


def test_ref_lists_take_one_request(emulator, form, count_requests):
    """All rows of a relation by ids take one request, and none if there are no ids."""
    account = emulator.connect(alias="another")
    form = TicketForm.objects.using("another").get(form.pk)
    with count_requests(account, 1):
        list(form.ticket_fields)
    form.ticket_field_ids = []
    with count_requests(account, 0):
        assert list(form.ticket_fields) == []


def test_ref_lists_follow_their_ids(form):
    """Assigning ids changes the relation, and assigning objects to it raises."""
    other = TicketField.objects.get(title="F2")
    form.ticket_field_ids = [other.pk]
    assert list(form.ticket_fields) == [other]
    with pytest.raises(FieldError, match="did you mean 'ticket_field_ids'"):
        form.ticket_fields = [other]


def test_every_ref_list_has_a_field_of_ids():
    """Every relation by ids names an existing field and an existing model."""
    registry.load("support")
    result = [
        (model, value)
        for model in registry.models()
        for value in vars(model).values()
        if isinstance(value, RefList)
    ]

    assert result
    assert [item for model, item in result if item.ids not in model._meta.fields] == []
    assert all(item.model for _, item in result)


def test_ref_lists_have_reverse_relations(form, count_requests, emulator):
    """`field.forms` returns the forms that contain the field, and can be prefetched."""
    first, other = (
        TicketField.objects.get(form.ticket_field_ids[0]),
        TicketField.objects.get(title="F2"),
    )
    account = emulator.connect(alias="another")
    field = TicketField.objects.using("another").get(first.pk)
    with count_requests(account, 1):
        assert [item.pk for item in field.forms] == [form.pk]

    prefetch_related_objects([first, other], "forms")
    assert (list(first.forms), list(other.forms)) == ([form], [])


def test_chat_agents_and_departments_refer_to_each_other(account):
    """A Chat agent has departments, and a department has agents."""
    john = Agent.objects.create(email="john@example.com", display_name="John", password="made-up")
    sales = Department.objects.create(name="Sales", enabled=True, members=[john.pk])

    assert list(sales.agents) == [john]
    assert {*Department.objects.filter(id__in=john.departments)} == {*john.department_set}


@pytest.fixture
def account(emulator):
    """Return an account of the emulator."""
    return emulator.connect()
