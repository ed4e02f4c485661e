"""Validation of custom fields: values that Zendesk would ignore or reject raise."""

from __future__ import annotations

import pytest

from tests.custom.shop import Car, SupportTicket
from zendesk_orm import (
    BulkError,
    Comment,
    CustomObject,
    FieldError,
    Group,
    Ticket,
    TicketField,
    TicketForm,
    User,
    ValidationError,
    ZendeskError,
    receiver,
    value_ignored,
)


def build_value(title, value):
    return {"id": TicketField.objects.get(title=title).pk, "value": value}


def test_raw_values_are_validated(ticket, sent):
    """A save validates raw values by options and patterns, if definitions are cached."""
    fields = [
        build_value("Severity", "huge"),
        build_value("Order", "17"),
        build_value("Seats", "7"),
    ]
    ticket.custom_fields = fields
    sent.clear()
    with pytest.raises(ValidationError) as caught:
        ticket.save()

    assert set(caught.value.error_dict) == {"Severity", "Order"}
    assert "must be one of" in caught.value.error_dict["Severity"][0]
    assert sent == []


def test_a_title_among_tags_is_rejected(ticket):
    """A title in a list of tags, which Zendesk would drop, raises `ValidationError`."""
    ticket.products.append("Ink jet")
    with pytest.raises(ValidationError, match="must be set by its tag"):
        ticket.save()


def test_validation_fetches_no_definitions(shop, count_requests):
    """Raw values are not validated if definitions are not cached."""
    fields = [build_value("Severity", "huge")]
    shop.catalogue.clear()
    with count_requests(shop, 1):
        Ticket(subject="Help", comment=Comment(body="It burns."), custom_fields=fields).save()


def test_unchanged_values_are_not_validated(shop, ticket):
    """Unchanged values are not validated, as their option may no longer exist."""
    field = TicketField.objects.get(title="Severity")
    field.custom_field_options = field.custom_field_options[1:]
    field.save()
    assert ticket.severity == "sev_critical"
    ticket.subject = "Other"
    ticket.save()

    assert SupportTicket.objects.get(ticket.pk).subject == "Other"


@pytest.fixture
def strict_ticket(ticket):
    """Return a ticket whose account requires custom fields to solve it."""
    form = TicketForm.objects.get(ticket.ticket_form_id)
    for title in ("Remark", "Severity", "Escalated"):
        field = TicketField.objects.get(title=title)
        field.required = True
        field.save()
        form.ticket_field_ids.append(field.pk)
    form.save()
    assert ticket.severity == "sev_critical"
    return ticket


def test_solving_requires_the_required_fields(strict_ticket, sent):
    """Solving a ticket without a required field raises before any request."""
    sent.clear()
    with pytest.raises(ValidationError) as caught:
        strict_ticket.solve()

    assert caught.value.error_dict == {"Remark": ["is required to solve a ticket"]}
    assert sent == []
    strict_ticket.remark = "Done."
    strict_ticket.solve()
    assert SupportTicket.objects.get(strict_ticket.pk).status == "solved"


def test_a_required_checkbox_must_be_checked(strict_ticket):
    """A required checkbox must be True."""
    strict_ticket.remark, strict_ticket.escalated = "Done.", False
    with pytest.raises(ValidationError, match="Escalated is required"):
        strict_ticket.solve()


def test_other_changes_do_not_require_fields(strict_ticket):
    """An open ticket can be saved without its required fields."""
    strict_ticket.subject = "Other"
    strict_ticket.save()

    assert strict_ticket.full_clean() is None


def test_required_fields_of_an_unknown_form_are_not_validated(strict_ticket, sent):
    """Required fields are not validated if the form of the ticket is not cached."""
    strict_ticket._source.account.cache.clear()
    sent.clear()
    strict_ticket.status = "solved"

    strict_ticket.clean_fields()
    assert sent == []


def test_only_unconditional_fields_of_the_form_are_required(strict_ticket):
    """Fields that the form does not contain, or shows conditionally, are not required."""
    remark = TicketField.objects.get(title="Remark").pk
    form = type(strict_ticket)._meta.relations["ticket_form"].model
    for row, is_required in (
        ({"ticket_field_ids": [remark]}, True),
        ({"ticket_field_ids": []}, False),
        (
            {
                "ticket_field_ids": [remark],
                "agent_conditions": [{"child_fields": [{"id": remark}]}],
            },
            False,
        ),
    ):
        strict_ticket.update_from_row({**strict_ticket._row, "ticket_form_id": 77})
        strict_ticket.__dict__["ticket_form"] = form.from_row({"id": 77, **row})
        strict_ticket.status = "solved"
        if is_required:
            with pytest.raises(ValidationError, match="Remark is required"):
                strict_ticket.clean_fields()
        else:
            strict_ticket.clean_fields()


def test_a_record_requires_the_required_fields_of_its_object(shop):
    """Creating a record without a required field raises `ValidationError`."""
    color = CustomObject.objects.get("car").fields.get(key="color")
    color.required = True
    color.save()
    with pytest.raises(ValidationError, match="Color is required to create"):
        Car.objects.create(name="Tesla", doors=5)

    assert Car.objects.create(name="Tesla", color="Deep red").color == "red"


