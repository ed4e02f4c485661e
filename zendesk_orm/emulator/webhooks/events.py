"""The events of changed rows, with the bodies of their requests.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.bulk import ACCOUNT_ID
from zendesk_orm.emulator.storage.changes import Change
from zendesk_orm.emulator.storage.store import DELETED, StoredRow
from zendesk_orm.support import OrganizationField, UserField


#: The first part of the names of events.
PREFIX = "zen:event-type:"
_VERSION, _TICKET_VERSION = "2022-06-20", "2022-11-06"


@frozen
class Event:
    """An event of a row.

    Attributes:
        name: its name: `ticket.created`.
        pk: the id of the row that it is about.
        detail: the row after the change.
        changes: the previous and the current values.
    """

    name: str
    pk: Any
    detail: Mapping[str, Any]
    changes: Mapping[str, Any]

    def build_body(self, context: Context) -> dict[str, Any]:
        """Return the body of a request for the event."""
        kind = self.name.partition(".")[0]
        return {
            "type": PREFIX + self.name,
            "account_id": ACCOUNT_ID,
            "id": str(uuid.uuid4()),
            "time": context.timestamp(),
            "zendesk_event_version": _TICKET_VERSION if kind == "ticket" else _VERSION,
            "subject": f"zen:{kind}:{self.pk}",
            "detail": self.detail,
            "event": self.changes,
        }


#: Returns the events of a change.
BuildEvents = Callable[[Context, Change], Iterable[Event]]


def text_id(value: Any) -> str | None:
    """Return an id as text."""
    return None if value is None else str(value)


def diff(
    change: Change, fields: Mapping[str, str], convert: Callable[[str, Any], Any] = lambda _, v: v
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and the changes of an event for each changed field.

    Args:
        change: the change of a row.
        fields: the names of events by field.
        convert: a function that converts the value of a field.
    """
    before, after = _docs(change)
    for wire, name in fields.items():
        if before.get(wire) != after.get(wire):
            yield (
                name,
                {
                    "current": convert(wire, after.get(wire)),
                    "previous": convert(wire, before.get(wire)),
                },
            )


def diff_list(change: Change, wire: str, noun: str) -> dict[str, list[Any]] | None:
    """Return the items that were added and removed, or None without any.

    Args:
        change: the change of a row.
        wire: the field with the list.
        noun: the first part of the keys: `tags`.
    """
    before, after = (doc.get(wire) or [] for doc in _docs(change))
    if before == after:
        return None
    return {
        f"{noun}_added": [text_id(item) for item in after if item not in before],
        f"{noun}_removed": [text_id(item) for item in before if item not in after],
    }


def is_new(change: Change) -> bool:
    """Return True if a row is new."""
    return change.before is None and change.after is not None


def is_removal(change: Change) -> bool:
    """Return True if a row was deleted, permanently or not."""
    return _is_alive(change.before) and not _is_alive(change.after)


def is_restoration(change: Change) -> bool:
    """Return True if a deleted row was restored."""
    return change.before is not None and not _is_alive(change.before) and _is_alive(change.after)


def _is_alive(row: StoredRow | None) -> bool:
    return row is not None and row.state < DELETED


def _docs(change: Change) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    before = change.before.doc if change.before else {}
    return before, change.after.doc if change.after else before


def diff_custom_fields(
    context: Context, change: Change, wire: str, label: str
) -> Iterator[dict[str, Any]]:
    """Yield the changes of custom fields of users and organizations, which have keys."""
    before, after = (doc.get(wire) or {} for doc in _docs(change))
    for key in {**before, **after}:
        if before.get(key) == after.get(key):
            continue
        fields = context.store.find(label, "key", key)
        field = fields[0] if fields else {"id": None, "title": key, "type": "text"}
        yield {
            "current": {"value": after.get(key)},
            "previous": {"value": before.get(key)},
            "custom_field": {"id": text_id(field["id"]), **_pick(field, "title", "type")},
        }


