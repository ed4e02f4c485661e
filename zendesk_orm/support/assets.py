"""IT assets: computers, licences and the like, with their statuses and locations.

Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import action, filtered, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.accounts import require_many, require_object, require_relations
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.asset_types import AssetType
from zendesk_orm.write.jobs import Job


if TYPE_CHECKING:
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.users import User

Category = Literal["available", "in_use", "unavailable", "end_of_life"]

_ROOT = "it_asset_management"
_PATH = f"{_ROOT}/assets"
_ORDERS = "name created_at updated_at"
#: What a job can do to assets.
JOBS = ("create", "update", "delete", "delete_by_external_id")
#: Assets that one job takes.
MOST = 100


def _filter() -> Api:
    (found,) = filtered(f"{_PATH}/search", "", key="assets", orders=_ORDERS)
    # Standard fields are compared by operators that custom object records do not have.
    takes = {"custom_field_values__*": "custom_object_fields.*"}
    return Api((evolve(found, takes=takes, loose=frozenset()),))


def _many() -> Api:
    ids = Endpoint(Verb.SHOW_MANY, _PATH, "assets", takes={"id": "filter[ids]"})
    others = Endpoint(
        Verb.SHOW_MANY, _PATH, "assets", takes={"external_id": "filter[external_ids]"}
    )
    return Api((ids, others))


class AssetStatus(Model):
    """What can be said of an asset's state, such as "Available"; some come with Zendesk."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    category: Field[Category]
    description: Field[str | None]
    external_id: Field[str | None]
    is_standard: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        keep = 300
        singular = "status"
        required = ("name", "category")
        verbose_name = "asset status"
        verbose_name_plural = "asset statuses"
        api = resource(
            f"{_ROOT}/statuses", natural=None, small=True, paging=(ONCE,), update="PATCH"
        )


class AssetLocation(Model):
    """Where assets are."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    external_id: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        keep = 300
        singular = "location"
        required = ("name",)
        verbose_name = "asset location"
        verbose_name_plural = "asset locations"
        api = resource(
            f"{_ROOT}/locations",
            natural=None,
            small=True,
            paging=(CURSOR,),
            update="PATCH",
        )


class AssetManager(Manager["Asset"]):
    """`Asset.objects`."""

    def in_jobs(self, what: str, assets: Iterable[Asset | str]) -> list[Job]:
        """Do the same to many assets, a hundred to a job, and wait for each job.

        ::

            Asset.objects.in_jobs("create", [Asset(name="Laptop 1", asset_type=..., status=...)])

        Args:
            what: `create` or `update`, which take assets; `delete`, which takes assets or
                ids; `delete_by_external_id`, which takes external ids.
            assets: what to do it to.

        Returns:
            The jobs, whose results tell of each.

        Raises:
            InvalidValue: no job does that, or there are no assets.
            BulkError: a job failed.

        Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/#asset-bulk-jobs
        """
        if what not in JOBS:
            raise InvalidValue(f"wants one of {', '.join(map(repr, JOBS))}, not {what!r}")
        items = [self._item(what, asset) for asset in require_many(assets, "in_jobs")]
        if not items:
            raise InvalidValue(f"there are no assets to {what}")
        parts = [items[start : start + MOST] for start in range(0, len(items), MOST)]
        return [self._job("in_jobs", {"job": {"action": what, "items": part}}) for part in parts]

    def _item(self, what: str, asset: Asset | str) -> Any:
        """Return what a job is told of an asset.

        Raises:
            InvalidValue: it is no asset of this account, or was never saved.
        """
        if what == "delete_by_external_id":
            return asset.external_id if isinstance(asset, Asset) else asset
        if what == "delete":
            return self._session.id_of(Asset, asset, "in_jobs")
        require_object(Asset, asset, self._session, "in_jobs")
        require_relations(asset, self._session)  # type: ignore[arg-type] # it is one
        changed: dict[str, Any] = asset.to_payload()  # type: ignore[union-attr] # the same
        if what == "create":
            return changed
        return {**changed, "id": self._session.id_of(Asset, asset, "in_jobs")}


class Asset(Model):
    """A thing that is looked after, such as a laptop, and who has it."""

    objects = AssetManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    asset_type: Ref[AssetType]
    asset_type_id: Id[str]
    status: Ref[AssetStatus]
    status_id: Id[str]
    location: Ref[AssetLocation | None]
    location_id: Id[str | None]
    user: Ref[User | None]
    user_id: Id[int | None]
    organization: Ref[Organization | None]
    organization_id: Id[int | None]
    asset_tag: Field[str | None]
    external_id: Field[str | None]
    serial_number: Field[str | None]
    manufacturer: Field[str | None]
    model: Field[str | None]
    vendor: Field[str | None]
    notes: Field[str | None]
    purchase_cost: Field[float | None]
    purchase_date: Field[date | None]
    warranty_expiration: Field[date | None]
    custom_field_values: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    query: Lookup[str]

    class Meta:
        required = ("name", "asset_type", "status")
        api = (
            resource(_PATH, natural=None, paging=(CURSOR,), update="PATCH")
            + _many()
            + _filter()
            + listed(
                f"{_PATH}/search",
                key="assets",
                takes="query",
                needs="query",
                orders=_ORDERS,
                natural=None,
                paging=(CURSOR,),
            )
            + action("in_jobs", "POST", f"{_PATH}/jobs", "job_status")
        )
