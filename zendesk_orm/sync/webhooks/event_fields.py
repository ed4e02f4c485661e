"""The fields that events of webhooks are about, and their old and new values.

Events have ids as texts, choices in upper case, and other names.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.schema.definitions import parse_definition
from zendesk_orm.schema.loading import parse_number
from zendesk_orm.schema.options import Options


#: The old and the new value of fields.
Changes = dict[str, tuple[Any, Any]]

#: Texts that stand for no id.
_NO_IDS = frozenset({None, "", "0", 0})

#: The fields of events with a `current` and a `previous` value, by area and name.
SCALARS: Mapping[str, Mapping[str, str]] = {
    "ticket": {
        "agent_assignment_changed": "assignee_id",
        "brand_changed": "brand_id",
        "csat_received": "satisfaction_rating",
        "csat_requested": "satisfaction_rating",
        "custom_status_changed": "custom_status_id",
        "description_changed": "description",
        "external_id_changed": "external_id",
        "form_changed": "ticket_form_id",
        "group_assignment_changed": "group_id",
        "organization_changed": "organization_id",
        "priority_changed": "priority",
        "problem_link_changed": "problem_id",
        "requester_changed": "requester_id",
        "status_changed": "status",
        "subject_changed": "subject",
        "submitter_changed": "submitter_id",
        "task_due_at_changed": "due_at",
        "type_changed": "type",
    },
    "user": {
        "active_changed": "active",
        "alias_changed": "alias",
        "custom_role_changed": "custom_role_id",
        "default_group_changed": "default_group_id",
        "details_changed": "details",
        "external_id_changed": "external_id",
        "last_login_changed": "last_login_at",
        "name_changed": "name",
        "notes_changed": "notes",
        "only_private_comments_changed": "only_private_comments",
        "photo_changed": "photo",
        "role_changed": "role",
        "suspended_changed": "suspended",
        "time_zone_changed": "time_zone",
    },
    "organization": {"external_id_changed": "external_id", "name_changed": "name"},
    "article": {"author_changed": "author_id"},
}
#: The fields of events with added and removed members: the field, and the part of the keys.
LISTS: Mapping[str, tuple[str, str]] = {
    "tags_changed": ("tags", "tags"),
    "email_ccs_changed": ("email_cc_ids", "users"),
    "followers_changed": ("follower_ids", "users"),
}
#: Events that are changes of one field, by their names alone.
_FIXED: Mapping[str, Changes] = {
    "article.published": {"draft": (True, False)},
    "article.unpublished": {"draft": (False, True)},
}


def read_event_changes(
    meta: Options, name: str, event: Mapping[str, Any], detail: Mapping[str, Any]
) -> Changes:
    """Return the old and the new value of the fields that an event is about.

    Args:
        meta: the options of the model.
        name: the name of the event: `ticket.status_changed`.
        event: the part of the payload with the values.
        detail: the part with the row after the change.

    Returns:
        The values by field. Of lists of which Zendesk sends only the difference, the old value
        has the removed members, and the new value those that were added.
    """
    area, _, action = name.partition(".")
    if name in _FIXED:
        return dict(_FIXED[name])
    if action == "custom_field_changed":
        return _read_custom_field(meta, event)
    if action in LISTS:
        return _read_list(meta, *LISTS[action], event, detail)
    if area == "ticket" and isinstance(event.get("comment"), Mapping):
        return {"comment": _read_comment(action, event["comment"])}
    field = SCALARS.get(area, {}).get(action)
    if field is None or not {"current", "previous"} <= event.keys():
        return {}
    return {
        field: (convert(meta, field, event["previous"]), convert(meta, field, event["current"]))
    }


def convert(meta: Options, name: str, value: Any) -> Any:
    """Return a value of an event as the field of a model has it, or unchanged."""
    field = meta.fields.get(name)
    if field is None:
        return value
    kind = field.kind
    if kind.name == "id":
        value = None if _is_no_id(value) else parse_number(value)
    elif kind.choices and isinstance(value, str):
        value = value.lower() or None
    with suppress(UnexpectedValue):
        return field.read({field.wire: value})
    return value


def convert_id(value: Any) -> Any:
    """Return an id as a number, or None for the texts that stand for none."""
    return None if _is_no_id(value) else parse_number(value)


def _is_no_id(value: Any) -> bool:
    return isinstance(value, (str, int, type(None))) and value in _NO_IDS


def _read_list(
    meta: Options, field: str, noun: str, event: Mapping[str, Any], detail: Mapping[str, Any]
) -> Changes:
    """Return the old and the new members of a list; without them, the difference."""
    to_member: Callable[[Any], Any] = convert_id if noun == "users" else str
    added = list(map(to_member, _get_list(event, f"{noun}_added")))
    removed = list(map(to_member, _get_list(event, f"{noun}_removed")))
    current = detail.get(field)
    if field not in meta.fields:
        return {}
    if not isinstance(current, list):
        return {field: (removed, added)}
    members = list(map(to_member, current))
    return {field: ([member for member in members if member not in added] + removed, members)}


def _get_list(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []


def _read_custom_field(meta: Options, event: Mapping[str, Any]) -> Changes:
    """Return the change of a custom field: by its title, and as a part of all custom fields."""
    about = event.get("custom_field")
    row = {"title": "", **about} if isinstance(about, Mapping) else {"title": ""}
    pk, title = convert_id(row.get("id")), str(row["title"] or "")
    previous, current = (_read_custom_value(event.get(key)) for key in ("previous", "current"))
    changes: Changes = {}
    if "custom_fields" in meta.fields:
        changes["custom_fields"] = ([{"id": pk, "value": previous}], [{"id": pk, "value": current}])
    definition = parse_definition({**row, "id": pk}, by_id=True)
    if definition is not None:
        with suppress(UnexpectedValue):
            previous, current = definition.read(previous), definition.read(current)
    if title and title not in meta.fields:
        changes[title] = (previous, current)
    return changes


def _read_custom_value(value: Any) -> Any:
    """Return the value in an object whose key depends on the type of the field."""
    if not isinstance(value, Mapping):
        return value
    for key in ("value", "relationship_target", "id"):
        if key in value:
            return value[key]
    return None


def _read_comment(action: str, comment: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the earlier and the later state of a comment, as far as an event contains them."""
    later: dict[str, Any] = {"id": convert_id(comment.get("id"))}
    for name, wire in (("body", "body"), ("public", "is_public")):
        if wire in comment:
            later[name] = comment[wire]
    author = comment.get("author")
    if isinstance(author, Mapping):
        later["author_id"] = convert_id(author.get("id"))
    attachment = comment.get("attachment")
    if isinstance(attachment, Mapping):
        later["attachment"] = {**attachment, "id": convert_id(attachment.get("id"))}
    earlier = {**later, "public": True} if action == "comment_made_private" else None
    return earlier, later


def known_values(meta: Options, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row that the `detail` of an event contains, as the API sends them."""
    values: dict[str, Any] = {}
    for name, value in _rename(detail):
        field = meta.fields.get(name)
        if field is None or name == "via":
            continue
        if field.kind.name == "id":
            values[field.wire] = convert_id(value)
        elif field.kind.choices and isinstance(value, str):
            values[field.wire] = value.lower() or None
        else:
            values[field.wire] = value
    return values


def _rename(detail: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    names = {"custom_status": "custom_status_id", "form_id": "ticket_form_id"}
    return ((names.get(name, name), value) for name, value in detail.items())
