"""The actions of macros, triggers and automations that change a ticket.

`notifications` contains the actions that send messages.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.rules import notifications
from zendesk_orm.emulator.rules.updates import ApplyChanges, TicketUpdate, rule_source
from zendesk_orm.emulator.templates.placeholders import Placeholders
from zendesk_orm.support import User


#: Actions that set a field, by its name.
_FIELDS = frozenset(
    {
        "status",
        "priority",
        "type",
        "subject",
        "group_id",
        "assignee_id",
        "brand_id",
        "ticket_form_id",
        "custom_status_id",
    }
)
_NUMBERS = frozenset({"group_id", "assignee_id", "brand_id", "ticket_form_id", "custom_status_id"})
#: Fields of which an empty text removes the value.
_CLEARED = frozenset({"priority", "type"})
_CUSTOM_FIELD = re.compile(r"custom_fields_(\d+)")
_COMMENTS = {"comment_value": "body", "comment_value_html": "html_body"}
_TAGS = frozenset({"set_tags", "current_tags", "remove_tags"})
#: Actions that add a user to the followers or the copied users, by the key of the payload.
_PEOPLE = {"follower": "followers", "cc": "email_ccs"}


def run_actions(
    context: Context,
    rule: Mapping[str, Any],
    kind: str,
    update: TicketUpdate,
    apply: ApplyChanges,
) -> None:
    """Run the actions of a rule on the ticket of an update.

    Changes come first, so that notifications show the changed ticket.

    Args:
        context: the account.
        rule: the row of the rule.
        kind: `trigger` or `automation`.
        update: the update, whose row and audit are extended.
        apply: applies changes to the ticket of the update.
    """
    via = rule_source(rule, kind)
    actions = [action for action in rule["actions"] if isinstance(action, Mapping)]
    changes = build_changes(context, actions, update.row, update.user_id)
    if changes:
        apply(context, update, changes, via)
    for action in actions:
        name = str(action.get("field"))
        if not notifications.run(context, update, via, name, action.get("value")):
            _check_name(context, name, f"{kind} {rule['id']}")


def build_changes(
    context: Context, actions: Iterable[Mapping[str, Any]], ticket: Mapping[str, Any], user_id: int
) -> dict[str, Any]:
    """Return the changes of actions as a payload for tickets, with `tags` as the new tags.

    Args:
        context: the account.
        actions: the actions; those that change nothing are left out.
        ticket: the row of the ticket, or {} without a ticket.
        user_id: the id of the current user.
    """
    changes: dict[str, Any] = {}
    comment: dict[str, Any] = {}
    for action in actions:
        name, value = str(action.get("field")), action.get("value")
        if name in _FIELDS:
            changes[name] = _parse_value(context, name, value, ticket, user_id)
        elif match := _CUSTOM_FIELD.fullmatch(name):
            fields = changes.setdefault("custom_fields", [])
            fields.append({"id": int(match[1]), "value": value})
        elif name in _TAGS:
            before = changes.get("tags", ticket.get("tags")) or []
            changes["tags"] = _change_tags(name, value, before)
        elif name in _COMMENTS:
            # A list is the channel and the text.
            text = (value or [""])[-1] if isinstance(value, list) else value
            if text in (None, ""):
                continue
            text = str(text)
            if ticket:
                text = Placeholders(context, ticket, user_id).render(text)
            comment[_COMMENTS[name]] = text
        elif name == "comment_mode_is_public":
            comment["public"] = str(value).lower() == "true"
        else:
            _add_other_change(changes, name, value, user_id)
    if comment:
        changes["comment"] = comment
    return changes


def _add_other_change(changes: dict[str, Any], name: str, value: Any, user_id: int) -> None:
    """Add the change of an action that sets no single field."""
    if name in _PEOPLE:
        pk = user_id if value == "current_user" else value
        changes.setdefault(_PEOPLE[name], []).append({"user_id": pk, "action": "put"})
    elif name == "satisfaction_score":
        changes["satisfaction_rating"] = {"score": value}


def _parse_value(
    context: Context, name: str, value: Any, ticket: Mapping[str, Any], user_id: int
) -> Any:
    """Return the value of an action, with ids as numbers."""
    if value == "requester_id":
        return ticket.get("requester_id")
    if value in ("current_user", "current_groups"):
        user = context.store.get(User._meta.label, user_id) or {}
        return user.get("id") if name == "assignee_id" else user.get("default_group_id")
    if name in _NUMBERS:
        return int(value) if is_number(str(value)) else None
    return None if value == "" and name in _CLEARED else value


def _change_tags(action: str, value: Any, before: list[str]) -> list[str]:
    tags = resources.parse_tags(value)
    if action == "set_tags":
        return tags
    if action == "remove_tags":
        return [tag for tag in before if tag not in tags]
    return resources.parse_tags([*before, *tags])


def _check_name(context: Context, name: str, source: str) -> None:
    """Count an action as ignored that neither changes nor informs, such as those of macros."""
    names = {*_FIELDS, *_TAGS, *_PEOPLE, "satisfaction_score"}
    if name not in names and not _CUSTOM_FIELD.fullmatch(name):
        context.ignored.note_rule("action", name, source)
