"""What an account has, and the hosts of its brands."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import (
    Brand,
    FeatureUnavailable,
    NoEndpoint,
    PermissionDenied,
    SlaPolicy,
    TargetFailure,
    Ticket,
    TicketMetric,
    connections,
)
from zendesk_orm.help_center import Article, Category
from zendesk_orm.support import CustomObjectRecord


NO_PATH = {"error": "InvalidEndpoint", "description": "Not found"}
NO_ACCESS = {
    "error": {
        "title": "Forbidden",
        "message": "You do not have access to this page. Please contact the account owner of "
        "this help desk for further help.",
    }
}


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


# -- features ----------------------------------------------------------------


@pytest.mark.parametrize(("status", "body"), [(404, NO_PATH), (403, NO_ACCESS)])
def test_what_the_plan_lacks_is_said_so(account, emulator, status, body):
    """Neither an empty list nor a missing row; the error survives being pickled."""
    emulator.fail_next(status, body=body)
    with pytest.raises(FeatureUnavailable, match="plan, or the role") as caught:
        list(SlaPolicy.objects.all())

    assert (status, True) == (caught.value.status, isinstance(caught.value, PermissionDenied))
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def test_another_refusal_is_no_missing_feature(account, emulator):
    """Zendesk has other reasons for 403."""
    emulator.fail_next(403, body={"error": "Forbidden", "description": "Too many users"})
    with pytest.raises(PermissionDenied) as caught:
        list(SlaPolicy.objects.all())

    assert PermissionDenied is type(caught.value)


def test_what_an_account_offers_is_asked_once(account, emulator, count_requests):
    """By one row; the answer is remembered for an hour."""
    with count_requests(account, 1):
        assert account.offers(SlaPolicy)
        assert account.offers(SlaPolicy)
    emulator.fail_next(404, body=NO_PATH)
    with count_requests(account, 1):
        assert not account.offers(TargetFailure)
        assert not account.offers(TargetFailure)
    account.transport.clock.sleep(3601)
    with count_requests(account, 1):
        assert account.offers(TargetFailure)


def test_other_trouble_is_no_answer(account, emulator):
    """What is limited or broken may be there all the same."""
    emulator.fail_next(500, times=10)
    with pytest.raises(Exception, match="500"):
        account.offers(TicketMetric)
    with pytest.raises(NoEndpoint):
        account.offers(CustomObjectRecord)


# -- brands ------------------------------------------------------------------


@pytest.fixture
def outdoor(account):
    """A second brand."""
    return Brand.objects.create(name="Outdoor", subdomain="outdoor")


@pytest.mark.parametrize("by", ["subdomain", "id", "itself"])
def test_a_brand_has_a_host_of_its_own(account, outdoor, by):
    """It is found by whatever names it, and is the same account each time."""
    given = {"subdomain": "outdoor", "id": outdoor.pk, "itself": outdoor}[by]
    found = account.brand(given)

    assert ("default@outdoor", "https://outdoor.zendesk.com") == (
        found.alias,
        found.transport.base_url,
    )
    assert found is account.brand(outdoor) is connections["default@outdoor"]
    assert found.quota is account.quota


def test_a_brand_has_a_help_center_of_its_own(account, outdoor, sent, emulator):
    """It is asked at that host, by whoever has the account; rows are kept apart."""
    alias = account.brand(outdoor).alias
    category = Category.objects.using(alias).create(name="Tents", locale="en-us")

    assert alias == category.using
    assert [category.pk] == [each.pk for each in Category.objects.using(alias)]
    assert [] == list(Article.objects.using(alias))
    assert Ticket.objects.using(alias).count() == Ticket.objects.count()


def test_another_account_has_other_brands(account, outdoor, emulator):
    """Who connects anew is not served at a brand's host as whoever was there before."""
    before = account.brand(outdoor)
    again = emulator.connect()

    assert "default@outdoor" not in connections
    assert again.quota is again.brand("outdoor").quota is not before.quota
    connections.remove("default")
    assert [] == [alias for alias in connections if alias.startswith("default")]


def test_credentials_go_to_no_host_that_is_not_the_accounts(account, outdoor):
    """A brand that the account does not have is no brand."""
    for unknown in ("evil", 7):
        with pytest.raises(Brand.DoesNotExist):
            account.brand(unknown)
