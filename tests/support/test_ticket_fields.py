"""Fields of tickets, users and organizations, and the options of drop-downs."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    InvalidValue,
    OrganizationField,
    TicketField,
    TicketFieldOption,
    UserField,
    UserFieldOption,
    ValidationError,
)


@pytest.fixture
def field(account):
    """A drop-down of tickets with two options."""
    options = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
    return TicketField.objects.create(type="tagger", title="Color", custom_field_options=options)


def test_a_field_has_options(account, field, count_requests):
    """Each of them an object, which knows its field."""
    with count_requests(account, 1):
        options = list(field.options.all())

    assert [("Red", "red"), ("Blue", "blue")] == [(each.name, each.value) for each in options]
    assert field == options[0].ticket_field
    with count_requests(account, 1):
        options[0].refresh_from_db()


def test_an_option_is_added(account, field, count_requests):
    """The field tells of it, too."""
    with count_requests(account, 1):
        green = field.options.create(name="Green", value="green")

    assert green.pk is not None
    field.refresh_from_db()
    assert ["red", "blue", "green"] == [each["value"] for each in field.custom_field_options]


def test_an_option_is_changed(account, field, count_requests, sent):
    """Zendesk wants its id, its name and its value in the body, and answers with the option."""
    red = field.options.all()[0]
    red.name = "Crimson"

    with count_requests(account, 1):
        red.save()

    assert ("POST", {"id": red.pk, "name": "Crimson", "value": "red"}) == (
        sent[-1].method,
        sent[-1].json["custom_field_option"],
    )
    assert ("Crimson", {}) == (red.raw_name, red.changes())
    assert [red.pk] == [each.pk for each in field.options.all() if each.name == "Crimson"]
    with count_requests(account, 0):
        red.save()


def test_an_option_is_deleted(account, field, count_requests):
    """The others stay."""
    red, blue = field.options.all()

    with count_requests(account, 1):
        red.delete()

    assert [blue] == list(field.options.all())


def test_an_option_has_a_name_and_a_value(account, field, count_requests):
    """Neither is left out, before anything is sent."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="value"):
        field.options.create(name="Green")


def test_options_are_replaced_as_a_whole(account, field):
    """As the field's own list says."""
    red, blue = field.options.all()
    field.custom_field_options = [{"id": blue.pk, "name": "Navy", "value": "blue"}]
    field.save()

    assert ["Navy"] == [each.name for each in field.options.all()]
    with pytest.raises(TicketFieldOption.DoesNotExist):
        red.refresh_from_db()


def test_the_demonstration_has_options(demo):
    """Those that only the field knows of are rows when they are asked for."""
    product = TicketField.objects.get(title="Product")

    assert len(product.custom_field_options) == product.options.count()


def test_fields_of_tickets_get_a_new_order(account, field, count_requests):
    """Those that are named come first."""
    with count_requests(account, 1):
        TicketField.objects.reorder([field])

    assert 1 == field.position
    assert sorted(each.position for each in TicketField.objects.fresh()) == list(
        range(1, 1 + TicketField.objects.count())
    )


def test_fields_are_found_by_key(account, count_requests):
    """Several of them in one request."""
    for key in ("plan", "tier", "size"):
        UserField.objects.create(key=key, title=key)

    with count_requests(account, 1):
        found = UserField.objects.filter(key__in=["plan", "size"])
        assert {"plan", "size"} == {each.key for each in found}


@pytest.mark.parametrize("model", [UserField, OrganizationField])
def test_a_custom_field_is_made_changed_ordered_and_deleted(account, model, count_requests):
    """One request for each."""
    with count_requests(account, 4):
        plan = model.objects.create(key="plan", title="Plan")
        plan.title = "Contract"
        plan.save()
        model.objects.reorder([plan])
        size = model.objects.create(key="size", title="Size")
    assert ("Contract", "text", 1) == (plan.raw_title, plan.type, plan.position)
    with count_requests(account, 1):
        plan.delete()
    assert [size] == list(model.objects.all())


def test_a_key_is_no_number(account):
    """And no other field has it."""
    UserField.objects.create(key="plan", title="Plan")

    for key in ("17", "plan"):
        with pytest.raises(ValidationError, match="key"):
            UserField.objects.create(key=key, title="x")


def test_fields_of_users_have_options(account, count_requests):
    """As those of tickets."""
    plan = UserField.objects.create(
        key="plan", title="Plan", type="dropdown", custom_field_options=[]
    )

    gold = plan.options.create(name="Gold", value="gold")
    gold.name = "Golden"
    gold.save()

    assert [gold] == list(UserFieldOption.objects.filter(user_field=plan))
    assert plan == gold.user_field
    assert ["Golden"] == [each.name for each in plan.options.all()]


def test_an_order_names_each_once(account, field, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="twice"):
        TicketField.objects.reorder([field, field])
