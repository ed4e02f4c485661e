"""Mobile devices that receive push notifications.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/push_notification_devices/
"""

from __future__ import annotations

from zendesk_orm.api.actions import action
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.support.users.passwords import secret


#: Devices in one request.
_MAX_DEVICES_PER_REQUEST = 100


class PushNotificationDeviceManager(Manager["PushNotificationDevice"]):
    """`PushNotificationDevice.objects`."""

    @action("POST", "push_notification_devices/destroy_many")
    def unregister(self, *tokens: str) -> None:
        """Unregister devices, which then receive no notifications.

        Args:
            tokens: the tokens of the devices.

        Raises:
            InvalidValue: `tokens` is empty, or a token is empty or not a string.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/push_notification_devices/#bulk-unregister-push-notification-devices
        """
        if not tokens:
            raise InvalidValue("unregister() must have the token of a device, or several")
        secrets = [secret(token, "token") for token in tokens]
        for chunk in chunks(secrets, _MAX_DEVICES_PER_REQUEST):
            self._call("unregister", {"push_notification_devices": chunk})


class PushNotificationDevice(Model):
    """A mobile device with push notifications; devices can only be unregistered."""

    objects = PushNotificationDeviceManager.as_manager()
