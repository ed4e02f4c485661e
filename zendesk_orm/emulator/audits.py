"""The comment and the audit that each change of a ticket leaves."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator import uploads
from zendesk_orm.emulator.store import Stored, spaced
from zendesk_orm.emulator.templates import API
from zendesk_orm.emulator.world import World
from zendesk_orm.support import Audit, Comment


#: The author of what automations and triggers do; it belongs to no user.
SYSTEM = -1

_TAG = re.compile(r"<[^>]+>")
_SYSTEM = {
    "client": "zendesk_orm",
    "ip_address": "192.0.2.1",
    "location": "Springfield",
    "latitude": 0.0,
    "longitude": 0.0,
}


def begin(world: World, ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new audit of a ticket, without events."""
    return audit_row(
        world.store.next_id(), ticket["id"], world.stamp(), world.author, {"system": _SYSTEM}
    )


def audit_row(
    pk: int, ticket: int, at: str, author: int, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of an audit."""
    return {
        "id": pk,
        "ticket_id": ticket,
        "created_at": at,
        "author_id": author,
        "metadata": {**metadata, "custom": {}},
        "events": [],
        "via": API,
    }


def event(
    world: World, audit: dict[str, Any], type_: str, name: str, value: Any, **changed: Any
) -> None:
    """Record that a field was set, or changed from `previous`."""
    made = {
        "id": world.store.next_id(),
        "type": type_,
        "value": _said(name, value),
        "field_name": name,
    }
    if "previous" in changed:
        made["previous_value"] = _said(name, changed["previous"])
    audit["events"].append(made)


def say(
    world: World, ticket: Mapping[str, Any], audit: dict[str, Any], comment: Mapping[str, Any]
) -> str:
    """Keep a comment, record it, and return the words that search finds it by."""
    row = comment_row(
        world.store.next_id(), audit, comment["author_id"], str(comment.get("body") or "")
    )
    row["public"] = bool(comment.get("public", True))
    row["attachments"] = uploads.attached(world, comment.get("uploads"))
    if comment.get("html_body"):
        row["html_body"] = comment["html_body"]
    audit["events"].append({key: row[key] for key in row if key not in _ENVELOPE})
    found = words(row)
    stored = Stored(Comment._meta.label, row["id"], row, found, ticket["id"])
    world.store.put([stored], world.now())
    return found


def words(comment: Mapping[str, Any]) -> str:
    """Return the words that search finds a comment by."""
    return spaced(comment["body"])


#: What a comment has that its event in the audit leaves to the audit.
_ENVELOPE = frozenset({"via", "created_at", "metadata"})


def comment_row(pk: int, audit: Mapping[str, Any], author: int, body: str) -> dict[str, Any]:
    """Return the row of a public comment."""
    return {
        "id": pk,
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": as_html(body),
        "plain_body": body,
        "public": True,
        "attachments": [],
        "audit_id": audit["id"],
        "via": audit["via"],
        "created_at": audit["created_at"],
        "metadata": audit["metadata"],
    }


def keep(world: World, audit: dict[str, Any]) -> None:
    """Keep an audit with its events."""
    stored = Stored(Audit._meta.label, audit["id"], audit, parent=audit["ticket_id"])
    world.store.put([stored], world.now())


def as_html(body: str) -> str:
    """Return the body of a comment as Zendesk writes it in HTML."""
    paragraphs = "".join(
        f'<p dir="auto">{html.escape(part, quote=False)}</p>' for part in body.split("\n\n")
    )
    return f'<div class="zd-comment" dir="auto">{paragraphs}</div>'


def plain_text(markup: str) -> str:
    """Return HTML without its tags."""
    return html.unescape(_TAG.sub("", markup)).strip()


def _said(name: str, value: Any) -> Any:
    """Return a value as an event has it: ids are words there."""
    if name.endswith("_id") and isinstance(value, int):
        return str(value)
    return value
