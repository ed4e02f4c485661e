"""Brands: the default brand, host mappings, logos and agents."""

from __future__ import annotations

import io

import pytest

from tests.support.seeding import seed_rows
from zendesk_orm import Brand, BrandAgent, HostMapping, InvalidValue, User, ValidationError


@pytest.fixture
def shop(account):
    """Create a brand with a host mapping."""
    return Brand.objects.create(name="Shop", subdomain="shop", host_mapping="help.shop.com")


def test_a_new_default_brand_replaces_the_old_one(account, shop, count_requests):
    """Making a brand the default one takes the role from the previous default brand."""
    with count_requests(account, 1):
        first = Brand.objects.default()
    assert first.default
    assert first != shop

    shop.default = True
    shop.save()

    assert Brand.objects.fresh().get(default=True) == shop
    first.refresh_from_db()
    assert not first.default


def test_an_account_is_never_without_a_default_brand(account):
    """The default brand can neither be deleted nor stop being the default."""
    first = Brand.objects.default()
    with pytest.raises(ValidationError, match="default brand"):
        first.delete()
    first.default = False
    with pytest.raises(ValidationError, match="another brand"):
        first.save()


def test_a_host_mapping_is_checked(account, shop, count_requests):
    """A check returns whether the host leads to the account, and the reason if it does not."""
    unmapped = Brand.objects.create(name="None", subdomain="none", host_mapping="none.invalid")
    with count_requests(account, 2):
        valid, invalid = shop.check_host_mapping(), unmapped.check_host_mapping()

    assert (valid.is_valid, valid.cname, valid.reason) == (True, "shop.zendesk.com", None)
    assert (invalid.is_valid, invalid.expected_cnames, invalid.reason) == (
        False,
        ["none.zendesk.com"],
        "not_a_cname",
    )
    assert isinstance(valid, HostMapping)


def test_a_host_mapping_is_checked_before_the_brand_exists(account, count_requests):
    """`try_host_mapping()` checks a host and a subdomain without a brand."""
    with count_requests(account, 1):
        mapping = Brand.objects.try_host_mapping(host_mapping="help.x.com", subdomain="x")
    assert mapping.is_valid


def test_deleted_brands_are_listed_on_request(account, shop, count_requests):
    """Deleted brands are listed with `include_deleted=True`, and otherwise left out."""
    shop.delete()
    with count_requests(account, 2):
        assert shop not in list(Brand.objects.fresh())
        deleted = Brand.objects.filter(include_deleted=True).get(subdomain="shop")
    assert (deleted.is_deleted, deleted.active) == (True, False)


@pytest.mark.parametrize("file", [b"\x89PNG", io.BytesIO(b"\x89PNG")], ids=["bytes", "file"])
def test_a_logo_is_set_and_deleted(account, shop, count_requests, file):
    """A logo is uploaded, returned as an attachment, and deleted, in one request each."""
    with count_requests(account, 1):
        assert shop.set_logo(file, 'lo"go.png') is shop
        assert (shop.logo.file_name, shop.logo.content_type, shop.logo.size) == (
            'lo"go.png',
            "image/png",
            4,
        )
    with count_requests(account, 1):
        shop.delete_logo()
    assert shop.logo is None


@pytest.mark.parametrize(
    ("file", "name", "message"),
    [
        (b"x", "notes.txt", "must be an image"),
        (b"x", None, "must have a name"),
        ("missing.png", None, None),
    ],
)
def test_an_invalid_logo_is_rejected(account, shop, count_requests, file, name, message):
    """A logo must be an existing image with a file name; others raise before any request."""
    error = InvalidValue if message else FileNotFoundError
    with count_requests(account, 0), pytest.raises(error, match=message):
        shop.set_logo(file, name)


def test_a_logo_requires_a_saved_brand(account, count_requests):
    """`set_logo()` of an unsaved brand raises `InvalidValue`."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="must be saved"):
        Brand(name="x", subdomain="x").set_logo(b"x", "x.png")


def test_a_dry_run_describes_a_logo(account, shop, count_requests):
    """A dry run describes the logo and sends nothing."""
    with count_requests(account, 0), account.dry_run(quiet=True) as diff:
        shop.set_logo(b"x", "logo.png")
    assert "logo.png" in str(diff)


def test_the_subdomain_of_a_brand_is_unique(account, shop):
    """A second brand with the same subdomain raises `ValidationError`."""
    with pytest.raises(ValidationError, match="taken"):
        Brand.objects.create(name="Other", subdomain="shop")


def test_agents_of_a_brand_are_listed_and_removed(account, emulator, shop, count_requests):
    """Agents of a brand are listed from the brand and from the user, and can be removed."""
    me = User.objects.me()
    seed_rows(emulator, BrandAgent, {"id": "01AGENT", "brand_id": shop.pk, "user_id": me.pk})
    with count_requests(account, 2):
        (agent,) = shop.agents
        assert list(me.brand_agents) == [agent]
    assert (agent.user, agent.brand) == (me, shop)

    agent.delete()
    assert list(BrandAgent.objects.all()) == []
