"""`record.custom`: custom fields by name, without declaring them."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, FieldError, Group, InvalidValue, Ticket, TicketField, User


def test_fields_are_read_by_title_key_tag_and_id(ticket):
    """Whatever a field is called by, it is the same one."""
    plain = Ticket.objects.get(ticket.pk)
    pk = TicketField.objects.get(title="Escalated").pk

    for name in ("Escalated", "escalated", "is_escalated", pk, str(pk)):
        assert plain.custom[name] is True


def test_fields_are_written(ticket):
    """Several at once, by `update()`, too."""
    plain = Ticket.objects.get(ticket.pk)
    plain.custom["Severity"] = "Minor"
    plain.custom.update({"Seats": 7, "Remark": "none"})
    del plain.custom["Price"]
    plain.save()

    custom = Ticket.objects.get(ticket.pk).custom
    assert ("sev_minor", 7, "none", None) == (
        custom["Severity"],
        custom["Seats"],
        custom["Remark"],
        custom["Price"],
    )


def test_it_is_a_mapping(ticket):
    """It has every field that is in use, under its title."""
    custom = Ticket.objects.get(ticket.pk).custom

    assert ["Severity", "Products", "Ship date", "Escalated"] == list(custom)[:4]
    assert (8, 5) == (len(custom), dict(custom)["Seats"])
    assert ("Seats" in custom, "Chairs" in custom, 7.5 in custom) == (True, False, False)
    assert (5, "?", None) == (custom.get("Seats"), custom.get("Chairs", "?"), custom.get("Remark"))
    assert f"<custom fields of {custom._record!r}>" == repr(custom)


def test_fields_of_one_title_go_by_id(ticket):
    """Each name that it gives can be used to read."""
    again = TicketField.objects.create(type="text", title="Seats")
    custom = Ticket.objects.get(ticket.pk).custom

    assert "Seats" not in list(custom)
    assert custom[str(again.pk)] is None
    assert dict(custom.items())


def test_ids_that_nobody_describes_are_no_mistake(ticket):
    """A row may hold values of fields that are gone."""
    row = {"id": 9, "custom_fields": [{"id": 1, "value": "x"}, {"id": "?", "value": None}]}
    odd = Ticket.from_row(row, ticket._source)

    assert odd.custom["Severity"] is None
    assert [{"id": 1, "value": "x"}, {"id": "?", "value": None}] == odd.custom_fields


def test_a_new_object_takes_a_dictionary(shop):
    """`custom=` is given as any field is."""
    made = Ticket.objects.create(
        subject="Help", comment=Comment(body="It burns."), custom={"Severity": "Critical"}
    )

    assert "sev_critical" == made.custom["Severity"]


def test_an_unknown_name_is_refused_with_the_nearest(ticket):
    """Reading, and writing, a field that is not there."""
    with pytest.raises(FieldError, match="tickets have no custom field 'Severiti'; did you mean"):
        _ = ticket.custom["Severiti"]
    with pytest.raises(FieldError, match="did you mean 'Seats'"):
        ticket.custom["Seat"] = 5


def test_users_have_it(shop):
    """By title or key."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})

    assert ("gold", {"plan": "gold"}) == (ann.custom["plan"], ann.user_fields)
    with pytest.raises(InvalidValue, match="not 'Tin'"):
        ann.custom["Plan"] = "Tin"


def test_rows_without_custom_fields_say_so(shop):
    """Groups have none."""
    with pytest.raises(FieldError, match="Group has no custom fields"):
        _ = Group(name="Hardware").custom


def test_a_hollow_row_is_fetched(ticket, count_requests):
    """Only the id is known of what a relation points to."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})
    ticket.requester = ann.pk
    account = ticket._source.account
    account.rows.clear()
    account.current().identity.forget(User, ann.pk)
    with count_requests(account, 1):
        assert "gold" == ticket.requester.custom["Plan"]
