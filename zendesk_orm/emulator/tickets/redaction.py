"""Permanent redaction of text and files in comments and chats.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter, not_found
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.emulator.tickets import audits, comments, uploads
from zendesk_orm.support import Attachment, Audit, Comment, Ticket


#: Values of an attachment after its file was redacted.
_EMPTY_FILE = {"file_name": "redacted.txt", "content_type": "text/plain", "size": 1}

_MARKED = re.compile(r"<redact>(.*?)</redact>", re.DOTALL)
_ELEMENT = re.compile(r"<(\w+)[^>]*\sredact(?:=\"[^\"]*\")?[^>]*>")


@route("PUT", "comment_redactions/{id}", Comment)
def redact_comment(context: Context, request: Request, target: Target) -> Response:
    """Redact the marked text and the named files of a comment, and return the comment.

    Raises:
        HTTPError: 400, if ticket, or both text and files, are missing; 404, if the ticket has
            no such comment.
    """
    ticket, pk = request.body.get("ticket_id"), target.args[0]
    if ticket is None:
        raise missing_parameter("ticket_id")
    markup = request.body.get("html_body")
    urls = request.body.get("external_attachment_urls") or ()
    if not markup and not urls:
        raise missing_parameter("html_body")
    resources.get(context, Ticket._meta, ticket)

    def redact_row(row: dict[str, Any]) -> dict[str, Any]:
        files = [
            _empty_file(context, file) if file["content_url"] in urls else file
            for file in row["attachments"]
        ]
        row = {**row, "attachments": files}
        if not markup:
            return row
        html_body = _redact_marked_text(markup)
        text = audits.strip_html(html_body)
        return {**row, "html_body": html_body, "body": text, "plain_body": text}

    row = comments.update(context, ticket, pk, redact_row)
    comments.update_ticket(context, ticket, pk, row)
    return Response(text=dump_json({"comment": row}))


@route("PUT", "tickets/{ticket}/comments/{id}/attachments/{attachment}/redact", Comment)
def redact_attachment(context: Context, request: Request, target: Target) -> Response:
    """Replace an attachment by an empty file, and return the attachment.

    Raises:
        HTTPError: 404, if the attachment does not exist; 422, if the ticket is closed.
    """
    ticket, pk, attachment = target.args
    comments.check_editable(context, ticket)
    row = resources.get(context, Comment._meta, pk, {"ticket": ticket}).doc
    file = next((file for file in row["attachments"] if file["id"] == attachment), None)
    if file is None:
        raise not_found()
    empty = _empty_file(context, file)

    def replace_file(row: dict[str, Any]) -> dict[str, Any]:
        files = [empty if file["id"] == attachment else file for file in row["attachments"]]
        return {**row, "attachments": files}

    comments.update(context, ticket, pk, replace_file)
    return Response(text=dump_json({"attachment": empty}))


@route("PUT", "tickets/{ticket}/audits/{id}/make_private", Audit)
def make_private(context: Context, request: Request, target: Target) -> Response:
    """Make the comment of an audit private.

    Raises:
        HTTPError: 404, if the audit does not exist or has no comment.
    """
    ticket, pk = target.args
    audit = resources.get(context, Audit._meta, pk, {"ticket": ticket}).doc
    ids = [event["id"] for event in audit["events"] if event["type"] == "Comment"]
    if not ids:
        raise not_found()
    for comment in ids:
        comments.hide(context, ticket, comment)
    return Response(text="{}")


@route("PUT", "chat_redactions/{id}", Ticket)
def redact_chat(context: Context, request: Request, target: Target) -> Response:
    """Redact the marked text of a chat message, and return the chat.

    Raises:
        HTTPError: 400, if no text is marked; 404, if the message does not exist.
    """
    text = str(request.body.get("text") or "")
    if not _MARKED.search(text):
        raise missing_parameter("text")
    values = {"message": _redact_marked_text(text)}
    return _update_chat(
        context, request, target, "ChatMessage", values, ("chat_index", "message_id")
    )


@route("PUT", "chat_file_redactions/{id}", Ticket)
def redact_chat_files(context: Context, request: Request, target: Target) -> Response:
    """Redact files of a chat, and return the chat.

    Raises:
        HTTPError: 404, if no such file exists.
    """
    values = {"filename": _EMPTY_FILE["file_name"]}
    return _update_chat(
        context, request, target, "ChatFileAttachment", values, ("chat_indexes", "message_ids")
    )


def _update_chat(
    context: Context,
    request: Request,
    target: Target,
    type_: str,
    values: Mapping[str, Any],
    parameters: tuple[str, str],
) -> Response:
    """Update entries of a chat's history, and return the event of the chat.

    Args:
        context: the account.
        request: the request; its body has the id of the chat.
        target: the endpoint; its path has the id of the ticket.
        type_: the type of the entries.
        values: the new values of the entries.
        parameters: the keys of the body with the indexes and with the ids of the entries.

    Raises:
        HTTPError: 404, if the ticket has no such chat, or the chat no such entry.
    """
    ticket = target.args[0]
    resources.get(context, Ticket._meta, ticket)
    indexes, messages = (_to_list(request.body.get(name)) for name in parameters)
    for audit in context.store.select(Audit._meta.label, Where("parent = ?", (ticket,))):
        for event in audit["events"]:
            chat = event.get("value")
            is_chat = event["type"] == "ChatStartedEvent"
            if not is_chat or chat["chat_id"] != request.body.get("chat_id"):
                continue
            entries = [
                entry
                for entry in chat["history"]
                if entry["type"] == type_
                and (entry.get("chat_index") in indexes or entry.get("message_id") in messages)
            ]
            if not entries:
                raise not_found()
            for entry in entries:
                entry.update(values)
            context.write(Audit._meta, audit, parent=ticket, words="")
            return Response(text=dump_json({"chat_event": event}))
    raise not_found()


def _to_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _redact_marked_text(markup: str) -> str:
    """Return HTML without elements to redact, and with the marked text blacked out."""
    text = _ELEMENT.sub("", markup)
    return _MARKED.sub(lambda match: comments.BLOCK * len(match[1]), text)


def _empty_file(context: Context, attachment: dict[str, Any]) -> dict[str, Any]:
    """Delete the file of an attachment, and return the attachment of an empty file."""
    context.store.drop_file(uploads.file_token(attachment))
    empty = {**attachment, **_EMPTY_FILE, "thumbnails": []}
    context.write(Attachment._meta, empty)
    return empty
