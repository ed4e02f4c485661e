"""Conversations with their participants and activities, and their control.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Conversations
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.messaging import rows
from zendesk_orm.emulator.messaging.errors import bad_request, not_found, permission_error
from zendesk_orm.emulator.messaging.events import publish
from zendesk_orm.emulator.messaging.paths import APP_PATH
from zendesk_orm.emulator.messaging.rows import Row
from zendesk_orm.emulator.messaging.users import find_user
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.messaging import (
    Conversation,
    Participant,
    Switchboard,
    SwitchboardIntegration,
)
from zendesk_orm.schema.options import Options


_CONVERSATION, _PARTICIPANT = Conversation._meta, Participant._meta
_SWITCHBOARD, _INTEGRATION = Switchboard._meta, SwitchboardIntegration._meta
_ROW = f"{APP_PATH}/conversations/{{id}}"
_ACTIVE, _PENDING = "activeSwitchboardIntegration", "pendingSwitchboardIntegration"
#: The activities of users, and of the business.
_ACTIVITIES = {
    "user": ("conversation:read",),
    "business": ("conversation:read", "typing:start", "typing:stop"),
}


def describe(row: Mapping[str, Any]) -> Row:
    """Return a conversation as events contain it."""
    return {name: row[name] for name in ("id", "type", "metadata", _ACTIVE, _PENDING)}


@rows.filters(_CONVERSATION.label)
def filter_conversations(context: Context, request: Request, candidates: list[Row]) -> list[Row]:
    """Return the conversations of a user.

    Raises:
        HTTPError: 400, if no user is named.
    """
    names = [request.params.get(f"filter[{name}]") for name in ("userId", "userExternalId")]
    if len([name for name in names if name]) != 1:
        raise bad_request("filter[userId] or filter[userExternalId] is required")
    try:
        user = find_user(context, names[0] or names[1]).id
    except HTTPError:
        return []  # An unknown user has no conversations.
    return [row for row in candidates if _find_participant(context, row["id"], user) is not None]


@creates(Conversation)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a conversation with its participants.

    Raises:
        HTTPError: 404, if a user does not exist; 400, if a value is invalid.
    """
    participants = payload.get("participants") or []
    users = [_read_user(context, participant) for participant in participants]
    now = rows.format_now(context)
    values = {"createdAt": now, "lastUpdatedAt": now, _ACTIVE: _find_default(context)}
    result = rows.insert(context, meta, payload, path, values)
    for user, participant in zip(users, participants, strict=True):
        _add_participant(context, result.row["id"], user, participant)
    publish(context, "conversation:create", conversation=describe(result.row))
    return result


@updates(Conversation)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a conversation."""
    values = resources.select_fields(meta, payload, new=False)
    now = rows.format_now(context)
    return WriteResult(rows.save(context, meta, stored, **values, lastUpdatedAt=now))


@deletes(Conversation)
def delete(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a conversation."""
    publish(context, "conversation:remove", conversation=describe(stored.doc))
    return resources.delete(context, meta, stored)


@route("POST", f"{_ROW}/download", Conversation)
def download(context: Context, request: Request, target: Target) -> Response:
    """Return the content of a message that a channel stores: an empty object.

    Raises:
        HTTPError: 404, if the conversation does not exist.
    """
    rows.get(context, _CONVERSATION, target.args[0])
    return rows.respond_empty()


# -- participants --------------------------------------------------------------