def _pick(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


# -- users -------------------------------------------------------------------

_USER_FIELDS = {
    "active": "active_changed",
    "alias": "alias_changed",
    "custom_role_id": "custom_role_changed",
    "default_group_id": "default_group_changed",
    "details": "details_changed",
    "external_id": "external_id_changed",
    "last_login_at": "last_login_changed",
    "name": "name_changed",
    "notes": "notes_changed",
    "only_private_comments": "only_private_comments_changed",
    "photo": "photo_changed",
    "role": "role_changed",
    "suspended": "suspended_changed",
    "time_zone": "time_zone_changed",
}


def _describe_user(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `detail` of an event of a user."""
    ids = ("id", "default_group_id", "organization_id")
    return {
        **{name: str(row.get(name) or 0) for name in ids},
        **_pick(row, "email", "external_id", "role", "created_at", "updated_at"),
    }


def build_user_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of a user."""
    _, row = _docs(change)

    def build(name: str, changes: Mapping[str, Any]) -> Event:
        return Event(f"user.{name}", row["id"], _describe_user(row), changes)

    if is_new(change):
        yield build("created", {})
        return
    if is_removal(change):
        yield build("deleted", {})
        return
    for name, changes in diff(change, _USER_FIELDS, _convert_id):
        yield build(name, changes)
    if tags := diff_list(change, "tags", "tags"):
        yield build("tags_changed", tags)
    for changes in diff_custom_fields(context, change, "user_fields", UserField._meta.label):
        yield build("custom_field_changed", changes)


def _convert_id(wire: str, value: Any) -> Any:
    return text_id(value) if wire.endswith("_id") else value


def _belongs_to_user(created: str, deleted: str, wire: str, key: str) -> BuildEvents:
    """Return a function for the events of rows that belong to users, as memberships.

    Args:
        created: the name of the event of a new row.
        deleted: the name of the event of a deleted row.
        wire: the field of the row that the event shows.
        key: the key under which it shows the field.
    """

    def build(context: Context, change: Change) -> Iterator[Event]:
        _, row = _docs(change)
        name = created if is_new(change) else deleted if is_removal(change) else None
        user = context.store.find_row("support.User", row.get("user_id"))
        if name and user:
            changes = {key: {"id": text_id(row.get(wire))}}
            yield Event(f"user.{name}", user.id, _describe_user(user.doc), changes)

    return build


def build_identity_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of an identity of a user."""
    before, row = _docs(change)
    user = context.store.find_row("support.User", row.get("user_id"))
    if user is None:
        return
    name = "created" if is_new(change) else "deleted" if is_removal(change) else "changed"
    shown = ("type", "value", "primary")
    if name == "changed" and _pick(before, *shown) == _pick(row, *shown):
        return
    identity = {"id": text_id(row["id"]), **_pick(row, *shown)}
    yield Event(f"user.identity_{name}", user.id, _describe_user(user.doc), {"identity": identity})


# -- organizations -----------------------------------------------------------

_ORGANIZATION_FIELDS = {"external_id": "external_id_changed", "name": "name_changed"}


def build_organization_events(context: Context, change: Change) -> Iterator[Event]:
    """Yield the events of an organization."""
    _, row = _docs(change)
    detail = {
        "id": text_id(row["id"]),
        "group_id": str(row.get("group_id") or 0),
        **_pick(row, "name", "external_id", "shared_comments", "shared_tickets"),
        **_pick(row, "created_at", "updated_at"),
    }

    def build(name: str, changes: Mapping[str, Any]) -> Event:
        return Event(f"organization.{name}", row["id"], detail, changes)

    if is_new(change):
        yield build("created", {})
    elif is_removal(change):
        yield build("deleted", {})
    else:
        for name, changes in diff(change, _ORGANIZATION_FIELDS):
            yield build(name, changes)
        if tags := diff_list(change, "tags", "tags"):
            yield build("tags_changed", tags)
        label = OrganizationField._meta.label
        for changes in diff_custom_fields(context, change, "organization_fields", label):
            yield build("custom_field_changed", changes)


BUILDERS: Mapping[str, BuildEvents] = {
    "support.User": build_user_events,
    "support.UserIdentity": build_identity_events,
    "support.GroupMembership": _belongs_to_user(
        "group_membership_created", "group_membership_deleted", "group_id", "group"
    ),
    "support.OrganizationMembership": _belongs_to_user(
        "organization_membership_created",
        "organization_membership_deleted",
        "organization_id",
        "organization",
    ),
    "support.Organization": build_organization_events,
}
