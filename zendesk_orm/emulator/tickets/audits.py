"""Audits and comments, which are written with each change of a ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.defaults import API_VIA
from zendesk_orm.emulator.storage.store import StoredRow
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.emulator.tickets import uploads
from zendesk_orm.support import Audit, Comment


#: The maximum size of a comment in bytes.
MAX_SIZE = 65_535
#: The author of changes by automations and triggers; no user has this id.
SYSTEM = -1

_TAG = re.compile(r"<[^>]+>")
_SYSTEM_METADATA = {
    "client": "zendesk_orm",
    "ip_address": "192.0.2.1",
    "location": "Springfield",
    "latitude": 0.0,
    "longitude": 0.0,
}
#: Keys of a comment that its event does not repeat, because the audit has them.
_AUDIT_KEYS = frozenset({"via", "created_at", "metadata"})


def create(
    context: Context, ticket: Mapping[str, Any], author: int | None = None
) -> dict[str, Any]:
    """Return a new audit of a ticket without events, which `save()` has to store.

    Args:
        context: the account.
        ticket: the ticket.
        author: the id of the user, by default that of the request; `SYSTEM` for an automation.
    """
    row = audit_row(
        context.store.next_id(),
        ticket["id"],
        context.timestamp(),
        context.user_id if author is None else author,
        {"system": {} if author == SYSTEM else _SYSTEM_METADATA},
    )
    if author == SYSTEM:
        row["via"] = {"channel": "rule", "source": API_VIA["source"]}
    return row


def audit_row(
    pk: int, ticket: int, at: str, author: int, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of an audit without events."""
    return {
        "id": pk,
        "ticket_id": ticket,
        "created_at": at,
        "author_id": author,
        "metadata": {**metadata, "custom": {}},
        "events": [],
        "via": API_VIA,
    }


def add_event(
    context: Context, audit: dict[str, Any], type_: str, name: str, value: Any, **change: Any
) -> None:
    """Add the event of a field that was set, or changed from the value `previous`.

    Args:
        context: the account.
        audit: the audit.
        type_: `Create` or `Change`.
        name: the name of the field.
        value: its value.
        change: `previous`, the previous value; `via`, the source if it is not that of the audit.
    """
    event = {
        "id": context.store.next_id(),
        "type": type_,
        "value": _event_value(name, value),
        "field_name": name,
    }
    if "previous" in change:
        event["previous_value"] = _event_value(name, change["previous"])
    if change.get("via"):
        event["via"] = change["via"]
    audit["events"].append(event)


def add_comment(
    context: Context, ticket: Mapping[str, Any], audit: dict[str, Any], comment: Mapping[str, Any]
) -> str:
    """Store a comment, add its event, and return the words by which search finds it."""
    row = comment_row(
        context.store.next_id(), audit, comment["author_id"], str(comment.get("body") or "")
    )
    row["public"] = bool(comment.get("public", True))
    row["attachments"] = uploads.use_tokens(context, comment.get("uploads"))
    if comment.get("html_body"):
        row["html_body"] = comment["html_body"]
    audit["events"].append({key: row[key] for key in row if key not in _AUDIT_KEYS})
    words = comment_words(row)
    context.write(Comment._meta, row, parent=ticket["id"], words=words)
    return words


def truncate(text: str) -> str:
    """Return a text without what exceeds the size of a comment, which Zendesk drops silently.

    Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
    """
    return text.encode()[:MAX_SIZE].decode(errors="ignore")


def comment_words(comment: Mapping[str, Any]) -> str:
    """Return the words by which search finds a comment."""
    return normalize_words(comment["body"])


def comment_row(pk: int, audit: Mapping[str, Any], author: int, body: str) -> dict[str, Any]:
    """Return the row of a public comment."""
    return {
        "id": pk,
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": render_html(body),
        "plain_body": body,
        "public": True,
        "attachments": [],
        "audit_id": audit["id"],
        "via": audit["via"],
        "created_at": audit["created_at"],
        "metadata": audit["metadata"],
    }


def save(context: Context, audit: dict[str, Any]) -> None:
    """Store an audit with its events."""
    stored = StoredRow(Audit._meta.label, audit["id"], audit, parent=audit["ticket_id"])
    context.store.put([stored], context.now())


def render_html(body: str) -> str:
    """Return the body of a comment as Zendesk's HTML."""
    paragraphs = "".join(
        f'<p dir="auto">{html.escape(part, quote=False)}</p>' for part in body.split("\n\n")
    )
    return f'<div class="zd-comment" dir="auto">{paragraphs}</div>'


def strip_html(markup: str) -> str:
    """Return HTML as plain text, without its tags."""
    return html.unescape(_TAG.sub("", markup)).strip()


def _event_value(name: str, value: Any) -> Any:
    """Return a value in the form of an event, in which ids are strings."""
    if name.endswith("_id") and isinstance(value, int):
        return str(value)
    return value
