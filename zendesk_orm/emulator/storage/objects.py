"""Default values of fields that are objects with fixed keys, and of other keys of rows.

Zendesk returns all keys of such an object, whichever of them were sent.

Source: the schemas of Zendesk's OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.storage.settings import ACCOUNT, EMAIL, LOTUS, PERMISSIONS, SECURITY


#: The id that stands for Zendesk itself.
SYSTEM_ID = -1
_CONDITIONS: Mapping[str, Any] = {"all": [], "any": []}
_FIELD_PROPERTIES: Mapping[str, Any] = {
    "is_unique": False,
    "autoincrement_enabled": False,
    "autoincrement_prefix": "",
    "autoincrement_padding": 0,
    "autoincrement_next_sequence": 1,
    "cascade_permissions_enabled": False,
}
_OBJECT_FIELD: Mapping[str, Any] = {"properties": _FIELD_PROPERTIES}

#: The defaults of objects, by label of the model and wire name of the field.
OBJECTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "support.AccessRule": {"conditions": _CONDITIONS},
    "support.AccountSettings": ACCOUNT,
    "support.AssetField": _OBJECT_FIELD,
    "support.Automation": {"conditions": _CONDITIONS},
    "support.CustomObjectField": _OBJECT_FIELD,
    "support.CustomRole": {"configuration": PERMISSIONS},
    "support.DeletionSchedule": {"conditions": _CONDITIONS},
    "support.EmailSettings": {"email": EMAIL},
    "support.GroupSlaPolicy": {"filter": {"all": []}},
    "support.ObjectTrigger": {"conditions": _CONDITIONS},
    "support.Queue": {"definition": _CONDITIONS},
    "support.SecuritySettings": SECURITY,
    "support.SlaPolicy": {"filter": _CONDITIONS},
    "support.Trigger": {"conditions": _CONDITIONS},
    "support.UserSettings": {
        "lotus": LOTUS,
        "admin_center": {"has_admin_center_side_nav_open": False},
    },
    "support.Workspace": {"conditions": _CONDITIONS},
}

_METRICS: Mapping[str, Any] = {"policy_metrics": {"business_hours": False}}
#: The defaults of the objects in lists, by label of the model and wire name of the field.
ITEMS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "support.GroupSlaPolicy": _METRICS,
    "support.SlaPolicy": _METRICS,
}

_TYPED_FIELD: Mapping[str, Any] = {"relationship_filter": {}, "relationship_target_type": None}
#: The defaults of keys that no field declares, or whose declaration tells none, by label.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "help_center.ArticleAttachment": {"guide_media_id": None},
    "help_center.PostSubscription": {"source_locale": None},
    "help_center.TopicSubscription": {"source_locale": None},
    "support.AssetField": {"type": "text"},
    "support.CustomRole": {"role_type": 0},
    "support.CustomObjectField": {**_TYPED_FIELD, "tag": None, "readonly": False},
    "support.OrganizationField": {**_TYPED_FIELD, "tag": None},
    "support.Ticket": {"satisfaction_probability": None},
    "support.TicketField": {**_TYPED_FIELD, "creator_app_name": None, "creator_user_id": SYSTEM_ID},
    "support.Trigger": {"brand_id": None, "restriction": None},
    "support.UserField": {**_TYPED_FIELD, "tag": None},
    "support.Workspace": {"macros": []},
}


def complete_object(label: str, wire: str, value: Any) -> Any:
    """Return the value of a field with the keys that it lacks; values of other fields unchanged."""
    if isinstance(value, list):
        values = ITEMS.get(label, {}).get(wire, {})
        return [{**values, **item} if isinstance(item, dict) else item for item in value]
    template = OBJECTS.get(label, {}).get(wire)
    if template is None or not isinstance(value, dict):
        return value
    return {**template, **value}
