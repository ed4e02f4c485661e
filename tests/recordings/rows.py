"""The rows that lie in recorded answers, each with the model it is a row of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.recordings.replay import Exchange, exchanges, names
from zendesk_orm import (
    Activity,
    Attachment,
    Audit,
    Automation,
    Brand,
    Comment,
    CustomRole,
    CustomStatus,
    Group,
    GroupMembership,
    JobStatus,
    Macro,
    Organization,
    OrganizationField,
    Ticket,
    TicketField,
    Trigger,
    User,
    UserField,
    View,
    ViewCount,
)
from zendesk_orm.help_center import Article, Category, ContentTag, Topic
from zendesk_orm.support import Engagement, RecipientAddress, Webhook, WebhookResponse
from zendesk_orm.talk import PartnerCall


Row = dict[str, Any]

#: What each key of an envelope holds, one or many.
HOLDS: dict[str, Any] = {
    "activities": Activity,
    "agent_engagement_data": Engagement,
    "article": Article,
    "attachment": Attachment,
    "attachments": Attachment,
    "audit": Audit,
    "audits": Audit,
    "automation": Automation,
    "automations": Automation,
    "brand": Brand,
    "brands": Brand,
    "call": PartnerCall,
    "categories": Category,
    "category": Category,
    "comments": Comment,
    "content_tag": ContentTag,
    "custom_role": CustomRole,
    "custom_status": CustomStatus,
    "group": Group,
    "group_memberships": GroupMembership,
    "groups": Group,
    "job_status": JobStatus,
    "job_statuses": JobStatus,
    "macro": Macro,
    "macros": Macro,
    "organization": Organization,
    "organization_field": OrganizationField,
    "organizations": Organization,
    "photo": Attachment,
    "recipient_address": RecipientAddress,
    "recipient_addresses": RecipientAddress,
    "response": WebhookResponse,
    "ticket": Ticket,
    "ticket_field": TicketField,
    "ticket_fields": TicketField,
    "tickets": Ticket,
    "topic": Topic,
    "topics": Topic,
    "trigger": Trigger,
    "triggers": Trigger,
    "user": User,
    "user_field": UserField,
    "users": User,
    "view": View,
    "view_count": ViewCount,
    "views": View,
    "webhook": Webhook,
    "webhooks": Webhook,
}
#: The same for the rows of a search, by what they say they are.
TYPES: dict[str, Any] = {
    "group": Group,
    "organization": Organization,
    "ticket": Ticket,
    "user": User,
}
#: Keys that hold an envelope of their own.
INNER = ("upload",)


def rows_in(data: Any) -> Iterator[tuple[Any, Row]]:
    """Yield the rows of a body, those that lie within other rows included."""
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in INNER:
            yield from rows_in(value)
        elif key == "results" and "facets" in data:
            for row in value:
                yield TYPES[row["result_type"]], row
        elif key in HOLDS:
            for row in value if isinstance(value, list) else [value]:
                if row is not None:
                    yield HOLDS[key], row
                    yield from _within(row)


def _within(row: Row) -> Iterator[tuple[Any, Row]]:
    yield from rows_in({key: row[key] for key in ("attachments", "photo") if key in row})
    for event in row.get("events", ()):
        # An audit's event of this type is the comment, as far as the audit tells.
        if event.get("type") == "Comment":
            yield Comment, event
            yield from _within(event)


def answers(exchange: Exchange) -> Iterator[tuple[Any, Row]]:
    """Yield the rows of a successful answer."""
    if exchange.status < 300:
        yield from rows_in(exchange.response)


def recorded_rows(name: str) -> list[tuple[Any, Row]]:
    """Return all rows of a recording."""
    return [found for exchange in exchanges(name) for found in answers(exchange)]


def all_rows() -> Iterator[tuple[Any, Row]]:
    """Yield all rows of all recordings."""
    for name in names():
        yield from recorded_rows(name)
