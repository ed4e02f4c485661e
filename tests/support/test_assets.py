"""IT assets, and what describes them."""

from __future__ import annotations

from datetime import date

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import (
    Asset,
    AssetLocation,
    AssetStatus,
    AssetType,
    InvalidValue,
    NoEndpoint,
    User,
    ValidationError,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def laptops(emulator, account):
    """A type of assets."""
    body = {"asset_type": {"name": "Hardware"}}
    url = "https://emulator.zendesk.com/api/v2/it_asset_management/asset_types"
    root = signed_in_session(emulator).post(url, json=body).json()["asset_type"]
    return AssetType.objects.create(name="Laptops", parent_id=root["id"])


@pytest.fixture
def status(account):
    """What can be said of an asset."""
    return AssetStatus.objects.create(name="Available", category="available")


@pytest.fixture
def new(laptops, status):
    """What makes assets that are not saved: `new("Laptop 1")`."""
    return lambda name, **values: Asset(name=name, asset_type=laptops, status=status, **values)


def test_types_are_a_tree(laptops, account, count_requests):
    """Each leads to its parent, and to its children."""
    assert "Hardware" == laptops.parent.name
    with count_requests(account, 1):
        assert [laptops] == list(laptops.parent.children.all())
    with count_requests(account, 0), pytest.raises(ValidationError, match="parent"):
        AssetType.objects.create(name="Software")


def test_types_have_fields(laptops, account, count_requests):
    """Made, changed and deleted below the type."""
    ram = laptops.fields.create(key="ram", title="RAM", type="integer")
    ram.title = "Memory"
    with count_requests(account, 1):
        ram.save()

    assert (laptops, ["Memory"]) == (ram.asset_type, [each.title for each in laptops.fields.all()])
    ram.delete()
    assert [] == list(laptops.fields.all())


def test_an_asset_is_somebodys(new, laptops, status, account, count_requests):
    """It leads to its type, status, place and user."""
    owner = User.objects.filter(role="admin")[0]
    office = AssetLocation.objects.create(name="Office")
    with count_requests(account, 1):
        asset = new("Laptop 1", user=owner, location=office, purchase_date=date(2026, 1, 31))
        asset.save()

    asset = Asset.objects.get(asset.pk)
    assert (laptops, status, office, owner) == (
        asset.asset_type,
        asset.status,
        asset.location,
        asset.user,
    )
    assert date(2026, 1, 31) == asset.purchase_date
    asset.model = "ThinkPad"
    with count_requests(account, 1):
        asset.save()
    assert ["ThinkPad"] == [each.model for each in Asset.objects.all()]


def test_assets_are_shown_by_many_ids(new, account, count_requests):
    """Also by those of others, in one request."""
    made = [new(f"Laptop {number}", external_id=f"x{number}").save() for number in range(3)]
    with count_requests(account, 2):
        found = Asset.objects.in_bulk([made[0].pk, made[2].pk])
        others = Asset.objects.in_bulk(["x1"], field_name="external_id")

    assert ({made[0].pk: made[0], made[2].pk: made[2]}, {"x1": made[1]}) == (found, others)


def test_assets_are_searched(new, laptops, account, count_requests):
    """By words, and by custom fields."""
    laptops.fields.create(key="ip", title="IP", type="text")
    first = new("Laptop 1", custom_field_values={"ip": "192.0.2.1"}).save()
    second = new("Laptop 2", notes="Broken").save()
    with count_requests(account, 2):
        assert [second] == list(Asset.objects.filter(query="broken"))
        assert [first] == list(Asset.objects.filter(custom_field_values__ip="192.0.2.1"))
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="model"):
        list(Asset.objects.filter(model="ThinkPad"))


def test_many_assets_are_changed_in_jobs(new, account):
    """A hundred to a job, each of which is waited for."""
    assets = [new(f"Laptop {number:03}", external_id=f"x{number}") for number in range(120)]
    jobs = Asset.objects.in_jobs("create", assets)
    assert [100, 20] == [len(job.results) for job in jobs]
    made = list(Asset.objects.all())
    assert 120 == len(made)

    for asset in made[:2]:
        asset.notes = "Seen"
    Asset.objects.in_jobs("update", made[:2])
    assert 2 == len(list(Asset.objects.filter(query="seen")))
    Asset.objects.in_jobs("delete", [made[0], made[1].pk])
    Asset.objects.in_jobs("delete_by_external_id", ["x5", made[7]])
    assert 116 == len(list(Asset.objects.all()))


def test_jobs_do_some_things_only(account, count_requests):
    """To some assets at least."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="'delete_by_external_id'"):
            Asset.objects.in_jobs("paint", [Asset(name="x")])
        with pytest.raises(InvalidValue, match="no assets"):
            Asset.objects.in_jobs("create", [])


def test_statuses_and_places_are_kept(status, account):
    """They are made, changed and deleted."""
    status.description = "Ready"
    status.save()
    office = AssetLocation.objects.create(name="Office", external_id="o")

    assert [("Available", "Ready")] == [(e.name, e.description) for e in AssetStatus.objects.all()]
    office.delete()
    assert [] == list(AssetLocation.objects.all())
    with pytest.raises(InvalidValue, match="end_of_life"):
        AssetStatus(name="Gone", category="gone")
