"""What Zendesk would ignore or refuse, found before it is sent."""

from __future__ import annotations

import pytest

from tests.custom.shop import Car, SupportTicket
from zendesk_orm import (
    BulkError,
    Comment,
    CustomObject,
    Ticket,
    TicketField,
    TicketForm,
    ValidationError,
    receiver,
    value_ignored,
)


def item(title, value):
    return {"id": TicketField.objects.get(title=title).pk, "value": value}


def test_raw_values_are_checked_once_the_fields_are_known(ticket, sent):
    """`custom_fields` edited by hand is compared with options and patterns, without a request."""
    fields = [item("Severity", "huge"), item("Order", "17"), item("Seats", "7")]
    ticket.custom_fields = fields
    sent.clear()
    with pytest.raises(ValidationError) as caught:
        ticket.save()

    assert {"Severity", "Order"} == set(caught.value.error_dict)
    assert "wants one of" in caught.value.error_dict["Severity"][0]
    assert [] == sent


def test_a_title_in_the_place_of_a_tag_is_told(ticket):
    """Zendesk would drop it in silence."""
    ticket.products.append("Ink jet")
    with pytest.raises(ValidationError, match="is kept by its tag"):
        ticket.save()


def test_nothing_is_asked_for_a_check(shop, count_requests):
    """Where the fields are not known, Zendesk checks."""
    fields = [item("Severity", "huge")]
    shop.catalogue.clear()
    with count_requests(shop, 1):
        Ticket(subject="Help", comment=Comment(body="It burns."), custom_fields=fields).save()


def test_what_did_not_change_is_not_looked_at(shop, ticket):
    """A row may hold what is no option any more."""
    field = TicketField.objects.get(title="Severity")
    field.custom_field_options = field.custom_field_options[1:]
    field.save()
    assert "sev_critical" == ticket.severity
    ticket.subject = "Other"
    ticket.save()

    assert "Other" == SupportTicket.objects.get(ticket.pk).subject


@pytest.fixture
def demanding(ticket):
    """Return a ticket whose account wants a remark, and an open mark, of what is solved."""
    form = TicketForm.objects.get(ticket.ticket_form_id)
    for title in ("Remark", "Severity", "Escalated"):
        field = TicketField.objects.get(title=title)
        field.required = True
        field.save()
        form.ticket_field_ids.append(field.pk)
    form.save()
    assert "sev_critical" == ticket.severity
    return ticket


def test_solving_needs_what_the_fields_require(demanding, sent):
    """The message names the field by its title; nothing is sent."""
    sent.clear()
    with pytest.raises(ValidationError) as caught:
        demanding.solve()

    assert {"Remark": ["is required to solve a ticket"]} == caught.value.error_dict
    assert [] == sent
    demanding.remark = "Done."
    demanding.solve()
    assert "solved" == SupportTicket.objects.get(demanding.pk).status


def test_a_checkbox_that_is_required_wants_its_mark(demanding):
    """False is no value of it."""
    demanding.remark, demanding.escalated = "Done.", False
    with pytest.raises(ValidationError, match="Escalated is required"):
        demanding.solve()


def test_other_changes_need_nothing(demanding):
    """An open ticket may be without."""
    demanding.subject = "Other"
    demanding.save()

    assert demanding.full_clean() is None


def test_a_form_that_was_not_read_is_left_to_zendesk(demanding, sent):
    """Which fields it holds is not known, so nothing is refused here."""
    demanding._source.account.rows.clear()
    sent.clear()
    demanding.status = "solved"

    demanding.clean_fields()
    assert [] == sent


def test_a_form_that_was_read_tells_which_fields_count(demanding):
    """A field that it does not hold, or shows under conditions, is not asked for."""
    remark = TicketField.objects.get(title="Remark").pk
    form = type(demanding)._meta.relations["ticket_form"].model
    for row, refused in (
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
        demanding.absorb({**demanding._row, "ticket_form_id": 77})
        demanding.__dict__["ticket_form"] = form.from_row({"id": 77, **row})
        demanding.status = "solved"
        if refused:
            with pytest.raises(ValidationError, match="Remark is required"):
                demanding.clean_fields()
        else:
            demanding.clean_fields()


def test_a_record_needs_what_its_object_requires(shop):
    """Of a custom object, when it is made."""
    color = CustomObject.objects.get("car").fields.get(key="color")
    color.required = True
    color.save()
    with pytest.raises(ValidationError, match="Color is required to make"):
        Car.objects.create(name="Tesla", doors=5)

    assert "red" == Car.objects.create(name="Tesla", color="Deep red").color


def test_many_objects_are_checked_one_by_one(demanding):
    """The outcome of each that is wrong says why."""
    good, bad = (
        SupportTicket(subject="Help", comment=Comment(body="It burns."), severity="Minor")
        for _ in range(2)
    )
    bad.status = "solved"
    with pytest.raises(BulkError) as caught:
        SupportTicket.objects.bulk_create([good, bad])

    (failed,) = caught.value.result.failed
    assert "Remark is required to solve a ticket" in failed.details


def test_what_zendesk_did_not_keep_is_announced(ticket):
    """A value that comes back otherwise is told as `custom_fields.<id>`."""
    told = []

    @receiver(value_ignored)
    def ignored(sender, instance, names, **kwargs):
        told.append(names)

    ticket.remark, ticket.seats, ticket.escalated = "kept", 9, False
    ticket.save()
    assert [] == told

    ticket.custom_fields = [{"id": 123456, "value": "nobody has this"}]
    ticket.save()
    assert [["custom_fields.123456"]] == told