@creates(Participant)
def join(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Add a user to a conversation; a participant stays the same.

    Raises:
        HTTPError: 400, if no user is named; 404, if the user does not exist.
    """
    user = _read_user(context, payload)
    conversation = str(path["conversation"])
    row = _find_participant(context, conversation, user.id)
    if row is None:
        row = _add_participant(context, conversation, user, payload)
    return WriteResult(row)


@route("POST", f"{_ROW}/leave", Participant)
def leave(context: Context, request: Request, target: Target) -> Response:
    """Remove a user from a conversation.

    Raises:
        HTTPError: 400, if no participant is named; 404, if the participant does not exist.
    """
    pk = str(target.args[0])
    conversation = rows.get(context, _CONVERSATION, pk)
    if "participantId" in request.body:
        row = context.store.get(_PARTICIPANT.label, str(request.body["participantId"]))
    else:
        row = _find_participant(context, pk, _read_user(context, request.body).id)
    if row is None or row["conversationId"] != pk:
        raise not_found("Participant")
    resources.delete(
        context, _PARTICIPANT, rows.get(context, _PARTICIPANT, row["id"], {"conversation": pk})
    )
    publish(
        context,
        "conversation:leave",
        conversation=describe(conversation.doc),
        participant=rows.render(_PARTICIPANT, row),
    )
    return rows.respond_empty()


def _add_participant(
    context: Context, conversation: str, user: StoredRow, values: Mapping[str, Any]
) -> Row:
    """Add a user to a conversation, and return the participant."""
    ids = {"userId": user.id, "userExternalId": user.doc["externalId"], "unreadCount": 0}
    row = rows.insert(context, _PARTICIPANT, {}, {"conversation": conversation}, ids).row
    publish(
        context,
        "conversation:join",
        conversation=describe(rows.get(context, _CONVERSATION, conversation).doc),
        participant=rows.render(_PARTICIPANT, row),
    )
    return row


def _read_user(context: Context, values: Mapping[str, Any]) -> StoredRow:
    """Return the user whom the values of a participant identify.

    Raises:
        HTTPError: 400, if no user is named; 404, if the user does not exist.
    """
    names = [name for name in ("userId", "userExternalId") if values.get(name)]
    if len(names) != 1:
        raise bad_request("userId or userExternalId is required")
    return find_user(context, values[names[0]])


def _find_participant(context: Context, conversation: str, user: Any) -> Row | None:
    """Return the participant of a conversation for a user, or None."""
    participants = rows.select(context, _PARTICIPANT, conversation)
    return next((row for row in participants if row["userId"] == user), None)


# -- activities ----------------------------------------------------------------


@route("POST", f"{_ROW}/activity", Conversation)
def post_activity(context: Context, request: Request, target: Target) -> Response:
    """Record that the business or a user has read a conversation, or that somebody is typing.

    Raises:
        HTTPError: 404, if the conversation does not exist; 400, if the author has no such activity.
    """
    stored = rows.get(context, _CONVERSATION, target.args[0])
    author, kind = request.get_object("author"), request.body.get("type")
    if kind not in _ACTIVITIES.get(str(author.get("type")), ()):
        raise bad_request(f"the author has no activity {kind}")
    if kind == "conversation:read":
        _mark_as_read(context, stored, author)
    trigger = "conversation:read" if kind == "conversation:read" else "conversation:typing"
    activity = {"type": kind, "author": dict(author)}
    publish(context, trigger, conversation=describe(stored.doc), activity=activity)
    return rows.respond_empty()


def _mark_as_read(context: Context, stored: StoredRow, author: Mapping[str, Any]) -> None:
    now = rows.format_now(context)
    if author["type"] == "business":
        rows.save(context, _CONVERSATION, stored, businessLastRead=now)
        return
    participant = _find_participant(context, str(stored.id), _read_user(context, author).id)
    if participant is None:
        raise not_found("Participant")
    row = rows.get(context, _PARTICIPANT, participant["id"])
    rows.save(context, _PARTICIPANT, row, unreadCount=0, lastRead=now)


# -- control -------------------------------------------------------------------


@route("POST", f"{_ROW}/passControl", Conversation)
def pass_control(context: Context, request: Request, target: Target) -> Response:
    """Let another integration control a conversation.

    Raises:
        HTTPError: 404, if the conversation or the integration does not exist.
    """
    stored = rows.get(context, _CONVERSATION, target.args[0])
    chosen = _find_integration(context, stored, request.body.get("switchboardIntegration"))
    return _set_control(context, "passControl", stored, {_ACTIVE: chosen, _PENDING: None})


@route("POST", f"{_ROW}/offerControl", Conversation)
def offer_control(context: Context, request: Request, target: Target) -> Response:
    """Offer the control of a conversation to another integration.

    Raises:
        HTTPError: 404, if the conversation or the integration does not exist.
    """
    stored = rows.get(context, _CONVERSATION, target.args[0])
    chosen = _find_integration(context, stored, request.body.get("switchboardIntegration"))
    return _set_control(context, "offerControl", stored, {_PENDING: chosen})


@route("POST", f"{_ROW}/acceptControl", Conversation)
def accept_control(context: Context, request: Request, target: Target) -> Response:
    """Accept the control of a conversation.

    Raises:
        HTTPError: 404, if the conversation does not exist; 403, if nothing was offered.
    """
    stored = rows.get(context, _CONVERSATION, target.args[0])
    if stored.doc[_PENDING] is None:
        raise permission_error("No control was offered")
    values = {_ACTIVE: stored.doc[_PENDING], _PENDING: None}
    return _set_control(context, "acceptControl", stored, values)


@route("POST", f"{_ROW}/releaseControl", Conversation)
def release_control(context: Context, request: Request, target: Target) -> Response:
    """Release the control of a conversation.

    Raises:
        HTTPError: 404, if the conversation does not exist; 403, if nobody controls it.
    """
    stored = rows.get(context, _CONVERSATION, target.args[0])
    if stored.doc[_ACTIVE] is None:
        raise permission_error("No integration controls the conversation")
    return _set_control(context, "releaseControl", stored, {_ACTIVE: None, _PENDING: None})


def _set_control(
    context: Context, trigger: str, stored: StoredRow, values: Mapping[str, Any]
) -> Response:
    row = rows.save(context, _CONVERSATION, stored, **values)
    publish(context, f"switchboard:{trigger}", conversation=describe(row))
    return rows.respond_empty()


def _find_integration(context: Context, stored: StoredRow, name: Any) -> Row:
    """Return the switchboard integration with an id or a name, or the next one, for `next`.

    Raises:
        HTTPError: 400, if the name is missing; 404, if the integration does not exist.
    """
    if not name:
        raise bad_request("switchboardIntegration is required")
    candidates = _list_integrations(context)
    if name == "next":
        current = (stored.doc[_ACTIVE] or {}).get("id")
        name = next(
            (row["nextSwitchboardIntegrationId"] for row in candidates if row["id"] == current), ""
        )
    for row in candidates:
        if name in (row["id"], row["name"]):
            return _describe_integration(row)
    raise not_found("SwitchboardIntegration")


def _find_default(context: Context) -> Row | None:
    """Return the integration that controls new conversations, or None."""
    for switchboard in rows.select(context, _SWITCHBOARD, context.app_id):
        pk = switchboard["defaultSwitchboardIntegrationId"]
        for row in _list_integrations(context) if switchboard["enabled"] else ():
            if row["id"] == pk:
                return _describe_integration(row)
    return None


def _list_integrations(context: Context) -> list[Row]:
    """Return the switchboard integrations of the app."""
    return [
        row
        for switchboard in rows.select(context, _SWITCHBOARD, context.app_id)
        for row in rows.select(context, _INTEGRATION, switchboard["id"])
    ]


def _describe_integration(row: Mapping[str, Any]) -> Row:
    return {name: row[name] for name in ("id", "name", "integrationId", "integrationType")}
