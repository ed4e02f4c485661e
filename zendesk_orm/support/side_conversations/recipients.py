"""Recipients of side conversations: people, channels, and agents or groups with a child ticket.

Source: https://developer.zendesk.com/api-reference/ticketing/side_conversation/side_conversation/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.support.groups.groups import Group
from zendesk_orm.support.users.users import User


#: The keys of each kind of recipient. That a recipient has exactly one kind is unconfirmed.
_KINDS = (
    ("slack_channel_id", "slack_workspace_id"),
    ("msteams_channel_id",),
    ("support_group_id",),
    ("support_agent_id",),
    ("user_id",),
    ("email", "name"),
)
#: The key of the id of an object that is a recipient.
_MODELS: Mapping[type[Model], str] = {User: "user_id", Group: "support_group_id"}


def build_recipients(values: Any) -> list[dict[str, Any]]:
    """Return recipients as they are sent.

    Args:
        values: e-mail addresses; users, for e-mails; groups, which get a child ticket; or
            recipients as dictionaries.

    Raises:
        InvalidValue: a recipient is missing or invalid.
    """
    recipients = [_build_recipient(value) for value in require_many(values, "to")]
    if not recipients:
        raise InvalidValue("to must contain a recipient, such as an e-mail address or a user")
    return recipients


def select_recipients(
    participants: Iterable[Mapping[str, Any]], sender: int | None
) -> list[dict[str, Any]]:
    """Return the participants of a conversation as recipients, without the sender.

    Args:
        participants: the participants of the row.
        sender: the id of the sending user.
    """
    return [
        _select_kind(participant)
        for participant in participants
        if participant.get("user_id") is None or participant["user_id"] != sender
    ]


def _build_recipient(value: Any) -> dict[str, Any]:
    """Return one recipient as it is sent.

    Raises:
        InvalidValue: it is not a recipient.
    """
    if isinstance(value, str):
        if "@" not in value:
            raise InvalidValue(f"to: {display(value)} is not an e-mail address")
        return {"email": value}
    for model, key in _MODELS.items():
        if isinstance(value, model):
            return {key: read_id(value)}
    if not isinstance(value, Mapping):
        raise InvalidValue(
            f"to must contain e-mail addresses, users, groups or dictionaries, not {display(value)}"
        )
    recipient = dict(value)
    kinds = [keys for keys in _KINDS if recipient.get(keys[0]) not in (None, "")]
    if len(kinds) != 1 or not recipient.keys() <= set(kinds[0]):
        raise InvalidValue(
            f"to: {display(recipient)} must have the keys of one kind of recipient: "
            + "; ".join(" and ".join(keys) for keys in _KINDS)
        )
    return recipient


def _select_kind(participant: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of the kind of a participant."""
    for keys in _KINDS:
        if participant.get(keys[0]) is not None:
            return {key: participant[key] for key in keys if participant.get(key) is not None}
    raise InvalidValue(f"{display(dict(participant))} cannot be a recipient; pass `to`")


def read_id(value: Model | int) -> int:
    """Return the id of a saved object, or an id unchanged.

    Raises:
        InvalidValue: the object was never saved.
    """
    pk: int | None = value.pk if isinstance(value, Model) else value
    if pk is None:
        raise InvalidValue(f"to: {display(value)} has no id yet; save it first")
    return pk
