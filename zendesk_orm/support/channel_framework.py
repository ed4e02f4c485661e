"""The Channel framework: what services of others push into tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.support.passwords import secret


class ChannelResourceManager(Manager["ChannelResource"]):
    """`ChannelResource.objects`."""

    def push(
        self,
        instance_push_id: str,
        external_resources: Iterable[Mapping[str, Any]],
        *,
        request_id: str | None = None,
    ) -> list[ChannelResource]:
        """Push what was said elsewhere into tickets.

        Args:
            instance_push_id: the account that it is for, as the service was told.
            external_resources: what was said, in Zendesk's form: `external_id`, `message`,
                `created_at`, `author`, ...
            request_id: a name for this request.

        Returns:
            What became of each.

        Raises:
            InvalidValue: there is nothing to push.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#push-content-to-support
        """
        resources = [dict(each) for each in external_resources]
        if not resources:
            raise InvalidValue("push() wants one resource or more")
        body = _told(instance_push_id, request_id=request_id, external_resources=resources)
        data = self._call("push", body)
        return [ChannelResource.from_row(row) for row in (data or {}).get("results", ())]

    def validate_token(self, instance_push_id: str, *, request_id: str | None = None) -> None:
        """Ask whether the credentials may push for an account; they may where nothing is raised.

        Raises:
            PermissionDenied: they may not.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#validate-token
        """
        self._call("validate_token", _told(instance_push_id, request_id=request_id))

    def report_error(
        self,
        instance_push_id: str,
        external_id: str,
        description: str | None = None,
        *,
        request_id: str | None = None,
    ) -> None:
        """Say that a reply could not be brought to where it belongs.

        Args:
            instance_push_id: the account that it came from.
            external_id: what it was to become there.
            description: what went wrong, for people.
            request_id: a name for this request.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#report-channelback-error-to-zendesk
        """
        told = {"external_id": external_id, "description": description, "request_id": request_id}
        self._call("report_error", _told(instance_push_id, **told))


class ChannelResource(Model):
    """Something that was said elsewhere, and what became of it when it was pushed."""

    objects = ChannelResourceManager.as_manager()

    external_resource_id: ReadOnly[str]
    status: ReadOnly[dict[str, Any]]

    class Meta:
        api = (
            action("push", "POST", "any_channel/push", "results")
            + action("validate_token", "POST", "any_channel/validate_token")
            + action("report_error", "POST", "any_channel/channelback/report_error")
        )


def _told(instance_push_id: str, **more: Any) -> dict[str, Any]:
    """Return the body, without what is not said."""
    said = {"instance_push_id": secret(instance_push_id, "instance_push_id"), **more}
    return {name: value for name, value in said.items() if value is not None}
