"""Changes of existing comments: making them private, and redacting text.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.tickets import audits, tickets
from zendesk_orm.support import Audit, Comment, Ticket


#: The character that replaces each character of redacted text.
BLOCK = "▇"

_TEXT_KEYS = ("body", "html_body", "plain_body")


@route("PUT", "tickets/{ticket}/comments/{id}/make_private", Comment)
def make_private(context: Context, request: Request, target: Target) -> Response:
    """Make a comment private."""
    ticket, pk = target.args
    hide(context, ticket, pk)
    return Response(text="{}")


@route("PUT", "tickets/{ticket}/comments/{id}/redact", Comment)
def redact(context: Context, request: Request, target: Target) -> Response:
    """Redact a text in a comment permanently, and return the comment.

    Raises:
        HTTPError: 400, if no text is given; 422, if the ticket is closed.
    """
    ticket, pk = target.args
    text = request.body.get("text")
    if not text:
        raise missing_parameter("text")
    check_editable(context, ticket)

    def redact_row(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, **{key: _redact(row[key], str(text)) for key in _TEXT_KEYS if row.get(key)}}

    comment = update(context, ticket, pk, redact_row)
    update_ticket(context, ticket, pk, comment)
    return Response(text=dump_json({"comment": comment}))


def check_editable(context: Context, ticket: Any) -> None:
    """Raise `HTTPError` if a ticket does not exist (404) or is closed (422)."""
    if resources.get(context, Ticket._meta, ticket).doc["status"] == "closed":
        raise invalid_record({"status": [field_error("closed prevents ticket update")]})


def hide(context: Context, ticket: Any, pk: Any) -> None:
    """Make a comment private, and its ticket if none of its comments is public any more."""
    update(context, ticket, pk, lambda row: {**row, "public": False})
    stored = resources.get(context, Ticket._meta, ticket)
    audit = audits.create(context, stored.doc)
    event = {"type": "CommentPrivacyChange", "comment_id": pk, "public": False}
    audit["events"].append({"id": context.store.next_id(), **event})
    audits.save(context, audit)
    public = Where("parent = ?", (ticket,)) & where_equal("public", 1)
    if stored.doc["is_public"] and not context.store.count(Comment._meta.label, public):
        row = {**stored.doc, "is_public": False}
        context.write(Ticket._meta, row, state=stored.state, words=stored.words)


def update(
    context: Context, ticket: Any, pk: Any, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Apply a change to a comment and to its event in the audit, and return the comment."""
    stored = resources.get(context, Comment._meta, pk, {"ticket": ticket})
    row = change(stored.doc)
    words = audits.comment_words(row)
    context.write(Comment._meta, row, parent=stored.parent, state=stored.state, words=words)
    audit = context.store.get_row(Audit._meta.label, row["audit_id"])
    if audit is not None:
        events = [change(event) if event["id"] == pk else event for event in audit.doc["events"]]
        context.write(Audit._meta, {**audit.doc, "events": events}, parent=audit.parent, words="")
    return row


def update_ticket(context: Context, ticket: Any, pk: Any, comment: dict[str, Any]) -> None:
    """Update the words of a ticket, and its description if the comment is the first one."""
    stored = resources.get(context, Ticket._meta, ticket)
    first = context.store.select_texts(
        Comment._meta.label, Where("parent = ?", (ticket,)), limit=1
    )[0][1]
    row = {**stored.doc, **({"description": comment["body"]} if first == pk else {})}
    words = tickets.collect_ticket_words(context, row)
    context.write(Ticket._meta, row, state=stored.state, words=words)


def _redact(text: str, secret: str) -> str:
    """Return a text in which a secret, escaped or not, is blacked out."""
    for form in dict.fromkeys((secret, html.escape(secret, quote=False))):
        text = text.replace(form, BLOCK * len(secret))
    return text
