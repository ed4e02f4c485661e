"""Messages of side conversations, as they are sent.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.arguments import require_mappings
from zendesk_orm.support.side_conversations.attachments import SideConversationAttachment
from zendesk_orm.support.side_conversations.recipients import build_recipients


#: The keys of a message, by the names of the fields.
_KEYS: Mapping[str, str] = {
    "subject": "subject",
    "body": "body",
    "html_body": "html_body",
    "to": "to",
    "sender": "from",
    "attachment_ids": "attachment_ids",
}
#: The fields of a message that are sent, but are not fields of a conversation.
MESSAGE_FIELDS = ("body", "html_body", "to", "sender", "attachment_ids")


def normalize_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new object, with recipients and files as they are sent.

    Raises:
        InvalidValue: a recipient or a file is invalid.
    """
    result = dict(values)
    if result.get("to") is not None:
        result["to"] = build_recipients(result["to"])
    if result.get("attachment_ids") is not None:
        result["attachment_ids"] = [_read_file_id(file) for file in result["attachment_ids"]]
    return result


def build_message(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message of a payload.

    Raises:
        InvalidValue: the message has no text, or two.
    """
    if bool(payload.get("body")) is bool(payload.get("html_body")):
        raise InvalidValue("a message must have either body or html_body")
    return {key: payload[name] for name, key in _KEYS.items() if name in payload}


def build_events(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of an import as they are sent.

    Args:
        events: dictionaries with `created_at` and `message`, whose `to` accepts the same as that
            of a new message.

    Raises:
        InvalidValue: an event or its message is missing or invalid.
    """
    result = []
    for event in require_many(events, "events"):
        message = event.get("message") if isinstance(event, Mapping) else None
        if not isinstance(message, Mapping) or event.get("created_at") is None:
            raise InvalidValue(
                f"an imported event must have created_at and message, not {display(event)}"
            )
        recipients = {"to": build_recipients(message["to"])} if message.get("to") else {}
        result.append({**event, "message": {**message, **recipients}})
    if not result:
        raise InvalidValue("an import must contain an event: {'created_at': ..., 'message': ...}")
    return require_mappings("events", result)


def _read_file_id(file: SideConversationAttachment | str) -> Any:
    return file.pk if isinstance(file, SideConversationAttachment) else file
