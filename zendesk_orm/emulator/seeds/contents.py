"""Texts and rules of the seed `demo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


Payloads = Sequence[Mapping[str, Any]]


def when(field: str, operator: str, value: str) -> dict[str, str]:
    """Return a condition."""
    return {"field": field, "operator": operator, "value": value}


def _then(field: str, value: Any) -> dict[str, Any]:
    """Return an action."""
    return {"field": field, "value": value}


MACROS: Payloads = (
    {
        "title": "Close and redirect to topics",
        "actions": [_then("status", "solved"), _then("comment_value", "Please see our articles.")],
    },
    {"title": "Take it", "actions": [_then("status", "open"), _then("priority", "normal")]},
    {
        "title": "Printer::Ask for the serial number",
        "actions": [
            _then("status", "pending"),
            _then("current_tags", "serial_number"),
            _then("comment_value", "Which serial number does the printer have?"),
        ],
    },
    {"title": "Billing::Escalate", "actions": [_then("priority", "urgent")]},
)
#: They apply to tickets with these words alone, so that other tickets are as they were sent.
TRIGGERS: Payloads = (
    {
        "title": "Escalate floods",
        "all": [when("status", "is", "new"), when("subject_includes_word", "includes", "flood")],
        "actions": [_then("priority", "urgent")],
    },
    {
        "title": "Tag lawyers",
        "all": [
            when("update_type", "is", "Create"),
            when("comment_includes_word", "includes", "lawyer"),
        ],
        "actions": [_then("current_tags", "legal")],
    },
)
AUTOMATIONS: Payloads = (
    {
        "title": "Close solved tickets after 4 days",
        "all": [when("status", "is", "solved"), when("SOLVED", "greater_than", "96")],
        "actions": [_then("status", "closed")],
        "active": False,
    },
)
SLA_POLICIES: Payloads = (
    {
        "title": "Incidents",
        "description": "For all incidents",
        "position": 1,
        "filter": {"all": [when("type", "is", "incident")], "any": []},
        "policy_metrics": [
            {
                "priority": priority,
                "metric": "first_reply_time",
                "target": minutes,
                "business_hours": False,
            }
            for priority, minutes in (("urgent", 15), ("high", 60), ("normal", 240), ("low", 480))
        ],
    },
)
DYNAMIC_CONTENT: Payloads = (
    {
        "name": "Greeting",
        "default_locale_id": 1,
        "variants": [{"locale_id": 1, "content": "Hello", "default": True}],
    },
)
WEBHOOKS: Payloads = (
    {
        "name": "Order system",
        "endpoint": "https://orders.example/hooks/zendesk",
        "http_method": "POST",
        "request_format": "json",
        "status": "inactive",
        "subscriptions": ["conditional_ticket_events"],
    },
)
_COLUMNS = ["status", "subject", "requester", "created", "assignee"]
VIEWS: Payloads = (
    {
        "title": "Unsolved by group",
        "all": [when("status", "less_than", "solved")],
        "output": {
            "columns": _COLUMNS,
            "group_by": "group",
            "group_order": "asc",
            "sort_by": "created",
            "sort_order": "desc",
        },
    },
    {
        "title": "Urgent by status",
        "all": [when("priority", "is", "urgent"), when("status", "less_than", "solved")],
        "output": {"columns": _COLUMNS, "group_by": "status", "sort_by": "updated"},
    },
    {
        "title": "Printers",
        "all": [when("current_tags", "includes", "printer"), when("status", "is", "open")],
        "output": {"columns": _COLUMNS},
    },
)
USER_FIELDS: Payloads = (
    {"type": "text", "title": "Job title", "key": "job_title"},
    {"type": "checkbox", "title": "Newsletter", "key": "newsletter", "tag": "newsletter"},
)
ORGANIZATION_FIELDS: Payloads = (
    {"type": "integer", "title": "Employees", "key": "employees"},
    {"type": "text", "title": "Region", "key": "region"},
)
#: Bodies by title, by section, by category.
ARTICLES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Products": {
        "Printers": {
            "What to do if a printer is on fire": "Leave the room and call the fire brigade.",
            "How to clear a paper jam": "Open the rear door and pull the paper out.",
            "How to order toner": "Toner is ordered with the number of the device.",
            "Which paper to use": "Use paper of 80 grams.",
        },
        "Scanners": {
            "How to scan to e-mail": "Choose an address and press the green button.",
            "Why scans are pale": "Clean the glass with a soft cloth.",
        },
        "Cloud": {
            "How to reset a password": "Follow the link on the sign-in page.",
            "How to export a report": "Reports are exported as CSV files.",
            "Which browsers are supported": "The latest two versions of each browser are.",
        },
    },
    "Orders": {
        "Shipping": {
            "How to track a parcel": "Each parcel has a number, which the carrier shows.",
            "How long shipping takes": "Parcels arrive within three days.",
        },
        "Billing": {
            "How to read an invoice": "Items are listed with their prices and taxes.",
            "How to get a refund": "Refunds are paid within a week.",
            "Which payments are accepted": "Cards and bank transfers are.",
        },
    },
}
#: Details by title, by topic.
POSTS: Mapping[str, Mapping[str, str]] = {
    "Ideas": {
        "A darker display": "The display is too bright at night.",
        "Toner by subscription": "I would like to get toner every month.",
    },
    "Tips": {"Keep paper dry": "Damp paper jams.", "Use the shortcut": "Press star twice."},
}
SHORTCUTS: Mapping[str, str] = {"hi": "Hello, how can I help?", "bye": "Have a nice day!"}
CHAT_MESSAGES: Sequence[str] = (
    "Is toner for the laser printer in stock?",
    "My parcel has not arrived.",
    "How do I export a report?",
)
RATING_COMMENTS: Sequence[str | None] = (None, "Quick and friendly.", None, "It took a while.")
CUSTOM_OBJECTS: Payloads = (
    {
        "key": "device",
        "title": "Device",
        "title_pluralized": "Devices",
        "fields": [
            {"key": "serial", "type": "text", "title": "Serial number"},
            {"key": "floor", "type": "integer", "title": "Floor"},
        ],
        "rows": [
            {
                "name": f"Printer {number}",
                "external_id": f"device-{number}",
                "custom_object_fields": {"serial": f"SN-{1000 + number}", "floor": number % 5},
            }
            for number in range(1, 21)
        ],
    },
)
#: Paths of requests, the keys of their objects, and the objects.
CONFIGURATION: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    ("targets", "target", {"title": "On call", "type": "email_target", "email": "a@b.example"}),
    ("recipient_addresses", "recipient_address", {"name": "Sales", "email": "sales@example.com"}),
    ("saved_searches", "", {"name": "Refunds", "query": "refund", "type": "ticket"}),
    (
        "workspaces",
        "workspace",
        {
            "title": "Open tickets",
            "description": "Macros of open tickets",
            "macros": [],
            "conditions": {"all": [when("status", "is", "open")], "any": []},
        },
    ),
    (
        "deletion_schedules",
        "deletion_schedule",
        {
            "title": "Tickets of three years ago",
            "object": "ticket",
            "active": False,
            "conditions": {"all": [when("updated_at", "greater_than", "P3Y")], "any": []},
        },
    ),
    ("task_list_templates", "task_list_template", {"name": "Onboarding"}),
    ("capacity/rules", "capacity_rule", {"name": "New agents"}),
    ("custom_objects/device/triggers", "trigger", {"title": "Retire devices"}),
    ("custom_objects/device/access_rules", "access_rule", {"title": "Devices of a floor"}),
    ("guide/external_content/types", "type", {"name": "Manual"}),
    ("guide/external_content/sources", "source", {"name": "Manuals"}),
)
ADDRESS: Mapping[str, str] = {
    "name": "Office",
    "street": "1 Main Street",
    "city": "Springfield",
    "province": "IL",
    "zip": "62701",
    "country_code": "US",
}
#: Paths of requests to Chat, and their bodies.
CHAT_SETTINGS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("chat/roles", {"name": "Agent", "enabled": True, "permissions": {}}),
    ("chat/goals", {"name": "Order", "enabled": True, "attribution_model": "last_touch"}),
    ("chat/triggers", {"name": "Welcome", "enabled": True, "definition": {"event": "page_enter"}}),
    ("chat/bans", {"type": "ip_address", "ip_address": "203.0.113.9", "reason": "Spam"}),
)
