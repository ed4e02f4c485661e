"""An account, its brands and its aliases are one account."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, InvalidValue, Ticket, User, connect, connections
from zendesk_orm.emulator import Emulator


@pytest.fixture
def ticket(emulator):
    """Return a ticket of the default account."""
    return Ticket.objects.create(subject="x", comment=Comment(body="x"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://acme.zendesk.com", "https://acme.zendesk.com", True),
        ("https://acme.zendesk.com", "https://ACME.zendesk.com/", True),
        ("https://acme.zendesk.com", "https://acme.zendesk.com:443", True),
        ("https://acme.zendesk.com", "https://acme-eu.zendesk.com", False),
        ("http://localhost:8080", "http://localhost:8081", False),
    ],
)
def test_the_host_identifies_an_account(one, other, same):
    """Two aliases of one host are one account, however the host is written."""
    accounts = [connect(base_url=url, oauth_token="t", alias=url + str(n)) for n, url in
                enumerate((one, other))]  # fmt: skip

    assert (accounts[0].identity == accounts[1].identity) is same


def test_each_emulator_is_an_account():
    """Emulators are different accounts, despite the same host; aliases of one emulator are not."""
    with Emulator() as one, Emulator() as other:
        accounts = [one.connect(), one.connect(alias="again"), other.connect(alias="other")]

    assert accounts[0].identity == accounts[1].identity != accounts[2].identity


def test_a_row_read_through_a_brand_is_the_same(ticket, brand):
    """Equality and hash do not depend on the host that an object was read through."""
    again = Ticket.objects.using(brand.alias).get(ticket.pk)

    assert again == ticket
    assert {again} == {ticket}
    assert again is not ticket


def test_a_row_read_through_an_alias_is_the_same(emulator, ticket):
    """Two aliases of one host give equal objects, also after pickling."""
    emulator.connect(alias="again")
    again = Ticket.objects.using("again").get(ticket.pk)

    assert again == ticket == pickle.loads(pickle.dumps(again))


def test_an_object_of_the_account_is_accepted_by_its_brand(ticket, brand):
    """A user of the account is a value of a ticket that was read through its brand."""
    me = User.objects.me()
    again = Ticket.objects.using(brand.alias).get(ticket.pk)
    again.assignee = me
    again.followers.add(me)
    again.save()

    assert Ticket.objects.fresh().get(ticket.pk).assignee == me
    assert list(Ticket.objects.using(brand.alias).filter(assignee=me)) == [ticket]


def test_bulk_methods_take_objects_of_a_brand(ticket, brand):
    """Objects that were read through a brand can be sent through the account."""
    again = Ticket.objects.using(brand.alias).get(ticket.pk)
    again.subject = "by the brand"

    assert Ticket.objects.bulk_update([again])
    assert Ticket.objects.fresh().get(ticket.pk).subject == "by the brand"


def test_an_account_of_the_same_identity_shares_objects(emulator, ticket):
    """An account with credentials of another user can have the same `identity`."""
    other = Emulator().connect(alias="as-agent")
    with pytest.raises(InvalidValue, match="belongs to account 'default'"):
        Ticket.objects.using("as-agent").bulk_update([ticket])

    other.identity = connections["default"].identity

    assert ticket == Ticket(id=ticket.pk)
    assert Ticket.objects.using("as-agent").bulk_update([ticket]).succeeded == [ticket]
