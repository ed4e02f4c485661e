"""Custom data: custom objects and IT assets."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model: first of responses, then of requests.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "AccessRule": ("AccessRule",),
    "Asset": ("ItamAsset",),
    "AssetField": ("ItamAssetField",),
    "AssetLocation": ("ItamAssetLocation",),
    "AssetStatus": ("ItamAssetStatus",),
    "AssetType": ("ItamAssetType",),
    "CustomObjectField": ("CustomObjectField",),
    "CustomObjectRecordAttachment": ("CustomObjectRecordAttachment",),
    "LookupRelationship": (),
    "ObjectTrigger": ("ObjectTriggerObject",),
    "PermissionPolicy": ("PermissionPolicy",),
}

_PATH = "the path tells it, and no row; the library writes it into the row"
_WORD = "the id of the other row, which is a word"
_DATE = "described as a string in the format of a date"

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "AccessRule.custom_object_id": _PATH,
    "AssetField.asset_type_id": _PATH,
    "CustomObjectField.custom_object_id": _PATH,
    "CustomObjectRecordAttachment.custom_object_key": _PATH,
    "LookupRelationship.id": "nothing of its own: what there is are calls",
    "ObjectTrigger.custom_object_id": _PATH,
    "PermissionPolicy.custom_object_id": _PATH,
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "Asset.asset_type_id": _WORD,
    "Asset.location_id": _WORD,
    "Asset.purchase_cost": "a number or, as Zendesk has announced, an object",
    "Asset.purchase_date": _DATE,
    "Asset.status_id": _WORD,
    "Asset.warranty_expiration": _DATE,
    "AssetType.parent_id": _WORD,
    "CustomObjectRecordAttachment.custom_object_record_id": _WORD,
    "ObjectTrigger.created_at": "described as a plain string, shown as a moment",
    "ObjectTrigger.updated_at": "the same",
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "AccessRule.created_at": "Zendesk sets it, whatever the description forgets",
    "AccessRule.id": "the same",
    "AccessRule.updated_at": "the same",
    "Asset.asset_type_id": "described as read-only, and as required of a new asset",
    "AssetStatus.category": "described as read-only, and as required of a new status",
    "AssetType.name": "described as read-only, and as required of a new type",
    "CustomObjectRecordAttachment.malware_access_override": "all that an update can change",
    "PermissionPolicy.id": "the name of a role, which no policy can change",
    "PermissionPolicy.role_name": "the same",
}
