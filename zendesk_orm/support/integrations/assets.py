"""IT assets such as computers and licences, with their statuses and locations.

Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import json_search, listing, resource
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.integrations.asset_types import AssetType
from zendesk_orm.write.bulk.actions import run_action
from zendesk_orm.write.bulk.requests import BulkOptions, job_items, resolve_options
from zendesk_orm.write.bulk.results import BulkResult


if TYPE_CHECKING:
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.users.users import User

Category = Literal["available", "in_use", "unavailable", "end_of_life"]

_ROOT = "it_asset_management"
_PATH = f"{_ROOT}/assets"
_ORDERS = ("name", "created_at", "updated_at")
#: Actions of jobs.
JOBS = ("create", "update", "delete", "delete_by_external_id")


def _filter() -> Api:
    # Standard fields are compared by operators that custom object records do not have.
    filters = {"custom_field_values__*": "custom_object_fields.*"}
    return json_search(f"{_PATH}/search", filters, key="assets", orders=_ORDERS, tokenized=())


def _many() -> Api:
    ids = Endpoint(Verb.SHOW_MANY, _PATH, "assets", filters={"id": "filter[ids]"})
    others = Endpoint(
        Verb.SHOW_MANY, _PATH, "assets", filters={"external_id": "filter[external_ids]"}
    )
    return Api((ids, others))


class AssetStatus(StringIdModel):
    """A status of assets, such as "Available"; some are standard statuses of Zendesk."""

    url: ReadOnly[str]
    name: Field[str]
    category: Field[Category]
    description: Field[str | None]
    external_id: Field[str | None]
    is_standard: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        cache_seconds = 300
        singular = "status"
        required = ("name", "category")
        verbose_name = "asset status"
        verbose_name_plural = "asset statuses"
        api = resource(
            f"{_ROOT}/statuses",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
            update_method="PATCH",
        )


class AssetLocation(StringIdModel):
    """A location of assets."""

    url: ReadOnly[str]
    name: Field[str]
    external_id: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        cache_seconds = 300
        singular = "location"
        required = ("name",)
        verbose_name = "asset location"
        verbose_name_plural = "asset locations"
        api = resource(
            f"{_ROOT}/locations",
            default_order=None,
            fits_in_memory=True,
            paging=(CURSOR,),
            update_method="PATCH",
        )


class AssetManager(Manager["Asset"]):
    """`Asset.objects`."""

    @check_arguments
    def delete_by_external_id(
        self, external_ids: Iterable[str], **options: Unpack[BulkOptions]
    ) -> BulkResult:
        """Delete the assets with these external ids, in jobs of 100.

        Args:
            external_ids: the external ids.
            options: see `bulk_create()`.

        Returns:
            One outcome for each external id; its object is an asset with that id.

        Raises:
            BulkError: some deletions failed, after all jobs have ended.

        Source: https://developer.zendesk.com/api-reference/it-asset-management/assets/#asset-bulk-jobs
        """
        ids = require_many(external_ids, "delete_by_external_id")
        assets = [Asset(external_id=external_id) for external_id in ids]
        return run_action(
            self._session,
            self.model,
            "jobs",
            assets,
            resolve_options(**options),
            action="delete",
            prepare=lambda asset: asset.external_id,
            build=job_items(
                self._query.meta.endpoint(Verb.ACTION, "jobs"),
                "delete_by_external_id",
                lambda entry: entry.payload,
            ),
        )


class Asset(StringIdModel):
    """A managed item such as a laptop, with its user and location."""

    objects = AssetManager.as_manager()

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
    #: A number; an object with `amount` and `currency` from 2026-07-06 on, as announced.
    purchase_cost: Field[Any]
    purchase_date: Field[date | None]
    warranty_expiration: Field[date | None]
    custom_field_values: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    query: Lookup[str]

    class Meta:
        required = ("name", "asset_type", "status")
        api = (
            resource(_PATH, default_order=None, paging=(CURSOR,), update_method="PATCH")
            + _many()
            + _filter()
            + listing(
                f"{_PATH}/search",
                key="assets",
                filters=("query",),
                required=("query",),
                orders=_ORDERS,
                default_order=None,
                paging=(CURSOR,),
            )
            + action_endpoint(
                "jobs", "POST", f"{_PATH}/jobs", "job_status", call="bulk_create([...])"
            )
        )
