"""The Channel framework, by which external services push messages into tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.action_bodies import record_of
from zendesk_orm.session.responses import objects_in
from zendesk_orm.support.users.passwords import secret


class ChannelResourceManager(Manager["ChannelResource"]):
    """`ChannelResource.objects`."""

    @action("POST", "any_channel/push", key="results")
    def push(
        self,
        instance_push_id: str,
        external_resources: Iterable[Mapping[str, Any]],
        *,
        request_id: str | None = None,
    ) -> list[ChannelResource]:
        """Push messages of an external service into tickets.

        Args:
            instance_push_id: the id that Zendesk has assigned to the account of the service.
            external_resources: the messages: mappings with `external_id`, `message`,
                `created_at`, `author`, ...
            request_id: an id for this request.

        Returns:
            The result of each message.

        Raises:
            InvalidValue: `external_resources` is empty.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#push-content-to-support
        """
        resources = [dict(resource) for resource in external_resources]
        if not resources:
            raise InvalidValue("external_resources must have one resource or more")
        body = _build_body(instance_push_id, request_id=request_id, external_resources=resources)
        return self._call(
            "push",
            body,
            then=lambda data: [
                record_of(ChannelResource, row) for row in objects_in(data, "results")
            ],
            in_dry_run=[],
        )

    @action("POST", "any_channel/validate_token")
    def validate_token(self, instance_push_id: str, *, request_id: str | None = None) -> None:
        """Check whether the credentials may push for an account; raise an error if not.

        Raises:
            PermissionDenied: the credentials may not push.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#validate-token
        """
        self._call("validate_token", _build_body(instance_push_id, request_id=request_id))

    @action("POST", "any_channel/channelback/report_error")
    def report_error(
        self,
        instance_push_id: str,
        external_id: str,
        description: str | None = None,
        *,
        request_id: str | None = None,
    ) -> None:
        """Report that a reply could not be delivered to the external service.

        Args:
            instance_push_id: the id of the account that the reply came from.
            external_id: the id of the reply in the external service.
            description: a description of the error.
            request_id: an id for this request.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/channel_framework/channel_framework/#report-channelback-error-to-zendesk
        """
        values = {"external_id": external_id, "description": description, "request_id": request_id}
        self._call("report_error", _build_body(instance_push_id, **values))


class ChannelResource(Model):
    """A message of an external service, with the status of the push."""

    objects = ChannelResourceManager.as_manager()

    external_resource_id: ReadOnly[str]
    status: ReadOnly[dict[str, Any]]


def _build_body(instance_push_id: str, **values: Any) -> dict[str, Any]:
    """Return the body of a request, without values that are None."""
    body = {"instance_push_id": secret(instance_push_id, "instance_push_id"), **values}
    return {name: value for name, value in body.items() if value is not None}