def test_bulk_create_validates_each_object(strict_ticket):
    """Each invalid object of `bulk_create()` has an outcome with the reason."""
    good, bad = (
        SupportTicket(subject="Help", comment=Comment(body="It burns."), severity="Minor")
        for _ in range(2)
    )
    bad.status = "solved"
    with pytest.raises(BulkError) as caught:
        SupportTicket.objects.bulk_create([good, bad])

    (failed,) = caught.value.result.failed
    assert "Remark is required to solve a ticket" in failed.details


def test_ignored_custom_fields_send_value_ignored(ticket):
    """A custom field that Zendesk ignored sends `value_ignored` with `custom_fields.<id>`."""
    events = []

    @receiver(value_ignored)
    def record(sender, instance, names, **kwargs):
        events.append(names)

    ticket.remark, ticket.seats, ticket.escalated = "kept", 9, False
    ticket.save()
    assert events == []

    ticket.custom_fields = [{"id": 123456, "value": "nobody has this"}]
    ticket.save()
    assert events == [["custom_fields.123456"]]


#: Calls with several values of which one is invalid, each on a ticket, a group or a user.
CALLS_WITH_AN_INVALID_VALUE = {
    "custom.update(name)": lambda t, *_: t.custom.update({"Severity": "Minor", "Sevrity": "Minor"}),
    "custom.update(value)": lambda t, *_: t.custom.update({"Order": "AB-1", "Severity": "red"}),
    "custom.update(key)": lambda t, *_: t.custom.update({"Severity": "Minor", 5.5: 1}),
    "custom = ": lambda t, *_: setattr(t, "custom", {"Severity": "Minor", "Sevrity": 1}),
    "new.custom.update": lambda t, g, u, new: new.custom.update({"Severity": "Minor", 5.5: 1}),
    "tags.add": lambda t, *_: t.tags.add("a", 5),
    "tags.extend": lambda t, *_: t.tags.extend(["a", ""]),
    "followers.add": lambda t, g, u, new: t.followers.add(u, g),
    "followers.set": lambda t, g, u, new: t.followers.set([u, g]),
    "new.followers.add": lambda t, g, u, new: new.followers.add(u, g),
    "users.add": lambda t, g, u, new: g.users.add(u, t),
    "users.set": lambda t, g, u, new: g.users.set([u, t]),
    "users.remove": lambda t, g, u, new: g.users.remove(u, t),
    "update_or_create(value)": lambda t, g, *_: Group.objects.update_or_create(
        name=g.name, defaults={"description": "x", "is_public": "no"}
    ),
    "update_or_create(read-only)": lambda t, g, *_: Group.objects.update_or_create(
        name=g.name, defaults={"description": "x", "created_at": None}
    ),
    "get_or_create(value)": lambda t, g, *_: Group.objects.get_or_create(
        name="New", defaults={"description": "x", "is_public": "no"}
    ),
    "update()": lambda t, *_: Ticket.objects.filter(id=t.id).update(status="open", priority="x"),
    "update(custom)": lambda t, *_: Ticket.objects.filter(id=t.id).update(
        status="open", custom={"Severity": "Minor", "Sevrity": 1}
    ),
}


def test_several_values_are_set_together_or_not_at_all(ticket, shop, emulator):
    """If one of several values is invalid, no object is changed, and nothing is sent."""
    group, user = (
        Group.objects.create(name="Tier 1"),
        User.objects.create(name="A", email="a@example.com"),
    )
    for label, call in CALLS_WITH_AN_INVALID_VALUE.items():
        with shop.session():
            objects = (*(type(o).objects.get(o.id) for o in (ticket, group, user)), Ticket())
            emulator.requests.clear()
            with pytest.raises(ZendeskError):
                call(*objects)

            assert emulator.requests == [], label
            assert [obj.changes() for obj in objects] == [{}] * 4, label


def test_values_that_only_the_account_rejects_leave_an_existing_object_unchanged(ticket, shop):
    """`update_or_create()` sets all defaults of the object that it finds, or none of them."""
    ticket.external_id = "5"
    ticket.save()
    field = TicketField.objects.first()
    with shop.session():
        ticket, field = Ticket.objects.get(ticket.id), TicketField.objects.get(field.id)
        with pytest.raises(FieldError, match="'Sevrity'"):
            Ticket.objects.update_or_create(
                external_id="5",
                defaults={"subject": "x", "custom": {"Severity": "Minor", "Sevrity": 1}},
            )
        with pytest.raises(FieldError, match="only when the object is created"):
            TicketField.objects.update_or_create(
                title=field.title, defaults={"description": "x", "type": "text"}
            )

        assert (ticket.changes(), field.changes()) == ({}, {})
        # A function, and an iterator, are evaluated once.
        defaults = {"subject": lambda: "y", "tags": iter(["a", "b"])}
        saved, _ = Ticket.objects.update_or_create(external_id="5", defaults=defaults)
        assert (saved.subject, sorted(saved.tags)) == ("y", ["a", "b"])
