"""The rows in recorded responses, with their models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.recordings.replay import Exchange, list_names, read_exchanges
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

_MODELS: tuple[Any, ...] = (
    *(Activity, Article, Attachment, Audit, Automation, Brand, Category, Comment, ContentTag),
    *(CustomRole, CustomStatus, Engagement, Group, GroupMembership, JobStatus, Macro),
    *(Organization, OrganizationField, PartnerCall, RecipientAddress, Ticket, TicketField),
    *(Topic, Trigger, User, UserField, View, ViewCount, Webhook),
)
#: The model of each key of an envelope, for one row or several.
HOLDS: dict[str, Any] = {
    key: model for model in _MODELS for key in (model._meta.singular, model._meta.plural)
} | {"photo": Attachment, "response": WebhookResponse}
#: The models with recorded rows.
RECORDED = frozenset(HOLDS.values()) - {CustomStatus, ViewCount}
#: The model of each `result_type` of search results.
TYPES: dict[str, Any] = {
    "group": Group,
    "organization": Organization,
    "ticket": Ticket,
    "user": User,
}
#: Keys with a nested envelope.
INNER = ("upload",)


def iter_rows(data: Any) -> Iterator[tuple[Any, Row]]:
    """Yield the rows of a body, including nested rows."""
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in INNER:
            yield from iter_rows(value)
        elif key == "results" and "facets" in data:
            for row in value:
                yield TYPES[row["result_type"]], row
        elif key in HOLDS:
            for row in value if isinstance(value, list) else [value]:
                if row is not None:
                    yield HOLDS[key], row
                    yield from _iter_nested_rows(row)


def _iter_nested_rows(row: Row) -> Iterator[tuple[Any, Row]]:
    yield from iter_rows({key: row[key] for key in ("attachments", "photo") if key in row})
    for event in row.get("events", ()):
        # An audit event of this type contains most fields of the comment.
        if event.get("type") == "Comment":
            yield Comment, event
            yield from _iter_nested_rows(event)


def iter_responses(exchange: Exchange) -> Iterator[tuple[Any, Row]]:
    """Yield the rows of a successful response."""
    if exchange.status < 300:
        yield from iter_rows(exchange.response)


def read_rows(name: str) -> list[tuple[Any, Row]]:
    """Return all rows of a recording."""
    return [answer for exchange in read_exchanges(name) for answer in iter_responses(exchange)]


def iter_all_rows() -> Iterator[tuple[Any, Row]]:
    """Yield all rows of all recordings."""
    for name in list_names():
        yield from read_rows(name)
