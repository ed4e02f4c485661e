"""IT assets, with their types, statuses and locations."""

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
def laptops(emulator, account):
    """Create a type of assets."""
    body = {"asset_type": {"name": "Hardware"}}
    url = "https://emulator.zendesk.com/api/v2/it_asset_management/asset_types"
    root = signed_in_session(emulator).post(url, json=body).json()["asset_type"]
    return AssetType.objects.create(name="Laptops", parent_id=root["id"])


@pytest.fixture
def status(account):
    """Create a status of assets."""
    return AssetStatus.objects.create(name="Available", category="available")


@pytest.fixture
def new_asset(laptops, status):
    """Return a function that builds unsaved assets: `new_asset("Laptop 1")`."""
    return lambda name, **values: Asset(name=name, asset_type=laptops, status=status, **values)


def test_asset_types_form_a_tree(laptops, account, count_requests):
    """An asset type leads to its parent and its children, and requires a parent."""
    assert laptops.parent.name == "Hardware"
    with count_requests(account, 1):
        assert list(laptops.parent.children.all()) == [laptops]
    with count_requests(account, 0), pytest.raises(ValidationError, match="parent"):
        AssetType.objects.create(name="Software")


def test_asset_types_have_fields(laptops, account, count_requests):
    """Fields of an asset type are created, changed and deleted through the type."""
    ram = laptops.fields.create(key="ram", title="RAM", type="integer")
    ram.title = "Memory"
    with count_requests(account, 1):
        ram.save()

    assert (ram.asset_type, [field.title for field in laptops.fields.all()]) == (
        laptops,
        ["Memory"],
    )
    ram.delete()
    assert list(laptops.fields.all()) == []


def test_an_asset_has_relations(new_asset, laptops, status, account, count_requests):
    """An asset leads to its type, status, location and user."""
    owner = User.objects.filter(role="admin")[0]
    office = AssetLocation.objects.create(name="Office")
    with count_requests(account, 1):
        asset = new_asset("Laptop 1", user=owner, location=office, purchase_date=date(2026, 1, 31))
        asset.save()

    asset = Asset.objects.get(asset.pk)
    assert (
        asset.asset_type,
        asset.status,
        asset.location,
        asset.user,
    ) == (laptops, status, office, owner)
    assert asset.purchase_date == date(2026, 1, 31)
    asset.model = "ThinkPad"
    with count_requests(account, 1):
        asset.save()
    assert [row.model for row in Asset.objects.all()] == ["ThinkPad"]


def test_in_bulk_fetches_assets_in_one_request(new_asset, account, count_requests):
    """`in_bulk()` fetches assets by id or external id in one request."""
    assets = [new_asset(f"Laptop {number}", external_id=f"x{number}").save() for number in range(3)]
    with count_requests(account, 2):
        by_id = Asset.objects.in_bulk([assets[0].pk, assets[2].pk])
        by_external_id = Asset.objects.in_bulk(["x1"], field_name="external_id")

    assert ({assets[0].pk: assets[0], assets[2].pk: assets[2]}, {"x1": assets[1]}) == (
        by_id,
        by_external_id,
    )


def test_assets_are_searched_by_words_and_custom_fields(
    new_asset, laptops, account, count_requests
):
    """Zendesk searches assets by words and custom fields; other filters raise `NoEndpoint`."""
    laptops.fields.create(key="ip", title="IP", type="text")
    first = new_asset("Laptop 1", custom_field_values={"ip": "192.0.2.1"}).save()
    second = new_asset("Laptop 2", notes="Broken").save()
    with count_requests(account, 2):
        assert list(Asset.objects.filter(query="broken")) == [second]
        assert list(Asset.objects.filter(custom_field_values__ip="192.0.2.1")) == [first]
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="model"):
        list(Asset.objects.filter(model="ThinkPad"))


def test_bulk_methods_send_a_hundred_assets_to_a_job(new_asset, account):
    """Assets are created, updated and deleted by jobs, with one outcome for each."""
    assets = [new_asset(f"Laptop {number:03}", external_id=f"x{number}") for number in range(120)]
    result = Asset.objects.bulk_create(assets)
    assert [len(job.results) for job in result.jobs] == [100, 20]
    assert result.succeeded == assets
    assert len(list(Asset.objects.all())) == 120

    for asset in assets[:2]:
        asset.notes = "Seen"
    assert len(Asset.objects.bulk_update(assets[:2])) == 2
    assert len(list(Asset.objects.filter(query="seen"))) == 2
    assert len(Asset.objects.filter(id__in=[row.pk for row in assets[:2]]).delete()) == 2
    assert len(list(Asset.objects.all())) == 118


def test_assets_are_deleted_by_external_id(new_asset, account, count_requests):
    """The external ids are sent to a job, and each has an outcome."""
    Asset.objects.bulk_create([new_asset(f"Laptop {n}", external_id=f"x{n}") for n in range(3)])
    with count_requests(account, 3):
        result = Asset.objects.delete_by_external_id(["x0", "x2"])

    assert [outcome.ok for outcome in result] == [True, True]
    assert [asset.external_id for asset in Asset.objects.all()] == ["x1"]


def test_asset_statuses_and_locations_are_managed(status, account):
    """Asset statuses and locations are created, changed and deleted."""
    status.description = "Ready"
    status.save()
    office = AssetLocation.objects.create(name="Office", external_id="o")

    assert [(e.name, e.description) for e in AssetStatus.objects.all()] == [("Available", "Ready")]
    office.delete()
    assert list(AssetLocation.objects.all()) == []
    with pytest.raises(InvalidValue, match="end_of_life"):
        AssetStatus(name="Gone", category="gone")
