"""Notifications: e-mails about tickets, and devices that receive push notifications.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/email_notifications/
"""

from __future__ import annotations

from collections.abc import Mapping

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.reads import MAX_IDS
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter, too_many_values
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sql import json_value, where_in
from zendesk_orm.emulator.storage.store import dump_json
from zendesk_orm.support import EmailNotification, PushNotificationDevice


#: Fields by the parameter that selects by them.
_ID_PARAMETERS: Mapping[str, str] = {
    "ids": "notification_id",
    "comment_ids": "comment_id",
    "ticket_ids": "ticket_id",
}


@route("GET", "email_notifications/show_many", EmailNotification)
def show_many(context: Context, request: Request, target: Target) -> Response:
    """Return e-mails by their ids, or by the ids of their comments or tickets.

    Raises:
        HTTPError: 400, if there are no ids, or more than 100.
    """
    for parameter, wire in _ID_PARAMETERS.items():
        ids = request.get_ids(parameter)
        if len(ids) > MAX_IDS:
            raise too_many_values()
        if ids:
            where = where_in(json_value(wire), ids)
            rows = context.store.select(EmailNotification._meta.label, where)
            return Response(text=dump_json({"email_notifications": rows}))
    raise missing_parameter("ids")


@route("POST", "push_notification_devices/destroy_many", PushNotificationDevice)
def unregister_devices(context: Context, request: Request, target: Target) -> Response:
    """Return an empty response: the emulator has no devices to unregister."""
    return Response(200)
