"""Types of IT assets, which form a tree, and the fields of their assets.

Source: https://developer.zendesk.com/api-reference/it-asset-management/asset_types/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.support.tickets.field_definitions import FieldDefinition


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


_TYPES = "it_asset_management/asset_types"


class AssetType(StringIdModel):
    """A type of assets with a more general parent: laptops are hardware."""

    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    external_id: Field[str | None]
    parent: Ref[AssetType | None]
    parent_id: Id[str | None]
    hierarchy_depth: ReadOnly[int | None]
    field_keys: Field[list[str]]
    is_standard: ReadOnly[bool]
    created_by_user: ReadOnlyRef[User | None]
    created_by_user_id: Id[int | None]
    updated_by_user: ReadOnlyRef[User | None]
    updated_by_user_id: Id[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    children: Many[AssetType] = by("parent")
    fields: Many[AssetField] = by("asset_type")

    class Meta:
        cache_seconds = 300
        required = ("name", "parent")
        api = resource(
            _TYPES, default_order=None, fits_in_memory=True, paging=(ONCE,), update_method="PATCH"
        )


class AssetField(FieldDefinition):
    """A field of the assets of a type: `laptops.fields.create(key="ram", title="RAM")`."""

    asset_type: Ref[AssetType]
    asset_type_id: Id[str]
    key: CreateOnly[str]
    required: Field[bool]
    readonly: ReadOnly[bool]
    system: ReadOnly[bool]
    properties: Field[dict[str, Any]]

    class Meta:
        parent = "asset_type"
        singular = "field"
        required = ("key", "title", "type")
        verbose_name = "asset field"
        verbose_name_plural = "asset fields"
        api = resource(
            f"{_TYPES}/{{asset_type}}/fields",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
            update_method="PATCH",
        )
