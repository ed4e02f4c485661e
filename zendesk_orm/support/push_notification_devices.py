"""Mobile devices to which Zendesk sends notifications.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/push_notification_devices/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.support.passwords import secret


#: Devices that one request names.
_MOST = 100


class PushNotificationDeviceManager(Manager["PushNotificationDevice"]):
    """`PushNotificationDevice.objects`."""

    def unregister(self, *tokens: str) -> None:
        """Let devices get no more notifications.

        Args:
            tokens: the tokens of the devices.

        Raises:
            InvalidValue: there are none, or one that is no text.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/push_notification_devices/#bulk-unregister-push-notification-devices
        """
        if not tokens:
            raise InvalidValue("unregister() wants the tokens of devices")
        hidden = [secret(token, "token") for token in tokens]
        for start in range(0, len(hidden), _MOST):
            some = hidden[start : start + _MOST]
            self._call("unregister", {"push_notification_devices": some})


class PushNotificationDevice(Model):
    """A mobile device that gets notifications; Zendesk only takes it out, and lists none."""

    objects = PushNotificationDeviceManager.as_manager()

    class Meta:
        api = action("unregister", "POST", "push_notification_devices/destroy_many")
