"""`record.custom`: custom fields by name, without a declaration."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, FieldError, Group, InvalidValue, Ticket, TicketField, User


def test_fields_are_read_by_title_key_tag_and_id(ticket):
    """A custom field is read by title in any case, tag or id."""
    plain = Ticket.objects.get(ticket.pk)
    pk = TicketField.objects.get(title="Escalated").pk

    for name in ("Escalated", "escalated", "is_escalated", pk, str(pk)):
        assert plain.custom[name] is True


def test_custom_fields_are_assigned_and_deleted(ticket):
    """Custom fields are assigned one by one or by `update()`, and cleared by `del`."""
    plain = Ticket.objects.get(ticket.pk)
    plain.custom["Severity"] = "Minor"
    plain.custom.update({"Seats": 7, "Remark": "none"})
    del plain.custom["Price"]
    plain.save()

    custom = Ticket.objects.get(ticket.pk).custom
    assert (custom["Severity"], custom["Seats"], custom["Remark"], custom["Price"]) == (
        "sev_minor",
        7,
        "none",
        None,
    )


def test_custom_is_a_mapping(ticket):
    """`custom` is a mapping of all active fields by title."""
    custom = Ticket.objects.get(ticket.pk).custom

    assert list(custom)[:4] == ["Severity", "Products", "Ship date", "Escalated"]
    assert (len(custom), dict(custom)["Seats"]) == (8, 5)
    assert ("Seats" in custom, "Chairs" in custom, 7.5 in custom) == (True, False, False)
    assert (custom.get("Seats"), custom.get("Chairs", "?"), custom.get("Remark")) == (5, "?", None)
    assert repr(custom) == f"<custom fields of {custom._record!r}>"


def test_fields_with_the_same_title_have_ids_as_keys(ticket):
    """Fields with the same title have their ids as keys."""
    duplicate = TicketField.objects.create(type="text", title="Seats")
    custom = Ticket.objects.get(ticket.pk).custom

    assert "Seats" not in list(custom)
    assert custom[str(duplicate.pk)] is None
    assert dict(custom.items())


def test_values_of_unknown_ids_are_ignored(ticket):
    """Values of fields that no longer exist are ignored."""
    row = {"id": 9, "custom_fields": [{"id": 1, "value": "x"}, {"id": "?", "value": None}]}
    odd = Ticket.from_row(row, ticket._source)

    assert odd.custom["Severity"] is None
    assert odd.custom_fields == [{"id": 1, "value": "x"}, {"id": "?", "value": None}]


def test_a_new_object_takes_a_dictionary(shop):
    """`custom=` takes a dictionary for a new object."""
    created = Ticket.objects.create(
        subject="Help", comment=Comment(body="It burns."), custom={"Severity": "Critical"}
    )

    assert created.custom["Severity"] == "sev_critical"


def test_an_unknown_name_is_rejected_with_a_suggestion(ticket):
    """Reading or assigning an unknown custom field raises with a suggestion."""
    with pytest.raises(FieldError, match="tickets have no custom field 'Severiti'; did you mean"):
        _ = ticket.custom["Severiti"]
    with pytest.raises(FieldError, match="did you mean 'Seats'"):
        ticket.custom["Seat"] = 5


def test_custom_of_users_takes_title_or_key(shop):
    """Custom fields of users are read and assigned by title or key."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})

    assert (ann.custom["plan"], ann.user_fields) == ("gold", {"plan": "gold", "birthday": None})
    with pytest.raises(InvalidValue, match="not 'Tin'"):
        ann.custom["Plan"] = "Tin"


def test_models_without_custom_fields_raise(shop):
    """`custom` of a model without custom fields raises `FieldError`."""
    with pytest.raises(FieldError, match="Group has no custom fields"):
        _ = Group(name="Hardware").custom


def test_custom_of_a_partial_row_is_fetched(ticket, count_requests):
    """Reading a custom field of a partial row fetches the row."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})
    ticket.requester = ann.pk
    account = ticket._source.account
    account.cache.clear()
    account.current().identity.forget(User, ann.pk)
    with count_requests(account, 1):
        assert ticket.requester.custom["Plan"] == "gold"
