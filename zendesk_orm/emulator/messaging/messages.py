"""Messages of conversations, and their files.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.messaging import rows
from zendesk_orm.emulator.messaging.conversations import describe
from zendesk_orm.emulator.messaging.errors import bad_request, limit_error, not_found
from zendesk_orm.emulator.messaging.events import publish
from zendesk_orm.emulator.messaging.paths import APP_PATH
from zendesk_orm.emulator.messaging.users import find_user
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import too_large
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.emulator.tickets import uploads
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messaging import Attachment, Conversation, Message, Participant
from zendesk_orm.messaging.content import check_content
from zendesk_orm.sync.webhooks.messaging_events import API_SOURCE


_MESSAGE, _PARTICIPANT = Message._meta, Participant._meta
_PATH = f"{APP_PATH}/conversations/{{conversation}}/messages"
_FILES = f"{APP_PATH}/attachments"
#: The rows of a page, whatever size is requested.
PAGE_SIZE = 100
_AUTHORS = ("user", "business")
_ACCESS = ("public", "private")


@route("GET", _PATH, Message)
def list_messages(context: Context, request: Request, target: Target) -> Response:
    """Return a page of messages, by default the newest ones, in the order of time.

    Raises:
        HTTPError: 404, if the conversation does not exist; 400, if a cursor is invalid.
    """
    parent = rows.find_parent(context, _MESSAGE, target.kwargs)
    candidates = rows.select(context, _MESSAGE, parent)
    return rows.render_page(context, request, target, candidates, PAGE_SIZE, newest=True)


@route("POST", _PATH, Message)
def create(context: Context, request: Request, target: Target) -> Response:
    """Add a message to a conversation.

    Raises:
        HTTPError: 404, if the conversation or the author does not exist; 400, if the content is
            invalid; 423, if the conversation has too many messages.
    """
    conversation = rows.get(context, Conversation._meta, target.args[0])
    where = Where("parent = ? AND state < ?", (conversation.id, DELETED))
    if context.store.count(_MESSAGE.label, where) >= context.switches.max_messages:
        raise limit_error()
    author, content = request.get_object("author"), request.get_object("content")
    try:
        check_content(content)
    except InvalidValue as error:
        raise bad_request(str(error)) from None
    values = {
        "author": _build_author(context, author),
        "content": dict(content),
        "received": rows.format_now(context),
        "source": {"type": API_SOURCE},
    }
    row = rows.insert(context, _MESSAGE, request.body, target.kwargs, values).row
    rows.save(context, Conversation._meta, conversation, lastUpdatedAt=values["received"])
    _count_unread(context, conversation.id, author)
    message = rows.render(_MESSAGE, row)
    publish(
        context,
        "conversation:message",
        conversation=describe(conversation.doc),
        message=message,
    )
    return Response(201, dump_json({"messages": [message]}))


@route("DELETE", _PATH, Conversation)
def delete_all(context: Context, request: Request, target: Target) -> Response:
    """Delete all messages of a conversation.

    Raises:
        HTTPError: 404, if the conversation does not exist.
    """
    parent = rows.get(context, Conversation._meta, target.args[0]).id
    for row in rows.select(context, _MESSAGE, parent):
        resources.delete(context, _MESSAGE, rows.get(context, _MESSAGE, row["id"]))
    return rows.respond_empty()


def _build_author(context: Context, author: Mapping[str, Any]) -> dict[str, Any]:
    """Return the author of a message with the name of the user.

    Raises:
        HTTPError: 400, if the author has no type; 404, if the user does not exist.
    """
    if author.get("type") not in _AUTHORS:
        raise bad_request("author.type must be user or business")
    name = author.get("userId") or author.get("userExternalId")
    if author["type"] == "user" and not name:
        raise bad_request("author.userId or author.userExternalId is required")
    if not name:
        return dict(author)
    user = find_user(context, name)
    profile = user.doc["profile"] or {}
    names = (profile.get(key) for key in ("givenName", "surname"))
    defaults = {
        "userId": user.id,
        "userExternalId": user.doc["externalId"],
        "displayName": " ".join(filter(None, names)) or None,
        "avatarUrl": profile.get("avatarUrl"),
    }
    return {**defaults, **author}


def _count_unread(context: Context, conversation: Any, author: Mapping[str, Any]) -> None:
    """Count a message for all participants except its author."""
    for row in rows.select(context, _PARTICIPANT, conversation):
        if author.get("userId") != row["userId"]:
            stored = rows.get(context, _PARTICIPANT, row["id"])
            rows.save(context, _PARTICIPANT, stored, unreadCount=(row["unreadCount"] or 0) + 1)


@route("POST", _FILES, Attachment)
def upload(context: Context, request: Request, target: Target) -> Response:
    """Store a file.

    Raises:
        HTTPError: 400, if the form has no file, or a parameter is invalid; 404, if the
            conversation does not exist; 413, if the file is too large.
    """
    _, file = parse_form(request, "source")
    if file is None:
        raise bad_request("source is required")
    if request.params.get("access") not in _ACCESS:
        raise bad_request("access must be public or private")
    conversation = request.params.get("conversationId")
    if conversation:
        rows.get(context, Conversation._meta, conversation)
    if len(file.content) > context.switches.max_file_size:
        raise too_large()
    body = evolve(request, content=file.content, headers={"content-type": file.type})
    saved = uploads.save_file(context, body, file.name)
    row = {"mediaUrl": saved["content_url"], "mediaType": saved["content_type"]}
    context.write(Attachment._meta, row, parent=context.app_id)
    return Response(201, dump_json({"attachment": row}))


@route("POST", f"{_FILES}/remove", Attachment)
def remove(context: Context, request: Request, target: Target) -> Response:
    """Delete a file by its address.

    Raises:
        HTTPError: 400, if the address is missing; 404, if the file does not exist.
    """
    url = request.body.get("mediaUrl")
    if not url:
        raise bad_request("mediaUrl is required")
    stored = context.store.get_row(Attachment._meta.label, url)
    if stored is None:
        raise not_found("Attachment")
    context.store.drop_file(uploads.file_token({"content_url": url}))
    context.store.drop(Attachment._meta.label, url)
    return rows.respond_empty()
