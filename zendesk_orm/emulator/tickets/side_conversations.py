"""Side conversations with their events, child tickets, imports and files.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.bodies import parse_form
from zendesk_orm.emulator.server.errors import (
    UNCONFIRMED,
    HTTPError,
    missing_parameter,
    not_found,
    too_large,
)
from zendesk_orm.emulator.server.routes import route, updates
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.emulator.tickets import tickets, uploads
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Group,
    SideConversation,
    SideConversationAttachment,
    SideConversationEvent,
    Ticket,
    User,
)


_CONVERSATION, _EVENT = SideConversation._meta, SideConversationEvent._meta
_FILE = SideConversationAttachment._meta
_PATH = "tickets/{ticket}/side_conversations"
#: The keys of a participant.
_PARTICIPANT_KEYS = (
    "user_id",
    "name",
    "email",
    "slack_workspace_id",
    "slack_channel_id",
    "support_group_id",
    "support_agent_id",
    "msteams_channel_id",
)
#: The keys of which a recipient has exactly one.
_KINDS = (
    "user_id",
    "email",
    "support_group_id",
    "support_agent_id",
    "slack_channel_id",
    "msteams_channel_id",
)
#: The models of participants, by the keys of their ids.
_MODELS: Mapping[str, Options] = {
    "user_id": User._meta,
    "support_agent_id": User._meta,
    "support_group_id": Group._meta,
}
_PREVIEW_LENGTH = 150


@route("POST", _PATH, SideConversation)
def create(context: Context, request: Request, target: Target) -> Response:
    """Create a conversation with its first message, and a child ticket for an agent or a group.

    Raises:
        HTTPError: 404, if the ticket does not exist; 400, if the message is missing; 422, if a
            recipient or a file is invalid.
    """
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    message = request.get_object("message")
    ids = {**(request.body.get("external_ids") or {}), **(message.get("external_ids") or {})}
    row = _build_conversation(context, ticket, message.get("subject"), ids)
    sent = _build_message(context, row, message)
    child = _create_child_ticket(context, ticket, sent)
    if child is not None:
        row["external_ids"]["targetTicketId"] = str(child)
    event = _add_message(context, row, "create", sent)
    return _respond(row, event, 201)


@route("POST", f"{_PATH}/{{side_conversation}}/reply", SideConversationEvent)
def reply(context: Context, request: Request, target: Target) -> Response:
    """Add a message to a conversation.

    Raises:
        HTTPError: 404, if the conversation does not exist; 400, if the message is missing; 422, if
            a recipient or a file is invalid.
    """
    stored = _get_conversation(context, target)
    row = dict(stored.doc)
    _advance_past(context, row)
    message = _build_message(context, row, request.get_object("message"))
    if context.switches.reply_reopens:
        _set_state(context, row, "open")
    return _respond(row, _add_message(context, row, "reply", message), 201)


@updates(SideConversation)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update state, subject or external ids, and record the change as an event."""
    row = dict(stored.doc)
    _set_state(context, row, payload.get("state", row["state"]))
    if "subject" in payload:
        row["subject"] = payload["subject"]
    if "external_ids" in payload:
        previous = row["external_ids"] if context.switches.external_ids_merged else {}
        row["external_ids"] = {**previous, **(payload["external_ids"] or {})}
    names = ("state", "subject", "external_ids")
    changed = {name: row[name] for name in names if row[name] != stored.doc[name]}
    if not changed:
        return WriteResult(row)
    _advance_past(context, row)
    row["updated_at"] = _format_time(context)
    context.write(meta, row, parent=stored.parent)
    event = _build_event(context, row, "update", {"updates": changed})
    return WriteResult(row, {"event": event})


@route("POST", f"{_PATH}/import", SideConversation)
def import_conversation(context: Context, request: Request, target: Target) -> Response:
    """Create a conversation with its past messages, without child tickets.

    Raises:
        HTTPError: 404, if the ticket does not exist; 400, if a message is missing; 422, if a
            recipient or a file is invalid.
    """
    ticket = resources.get(context, Ticket._meta, target.args[0]).id
    values = request.get_object("side_conversation")
    ids = values.get("external_ids") or {}
    row = _build_conversation(context, ticket, values.get("subject"), ids)
    row["state"] = values.get("state") or "open"
    events = request.body.get("events") or ()
    return _import_messages(context, row, events, first="create")


@route("POST", f"{_PATH}/{{id}}/events/import", SideConversation)
def import_events(context: Context, request: Request, target: Target) -> Response:
    """Add past messages to a conversation.

    Raises:
        HTTPError: 404, if the conversation does not exist; 400, if a message is missing; 422, if
            a recipient or a file is invalid.
    """
    row, events = dict(_get_conversation(context, target).doc), request.body.get("events")
    return _import_messages(context, row, events or (), first="reply")


