"""The actions of triggers and automations that send messages: by e-mail, target or webhook.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/actions-reference/
and https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, parse_id
from zendesk_orm.emulator.rules.updates import TicketUpdate, add_event
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.templates.placeholders import Placeholders, escape_json
from zendesk_orm.emulator.webhooks import deliveries
from zendesk_orm.support import EmailNotification, GroupMembership, User


#: Runs an action, given its value.
Notify = Callable[[Context, TicketUpdate, Mapping[str, Any], Any], None]


def run(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], name: str, value: Any
) -> bool:
    """Run an action if it sends a message, and return whether it does.

    Args:
        context: the account.
        update: the update, to whose audit the event is added.
        via: the source of the event.
        name: the field of the action.
        value: the value of the action.
    """
    notify = _ACTIONS.get(name)
    if notify is not None:
        notify(context, update, via, value)
    return notify is not None


def _notify_user(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any
) -> None:
    """Send an e-mail to a user: `["requester_id", "subject", "body"]`."""
    recipient, subject, body = _split(value, 3)
    ids = _find_recipients(context, update, recipient)
    kind = "NotificationWithCcs" if recipient == "requester_and_ccs" else "Notification"
    _send_mail(context, update, via, kind, ids, subject, body)


def _notify_group(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any
) -> None:
    """Send an e-mail to the members of a group: `["group_id", "subject", "body"]`."""
    group, subject, body = _split(value, 3)
    ids = _find_members(context, update, group)
    _send_mail(context, update, via, "Notification", ids, subject, body)


def _find_members(context: Context, update: TicketUpdate, group: Any) -> list[Any]:
    """Return the ids of the members of a group; `group_id` stands for that of the ticket."""
    pk = update.row.get("group_id") if group == "group_id" else parse_id(str(group))
    where = Where(f"state < ? AND {json_value('group_id')} = ?", (DELETED, pk))
    members = context.store.select(GroupMembership._meta.label, where)
    return [member["user_id"] for member in members]


def _send_mail(
    context: Context,
    update: TicketUpdate,
    via: Mapping[str, Any],
    kind: str,
    ids: Iterable[Any],
    subject: Any,
    body: Any,
) -> None:
    """Add the event of an e-mail, and its row, unless it has no recipient."""
    users = [context.store.get(User._meta.label, pk) for pk in dict.fromkeys(ids)]
    recipients = [user for user in users if user and user.get("email")]
    if not recipients:
        return
    values = Placeholders(context, update.row, update.user_id)
    texts = {"subject": values.render(str(subject)), "body": values.render(str(body))}
    add_event(context, update, via, kind, **texts, recipients=[user["id"] for user in recipients])
    _save_mail(context, update, recipients)


def _save_mail(
    context: Context, update: TicketUpdate, recipients: Iterable[Mapping[str, Any]]
) -> None:
    meta = EmailNotification._meta
    pk, at = context.store.next_id(), context.timestamp()
    comments = Placeholders(context, update.row, update.user_id).get_comments()
    row = {
        "url": f"{BASE_URL}/api/v2/email_notifications/{pk}.json",
        "notification_id": pk,
        "email_id": resources.generate_ulid(context),
        "message_id": f"<{pk}@emulator.zendesk.com>",
        "ticket_id": update.row["id"],
        "comment_id": comments[0]["id"] if comments else None,
        "recipients": [
            {
                "user_id": user["id"],
                "email_address": user["email"],
                "delivery_status": {"id": 0, "name": "delivered", "code": "250", "message": "OK"},
            }
            for user in recipients
        ],
        "created_at": at,
        "updated_at": at,
    }
    context.write(meta, row, words="")


def _find_recipients(context: Context, update: TicketUpdate, recipient: Any) -> list[Any]:
    """Return the ids of the users that a recipient stands for."""
    row = update.row
    if recipient in ("requester_id", "assignee_id"):
        return [row.get(recipient)]
    if recipient == "requester_and_ccs":
        return [row.get("requester_id"), *(row.get("email_cc_ids") or ())]
    if recipient == "current_user":
        return [update.user_id]
    if recipient == "all_agents":
        where = Where(f"state < ? AND {json_value('role')} != 'end-user'", (DELETED,))
        return [user["id"] for user in context.store.select(User._meta.label, where)]
    return [parse_id(str(recipient))]


def _notify_target(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any
) -> None:
    """Record a message to a target, which is not sent: `["id", "message"]`."""
    target, message = _split(value, 2)
    text = Placeholders(context, update.row, update.user_id).render(_to_text(message))
    add_event(context, update, via, "External", resource=str(target), body=text)


def _text_user(context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any) -> None:
    """Record a text message to a user, which is not sent: `["requester_id", "number", "text"]`."""
    recipient, number, text = _split(value, 3)
    _add_text(context, update, via, _find_recipients(context, update, recipient), number, text)


def _text_group(context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any) -> None:
    """Record a text message to the members of a group: `["group_id", "number", "text"]`."""
    group, number, text = _split(value, 3)
    _add_text(context, update, via, _find_members(context, update, group), number, text)


def _add_text(
    context: Context,
    update: TicketUpdate,
    via: Mapping[str, Any],
    ids: Iterable[Any],
    number: Any,
    text: Any,
) -> None:
    body = Placeholders(context, update.row, update.user_id).render(_to_text(text))
    recipients = [pk for pk in ids if pk is not None]
    values = {"phone_number_id": parse_id(str(number)), "body": body, "recipients": recipients}
    add_event(context, update, via, "SmsNotification", **values)


def _share(context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any) -> None:
    """Record that the ticket is shared by an agreement."""
    pk = parse_id(str(value))
    add_event(context, update, via, "TicketSharingEvent", agreement_id=pk, action="shared")


def _tweet(context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any) -> None:
    """Record a message to the requester on Twitter, which is not sent."""
    body = Placeholders(context, update.row, update.user_id).render(_to_text(value))
    recipients = [update.row.get("requester_id")]
    values = {"direct_message": False, "body": body, "recipients": recipients}
    add_event(context, update, via, "Tweet", **values)


def _notify_webhook(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], value: Any
) -> None:
    """Invoke a webhook: `["id", "body"]`, or `["id", [["key", "value"], ...]]` without a body."""
    pk, body = _split(value, 2)
    values = Placeholders(context, update.row, update.user_id)
    if isinstance(body, list):
        pairs = [_split(pair, 2) for pair in body]
        content: Any = [(values.render(str(key)), values.render(str(text))) for key, text in pairs]
    else:
        is_escaped = context.switches.webhook_json_escaped and deliveries.is_json(context, str(pk))
        escape = escape_json if is_escaped else str
        content = values.render(_to_text(body), escape)
    is_sent = deliveries.queue_for_rule(context, str(pk), content)
    if is_sent is None:
        source = via["source"]
        rule = f"{source['rel']} {source['from']['id']}"
        context.ignored.note_rule("action", f"notification_webhook {pk}", rule)
    elif is_sent:
        add_event(context, update, via, "External", resource=str(pk), body=_to_text(content))


def _split(value: Any, size: int) -> list[Any]:
    """Return the parts of a value, with "" for those that are missing."""
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    return [*parts, *[""] * size][:size]


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


_ACTIONS: Mapping[str, Notify] = {
    "notification_user": _notify_user,
    "notification_group": _notify_group,
    "notification_target": _notify_target,
    "notification_webhook": _notify_webhook,
    "notification_sms_user": _text_user,
    "notification_sms_group": _text_group,
    "share_ticket": _share,
    "tweet_requester": _tweet,
}
