"""Attributes of custom fields and custom objects that differ from those of new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.schema.definitions import RECORDS, TARGETS, Definition


#: Attributes whose value is written if it is not empty or False.
_WRITTEN = (
    *("description", "agent_description", "title_in_portal"),
    *("visible_in_portal", "editable_in_portal", "required_in_portal", "collapsed_for_agents"),
    *("tag", "relationship_filter", "relationship_target_type", "properties"),
)
#: Attributes that Zendesk sets to the title of a new ticket field.
_TITLES = frozenset({"description", "title_in_portal"})
#: Properties that only the standard field of the name has, or that Zendesk sets.
_OTHER_PROPERTIES = frozenset(
    {
        *("autoincrement_enabled", "autoincrement_next_sequence", "autoincrement_padding"),
        *("autoincrement_prefix", "is_unique", "rollup_aggregated_field_title"),
    }
)
_OBJECT_WRITTEN = ("description", "include_in_list_view", "allows_attachments", "allows_photos")


def get_attributes(definition: Definition) -> dict[str, Any]:
    """Return the attributes of a field that differ from those of a new field.

    Those that a declaration expresses in another way are left out: the title, the type, the
    target of a lookup that its Python type names.
    """
    row = definition.row
    attributes = {name: row[name] for name in _WRITTEN if row.get(name)}
    by_id = definition.wire != definition.key
    for name in _TITLES:
        if by_id and attributes.get(name) == definition.title:
            del attributes[name]
    if definition.target in TARGETS or definition.target.startswith(RECORDS):
        del attributes["relationship_target_type"]
    properties = attributes.pop("properties", None)
    if isinstance(properties, Mapping):
        chosen = {k: v for k, v in properties.items() if v and k not in _OTHER_PROPERTIES}
        attributes.update({"properties": chosen} if chosen else {})
    return attributes


def get_default_option(definition: Definition) -> str | None:
    """Return the tag of the option that a new row has, or None.

    Only options of ticket fields, whose values are listed by id, have a default.
    """
    if definition.wire == definition.key:
        return None
    listed = definition.row.get("custom_field_options")
    options = listed if isinstance(listed, list) else ()
    defaults = [str(o["value"]) for o in options if isinstance(o, dict) and o.get("default")]
    return next(iter(defaults), None)


def get_object_attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the titles of a custom object, and its other attributes that are set."""
    titles = {name: row.get(name) or row.get("key") for name in ("title", "title_pluralized")}
    return {**titles, **{name: row[name] for name in _OBJECT_WRITTEN if row.get(name)}}


def is_equal(row: Mapping[str, Any], name: str, value: Any) -> bool:
    """Return whether an attribute of a row has a value.

    A text with placeholders of dynamic content is equal to its raw form, too. None, "" and empty
    objects are the same. Only the given keys of properties are compared. An empty description
    equals the title, by which ticket fields replace it.
    """
    current = row.get(name)
    if name == "description" and not value and current == row.get("title"):
        return True
    if name == "active":
        return bool(value) is (current is not False)
    if name == "relationship_filter":
        return _drop_empty(current) == _drop_empty(value)
    if name == "properties" and isinstance(current, Mapping) and isinstance(value, Mapping):
        return all(current.get(key) == item for key, item in value.items())
    raw = row.get(f"raw_{name}")
    return value in (current, raw) or (not value and not current)


def _drop_empty(condition: Any) -> dict[str, Any]:
    """Return the lists of conditions that are not empty."""
    conditions = condition if isinstance(condition, Mapping) else {}
    return {key: value for key, value in conditions.items() if value}