@route("GET", f"{_PATH}/{{side_conversation}}/events", SideConversationEvent)
def list_events(context: Context, request: Request, target: Target) -> Response:
    """List the events of a conversation, the oldest first.

    Raises:
        HTTPError: 404, if the conversation does not exist.
    """
    pk = _get_conversation(context, target).id
    where = Where("parent = ? AND state < ?", (pk, DELETED))
    events = context.store.select(_EVENT.label, where, f"{json_value('created_at')}, id")
    return Response(text=dump_json({"events": events}))


@route("POST", "tickets/side_conversations/attachments", SideConversationAttachment)
def upload(context: Context, request: Request, target: Target) -> Response:
    """Store a file that a message can contain.

    Raises:
        HTTPError: 400, if the form has no file; 413, if it is too large.
    """
    _, file = parse_form(request, "file")
    if file is None:
        raise missing_parameter("file")
    if len(file.content) > context.switches.max_file_size:
        raise too_large()
    body = evolve(request, content=file.content, headers={"content-type": file.type})
    saved = uploads.save_file(context, body, file.name)
    pk = f"s3-{uuid.UUID(int=context.store.next_id())}"
    row = {"id": pk, "name": file.name, "content_type": saved["content_type"]}
    row |= {name: saved[name] for name in ("size", "width", "height")}
    stored = StoredRow(_FILE.label, pk, {**row, "content_url": saved["content_url"]})
    context.store.put([stored], context.now())
    return Response(201, dump_json(row))


def _get_conversation(context: Context, target: Target) -> StoredRow:
    """Return the conversation in a path.

    Raises:
        HTTPError: 404, if it does not exist below the ticket.
    """
    ticket, pk = target.args
    stored = resources.get(context, _CONVERSATION, pk)
    if stored.parent != ticket:
        raise not_found()
    return stored


