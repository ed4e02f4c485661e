"""Brands: the default one, their hosts, their logos and their agents."""

from __future__ import annotations

import io

import pytest

from tests.support.kept import keep
from zendesk_orm import Brand, BrandAgent, HostMapping, InvalidValue, User, ValidationError


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def shop(account):
    """A brand with a host of its own."""
    return Brand.objects.create(name="Shop", subdomain="shop", host_mapping="help.shop.com")


def test_there_is_one_default_brand(account, shop, count_requests):
    """Another that becomes the default one takes that from it."""
    with count_requests(account, 1):
        first = Brand.objects.default()
    assert first.default
    assert first != shop

    shop.default = True
    shop.save()

    assert shop == Brand.objects.fresh().get(default=True)
    first.refresh_from_db()
    assert not first.default


def test_an_account_is_never_without_a_default_brand(account):
    """It cannot be deleted, nor told to be none."""
    first = Brand.objects.default()
    with pytest.raises(ValidationError, match="default brand"):
        first.delete()
    first.default = False
    with pytest.raises(ValidationError, match="another brand"):
        first.save()


def test_the_host_of_a_brand_is_checked(account, shop, count_requests):
    """Whether it leads to the account, or where it leads."""
    nowhere = Brand.objects.create(name="None", subdomain="none", host_mapping="none.invalid")
    with count_requests(account, 2):
        good, bad = shop.check_host_mapping(), nowhere.check_host_mapping()

    assert (True, "shop.zendesk.com", None) == (good.is_valid, good.cname, good.reason)
    assert (False, ["none.zendesk.com"], "not_a_cname") == (
        bad.is_valid,
        bad.expected_cnames,
        bad.reason,
    )
    assert isinstance(good, HostMapping)


def test_a_host_is_tried_before_there_is_a_brand(account, count_requests):
    """It is checked against a subdomain."""
    with count_requests(account, 1):
        found = Brand.objects.try_host_mapping(host_mapping="help.x.com", subdomain="x")
    assert found.is_valid


def test_deleted_brands_are_shown_when_asked_for(account, shop, count_requests):
    """And not otherwise."""
    shop.delete()
    with count_requests(account, 2):
        assert shop not in list(Brand.objects.fresh())
        found = Brand.objects.filter(include_deleted=True).get(subdomain="shop")
    assert (True, False) == (found.is_deleted, found.active)


@pytest.mark.parametrize("file", [b"\x89PNG", io.BytesIO(b"\x89PNG")], ids=["bytes", "file"])
def test_a_brand_gets_a_logo(account, shop, count_requests, file):
    """A picture is sent, and comes back as an attachment; it can be taken away again."""
    with count_requests(account, 1):
        assert shop is shop.set_logo(file, 'lo"go.png')
        assert ('lo"go.png', "image/png", 4) == (
            shop.logo.file_name,
            shop.logo.content_type,
            shop.logo.size,
        )
    with count_requests(account, 1):
        shop.delete_logo()
    assert shop.logo is None


@pytest.mark.parametrize(
    ("file", "name", "told"),
    [(b"x", "notes.txt", "picture"), (b"x", None, "no name"), ("missing.png", None, None)],
)
def test_what_is_no_picture_is_refused(account, shop, count_requests, file, name, told):
    """Before anything is sent."""
    error = InvalidValue if told else FileNotFoundError
    with count_requests(account, 0), pytest.raises(error, match=told):
        shop.set_logo(file, name)


def test_a_new_brand_has_no_logo(account, count_requests):
    """It is saved first."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="never saved"):
        Brand(name="x", subdomain="x").set_logo(b"x", "x.png")


def test_a_dry_run_sends_no_logo(account, shop, count_requests):
    """It is told."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        shop.set_logo(b"x", "logo.png")
    assert "logo.png" in str(diff)


def test_a_subdomain_is_taken_once(account, shop):
    """By one brand."""
    with pytest.raises(ValidationError, match="taken"):
        Brand.objects.create(name="Other", subdomain="shop")


def test_agents_of_a_brand_are_listed_and_taken_out(account, emulator, shop, count_requests):
    """From both sides; brands and users are relations."""
    me = User.objects.me()
    keep(emulator, BrandAgent, {"id": "01AGENT", "brand_id": shop.pk, "user_id": me.pk})
    with count_requests(account, 2):
        (agent,) = shop.agents
        assert [agent] == list(me.brand_agents)
    assert (me, shop) == (agent.user, agent.brand)

    agent.delete()
    assert [] == list(BrandAgent.objects.all())
