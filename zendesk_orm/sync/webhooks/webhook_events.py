"""`read_changes()`: the remote changes that the payload of a webhook announces.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from zendesk_orm import log
from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support.webhooks.event_names import NAMES, short_name
from zendesk_orm.sync.changes import Kind, RemoteChange
from zendesk_orm.sync.webhooks.event_fields import Changes, convert_id, read_event_changes
from zendesk_orm.sync.webhooks.payloads import is_event
from zendesk_orm.sync.webhooks.verification import WebhookDelivery


#: The key of a trigger's payload with the id of a ticket, or a function that returns the id.
TicketKey = str | Callable[[Any], Any]

#: The models by the second part of a subject: `zen:ticket:35`. Events of other subjects, such as
#: the states of agents and the metrics of messaging, are changes of no row.
_MODELS: Mapping[str, tuple[str, str]] = {
    "ticket": ("Ticket", "support"),
    "messaging_ticket": ("Ticket", "support"),
    "user": ("User", "support"),
    "organization": ("Organization", "support"),
    "article": ("Article", "help_center"),
    "community_post": ("Post", "help_center"),
}
_DELETIONS = frozenset(
    {
        "ticket.marked_as_spam",
        "ticket.permanently_deleted",
        "ticket.soft_deleted",
        "user.deleted",
        "organization.deleted",
    }
)

#: The longest text of a time.
_MAX_TIME = 100

_logger = log.child("sync")


def read_changes(
    payload: Any, delivery: WebhookDelivery, ticket_key: TicketKey = "ticket_id"
) -> list[RemoteChange]:
    """Return the changes that a payload announces; none if it is about no row of a known model.

    Args:
        payload: the decoded body.
        delivery: the verified request.
        ticket_key: where the payload of a trigger has the id of a ticket; dots separate keys
            within keys: `ticket.id`.
    """
    if is_event(payload):
        change = _read_event(payload, delivery)
        return [] if change is None else [change]
    return _read_ticket(payload, delivery, ticket_key)


def _read_event(payload: Mapping[str, Any], delivery: WebhookDelivery) -> RemoteChange | None:
    """Return the change of an event, or None if it is about no row of a known model."""
    name = short_name(payload["type"])
    if name not in NAMES:
        _logger.warning(
            "%s is an event that this version does not know; receivers of webhook_received get it",
            display(name),
        )
    detail, event = _get_dict(payload, "detail"), _get_dict(payload, "event")
    area = name.partition(".")[0]
    kind, pk = _read_subject(payload, area, detail)
    if kind not in _MODELS or pk is None:
        return None
    model: Any = registry.find(*_MODELS[kind])
    return RemoteChange(
        key=f"event:{payload.get('id') or delivery.invocation_id}",
        model=model,
        pk=pk,
        kind=_choose_kind(name),
        source="webhook",
        moment=read_moment(payload.get("time")) or delivery.moment,
        changes=_read_values(model._meta, name, event, detail),
        actor_id=_read_actor(detail),
        payload=payload,
    )


def _read_subject(
    payload: Mapping[str, Any], area: str, detail: Mapping[str, Any]
) -> tuple[str, Any]:
    """Return the kind and the id of the row that an event is about; the id may be None."""
    parts = str(payload.get("subject") or "").split(":")
    kind, pk = (parts[1], parts[2]) if len(parts) == 3 else (area, detail.get("id"))
    return kind, _to_id(pk)


def _to_id(value: Any) -> int | None:
    """Return an id of Support and the Help Center, which is a number, or None."""
    pk = convert_id(value)
    return pk if isinstance(pk, int) and not isinstance(pk, bool) and pk > 0 else None


def _choose_kind(name: str) -> Kind:
    if name in _DELETIONS:
        return "deleted"
    return "created" if name.endswith(".created") else "changed"


def _read_values(
    meta: Any, name: str, event: Mapping[str, Any], detail: Mapping[str, Any]
) -> Changes:
    """Return the old and the new values of the fields of an event."""
    if name == "ticket.undeleted":
        status = detail.get("status")
        current = status.lower() if isinstance(status, str) else None
        return {"status": ("deleted", current)}
    return read_event_changes(meta, name, event, detail)


def _read_actor(detail: Mapping[str, Any]) -> int | None:
    """Return the id of the author of the change; -1 is Zendesk itself."""
    value = detail.get("actor_id")
    if value in ("-1", -1):
        return -1
    return _to_id(value)


def read_moment(text: Any) -> datetime | None:
    """Return the time of an event, or None if it is missing or invalid."""
    with suppress(UnexpectedValue):
        return load_datetime(text) if isinstance(text, str) and len(text) <= _MAX_TIME else None
    return None


def _get_dict(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


# -- payloads of triggers ------------------------------------------------------


def _read_ticket(
    payload: Any, delivery: WebhookDelivery, ticket_key: TicketKey
) -> list[RemoteChange]:
    """Return the change of the ticket that a trigger's payload names, if it names one."""
    value = ticket_key(payload) if callable(ticket_key) else _look_up(payload, ticket_key)
    pk = _to_id(value.strip() if isinstance(value, str) else value)
    if pk is None:
        if value is not None:
            _logger.warning(
                "invocation %s names no ticket, but %s; its template needs {{ticket.id}}",
                delivery.invocation_id,
                display(value),
            )
        return []
    model: Any = registry.find("Ticket", "support")
    return [
        RemoteChange(
            key=f"invocation:{delivery.invocation_id}",
            model=model,
            pk=pk,
            kind="changed",
            source="webhook",
            moment=delivery.moment,
            payload=payload if isinstance(payload, dict) else {"payload": payload},
        )
    ]


def _look_up(payload: Any, path: str) -> Any:
    """Return the value of a key in a key, or None."""
    value = payload
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