def _build_conversation(
    context: Context, ticket: int, subject: Any, external_ids: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of a new conversation without participants."""
    row = build_row(_CONVERSATION)
    now = _format_time(context)
    row |= {
        "id": str(uuid.UUID(int=context.store.next_id())),
        "ticket_id": ticket,
        "subject": subject,
        "state": "open",
        "external_ids": {name: str(value) for name, value in external_ids.items()},
    }
    names = ("message_added_at", "state_updated_at", "created_at", "updated_at")
    row |= dict.fromkeys(names, now)
    row["url"] = f"{BASE_URL}/api/v2/tickets/{ticket}/side_conversations/{row['id']}"
    return row


def _build_message(
    context: Context, row: Mapping[str, Any], message: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a message as an event contains it.

    Raises:
        HTTPError: 422, if it has no text or recipient, or a recipient or a file is invalid.
    """
    text = message.get("body") or message.get("html_body")
    if not text:
        raise _invalid("message: body or html_body is required")
    if not message.get("to"):
        raise _invalid("message: to is required")
    sender = message.get("from") or {"user_id": context.user_id}
    files = [_embed_file(context, pk) for pk in message.get("attachment_ids") or ()]
    return {
        "subject": message.get("subject") or row["subject"],
        "preview_text": str(text)[:_PREVIEW_LENGTH],
        "body": message.get("body") or text,
        "html_body": message.get("html_body") or f"<p>{text}</p>",
        "from": _build_participant(context, sender),
        "to": [_build_participant(context, recipient) for recipient in message["to"]],
        "external_ids": message.get("external_ids") or {},
        "attachments": files,
    }


def _build_participant(context: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a participant with all keys.

    Raises:
        HTTPError: 422, if the participant has no kind or several, or does not exist.
    """
    kinds = [key for key in _KINDS if values.get(key) is not None]
    if len(kinds) != 1:
        raise _invalid("message: each recipient needs exactly one of " + ", ".join(_KINDS))
    result = {key: values.get(key) for key in _PARTICIPANT_KEYS}
    if kinds[0] == "email":
        users = context.store.find(User._meta.label, "email", values["email"])
        result["user_id"] = users[0]["id"] if users else None
        result["name"] = values.get("name") or (users[0]["name"] if users else None)
    elif kinds[0] in _MODELS:
        row = context.store.get(_MODELS[kinds[0]].label, values[kinds[0]])
        if row is None:
            raise _invalid(f"message: {kinds[0]} {values[kinds[0]]} does not exist")
        result |= {"name": row["name"], "email": row.get("email")}
    return result


def _embed_file(context: Context, pk: Any) -> dict[str, Any]:
    """Return an uploaded file as a message contains it.

    Raises:
        HTTPError: 422, if it does not exist.
    """
    file = context.store.get(_FILE.label, pk)
    if file is None:
        raise _invalid(f"message: the attachment {pk} does not exist")
    shared = {name: file[name] for name in ("id", "content_type", "content_url")}
    sizes = {name: file[name] for name in ("size", "width", "height")}
    return {**shared, "file_name": file["name"], **sizes, "inline": False}


def _create_child_ticket(context: Context, ticket: int, message: Mapping[str, Any]) -> int | None:
    """Create the ticket of a recipient who is a group or an agent, and return its id, or None."""
    values: dict[str, Any] = {}
    for recipient in message["to"]:
        if recipient["support_group_id"] is not None:
            values = {"group_id": recipient["support_group_id"]}
        elif recipient["support_agent_id"] is not None:
            values = {"assignee_id": recipient["support_agent_id"]}
    if not values:
        return None
    values |= {"subject": message["subject"], "requester_id": context.user_id}
    values["comment"] = {"body": message["body"]}
    row = tickets.create(context, Ticket._meta, values, {}).row
    source = {"from": {"ticket_id": ticket}, "to": {}, "rel": None}
    row["via"] = {"channel": "side_conversation", "source": source}
    words = tickets.collect_ticket_words(context, row)
    context.write(Ticket._meta, row, words=words)
    pk: int = row["id"]
    return pk


def _import_messages(
    context: Context, row: dict[str, Any], events: Iterable[Mapping[str, Any]], *, first: str
) -> Response:
    """Add messages with their dates, and return the conversation with the last event."""
    kind, added = first, None
    for event in events:
        if not isinstance(event.get("message"), Mapping):
            raise missing_parameter("message")
        seconds = load_datetime(event["created_at"]).timestamp()
        message = _build_message(context, row, event["message"])
        added = _add_message(context, row, kind, message, _format_time(context, seconds))
        kind = "reply"
    if added is None:
        raise missing_parameter("events")
    return Response(201, dump_json({"side_conversation": row, "event": added, "updates": {}}))


def _add_message(
    context: Context,
    row: dict[str, Any],
    kind: str,
    message: Mapping[str, Any],
    at: str | None = None,
) -> dict[str, Any]:
    """Add a message to a conversation, and return its event."""
    at = at or _format_time(context)
    for participant in (message["from"], *message["to"]):
        if participant not in row["participants"]:
            row["participants"] = [*row["participants"], participant]
    row |= {"preview_text": message["preview_text"], "message_added_at": at, "updated_at": at}
    context.write(_CONVERSATION, row, parent=row["ticket_id"])
    return _build_event(context, row, kind, {"message": dict(message), "created_at": at})


def _build_event(
    context: Context, row: Mapping[str, Any], kind: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Write an event of a conversation, and return it."""
    message = values.get("message")
    actor = (
        message["from"] if message else _build_participant(context, {"user_id": context.user_id})
    )
    pk = str(uuid.UUID(int=context.store.next_id()))
    event = {
        "id": pk,
        "side_conversation_id": row["id"],
        "ticket_id": row["ticket_id"],
        "actor": actor,
        "type": kind,
        "via": "api",
        "created_at": _format_time(context),
        "message": None,
        "updates": {},
        "url": f"{row['url']}/events/{pk}",
        **values,
    }
    context.write(_EVENT, event, parent=row["id"])
    return event


def _advance_past(context: Context, row: Mapping[str, Any]) -> None:
    """Advance the clock until its second is later than the last change of a conversation."""
    seconds = datetime.fromisoformat(row["updated_at"]).timestamp()
    context.advance_past(context.timestamp(seconds))


def _set_state(context: Context, row: dict[str, Any], state: Any) -> None:
    """Set the state of a conversation, and the time of its change."""
    if row["state"] != state:
        row |= {"state": state, "state_updated_at": _format_time(context)}


def _format_time(context: Context, seconds: float | None = None) -> str:
    """Return a time in the format of side conversations: `2026-01-31T12:00:00.000+00:00`."""
    at = datetime.fromtimestamp(context.now() if seconds is None else seconds, timezone.utc)
    return at.isoformat(timespec="milliseconds")


def _respond(row: Mapping[str, Any], event: Mapping[str, Any], status: int) -> Response:
    return Response(status, dump_json({"side_conversation": row, "event": event}))


def _invalid(description: str) -> HTTPError:
    """Return the error for an invalid message; its form is unconfirmed."""
    body = {"error": "RecordInvalid", "description": description}
    return HTTPError(422, body, UNCONFIRMED)
