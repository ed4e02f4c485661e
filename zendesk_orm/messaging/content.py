"""The contents of messages: texts, files, carousels, forms and others, and their authors.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.messaging.rows import ConversationsModel
from zendesk_orm.schema.fields import Field, Id, Ref


if TYPE_CHECKING:
    from zendesk_orm.messaging.users import User

ContentType = Literal[
    "text",
    "carousel",
    "file",
    "form",
    "formResponse",
    "image",
    "list",
    "location",
    "template",
]
ActionType = Literal["buy", "link", "locationRequest", "postback", "reply", "webview"]
FieldType = Literal["text", "email", "select"]


@frozen
class Keys:
    """The keys of a type: those that it must have, and those that it may have."""

    required: frozenset[str]
    optional: frozenset[str]


def _keys(required: str, optional: str) -> Keys:
    return Keys(frozenset(required.split()), frozenset(optional.split()))


_TEXT = "text htmlText markdownText"
_MEDIA = f"mediaType mediaSize altText attachmentId blockChatInput {_TEXT}"
#: The keys of each type of content, in addition to `type`.
CONTENT_KEYS: Mapping[str, Keys] = {
    "text": _keys("", f"{_TEXT} actions payload blockChatInput"),
    "image": _keys("mediaUrl", f"{_MEDIA} actions"),
    "file": _keys("mediaUrl", _MEDIA),
    "carousel": _keys("items", "text displaySettings blockChatInput"),
    "list": _keys("items", "actions blockChatInput"),
    "location": _keys("coordinates", "location text blockChatInput"),
    "form": _keys("fields", "submitted blockChatInput"),
    "formResponse": _keys("fields", "textFallback"),
    "template": _keys("template", "blockChatInput"),
}
#: The keys of each type of action, in addition to `type`.
ACTION_KEYS: Mapping[str, Keys] = {
    "buy": _keys("text amount", "currency metadata"),
    "link": _keys("uri text", "default metadata"),
    "locationRequest": _keys("text", "metadata"),
    "postback": _keys("text payload", "metadata"),
    "reply": _keys("text payload", "iconUrl metadata"),
    "webview": _keys("uri text fallback", "size openOnReceive default metadata"),
}


class Author(ConversationsModel):
    """The author of a message: a user, or the business with a name of its choice."""

    type: Field[Literal["user", "business"]]
    subtypes: Field[list[str]]
    user: Ref[User | None]
    user_id: Id[str | None]
    user_external_id: Field[str | None]
    display_name: Field[str | None]
    avatar_url: Field[str | None]

    class Meta:
        string_ids = ("user",)


class MessageAction(ConversationsModel):
    """A button below a message, or of an item: a link, a reply, a postback and others."""

    type: Field[ActionType]
    text: Field[str | None]
    payload: Field[str | None]
    uri: Field[str | None]
    fallback: Field[str | None]
    amount: Field[int | None]
    currency: Field[str | None]
    icon_url: Field[str | None]
    size: Field[str | None]
    default: Field[bool]
    open_on_receive: Field[bool]
    metadata: Field[dict[str, Any]]


class MessageItem(ConversationsModel):
    """An item of a carousel or a list."""

    title: Field[str]
    description: Field[str | None]
    media_url: Field[str | None]
    media_type: Field[str | None]
    alt_text: Field[str | None]
    size: Field[str | None]
    actions: Field[list[MessageAction]]
    metadata: Field[dict[str, Any]]


class FormField(ConversationsModel):
    """A field of a form, or of the response to one."""

    type: Field[FieldType]
    name: Field[str]
    label: Field[str]
    text: Field[str | None]
    email: Field[str | None]
    select: Field[list[dict[str, Any]]]
    placeholder: Field[str | None]
    min_size: Field[int | None]
    max_size: Field[int | None]
    options: Field[list[dict[str, Any]]]
    quoted_message_id: Field[str | None]


class Content(ConversationsModel):
    """The content of a message, by `type`.

    ::

        Content(type="text", text="Which size?", actions=[
            MessageAction(type="reply", text="Small", payload="SIZE_S"),
            MessageAction(type="reply", text="Large", payload="SIZE_L"),
        ])
        Content(type="location", coordinates={"lat": 45.5, "long": -73.6})
    """

    type: Field[ContentType]
    text: Field[str | None]
    html_text: Field[str | None]
    markdown_text: Field[str | None]
    text_fallback: Field[str | None]
    payload: Field[str | None]
    media_url: Field[str | None]
    media_type: Field[str | None]
    media_size: Field[int | None]
    alt_text: Field[str | None]
    attachment_id: Field[str | None]
    items: Field[list[MessageItem]]
    actions: Field[list[MessageAction]]
    display_settings: Field[dict[str, Any]]
    coordinates: Field[dict[str, Any]]
    location: Field[dict[str, Any]]
    fields: Field[list[FormField]]
    submitted: Field[bool]
    template: Field[dict[str, Any]]
    block_chat_input: Field[bool]


def check_content(content: Mapping[str, Any]) -> None:
    """Check that a content has the keys of its type, and no others.

    Args:
        content: the content as it is sent.

    Raises:
        InvalidValue: a key is missing, or belongs to another type.
    """
    _check_keys("content", content, CONTENT_KEYS)
    if len(content) == 1:
        raise InvalidValue(f"content: type {display(content['type'])} needs values, such as text")
    actions = list(content.get("actions") or ())
    for item in content.get("items") or ():
        actions += item.get("actions") or ()
    for action in actions:
        _check_keys("actions", action, ACTION_KEYS)


def _check_keys(name: str, values: Mapping[str, Any], types: Mapping[str, Keys]) -> None:
    keys = types.get(values.get("type", ""))
    if keys is None:
        raise InvalidValue(f"{name}: type must be one of {', '.join(map(display, types))}")
    missing = sorted(keys.required - {key for key, value in values.items() if value is not None})
    others = sorted(values.keys() - keys.required - keys.optional - {"type"})
    kind = f"{name}: type {display(values['type'])}"
    if missing:
        raise InvalidValue(f"{kind} needs {', '.join(missing)}")
    if others:
        raise InvalidValue(f"{kind} has no {', '.join(others)}")
