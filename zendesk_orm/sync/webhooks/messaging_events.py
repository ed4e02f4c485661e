"""The remote changes that a webhook of Sunshine Conversations announces.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm import log
from zendesk_orm.schema import registry
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.sync.changes import Kind, RemoteChange
from zendesk_orm.sync.webhooks.verification import WebhookDelivery
from zendesk_orm.sync.webhooks.webhook_events import read_moment


_PRODUCT = "messaging"
#: The type of the source of messages that programs have sent; unconfirmed.
API_SOURCE = "api:conversations"

_logger = log.child("sync")


@frozen
class EventRow:
    """The row that an event is about.

    Attributes:
        model: the name of its model.
        kind: whether it was created, changed or deleted.
        key: the key of the row in the payload of the event; unconfirmed.
        parent: the key of the row that it belongs to; "" for none.
    """

    model: str
    kind: Kind
    key: str
    parent: str = ""


_CONTROL = EventRow("Conversation", "changed", "conversation")
#: The rows of events. Other events, such as failures and typing, are changes of no row.
EVENTS: Mapping[str, EventRow] = {
    "conversation:create": EventRow("Conversation", "created", "conversation"),
    "conversation:remove": EventRow("Conversation", "deleted", "conversation"),
    "conversation:join": EventRow("Participant", "created", "participant", "conversation"),
    "conversation:leave": EventRow("Participant", "deleted", "participant", "conversation"),
    "conversation:message": EventRow("Message", "created", "message", "conversation"),
    "client:add": EventRow("Client", "created", "client", "user"),
    "client:update": EventRow("Client", "changed", "client", "user"),
    "client:remove": EventRow("Client", "deleted", "client", "user"),
    "user:update": EventRow("User", "changed", "user"),
    "user:remove": EventRow("User", "deleted", "user"),
    "switchboard:acceptControl": _CONTROL,
    "switchboard:offerControl": _CONTROL,
    "switchboard:passControl": _CONTROL,
    "switchboard:releaseControl": _CONTROL,
}


def read_messaging_changes(
    payload: Any, delivery: WebhookDelivery, app_id: str
) -> Iterator[RemoteChange]:
    """Yield the changes that the events of a payload announce.

    Args:
        payload: the decoded body.
        delivery: the verified request.
        app_id: the app of the account; "" if that is unknown. Events of other apps are ignored.
    """
    body = payload if isinstance(payload, dict) else {}
    app = _get_dict(body, "app").get("id")
    if app and app_id and app != app_id:
        _logger.warning("a webhook reports events of the app %s, and not of %s", app, app_id)
        return
    events = body.get("events")
    for event in events if isinstance(events, list) else ():
        change = _read_event(event, delivery) if isinstance(event, dict) else None
        if change is not None:
            yield change


def _read_event(event: Mapping[str, Any], delivery: WebhookDelivery) -> RemoteChange | None:
    """Return the change of an event, or None if it is about no row."""
    about = EVENTS.get(str(event.get("type")))
    row = None if about is None else _get_dict(_get_dict(event, "payload"), about.key)
    if about is None or not row or not isinstance(row.get("id"), str):
        return None
    model: Any = registry.find(about.model, _PRODUCT)
    return RemoteChange(
        key=f"event:{event.get('id') or delivery.invocation_id}",
        model=model,
        pk=row["id"],
        kind=about.kind,
        source="webhook",
        moment=read_moment(event.get("createdAt")) or delivery.moment,
        payload=event,
    )


def read_event_row(change: RemoteChange) -> Row | None:
    """Return the row in an event, with the id of its parent; None for other changes.

    Events contain messages as a whole, and other rows in part.
    """
    meta = change.model._meta
    about = EVENTS.get(str(change.payload.get("type"))) if meta.app_label == _PRODUCT else None
    if about is None:
        return None
    values = _get_dict(change.payload, "payload")
    row = dict(_get_dict(values, about.key))
    if about.parent:
        wire = meta.relations[about.parent].id.wire
        row[wire] = _get_dict(values, about.parent).get("id")
    return row if about.model == "Message" else PartialRow(row)


def may_be_own(change: RemoteChange) -> bool:
    """Return whether a program, such as this one, may have made the change of an event."""
    message = _get_dict(_get_dict(change.payload, "payload"), "message")
    return bool(_get_dict(message, "source").get("type", API_SOURCE) == API_SOURCE)


def _get_dict(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}
