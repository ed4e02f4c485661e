"""Themes of help centers and custom claims."""

from __future__ import annotations

import pytest

from zendesk_orm import ApiError, Brand
from zendesk_orm.help_center import CustomClaim, Theme


def test_themes_are_imported_published_and_deleted(account, count_requests):
    """A theme is imported, published, exported and deleted in one request each."""
    brand = Brand.objects.create(name="Cameras", subdomain="cameras")
    with count_requests(account, 2):
        job = Theme.objects.start_import(brand)
        assert job.status == "pending"
        job.refresh_from_db()
    assert job.status == "completed"
    second = Theme.objects.get(id=Theme.objects.start_import(brand).data["theme_id"])
    theme = Theme.objects.get(id=job.data["theme_id"])
    with count_requests(account, 4):
        assert theme.publish().live is True
        assert theme.start_export().data["download"]["url"].endswith(".zip")
        assert theme.start_update(replace_settings=True).data["theme_id"] == theme.pk
        second.delete()
    with count_requests(account, 1):
        assert list(brand.themes.all()) == [theme]
    assert theme.brand == brand
    with pytest.raises(ApiError, match="live"):
        theme.delete()


def test_an_account_has_five_claims(account):
    """A sixth claim of a brand is rejected; a claim refers to its brand."""
    claims = [
        CustomClaim.objects.create(claim_identifier=f"c{number}", claim_value="ticket.id")
        for number in range(5)
    ]
    assert list(claims[0].brand.custom_claims.all()) == claims
    with pytest.raises(ApiError, match="claims"):
        CustomClaim.objects.create(claim_identifier="c6", claim_value="x")
