"""One model, several accounts: each has ids and tags of its own."""

from __future__ import annotations

import pytest

from tests.custom.shop import SupportTicket, add_fields
from zendesk_orm import Comment, ConfigurationError, TicketField, connect


@pytest.fixture
def emea(shop):
    """Return a second account, in which the same fields have other ids and another tag."""
    account = connect("emulator://", alias="emea")
    TicketField.objects.using("emea").create(type="text", title="First of all")
    add_fields("emea")
    field = TicketField.objects.using("emea").get(title="Severity")
    field.custom_field_options = [{"name": "Critical", "value": "p1"}]
    field.save()
    return account


def new():
    return SupportTicket(subject="Help", comment=Comment(body="It burns."), severity="Critical")


def _in_bulk(ticket):
    rows = SupportTicket.objects.using("emea")
    rows.bulk_create([ticket])
    return rows.get(ticket.pk)


@pytest.mark.parametrize(
    "made",
    [
        lambda: new().save(using="emea"),
        lambda: SupportTicket.objects.using("emea").create(
            subject="Help", comment=Comment(body="It burns."), severity="Critical"
        ),
        lambda: _in_bulk(new()),
    ],
)
def test_a_new_object_speaks_the_words_of_where_it_goes(emea, made):
    """`save(using=)`, `using().create()` and `bulk_create()`."""
    ticket = made()
    pk = TicketField.objects.using("emea").get(title="Severity").pk

    assert TicketField.objects.get(title="Severity").pk != pk
    assert "p1" == ticket.severity
    assert {"id": pk, "value": "p1"} in ticket.custom_fields


def test_the_same_query_is_asked_otherwise(emea, shop):
    """`using()` decides what is meant."""
    here, there = new().save(), new().save(using="emea")
    rows = SupportTicket.objects.filter(severity="Critical")

    assert ([here], [there]) == (list(rows), list(rows.using("emea")))
    assert "sev_critical" in rows.explain()
    assert ":p1" in rows.using("emea").explain()


def test_all_rows_there_are_changed_in_its_words(emea):
    """`update()` of another account's rows."""
    made = new()
    made.custom["Severity"] = None
    made.save(using="emea")
    SupportTicket.objects.using("emea").filter(id=made.pk).update(severity="Critical")

    assert "p1" == SupportTicket.objects.using("emea").get(made.pk).severity


def test_without_an_account_nothing_is_known():
    """The message says how to name one."""
    made = new()

    assert "Critical" == made.severity
    with pytest.raises(ConfigurationError):
        made.changes()
