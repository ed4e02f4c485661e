"""The triggers and the automation of a new account, as recorded."""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.rules import writes
from zendesk_orm.support import Automation, Trigger


#: Title, conditions `(field, operator, value)`, recipient, subject and body of each trigger.
_TRIGGERS: tuple[tuple[str, tuple[tuple[str, str, Any], ...], str, str, str], ...] = (
    (
        "Notify requester and CCs of received request",
        (
            ("update_type", "is", "Create"),
            ("status", "is_not", "solved"),
            ("ticket_is_public", "is", "public"),
            ("comment_is_public", "is", True),
            ("role", "is", "end_user"),
        ),
        "requester_and_ccs",
        "[Request received]",
        "Your request ({{ticket.id}}) has been received.",
    ),
    (
        "Notify requester of new proactive ticket",
        (
            ("update_type", "is", "Create"),
            ("ticket_is_public", "is", "public"),
            ("role", "is", "agent"),
        ),
        "requester_and_ccs",
        "{{ticket.title}}",
        "This ticket was created on your behalf.\n\n{{ticket.latest_public_comment_html}}",
    ),
    (
        "Notify requester and CCs of comment update",
        (("update_type", "is", "Change"), ("comment_is_public", "is", True)),
        "requester_and_ccs",
        "[{{ticket.account}}] Re: {{ticket.title}}",
        "{{ticket.latest_comment_html}}",
    ),
    (
        "Notify assignee of comment update",
        (
            ("comment_is_public", "is", "not_relevant"),
            ("assignee_id", "is_not", "current_user"),
            ("assignee_id", "is_not", "requester_id"),
            ("assignee_id", "not_changed", None),
            ("status", "not_value_previous", "solved"),
        ),
        "assignee_id",
        "[{{ticket.account}}] Re: {{ticket.title}}",
        "{{ticket.latest_comment_html}}",
    ),
    (
        "Notify assignee of assignment",
        (("assignee_id", "changed", None), ("assignee_id", "is_not", "current_user")),
        "assignee_id",
        "[{{ticket.account}}] Assignment: {{ticket.title}}",
        "You have been assigned to this ticket (#{{ticket.id}}).\n\n{{ticket.latest_comment_html}}",
    ),
    (
        "Notify assignee of reopened ticket",
        (
            ("assignee_id", "is_not", "current_user"),
            ("status", "value_previous", "solved"),
            ("status", "is_not", "closed"),
        ),
        "assignee_id",
        "[{{ticket.account}}] Re: {{ticket.title}}",
        "This ticket (#{{ticket.id}}) has been reopened.\n\n{{ticket.latest_comment_html}}",
    ),
    (
        "Notify all agents of received request",
        (("update_type", "is", "Create"),),
        "all_agents",
        "[{{ticket.account}}] {{ticket.title}}",
        "Ticket (#{{ticket.id}}) by {{ticket.requester.name}}:\n\n{{ticket.latest_comment_html}}",
    ),
)
_AUTOMATION = {
    "title": "Close ticket 4 days after status is set to solved",
    "position": 0,
    "all": [
        {"field": "status", "operator": "is", "value": "solved"},
        {"field": "SOLVED", "operator": "greater_than", "value": "96"},
    ],
    "actions": [{"field": "status", "value": "closed"}],
}


def create_rules(context: Context) -> None:
    """Create the rules."""
    context.user_id = context.owner_id
    names = ("field", "operator", "value")
    for title, conditions, *mail in _TRIGGERS:
        trigger = {
            "title": title,
            "all": [dict(zip(names, condition, strict=True)) for condition in conditions],
            "actions": [{"field": "notification_user", "value": mail}],
        }
        writes.create(context, Trigger._meta, trigger, {})
    writes.create(context, Automation._meta, _AUTOMATION, {})
