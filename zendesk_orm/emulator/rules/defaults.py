"""Default values of new rules and custom fields: the recorded keys, in the recorded order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


_CUSTOM_FIELD: Mapping[str, Any] = {
    "url": None,
    "id": None,
    "type": "text",
    "key": None,
    "title": None,
    "description": "",
    "raw_title": None,
    "raw_description": None,
    "position": 9999,
    "active": True,
    "system": False,
    "regexp_for_validation": None,
    "created_at": None,
    "updated_at": None,
}

_RULE: Mapping[str, Any] = {
    "url": None,
    "id": None,
    "title": None,
    "active": True,
    "updated_at": None,
    "created_at": None,
    "default": False,
}

ROWS: Mapping[str, Mapping[str, Any]] = {
    "support.Automation": {
        **_RULE,
        "actions": (),
        "conditions": {"all": (), "any": ()},
        "position": None,
        "raw_title": None,
    },
    "support.CustomObjectField": {**_CUSTOM_FIELD, "required": False},
    "support.Macro": {
        **_RULE,
        "position": None,
        "description": None,
        "actions": (),
        "restriction": None,
        "raw_title": None,
    },
    "support.OrganizationField": _CUSTOM_FIELD,
    "support.Trigger": {
        **_RULE,
        "actions": (),
        "conditions": {"all": (), "any": ()},
        "description": None,
        "position": None,
        "raw_title": None,
        "category_id": None,
    },
    "support.UserField": _CUSTOM_FIELD,
}
