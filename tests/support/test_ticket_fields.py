"""Fields of tickets, users and organizations, and their options."""

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
    """Create a drop-down field of tickets with two options."""
    options = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
    return TicketField.objects.create(type="tagger", title="Color", custom_field_options=options)


def test_options_of_a_field_are_listed(account, field, count_requests):
    """Options of a field are listed as objects that lead back to the field."""
    with count_requests(account, 1):
        options = list(field.options.all())

    assert [(option.name, option.value) for option in options] == [("Red", "red"), ("Blue", "blue")]
    assert options[0].ticket_field == field
    with count_requests(account, 1):
        options[0].refresh_from_db()


def test_an_option_is_added(account, field, count_requests):
    """A new option is created in one request and appears in the field."""
    with count_requests(account, 1):
        green = field.options.create(name="Green", value="green")

    assert green.pk is not None
    field.refresh_from_db()
    assert [option["value"] for option in field.custom_field_options] == ["red", "blue", "green"]


def test_an_option_is_changed(account, field, count_requests, sent):
    """A changed option is sent with id, name and value, and returned by Zendesk."""
    red = field.options.all()[0]
    red.name = "Crimson"

    with count_requests(account, 1):
        red.save()

    assert (sent[-1].method, sent[-1].json["custom_field_option"]) == (
        "POST",
        {"id": red.pk, "name": "Crimson", "value": "red"},
    )
    assert (red.raw_name, red.changes()) == ("Crimson", {})
    assert [option.pk for option in field.options.all() if option.name == "Crimson"] == [red.pk]
    with count_requests(account, 0):
        red.save()


def test_an_option_is_deleted(account, field, count_requests):
    """An option is deleted in one request, and the others stay."""
    red, blue = field.options.all()

    with count_requests(account, 1):
        red.delete()

    assert list(field.options.all()) == [blue]


def test_an_option_requires_a_name_and_a_value(account, field, count_requests):
    """An option without a value raises `ValidationError` before any request."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="value"):
        field.options.create(name="Green")


def test_saving_a_field_replaces_its_options(account, field):
    """Saving `custom_field_options` replaces all options of the field."""
    red, blue = field.options.all()
    field.custom_field_options = [{"id": blue.pk, "name": "Navy", "value": "blue"}]
    field.save()

    assert [option.name for option in field.options.all()] == ["Navy"]
    with pytest.raises(TicketFieldOption.DoesNotExist):
        red.refresh_from_db()


def test_demo_fields_have_options(demo):
    """The options of a field in the demo data can be listed and counted."""
    product = TicketField.objects.get(title="Product")

    assert len(product.custom_field_options) == product.options.count()


def test_ticket_fields_are_reordered(account, field, count_requests):
    """Reordered fields come first, and the others keep their order."""
    with count_requests(account, 1):
        TicketField.objects.reorder([field])

    assert field.position == 1
    assert sorted(row.position for row in TicketField.objects.fresh()) == list(
        range(1, 1 + TicketField.objects.count())
    )


def test_user_fields_are_found_by_key(account, count_requests):
    """Several fields are found by key in one request, which returns no others."""
    for key in ("plan", "tier", "size"):
        UserField.objects.create(key=key, title=key)
    rows = account.raw.get("/api/v2/user_fields/show_many", keys="plan,size,none")
    assert [row["key"] for row in rows["user_fields"]] == ["plan", "size"]

    with count_requests(account, 1):
        fields = UserField.objects.filter(key__in=["plan", "size"])
        assert {row.key for row in fields} == {"plan", "size"}


@pytest.mark.parametrize("model", [UserField, OrganizationField])
def test_custom_fields_are_managed(account, model, count_requests):
    """Fields of users and organizations are created, changed, reordered and deleted."""
    with count_requests(account, 4):
        plan = model.objects.create(key="plan", title="Plan")
        plan.title = "Contract"
        plan.save()
        model.objects.reorder([plan])
        size = model.objects.create(key="size", title="Size")
    assert (plan.raw_title, plan.type, plan.position) == ("Contract", "text", 1)
    with count_requests(account, 1):
        plan.delete()
    assert list(model.objects.all()) == [size]


def test_the_key_of_a_field_is_unique_and_not_a_number(account):
    """A key that is a number or taken raises `ValidationError`."""
    UserField.objects.create(key="plan", title="Plan")

    for key in ("17", "plan"):
        with pytest.raises(ValidationError, match="key"):
            UserField.objects.create(key=key, title="x")


def test_options_of_user_fields_are_managed(account, count_requests):
    """Options of user fields are created, changed and listed."""
    plan = UserField.objects.create(
        key="plan", title="Plan", type="dropdown", custom_field_options=[]
    )

    gold = plan.options.create(name="Gold", value="gold")
    gold.name = "Golden"
    gold.save()

    assert list(UserFieldOption.objects.filter(user_field=plan)) == [gold]
    assert gold.user_field == plan
    assert [option.name for option in plan.options.all()] == ["Golden"]


def test_reorder_rejects_duplicates(account, field, count_requests):
    """`reorder()` with duplicates raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="duplicates"):
        TicketField.objects.reorder([field, field])
