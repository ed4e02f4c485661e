"""One model in several accounts, whose custom fields have different ids and tags."""

from __future__ import annotations

import pytest

from tests.custom.shop import SupportTicket, add_fields
from zendesk_orm import Comment, ConfigurationError, TicketField, connect


@pytest.fixture
def emea(shop):
    """Return a second account, where the same fields have other ids and another tag."""
    account = connect("emulator://", alias="emea")
    TicketField.objects.using("emea").create(type="text", title="First of all")
    add_fields("emea")
    field = TicketField.objects.using("emea").get(title="Severity")
    field.custom_field_options = [{"name": "Critical", "value": "p1"}]
    field.save()
    return account


def build_ticket():
    return SupportTicket(subject="Help", comment=Comment(body="It burns."), severity="Critical")


def _create_in_bulk(ticket):
    rows = SupportTicket.objects.using("emea")
    rows.bulk_create([ticket])
    return rows.get(ticket.pk)


@pytest.mark.parametrize(
    "create",
    [
        lambda: build_ticket().save(using="emea"),
        lambda: SupportTicket.objects.using("emea").create(
            subject="Help", comment=Comment(body="It burns."), severity="Critical"
        ),
        lambda: _create_in_bulk(build_ticket()),
    ],
)
def test_values_are_sent_with_ids_and_tags_of_the_account(emea, create):
    """New objects are sent with the ids and tags of the account that they are saved to."""
    ticket = create()
    pk = TicketField.objects.using("emea").get(title="Severity").pk

    assert TicketField.objects.get(title="Severity").pk != pk
    assert ticket.severity == "p1"
    assert {"id": pk, "value": "p1"} in ticket.custom_fields


def test_a_query_is_sent_with_ids_and_tags_of_the_account(emea, shop):
    """A query is sent with the ids and tags of the account that `using()` names."""
    default_ticket, emea_ticket = build_ticket().save(), build_ticket().save(using="emea")
    rows = SupportTicket.objects.filter(severity="Critical")

    assert (list(rows), list(rows.using("emea"))) == ([default_ticket], [emea_ticket])
    assert "sev_critical" in rows.explain()
    assert ":p1" in rows.using("emea").explain()


def test_update_sends_ids_and_tags_of_the_account(emea):
    """`update()` sends the ids and tags of the account that `using()` names."""
    ticket = build_ticket()
    ticket.custom["Severity"] = None
    ticket.save(using="emea")
    SupportTicket.objects.using("emea").filter(id=ticket.pk).update(severity="Critical")

    assert SupportTicket.objects.using("emea").get(ticket.pk).severity == "p1"


def test_custom_fields_require_an_account():
    """Computing changes of custom fields without an account raises `ConfigurationError`."""
    ticket = build_ticket()

    assert ticket.severity == "Critical"
    with pytest.raises(ConfigurationError):
        ticket.changes()
