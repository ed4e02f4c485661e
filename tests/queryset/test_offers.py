"""`account.offers()`, features missing from a plan, and the hosts of brands."""

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


@pytest.mark.parametrize(("status", "body"), [(404, NO_PATH), (403, NO_ACCESS)])
def test_features_missing_from_the_plan_raise(account, emulator, status, body):
    """A feature missing from the plan raises FeatureUnavailable, which can be pickled."""
    emulator.fail_next(status, body=body)
    with pytest.raises(FeatureUnavailable, match="account's plan") as caught:
        list(SlaPolicy.objects.all())

    assert (caught.value.status, isinstance(caught.value, PermissionDenied)) == (status, True)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_other_permission_errors_are_not_missing_features(account, emulator):
    """A 403 for another reason raises PermissionDenied and not FeatureUnavailable."""
    emulator.fail_next(403, body={"error": "Forbidden", "description": "Too many users"})
    with pytest.raises(PermissionDenied) as caught:
        list(SlaPolicy.objects.all())

    assert type(caught.value) is PermissionDenied


def test_offers_is_cached(account, emulator, count_requests):
    """`offers()` takes one request, and its result is cached for an hour."""
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


def test_offers_raises_other_errors(account, emulator):
    """`offers()` raises errors that do not show whether the feature exists."""
    emulator.fail_next(500, times=10)
    with pytest.raises(Exception, match="500"):
        account.offers(TicketMetric)
    with pytest.raises(NoEndpoint):
        account.offers(CustomObjectRecord)


@pytest.fixture
def outdoor(account):
    """Return a second brand."""
    return Brand.objects.create(name="Outdoor", subdomain="outdoor")


@pytest.mark.parametrize("key", ["subdomain", "id", "itself"])
def test_brands_have_their_own_host(account, outdoor, key):
    """`account.brand()` returns the same account for a brand, its id and its subdomain."""
    brand = {"subdomain": "outdoor", "id": outdoor.pk, "itself": outdoor}[key]
    result = account.brand(brand)

    assert (
        result.alias,
        result.transport.base_url,
    ) == ("default@outdoor", "https://outdoor.zendesk.com")
    assert result is account.brand(outdoor) is connections["default@outdoor"]
    assert result.quota is account.quota


def test_brands_have_their_own_help_center(account, outdoor, sent, emulator):
    """Queries of a brand's account are sent to its host, where its help center is."""
    alias = account.brand(outdoor).alias
    category = Category.objects.using(alias).create(name="Tents", locale="en-us")

    assert category.using == alias
    assert [row.pk for row in Category.objects.using(alias)] == [category.pk]
    assert list(Article.objects.using(alias)) == []
    assert Ticket.objects.using(alias).count() == Ticket.objects.count()


def test_connecting_again_discards_brands(account, outdoor, emulator):
    """Connecting or removing an account removes the accounts of its brands."""
    before = account.brand(outdoor)
    again = emulator.connect()

    assert "default@outdoor" not in connections
    assert again.quota is again.brand("outdoor").quota is not before.quota
    connections.remove("default")
    assert [alias for alias in connections if alias.startswith("default")] == []


def test_credentials_are_only_sent_to_hosts_of_the_account(account, outdoor):
    """`account.brand()` raises for a brand that the account does not have."""
    for unknown in ("evil", 7):
        with pytest.raises(Brand.DoesNotExist):
            account.brand(unknown)
